//! What handlers share.

use crate::config::WebConfig;
use crate::http::assets::Assets;
use crate::http::bodies::Bodies;
use crate::http::health::Readiness;
use crate::http::page::Stylesheet;
use crate::http::rate_limit::RateLimits;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use shop::Shop;
use std::sync::Arc;

/// Cheap to clone; a handler or a layer that needs one part alone takes `State` of that part.
#[derive(Clone, FromRef)]
pub struct AppState {
    pub shop: Shop,
    pub web: Arc<WebConfig>,
    pub limits: RateLimits,
    pub stylesheet: Stylesheet,
    pub bodies: Bodies,
    pub options: LeptosOptions,
    pub assets: Assets,
    pub readiness: Readiness,
}
