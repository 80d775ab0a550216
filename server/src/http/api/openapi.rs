//! `GET /api/openapi.json`: the API, described by the types that it is made of.

use super::{checkouts, orders, products};
use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Weightless", description = "The shop's JSON API. Errors are {\"error\":{\"code\",\"message\"}}; 422 means that the input could not be read."),
    paths(products::list, products::create, products::show, products::upload, checkouts::create, orders::show, orders::mint, orders::resend),
    modifiers(&Keys)
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

pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}
