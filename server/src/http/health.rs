//! Signs of life.

use axum::extract::State;
use axum::http::StatusCode;
use shop::Shop;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database and the files can be used.
pub async fn readyz(State(shop): State<Shop>) -> (StatusCode, &'static str) {
    if let Err(error) = shop::database::ping(&shop.db).await {
        tracing::error!(?error, "not ready: database");
        return (StatusCode::SERVICE_UNAVAILABLE, "the database can't be reached");
    }
    if let Err(error) = shop.files.check().await {
        tracing::error!(?error, "not ready: files");
        return (StatusCode::SERVICE_UNAVAILABLE, "the files can't be reached");
    }
    (StatusCode::OK, "ready")
}
