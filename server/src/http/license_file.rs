//! `POST /orders/{id}/license-file`: the machine file for a device that is never online, from a plain form of the order's page.

use super::client::ClientIp;
use super::upload_form::{lead_to, trouble};
use crate::state::AppState;
use app::checkout::order_acts::order_path;
use app::layout::request::with_notice;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shop::fulfillment::licenses;

/// A challenge, and what opens the order.
pub const MAX_BYTES: usize = 32 * 1024;

#[derive(Deserialize)]
pub struct Wanted {
    key: String,
    license: String,
    challenge: String,
    #[serde(default)]
    has_cookie: bool,
}

pub async fn make(
    State(state): State<AppState>,
    client: ClientIp,
    path: Result<Path<String>, PathRejection>,
    form: Result<Form<Wanted>, FormRejection>,
) -> Response {
    let Ok(Path(id)) = path else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(Form(wanted)) = form else { return lead_to(&with_notice(&order_path(&id, "", true), "challenge_invalid")) };
    let page = order_path(&id, &wanted.key, wanted.has_cookie);
    if state.limits.links.check(client).is_err() {
        return lead_to(&with_notice(&page, "rate_limited"));
    }
    match licenses::offline_file(&state.shop, &id, &wanted.key, &wanted.license, &wanted.challenge).await {
        Ok(file) => {
            let name = "attachment; filename=\"license.lic\"";
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, name)], file).into_response()
        }
        Err(error) => lead_to(&with_notice(&page, trouble(&error))),
    }
}
