//! The JSON API of DESIGN: `/api/v1`. Errors are `{"error":{"code","message"}}`, with `"field"` where they are about one; 422 is
//! malformed input alone.

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
mod licenses;
mod members;
mod named_line;
mod openapi;
mod order_licenses;
mod orders;
mod parts;
mod patch;
mod product_bodies;
mod product_lists;
mod products;
mod promotions;
mod releases;
mod rules;
mod sales;
mod settings;
mod tags;
mod terms;
mod tier_bodies;
mod uploads;

pub use error::not_found;
pub(super) use idempotency::{LONG_KEY, idempotency_key};
pub use uploads::MAX_UPLOAD_BYTES;

use crate::http::licenses as license_keys;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, header};
use axum::{Extension, Router};
use std::sync::LazyLock;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// A JSON request is never larger.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Every route under `/api/v1`, each with its description.
fn described_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::show, products::update, products::delete))
        .routes(routes!(products::duplicate))
        .routes(routes!(products::restore))
        .routes(routes!(uploads::upload).layer(DefaultBodyLimit::max(uploads::MAX_UPLOAD_BYTES)))
        .routes(routes!(releases::list, releases::create))
        .routes(routes!(releases::update, releases::delete))
        .merge(parts::routes())
        .routes(routes!(categories::list, categories::create))
        .routes(routes!(categories::update, categories::delete))
        .routes(routes!(tags::list))
        .routes(routes!(tags::rename, tags::delete))
        .routes(routes!(tags::merge))
        .routes(routes!(terms::list))
        .routes(routes!(terms::write))
        .routes(routes!(promotions::list, promotions::create))
        .routes(routes!(promotions::show, promotions::update, promotions::delete))
        .routes(routes!(analytics::summary))
        .routes(routes!(analytics::breakdown))
        .routes(routes!(checkouts::create))
        .routes(routes!(sales::list))
        .routes(routes!(sales::refund))
        .routes(routes!(orders::show, help::correct))
        .routes(routes!(orders::mint))
        .routes(routes!(orders::resend))
        .routes(routes!(order_licenses::list))
        .routes(routes!(order_licenses::deactivate))
        .routes(routes!(order_licenses::rotate))
        .routes(routes!(help::note))
        .routes(routes!(help::add_downloads))
        .routes(routes!(help::reset_downloads))
        .routes(routes!(help::extend))
        .routes(routes!(help::renew_link))
        .routes(routes!(help::revoke))
        .routes(routes!(help::restore))
        .routes(routes!(help::retry))
        .routes(routes!(customers::list))
        .routes(routes!(customers::show, customers::erase))
        .routes(routes!(customers::export))
        .routes(routes!(licenses::list))
        .routes(routes!(licenses::show, licenses::update))
        .routes(routes!(licenses::free_seat))
        .routes(routes!(licenses::reset))
        .routes(routes!(licenses::rotate))
        .routes(routes!(exports::orders))
        .routes(routes!(exports::lines))
        .routes(routes!(health_report::show))
        .routes(routes!(failures::list))
        .routes(routes!(failures::retry_all))
        .routes(routes!(failures::dismiss))
        .routes(routes!(failures::retry))
        .routes(routes!(members::list, members::invite))
        .routes(routes!(members::update, members::delete))
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(settings::show, settings::update))
        .routes(routes!(settings::check_stripe))
        .routes(routes!(settings::set_logo, settings::remove_logo))
        .routes(routes!(audit::list))
}

pub fn router(state: AppState) -> Router {
    Router::from(described_routes())
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

/// Uploads in parts for the dashboard, whose members are known by their sessions. Needs the layer against requests from elsewhere.
pub fn dashboard_uploads(state: AppState) -> Router {
    Router::new()
        .nest("/dashboard", parts::routes().into())
        .layer(Extension(body::FromDashboard))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

/// Made once, as it costs more than a page.
static DOCUMENT: LazyLock<Bytes> =
    LazyLock::new(|| openapi::document(described_routes().into_openapi(), license_keys::described_routes().into_openapi()));

/// `GET /api/openapi.json`
pub async fn describe() -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_its_field() {
        let mut document = openapi::described(described_routes().into_openapi(), license_keys::described_routes().into_openapi());
        assert_eq!(rules::write(&mut document), Ok(()));
    }
}
