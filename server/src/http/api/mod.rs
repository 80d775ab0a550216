//! The JSON API of DESIGN: `/api/v1`. Errors are `{"error":{"code","message"}}`; 422 is malformed input alone.

mod analytics;
mod audit;
mod body;
mod categories;
mod checkouts;
mod customers;
pub(super) mod error;
mod exports;
mod failures;
mod health_report;
mod help;
mod idempotency;
mod instant;
mod keys;
mod members;
mod named_line;
mod nullable;
pub mod openapi;
mod orders;
mod parts;
mod product_bodies;
mod product_views;
mod products;
mod promotions;
mod releases;
mod rules;
mod sales;
mod settings;
mod tags;
mod terms;
mod uploads;

pub use error::not_found;
pub use uploads::MAX_UPLOAD_BYTES;

use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post, put};
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
    ("get", "/promotions"),
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
    ("get", "/promotions/{id}"),
    ("patch", "/promotions/{id}"),
    ("delete", "/promotions/{id}"),
    ("get", "/analytics/summary"),
    ("get", "/analytics/breakdown"),
    ("post", "/checkouts"),
    ("get", "/orders"),
    ("get", "/orders/{id}"),
    ("post", "/orders/{id}/downloads"),
    ("post", "/orders/{id}/resend"),
    ("post", "/orders/{id}/refunds"),
    ("patch", "/orders/{id}"),
    ("post", "/orders/{id}/notes"),
    ("post", "/orders/{id}/downloads/add"),
    ("post", "/orders/{id}/downloads/reset"),
    ("post", "/orders/{id}/extend"),
    ("post", "/orders/{id}/link"),
    ("post", "/orders/{id}/revoke"),
    ("post", "/orders/{id}/restore"),
    ("post", "/orders/{id}/retry"),
    ("get", "/customers"),
    ("get", "/customers/{id}"),
    ("delete", "/customers/{id}"),
    ("get", "/customers/{id}/export"),
    ("get", "/licenses"),
    ("get", "/exports/orders.csv"),
    ("get", "/exports/order-lines.csv"),
    ("get", "/health-report"),
    ("get", "/failures"),
    ("post", "/failures/retry"),
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
    ("put", "/settings/logo"),
    ("delete", "/settings/logo"),
    ("get", "/audit"),
    ("post", "/failures/{id}/dismiss"),
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
        .route("/promotions", get(promotions::list).post(promotions::create))
        .route("/promotions/{id}", get(promotions::show).patch(promotions::update).delete(promotions::delete))
        .route("/analytics/summary", get(analytics::summary))
        .route("/analytics/breakdown", get(analytics::breakdown))
        .route("/products/{slug}/duplicate", post(products::duplicate))
        .route("/products/{slug}/restore", post(products::restore))
        .route("/categories", get(categories::list).post(categories::create))
        .route("/categories/{slug}", patch(categories::update).delete(categories::delete))
        .route("/tags", get(tags::list))
        .route("/tags/{slug}", patch(tags::rename).delete(tags::delete))
        .route("/tags/{slug}/merge", post(tags::merge))
        .route("/license-terms", get(terms::list))
        .route("/license-terms/{id}", patch(terms::write))
        .route("/products/{slug}/releases", get(releases::list).post(releases::create))
        .route("/products/{slug}/releases/{id}", patch(releases::update).delete(releases::delete))
        .merge(parts::routes())
        .route("/checkouts", post(checkouts::create))
        .route("/orders", get(sales::list))
        .route("/orders/{id}", get(orders::show).patch(help::correct))
        .route("/orders/{id}/downloads", post(orders::mint))
        .route("/orders/{id}/resend", post(orders::resend))
        .route("/orders/{id}/refunds", post(sales::refund))
        .route("/orders/{id}/notes", post(help::note))
        .route("/orders/{id}/downloads/add", post(help::add_downloads))
        .route("/orders/{id}/downloads/reset", post(help::reset_downloads))
        .route("/orders/{id}/extend", post(help::extend))
        .route("/orders/{id}/link", post(help::renew_link))
        .route("/orders/{id}/revoke", post(help::revoke))
        .route("/orders/{id}/restore", post(help::restore))
        .route("/orders/{id}/retry", post(help::retry))
        .route("/customers", get(customers::list))
        .route("/customers/{id}", get(customers::show).delete(customers::erase))
        .route("/customers/{id}/export", get(customers::export))
        .route("/licenses", get(customers::licenses))
        .route("/exports/orders.csv", get(exports::orders))
        .route("/exports/order-lines.csv", get(exports::lines))
        .route("/health-report", get(health_report::show))
        .route("/failures", get(failures::list))
        .route("/failures/retry", post(failures::retry_all))
        .route("/failures/{id}/dismiss", post(failures::dismiss))
        .route("/failures/{id}/retry", post(failures::retry))
        .route("/members", get(members::list).post(members::invite))
        .route("/members/{id}", patch(members::update).delete(members::delete))
        .route("/api-keys", get(keys::list).post(keys::create))
        .route("/api-keys/{id}", delete(keys::revoke))
        .route("/settings", get(settings::show).patch(settings::update))
        .route("/settings/stripe-check", post(settings::check_stripe))
        .route("/settings/logo", put(settings::set_logo).delete(settings::remove_logo))
        .route("/audit", get(audit::list))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}
