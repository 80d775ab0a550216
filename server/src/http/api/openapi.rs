//! `GET /api/openapi.json`: the API, described by the types that it is made of.

use super::{
    analytics, audit, categories, checkouts, customers, exports, failures, health_report, help, keys, members, orders, parts, products,
    promotions, releases, rules, sales, settings, tags, terms, uploads,
};
use axum::body::Bytes;
use axum::http::{HeaderName, header};
use serde::Serialize;
use std::sync::LazyLock;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, Response};
use utoipa::{Modify, OpenApi, ToSchema};

#[derive(OpenApi)]
#[openapi(
    info(title = "Weightless", description = "The shop's JSON API. Errors are {\"error\":{\"code\",\"message\"}}; 422 means that the input could not be read."),
    paths(
        products::list, products::create, products::show, products::update, products::delete, products::duplicate, products::restore,
        uploads::upload,
        releases::list, releases::create, releases::update, releases::delete,
        parts::begin, parts::show, parts::cancel, parts::put, parts::finish,
        promotions::list, promotions::create, promotions::show, promotions::update, promotions::delete,
        analytics::summary, analytics::breakdown,
        checkouts::create,
        sales::list, sales::refund,
        orders::show, orders::mint, orders::resend,
        failures::list, failures::retry, failures::retry_all, failures::dismiss,
        members::list, members::invite, members::update, members::delete,
        keys::list, keys::create, keys::revoke,
        settings::show, settings::update, settings::check_stripe, settings::set_logo, settings::remove_logo,
        audit::list,
        help::correct, help::note, help::add_downloads, help::reset_downloads, help::extend, help::renew_link, help::revoke, help::restore, help::retry,
        customers::list, customers::show, customers::erase, customers::export, customers::licenses,
        exports::orders, exports::lines,
        health_report::show,
        categories::list, categories::create, categories::update, categories::delete,
        tags::list, tags::rename, tags::delete, tags::merge,
        terms::list, terms::write,
    ),
    components(schemas(ErrorBody, ErrorFacts)),
    modifiers(&Keys, &Errors)
)]
pub struct Description;

struct Keys;

impl Modify for Keys {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer =
            |text: &str| SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text.to_owned())).build());
        components.add_security_scheme("api_key", bearer("A creator's API key: wl_…"));
        components.add_security_scheme("access_key", bearer("The access key of the order."));
    }
}

/// What every refusal looks like.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    error: ErrorFacts,
}

#[derive(Serialize, ToSchema)]
pub struct ErrorFacts {
    /// Stable, for software.
    code: String,
    /// For people.
    message: String,
}

/// Gives every refusal its shape, and every endpoint the refusals that all have.
struct Errors;

impl Modify for Errors {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let body = || ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
        let paths = openapi.paths.paths.values_mut();
        let operations = paths
            .flat_map(|item| [item.get.as_mut(), item.post.as_mut(), item.put.as_mut(), item.patch.as_mut(), item.delete.as_mut()])
            .flatten();
        for operation in operations {
            let responses = &mut operation.responses.responses;
            let of_bodies = ["413", "415", "422"].into_iter().filter(|_| operation.request_body.is_some());
            let of_names = ["414"].into_iter().filter(|_| operation.parameters.is_some());
            for status in of_bodies.chain(of_names).chain(["500"]) {
                responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::default()));
            }
            for (status, response) in responses {
                if let RefOr::T(response) = response
                    && status.as_str() >= "400"
                {
                    response.description = meaning(status).to_owned();
                    response.content.insert("application/json".to_owned(), RefOr::T(body()));
                }
            }
        }
    }
}

fn meaning(status: &str) -> &'static str {
    match status {
        "400" => "Understood, and refused",
        "401" => "The key is missing or not known",
        "403" => "Not allowed",
        "404" => "Not there, or not yours",
        "408" => "Came too slowly",
        "409" => "In conflict with what is there",
        "413" => "Too large",
        "414" => "The address is too long",
        "415" => "Another media type is needed",
        "422" => "Could not be read",
        "429" => "Too often; see Retry-After",
        "507" => "No space is left for files; nothing was kept",
        "503" => "Not possible at the moment; nothing was decided",
        _ => "An accident of ours; nothing was lost",
    }
}

/// The document as it is sent; made once, as it costs more than a page.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let mut document = serde_json::to_value(Description::openapi()).unwrap_or_default();
    if let Err(field) = rules::write(&mut document) {
        tracing::error!(field, "a rule of the API has no field in its description");
    }
    Bytes::from(document.to_string())
});

pub async fn show() -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone())
}
