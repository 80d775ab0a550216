//! Rendered pages of the catalog, kept until the catalog changes.
//!
//! Only what is the same for everybody is kept: anonymous, complete pages without cookies of their own. The clock of
//! validity is the catalog's version: this process's changes count at once, those of other replicas when the store's row
//! shows them, and goods that were scheduled when each replica's clock reaches their time.

use crate::http::etag_matches;
use app::layout::request::INCOMPLETE;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use shop::Shop;
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// All pages together may be this large.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Larger pages are rendered anew each time.
const MAX_PAGE_BYTES: usize = 2 * 1024 * 1024;
/// Longer queries are not worth a place.
const MAX_KEY_BYTES: usize = 300;
/// How soon a change of another replica is seen.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// A whole answer, as it goes out: with its guards, and compressed as the visitor takes it.
#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Default)]
struct Pages {
    version: u64,
    by_key: HashMap<String, Page>,
    n_bytes: usize,
}

/// The cache; cheap to clone.
#[derive(Clone)]
pub struct RenderCache {
    shop: Shop,
    pages: Arc<Mutex<Pages>>,
}

impl RenderCache {
    pub fn new(shop: Shop) -> Self {
        Self { shop, pages: Arc::default() }
    }

    fn version(&self) -> u64 {
        self.shop.catalog_changes.load(Ordering::SeqCst)
    }

    fn find(&self, key: &str) -> Option<Page> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.version();
        if pages.version != version {
            *pages = Pages { version, ..Pages::default() };
        }
        pages.by_key.get(key).cloned()
    }

    /// Keeps a page that was rendered when the catalog had this version.
    fn keep(&self, key: String, version: u64, page: Page) {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.version != version || self.version() != version {
            return;
        }
        if pages.n_bytes + page.body.len() > MAX_BYTES {
            // Rare, and cheaper than to remember who was asked for last.
            *pages = Pages { version, ..Pages::default() };
        }
        pages.n_bytes += page.body.len();
        pages.by_key.insert(key, page);
    }
}

fn is_cacheable(request: &Request) -> bool {
    let path = request.uri().path();
    let is_catalog = path == "/" || path == "/products" || path.starts_with("/products/");
    let query = request.uri().query().unwrap_or_default();
    request.method() == Method::GET && is_catalog && !query.contains("notice=") && path.len() + query.len() <= MAX_KEY_BYTES
}

/// The one encoding that the visitor gets, of those that compress well: every page is kept at most twice.
fn encoding(request: &Request) -> &'static str {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |name: &str| {
        let mut wishes = accepted.split(',').map(|wish| wish.split_once(';').unwrap_or((wish, "")));
        wishes.any(|(encoding, weight)| encoding.trim().eq_ignore_ascii_case(name) && weight.trim() != "q=0")
    };
    ["br", "gzip"].into_iter().find(|name| takes(name)).unwrap_or("identity")
}

/// Answers from the cache, or lets the page be made and keeps it. Stands outside of all other layers, so that an answer that is
/// kept has cost them once.
pub async fn layer(State(cache): State<RenderCache>, mut request: Request, next: Next) -> Response {
    if !is_cacheable(&request) {
        let mut response = next.run(request).await;
        response.headers_mut().remove(INCOMPLETE);
        return response;
    }
    let encoding = encoding(&request);
    let key = format!("{encoding} {}", request.uri());
    let wanted = request.headers().get(header::IF_NONE_MATCH).cloned();
    if let Some(page) = cache.find(&key) {
        return answer(page, wanted.as_ref());
    }
    request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
    let version = cache.version();
    let mut response = next.run(request).await;
    // Made while the database stumbled: good for one visitor, but the catalog's version would never tell that it is stale.
    let is_incomplete = response.headers_mut().remove(INCOMPLETE).is_some();
    if is_incomplete || response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(&body)[..16]));
    let Ok(etag) = HeaderValue::try_from(tag) else { return Response::from_parts(parts, Body::from(body)) };
    parts.headers.insert(header::ETAG, etag);
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(header::CONTENT_LENGTH);
    let page = Page { headers: parts.headers, body };
    if page.body.len() <= MAX_PAGE_BYTES {
        cache.keep(key, version, page.clone());
    }
    answer(page, wanted.as_ref())
}

fn answer(page: Page, wanted: Option<&HeaderValue>) -> Response {
    let etag = page.headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
    let is_known = wanted.zip(etag).is_some_and(|(wanted, etag)| etag_matches(wanted, etag));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(page.body) });
    *response.headers_mut() = page.headers;
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        // They are about a body, and there is none.
        for about_the_body in [header::CONTENT_TYPE, header::CONTENT_ENCODING] {
            response.headers_mut().remove(about_the_body);
        }
    }
    response
}

/// Learns of changes that other replicas made, and of goods whose time has come.
pub async fn follow_replicas(shop: Shop) {
    let mut seen = None;
    let mut looked_at = shop.clock.now_ms();
    loop {
        let now = shop.clock.now_ms();
        match shop::catalog::has_appeared(&shop, looked_at, now).await {
            Ok(has_appeared) => {
                if has_appeared {
                    shop.catalog_changes.fetch_add(1, Ordering::SeqCst);
                }
                looked_at = now;
            }
            Err(error) => tracing::warn!(?error, "it could not be read whether something appears"),
        }
        match shop::stores::catalog_version(&shop).await {
            Ok(version) => {
                // The first look as well: what was kept before it may be older than the version that it finds.
                if seen != Some(version) {
                    shop.catalog_changes.fetch_add(1, Ordering::SeqCst);
                }
                seen = Some(version);
            }
            Err(error) => tracing::warn!(?error, "the catalog's version could not be read"),
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_gets_the_best_encoding_that_is_taken() {
        let of = |accepted: &'static str| {
            let request = axum::http::Request::builder().header(header::ACCEPT_ENCODING, accepted).body(Body::empty());
            encoding(&request.expect("a request"))
        };
        assert_eq!(of("gzip, deflate, br, zstd"), "br");
        assert_eq!(of("gzip;q=0.8, br;q=0"), "gzip");
        assert_eq!(of("deflate"), "identity");
        assert_eq!(of(""), "identity");
    }
}
