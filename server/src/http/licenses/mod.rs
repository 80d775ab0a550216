//! `/v1/licenses`: what software asks of license keys. Answers have Lemon Squeezy's shape, with Keygen's codes beside its sentences.
//!
//! Anybody may ask, from any page on the web: the key is the credential, and stands in the body alone.

mod answer;
mod calls;
mod fields;
mod public_keys;

use crate::state::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, Method, header};
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A key, a name and a fingerprint need no more.
const MAX_BODY_BYTES: usize = 16 * 1024;

/// Every route under `/v1/licenses`, each with its description.
pub(super) fn described_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(calls::activate))
        .routes(routes!(calls::validate))
        .routes(routes!(calls::deactivate))
        .routes(routes!(calls::ping))
        .routes(routes!(calls::check_out))
        .routes(routes!(public_keys::list))
}

pub fn router(state: AppState) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::ACCEPT, HeaderName::from_static("idempotency-key")])
        .expose_headers([answer::LIMIT, answer::REMAINING, header::RETRY_AFTER])
        .max_age(Duration::from_secs(24 * 60 * 60));
    Router::from(described_routes())
        .fallback(answer::no_such_endpoint)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(cors)
        .with_state(state)
}
