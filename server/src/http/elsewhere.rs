//! What whoever sends a form from elsewhere is told.

use super::api::error::ApiError;
use super::page;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::csrf::ProtectionError;

/// Says in words why a form from elsewhere does nothing.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_form = request.headers().get(header::ACCEPT).is_some_and(|accept| accept.to_str().unwrap_or_default().contains("text/html"));
    let response = next.run(request).await;
    if response.extensions().get::<ProtectionError>().is_none() {
        return response;
    }
    let base_url = &state.web.base_url;
    let text = format!(
        "Nothing was done: this form did not come from a page of this shop, or the browser did not say so. Open the page at {base_url} \
         and send it again."
    );
    if is_form {
        let help =
            "If it happens there as well: the browser is very old, or something between it and the shop takes the Origin header away.";
        return (StatusCode::FORBIDDEN, page::refusal(&state.stylesheet, "This form came from elsewhere", &[&text, help])).into_response();
    }
    ApiError::new(StatusCode::FORBIDDEN, "cross_origin", text).into_response()
}
