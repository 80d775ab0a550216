//! What software asks of the shop: webhooks, downloads, media, health, the JSON API. Each handler is one call into the shop.

pub mod accident;
pub mod api;
pub mod assets;
pub mod bodies;
pub mod client;
pub mod crawlers;
pub mod downloads;
pub mod elsewhere;
pub mod exports;
pub mod gate;
pub mod health;
pub mod license_file;
pub mod licenses;
pub mod logo_form;
pub mod manifest;
pub mod media;
pub mod on_demand;
pub mod order_key;
pub mod page;
mod range;
pub mod rate_limit;
pub mod sessions;
pub mod upload_form;
pub mod visits;
pub mod webhook;

use axum::http::HeaderValue;

/// Whether an If-None-Match names this version. Weak comparison, as RFC 9110 §13.1.2 asks.
pub fn etag_matches(wanted: &HeaderValue, etag: &str) -> bool {
    let Ok(wanted) = wanted.to_str() else { return false };
    wanted.split(',').map(|tag| tag.trim().trim_start_matches("W/")).any(|tag| tag == "*" || tag == etag)
}
