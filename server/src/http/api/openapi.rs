//! `GET /api/openapi.json`: the API, described by the types that it is made of.

use super::rules;
use axum::body::Bytes;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, Response};
use utoipa::{OpenApi, ToSchema};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Weightless",
        description = "The shop's JSON API. Errors are {\"error\":{\"code\",\"message\"}}, with \"field\" where they are \
            about one; 422 means that the input could not be read."
    ),
    components(schemas(ErrorBody, ErrorFacts, LicenseError))
)]
struct Description;

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
    /// The field of the request that it is about, such as `variants.0.amount`; left out where it is about no single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// The document as it is sent.
pub fn document(routes: utoipa::openapi::OpenApi, licenses: utoipa::openapi::OpenApi) -> Bytes {
    let mut document = described(routes, licenses);
    if let Err(field) = rules::write(&mut document) {
        tracing::error!(field, "a rule of the API has no field in its description");
    }
    Bytes::from(document.to_string())
}

/// What the routes say of themselves, with what holds for all of them.
pub fn described(routes: utoipa::openapi::OpenApi, mut licenses: utoipa::openapi::OpenApi) -> Value {
    license_refusals(&mut licenses);
    let mut openapi = Description::openapi().nest("/api/v1", routes);
    let components = openapi.components.get_or_insert_default();
    let bearer =
        |text: &str| SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text.to_owned())).build());
    components.add_security_scheme("api_key", bearer("A creator's API key: wl_…"));
    components.add_security_scheme("access_key", bearer("The access key of the order."));
    let paths = openapi.paths.paths.values_mut();
    let operations = paths
        .flat_map(|item| [item.get.as_mut(), item.post.as_mut(), item.put.as_mut(), item.patch.as_mut(), item.delete.as_mut()])
        .flatten();
    operations.for_each(add_refusals);
    // Another shape, which other shops' clients know.
    let openapi = openapi.nest("/v1/licenses", licenses);
    serde_json::to_value(openapi).unwrap_or_default()
}

/// Gives an operation the refusals that follow from what it takes, and each of its refusals its shape.
fn add_refusals(operation: &mut Operation) {
    let implied = implied_refusals(operation);
    let responses = &mut operation.responses.responses;
    for status in implied {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::default()));
    }
    let body = || ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody"))).build();
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            response.description = meaning(status).to_owned();
            response.content.insert("application/json".to_owned(), RefOr::T(body()));
        }
    }
}

/// What an endpoint of `/v1/licenses` says when it doesn't do as it was asked. Its first field is named by the endpoint: `activated`,
/// `valid`, `deactivated` or `alive`.
#[derive(Serialize, ToSchema)]
pub struct LicenseError {
    /// For people.
    error: String,
    /// For software: `NOT_FOUND`, `SUSPENDED`, `REVOKED`, `EXPIRED`, `MACHINE_LIMIT_EXCEEDED`, `INSTANCE_NOT_FOUND`,
    /// `FINGERPRINT_SCOPE_MISMATCH`, `HEARTBEAT_DEAD`, `CHECKOUT_TTL_INVALID`, `PARAM_INVALID`, `RATE_LIMITED` or `UNAVAILABLE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// What is wrong with each field; with `PARAM_INVALID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<BTreeMap<String, Vec<String>>>,
}

/// Gives the endpoints for license keys the refusals that all of them have.
fn license_refusals(licenses: &mut utoipa::openapi::OpenApi) {
    let body = || ContentBuilder::new().schema(Some(Ref::from_schema_name("LicenseError"))).build();
    let refusals = |operation: &Operation| match operation.request_body {
        Some(_) => &["400", "404", "413", "415", "422", "429", "503"][..],
        None => &["503"],
    };
    for operation in licenses.paths.paths.values_mut().flat_map(|item| [item.get.as_mut(), item.post.as_mut()]).flatten() {
        for status in refusals(operation).iter().copied() {
            let mut response = Response::new(meaning(status));
            response.content.insert("application/json".to_owned(), RefOr::T(body()));
            operation.responses.responses.entry(status.to_owned()).or_insert(RefOr::T(response));
        }
    }
}

/// A handler names the other ones.
fn implied_refusals(operation: &Operation) -> Vec<&'static str> {
    let parameters =
        || operation.parameters.iter().flatten().filter_map(|parameter| if let RefOr::T(it) = parameter { Some(it) } else { None });
    let is_in = |place: ParameterIn| parameters().any(|parameter| parameter.parameter_in == place);
    let by_api_key = SecurityRequirement::new::<_, [&str; 0], _>("api_key", []);
    let is_for_creators = operation.security.as_ref().is_some_and(|ways| ways.contains(&by_api_key));
    let has_body = operation.request_body.is_some();
    let refusals: [(bool, &[&str]); 8] = [
        (operation.security.is_some(), &["401", "403"]),
        (is_in(ParameterIn::Path), &["404"]),
        (is_in(ParameterIn::Query), &["400", "422"]),
        (parameters().any(|parameter| parameter.name == "Idempotency-Key"), &["400", "409"]),
        (has_body && is_for_creators, &["400"]),
        (has_body, &["413", "415", "422"]),
        (operation.parameters.is_some(), &["414"]),
        (true, &["500"]),
    ];
    refusals.iter().filter(|(applies, _)| *applies).flat_map(|(_, statuses)| *statuses).copied().collect()
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
