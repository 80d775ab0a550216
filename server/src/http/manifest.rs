//! How the shop looks among the programs of whoever puts it there.
//! Source: <https://www.w3.org/TR/appmanifest/>

use crate::state::AppState;
use app::layout::PAPER;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// `GET /manifest.webmanifest`
pub async fn show(State(state): State<AppState>) -> Response {
    let store = match shop::catalog::store_face(&state.shop).await {
        Ok(store) => store,
        Err(error) => {
            tracing::error!(?error, "the store could not be read for its manifest");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let icon = |side: u32| {
        let (src, sizes) = (format!("/icon-{side}.png"), format!("{side}x{side}"));
        json!({ "src": src, "sizes": sizes, "type": "image/png", "purpose": "any maskable" })
    };
    let manifest = json!({
        "name": store.name,
        "short_name": store.name,
        "description": store.tagline,
        "start_url": "/",
        "display": "browser",
        "theme_color": PAPER.light,
        "background_color": PAPER.light,
        "icons": [icon(192), icon(512)],
    });
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "public, max-age=300, must-revalidate")];
    (headers, Json(manifest)).into_response()
}
