//! What whoever asks is told when the making of an answer panicked.

use super::api::error::ApiError;
use super::page;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;

/// Answers with a page, or with JSON where software asks, and leaves everybody else's requests alone.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_api = ["/api/", "/v1/"].iter().any(|prefix| request.uri().path().starts_with(prefix));
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tell(&state, is_api, shop::Error::Unexpected(anyhow::anyhow!("the answer panicked: {}", shop::base::error::words_of(&*panic))))
        }
    }
}

fn tell(state: &AppState, is_api: bool, error: shop::Error) -> Response {
    if is_api {
        return ApiError::from(error).into_response();
    }
    tracing::error!(?error, "a request failed");
    let page = page::refusal(&state.stylesheet, "Something broke", &[error.answer().2]);
    (StatusCode::INTERNAL_SERVER_ERROR, page).into_response()
}
