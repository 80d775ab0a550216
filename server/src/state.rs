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
use std::ops::Deref;
use std::sync::Arc;

/// What handlers share; a handler or a layer that needs one part alone takes `State` of that part.
///
/// It is copied several times a request, so a copy is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

pub struct Parts {
    pub shop: Shop,
    pub web: Arc<WebConfig>,
    pub limits: RateLimits,
    pub stylesheet: Stylesheet,
    pub bodies: Bodies,
    pub options: LeptosOptions,
    pub assets: Assets,
    pub readiness: Readiness,
}

impl AppState {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for Shop {
    fn from_ref(state: &AppState) -> Self {
        state.shop.clone()
    }
}

impl FromRef<AppState> for Stylesheet {
    fn from_ref(state: &AppState) -> Self {
        state.stylesheet.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.options.clone()
    }
}

impl FromRef<AppState> for Assets {
    fn from_ref(state: &AppState) -> Self {
        state.assets.clone()
    }
}

impl FromRef<AppState> for Readiness {
    fn from_ref(state: &AppState) -> Self {
        state.readiness.clone()
    }
}

impl FromRef<AppState> for Arc<WebConfig> {
    fn from_ref(state: &AppState) -> Self {
        state.web.clone()
    }
}

impl FromRef<AppState> for RateLimits {
    fn from_ref(state: &AppState) -> Self {
        state.limits.clone()
    }
}

impl FromRef<AppState> for Bodies {
    fn from_ref(state: &AppState) -> Self {
        state.bodies.clone()
    }
}
