//! The JSON API of DESIGN: `/api/v1`. Errors are `{"error":{"code","message"}}`; 422 is malformed input alone.

mod body;
mod checkouts;
mod error;
mod failures;
mod instant;
pub mod openapi;
mod orders;
mod products;
mod promotions;
mod sales;
mod uploads;

pub use error::not_found;

use crate::router::AppState;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// A JSON request is never larger.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Every route under `/api/v1`; `openapi` describes the same ones, and a test holds them together.
pub const ROUTES: [(&str, &str); 15] = [
    ("get", "/products"),
    ("post", "/products"),
    ("get", "/products/{slug}"),
    ("patch", "/products/{slug}"),
    ("delete", "/products/{slug}"),
    ("post", "/products/{slug}/files"),
    ("post", "/promotions"),
    ("post", "/checkouts"),
    ("get", "/orders"),
    ("get", "/orders/{id}"),
    ("post", "/orders/{id}/downloads"),
    ("post", "/orders/{id}/resend"),
    ("post", "/orders/{id}/refunds"),
    ("get", "/failures"),
    ("post", "/failures/{id}/retry"),
];

pub fn router(state: AppState) -> Router {
    Router::new()
        .route("/products", get(products::list).post(products::create))
        .route("/products/{slug}", get(products::show).patch(products::update).delete(products::delete))
        .route("/products/{slug}/files", post(uploads::upload).layer(DefaultBodyLimit::max(uploads::MAX_UPLOAD_BYTES)))
        .route("/promotions", post(promotions::create))
        .route("/checkouts", post(checkouts::create))
        .route("/orders", get(sales::list))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/downloads", post(orders::mint))
        .route("/orders/{id}/resend", post(orders::resend))
        .route("/orders/{id}/refunds", post(sales::refund))
        .route("/failures", get(failures::list))
        .route("/failures/{id}/retry", post(failures::retry))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}
