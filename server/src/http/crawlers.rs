//! What search engines ask for beside pages: what they may look at, and where it is.

use super::assets;
use crate::state::AppState;
use app::layout::request::IN_CATALOG;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::pages::storefront::CategoryNode;
use maud::{PreEscaped, html};
use time::OffsetDateTime;
use time::macros::format_description;

/// `GET /robots.txt`
pub async fn robots(State(state): State<AppState>) -> Response {
    let rules = assets::text("robots.txt").unwrap_or_default();
    let text = format!("{rules}\nSitemap: {}/sitemap.xml\n", state.shop.settings.base_url);
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=300, must-revalidate")], text)
        .into_response()
}

/// `GET /sitemap.xml`, which is kept as pages of the catalog are.
pub async fn sitemap(State(state): State<AppState>) -> Response {
    let read = async { Ok::<_, shop::Error>((shop::catalog::sitemap(&state.shop).await?, shop::catalog::categories(&state.shop).await?)) };
    let (products, categories) = match read.await {
        Ok(read) => read,
        Err(error) => {
            tracing::error!(?error, "the sitemap could not be made");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let base_url = &state.shop.settings.base_url;
    let mut slugs = Vec::new();
    collect(&categories, &mut slugs);
    let xml = html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            url { loc { (base_url) "/" } }
            url { loc { (base_url) "/products" } }
            @for slug in slugs { url { loc { (base_url) "/products?category=" (slug) } } }
            @for (slug, updated_at) in products {
                url {
                    loc { (base_url) "/products/" (slug) }
                    @if let Some(day) = day(updated_at) { lastmod { (day) } }
                }
            }
        }
    };
    ([(header::CONTENT_TYPE, "application/xml"), (HeaderName::from_static(IN_CATALOG), "1")], xml.into_string()).into_response()
}

fn collect(nodes: &[CategoryNode], slugs: &mut Vec<String>) {
    for node in nodes {
        slugs.push(node.slug.clone());
        collect(&node.children, slugs);
    }
}

fn day(at_ms: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).ok()?.format(format_description!("[year]-[month]-[day]")).ok()
}
