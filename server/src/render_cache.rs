//! Rendered pages of the catalog, kept until the catalog changes.
//!
//! Only what is the same for everybody is kept: anonymous, complete pages without cookies of their own. The clock of
//! validity is the catalog's version: this process's changes count at once, those of other replicas when the store's row
//! shows them.

use crate::http::etag_matches;
use app::layout::request::INCOMPLETE;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
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

#[derive(Clone)]
struct Page {
    body: Bytes,
    etag: HeaderValue,
    policy: Option<HeaderValue>,
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
    (request.method() == Method::GET || request.method() == Method::HEAD)
        && is_catalog
        && !query.contains("notice=")
        && path.len() + query.len() <= MAX_KEY_BYTES
}

/// Answers from the cache, or renders and keeps.
pub async fn layer(State(cache): State<RenderCache>, request: Request, next: Next) -> Response {
    if !is_cacheable(&request) {
        let mut response = next.run(request).await;
        response.headers_mut().remove(INCOMPLETE);
        return response;
    }
    let key = request.uri().to_string();
    let wanted = request.headers().get(header::IF_NONE_MATCH).cloned();
    if let Some(page) = cache.find(&key) {
        return answer(page, wanted.as_ref());
    }
    let version = cache.version();
    let mut response = next.run(request).await;
    // Made while the database stumbled: good for one visitor, but the catalog's version would never tell that it is stale.
    let is_incomplete = response.headers_mut().remove(INCOMPLETE).is_some();
    if is_incomplete || response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&Sha256::digest(&body)[..16]));
    let Ok(etag) = HeaderValue::try_from(tag) else { return Response::from_parts(parts, Body::from(body)) };
    let page = Page { body, etag, policy: parts.headers.get(header::CONTENT_SECURITY_POLICY).cloned() };
    if page.body.len() <= MAX_PAGE_BYTES {
        cache.keep(key, version, page.clone());
    }
    answer(page, wanted.as_ref())
}

fn answer(page: Page, wanted: Option<&HeaderValue>) -> Response {
    let is_known = wanted.is_some_and(|wanted| page.etag.to_str().is_ok_and(|etag| etag_matches(wanted, etag)));
    let mut response = if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(page.body)) };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
    headers.insert(header::ETAG, page.etag);
    if let Some(policy) = page.policy {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Learns of changes that other replicas made.
pub async fn follow_replicas(shop: Shop) {
    let mut seen = None;
    loop {
        match shop::stores::catalog_version(&shop).await {
            Ok(version) => {
                if seen.is_some_and(|seen| seen != version) {
                    shop.catalog_changes.fetch_add(1, Ordering::SeqCst);
                }
                seen = Some(version);
            }
            Err(error) => tracing::warn!(?error, "the catalog's version could not be read"),
        }
        tokio::time::sleep(FOLLOW_EVERY).await;
    }
}
