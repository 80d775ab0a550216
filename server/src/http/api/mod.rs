//! The JSON API of DESIGN: `/api/v1`. Errors are `{"error":{"code","message"}}`; 422 is malformed input alone.

mod audit;
mod body;
mod categories;
mod checkouts;
mod error;
mod failures;
mod instant;
mod keys;
mod members;
mod nullable;
pub mod openapi;
mod orders;
mod products;
mod promotions;
mod sales;
mod settings;
mod tags;
mod terms;
mod uploads;

pub use error::not_found;

use crate::router::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post};

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
    ("post", "/products/{slug}/duplicate"),
    ("post", "/products/{slug}/restore"),
    ("get", "/categories"),
    ("post", "/categories"),
    ("patch", "/categories/{slug}"),
    ("delete", "/categories/{slug}"),
    ("get", "/tags"),
    ("patch", "/tags/{slug}"),
    ("delete", "/tags/{slug}"),
    ("post", "/tags/{slug}/merge"),
    ("get", "/license-terms"),
    ("patch", "/license-terms/{id}"),
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

pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/products", get(products::list).post(products::create))
        .route("/products/{slug}", get(products::show).patch(products::update).delete(products::delete))
        .route("/products/{slug}/files", post(uploads::upload).layer(DefaultBodyLimit::max(uploads::MAX_UPLOAD_BYTES)))
        .route("/products/{slug}/duplicate", post(products::duplicate))
        .route("/products/{slug}/restore", post(products::restore))
        .route("/categories", get(categories::list).post(categories::create))
        .route("/categories/{slug}", patch(categories::update).delete(categories::delete))
        .route("/tags", get(tags::list))
        .route("/tags/{slug}", patch(tags::rename).delete(tags::delete))
        .route("/tags/{slug}/merge", post(tags::merge))
        .route("/license-terms", get(terms::list))
        .route("/license-terms/{id}", patch(terms::write))
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
