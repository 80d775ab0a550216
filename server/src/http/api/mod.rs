//! The JSON API of DESIGN: `/api/v1`. Errors are `{"error":{"code","message"}}`; 422 is malformed input alone.

mod audit;
mod body;
mod checkouts;
mod error;
mod failures;
mod instant;
mod keys;
mod members;
pub mod openapi;
mod orders;
mod parts;
mod products;
mod promotions;
mod releases;
mod sales;
mod settings;
mod uploads;

pub use error::not_found;
pub use uploads::MAX_UPLOAD_BYTES;

use crate::router::AppState;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post};
use axum::{Extension, Router};

/// A JSON request is never larger.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Every route under `/api/v1`; `openapi` describes the same ones, and a test holds them together.
pub const ROUTES: &[(&str, &str)] = &[
    ("get", "/products"),
    ("post", "/products"),
    ("get", "/products/{slug}"),
    ("patch", "/products/{slug}"),
    ("delete", "/products/{slug}"),
    ("post", "/products/{slug}/files"),
    ("get", "/products/{slug}/releases"),
    ("post", "/products/{slug}/releases"),
    ("patch", "/products/{slug}/releases/{id}"),
    ("delete", "/products/{slug}/releases/{id}"),
    ("post", "/uploads"),
    ("get", "/uploads/{id}"),
    ("delete", "/uploads/{id}"),
    ("put", "/uploads/{id}/parts/{number}"),
    ("post", "/uploads/{id}/finish"),
    ("post", "/promotions"),
    ("post", "/checkouts"),
    ("get", "/orders"),
    ("get", "/orders/{id}"),
    ("post", "/orders/{id}/downloads"),
    ("post", "/orders/{id}/resend"),
    ("post", "/orders/{id}/refunds"),
    ("get", "/failures"),
    ("post", "/failures/{id}/retry"),
    ("get", "/members"),
    ("post", "/members"),
    ("patch", "/members/{id}"),
    ("delete", "/members/{id}"),
    ("get", "/api-keys"),
    ("post", "/api-keys"),
    ("delete", "/api-keys/{id}"),
    ("get", "/settings"),
    ("patch", "/settings"),
    ("post", "/settings/stripe-check"),
    ("get", "/audit"),
];

/// Uploads in parts for the dashboard, whose members are known by their sessions. Needs the layer against requests from elsewhere.
pub fn dashboard_uploads(state: AppState) -> Router {
    Router::new()
        .nest("/dashboard", parts::routes())
        .layer(Extension(body::FromDashboard))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/products", get(products::list).post(products::create))
        .route("/products/{slug}", get(products::show).patch(products::update).delete(products::delete))
        .route("/products/{slug}/files", post(uploads::upload).layer(DefaultBodyLimit::max(uploads::MAX_UPLOAD_BYTES)))
        .route("/products/{slug}/releases", get(releases::list).post(releases::create))
        .route("/products/{slug}/releases/{id}", patch(releases::update).delete(releases::delete))
        .merge(parts::routes())
        .route("/promotions", post(promotions::create))
        .route("/checkouts", post(checkouts::create))
        .route("/orders", get(sales::list))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/downloads", post(orders::mint))
        .route("/orders/{id}/resend", post(orders::resend))
        .route("/orders/{id}/refunds", post(sales::refund))
        .route("/failures", get(failures::list))
        .route("/failures/{id}/retry", post(failures::retry))
        .route("/members", get(members::list).post(members::invite))
        .route("/members/{id}", patch(members::update).delete(members::delete))
        .route("/api-keys", get(keys::list).post(keys::create))
        .route("/api-keys/{id}", delete(keys::revoke))
        .route("/settings", get(settings::show).patch(settings::update))
        .route("/settings/stripe-check", post(settings::check_stripe))
        .route("/audit", get(audit::list))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}
