//! Rendered pages of the catalog, kept until the catalog changes.
//!
//! Only what is the same for everybody is kept: complete pages that the catalog marks as its own, made without anybody's cookies,
//! from a query that holds nothing but what these pages read. The clock of validity is the catalog's version: this process's
//! changes count at once, those of other replicas when the store's row shows them, and goods that were scheduled when each
//! replica's clock reaches their time.

use crate::http::etag_matches;
use app::layout::request::{IN_CATALOG, INCOMPLETE};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use shop::Shop;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Pages without a query, of which there are as many as the catalog has, may together be this large, with their keys and headers.
const MAX_PLAIN_BYTES: usize = 56 * 1024 * 1024;
/// The same for pages with a query: anybody can think of as many as they like.
const MAX_ASKED_BYTES: usize = 8 * 1024 * 1024;
/// Larger pages are rendered anew each time. The sitemap of as many products as one may name takes six megabytes.
const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;
/// Longer queries are not worth a place.
const MAX_KEY_BYTES: usize = 300;
/// What a page takes beside its bytes.
const BYTES_A_PAGE: usize = 512;
const BYTES_A_HEADER: usize = 64;
/// How soon a change of another replica is seen.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// What the catalog reads of a query, in the order in which its own links write it.
const OF_LISTS: [&str; 5] = ["q", "category", "tag", "sort", "page"];
const OF_PRODUCTS: [&str; 1] = ["variant"];

/// A whole answer, as it goes out: with its guards, and compressed as the visitor takes it.
#[derive(Clone)]
struct Page {
    headers: HeaderMap,
    body: Bytes,
}

impl Page {
    fn n_bytes(&self, key: &str) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + BYTES_A_HEADER).sum();
        BYTES_A_PAGE + key.len() + headers + self.body.len()
    }
}

#[derive(Default)]
struct Pages {
    /// Each page with its place in the order in which they came.
    by_key: HashMap<String, (u64, Page)>,
    n_bytes: usize,
    n_kept: u64,
}

impl Pages {
    fn keep(&mut self, key: String, page: Page, max_bytes: usize) {
        let n_bytes = page.n_bytes(&key);
        if self.n_bytes + n_bytes > max_bytes {
            self.drop_oldest_half();
        }
        self.n_kept += 1;
        self.n_bytes += n_bytes;
        let n_key_bytes = key.len();
        if let Some((_, before)) = self.by_key.insert(key, (self.n_kept, page)) {
            self.n_bytes -= before.n_bytes("") + n_key_bytes;
        }
    }

    /// Rare, and cheaper than to remember who was asked for last: what is wanted often is soon there again.
    fn drop_oldest_half(&mut self) {
        let mut ages: Vec<u64> = self.by_key.values().map(|(age, _)| *age).collect();
        let middle = ages.len() / 2;
        let Some((_, middle, _)) = (!ages.is_empty()).then(|| ages.select_nth_unstable(middle)) else { return };
        let middle = *middle;
        self.by_key.retain(|_, (age, _)| *age > middle);
        self.by_key.shrink_to_fit();
        self.n_bytes = self.by_key.iter().map(|(key, (_, page))| page.n_bytes(key)).sum();
    }
}

/// All that is kept of one version of the catalog.
#[derive(Default)]
struct Kept {
    version: u64,
    plain: Pages,
    asked: Pages,
}

impl Kept {
    /// Where a page has its place, and how much may be there.
    fn place(&mut self, key: &str) -> (&mut Pages, usize) {
        if key.contains('?') { (&mut self.asked, MAX_ASKED_BYTES) } else { (&mut self.plain, MAX_PLAIN_BYTES) }
    }
}

/// The cache; cheap to clone.
#[derive(Clone)]
pub struct RenderCache {
    /// Counts the changes of the catalog.
    changes: Arc<AtomicU64>,
    kept: Arc<Mutex<Kept>>,
}

impl RenderCache {
    pub fn new(shop: &Shop) -> Self {
        Self { changes: shop.catalog_changes.clone(), kept: Arc::default() }
    }

    fn version(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    fn find(&self, key: &str) -> Option<Page> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.version();
        if kept.version != version {
            *kept = Kept { version, ..Kept::default() };
        }
        kept.place(key).0.by_key.get(key).map(|(_, page)| page.clone())
    }

    /// Keeps a page that was rendered when the catalog had this version.
    fn keep(&self, key: String, version: u64, page: Page) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version == version && self.version() == version {
            let (pages, max_bytes) = kept.place(&key);
            pages.keep(key, page, max_bytes);
        }
    }
}

/// The address of a catalog page with nothing in it but what the page reads; `None` for everything else.
fn catalog_address(uri: &Uri) -> Option<PathAndQuery> {
    let path = uri.path();
    let fields: &[&str] = match path {
        "/" | "/sitemap.xml" => &[],
        "/products" => &OF_LISTS,
        _ => path.strip_prefix("/products/").filter(|slug| !slug.is_empty() && !slug.contains('/')).map(|_| &OF_PRODUCTS[..])?,
    };
    let Ok(Query(asked)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else { return None };
    // What is told once is shown once.
    if asked.iter().any(|(name, _)| name == "notice" || name == "canceled") {
        return None;
    }
    let of = |field: &&'static str| asked.iter().find(|(name, _)| name == field).map_or(("", ""), |(_, value)| (*field, value.trim()));
    let address = app::layout::with_query(path, &fields.iter().map(of).collect::<Vec<_>>());
    (address.len() <= MAX_KEY_BYTES).then(|| PathAndQuery::try_from(address).ok()).flatten()
}

/// Whether a member may be asking, whose pages are nobody else's.
fn is_anonymous(headers: &HeaderMap) -> bool {
    let is_session = |pair: &str| pair.trim().split_once('=').is_some_and(|(name, _)| name == "session" || name == "__Host-session");
    let mut cookies = headers.get_all(header::COOKIE).iter();
    !headers.contains_key(header::AUTHORIZATION)
        && !cookies.any(|value| value.as_bytes().split(|byte| *byte == b';').any(|pair| std::str::from_utf8(pair).is_ok_and(is_session)))
}

/// The one encoding that the visitor gets, of those that compress well: every page is kept at most twice.
fn encoding(request: &Request) -> &'static str {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |name: &str| {
        let mut requests = accepted.split(',').map(|request| request.split_once(';').unwrap_or((request, "")));
        requests.any(|(encoding, weight)| encoding.trim().eq_ignore_ascii_case(name) && weight.trim() != "q=0")
    };
    ["br", "gzip"].into_iter().find(|name| takes(name)).unwrap_or("identity")
}

/// Answers from the cache, or lets the page be made and keeps it. Stands outside of all other layers, so that an answer that is
/// kept has cost them once.
pub async fn layer(State(cache): State<RenderCache>, mut request: Request, next: Next) -> Response {
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let address = if is_read && is_anonymous(request.headers()) { catalog_address(request.uri()) } else { None };
    let Some(address) = address else {
        let mut response = next.run(request).await;
        without_marks(response.headers_mut());
        return response;
    };
    let encoding = encoding(&request);
    let key = format!("{encoding} {address}");
    let wanted = request.headers().get(header::IF_NONE_MATCH).cloned();
    if let Some(page) = cache.find(&key) {
        return answer(page, wanted.as_ref());
    }
    // The page is made for anybody: it can't know who asked first, nor by which link.
    let query = request.uri().query().map(str::to_owned);
    *request.uri_mut() = Uri::from(address);
    *request.method_mut() = Method::GET;
    request.headers_mut().remove(header::COOKIE);
    request.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding));
    let version = cache.version();
    let mut response = next.run(request).await;
    let marks = without_marks(response.headers_mut());
    // Made while the database stumbled: good for one visitor, but the catalog's version would never tell that it is stale.
    let is_kept = marks.is_in_catalog && !marks.is_incomplete;
    if !is_kept || response.status() != StatusCode::OK || response.headers().contains_key(header::SET_COOKIE) {
        lead_on_with(query.as_deref(), &mut response);
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

/// What a page says of itself to this layer alone.
struct Marks {
    is_in_catalog: bool,
    is_incomplete: bool,
}

fn without_marks(headers: &mut HeaderMap) -> Marks {
    Marks { is_in_catalog: headers.remove(IN_CATALOG).is_some(), is_incomplete: headers.remove(INCOMPLETE).is_some() }
}

/// What has moved is found at its new place by the whole query that was asked with: it may name a campaign.
fn lead_on_with(query: Option<&str>, response: &mut Response) {
    let Some(query) = query.filter(|_| response.status().is_redirection()) else { return };
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    if let Some(location) = location.and_then(|location| HeaderValue::try_from(with_whole_query(location, query)).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
}

/// The address with all that was asked with; of a field that both have, the address knows the value.
fn with_whole_query(location: &str, asked: &str) -> String {
    let (path, known) = location.split_once('?').unwrap_or((location, ""));
    let name = |pair: &str| pair.split_once('=').map_or(pair, |(name, _)| name).to_owned();
    let mut known: Vec<&str> = known.split('&').filter(|pair| !pair.is_empty()).collect();
    let mut pairs = Vec::new();
    for pair in asked.split('&') {
        match known.iter().position(|other| name(other) == name(pair)) {
            Some(place) => pairs.push(known.remove(place)),
            None => pairs.push(pair),
        }
    }
    pairs.extend(known);
    format!("{path}?{}", pairs.join("&"))
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

    fn address(uri: &str) -> Option<String> {
        catalog_address(&uri.parse().expect("a URI")).map(|address| address.to_string())
    }

    #[test]
    fn a_page_is_known_by_what_it_reads() {
        for (asked, known) in [
            ("/", "/"),
            ("/?utm_source=a", "/"),
            ("http://example.com/products?fbclid=1&sort=newest", "/products?sort=newest"),
            ("/products?page=2&q=tea+leaf&gclid=1", "/products?q=tea%20leaf&page=2"),
            ("/products?q=&tag=%20a%20", "/products?tag=a"),
            ("/products/kit?ref=x&variant=b&q=1", "/products/kit?variant=b"),
        ] {
            assert_eq!(address(asked).as_deref(), Some(known), "{asked}");
        }
        for other in ["/cart", "/products/", "/products/a/b", "/dashboard", "/products?notice=saved", "/products/kit?canceled=1"] {
            assert_eq!(address(other), None, "{other}");
        }
        assert_eq!(address(&format!("/products?q={}", "a".repeat(MAX_KEY_BYTES))), None);
    }

    #[test]
    fn what_has_moved_is_found_by_the_whole_query() {
        for (location, asked, whole) in [
            ("/products/b", "utm_source=a&x", "/products/b?utm_source=a&x"),
            ("/products/b?variant=c", "utm_source=a&variant=c", "/products/b?utm_source=a&variant=c"),
            ("/products?category=new&q=a%20b", "gclid=1&category=old&q=a+b", "/products?gclid=1&category=new&q=a%20b"),
        ] {
            assert_eq!(with_whole_query(location, asked), whole);
        }
    }

    #[test]
    fn pages_of_members_are_nobody_elses() {
        let of = |name: &'static str, value: &'static str| {
            is_anonymous(&HeaderMap::from_iter([(header::HeaderName::from_static(name), HeaderValue::from_static(value))]))
        };
        assert!(of("cookie", "cart=a; cart_count=1"));
        assert!(!of("cookie", "cart=a; session=b"));
        assert!(!of("cookie", "__Host-session=b"));
        assert!(!of("authorization", "Bearer a"));
    }

    #[test]
    fn pages_that_anybody_can_think_of_take_no_place_from_the_catalogs() {
        let mut kept = Kept::default();
        let (plain, most) = kept.place("br /products/kit");
        plain.keep("br /products/kit".into(), Page { headers: HeaderMap::new(), body: Bytes::from_static(b"kit") }, most);
        for n in 0..100 {
            let key = format!("br /products?q={n}");
            let (pages, most) = kept.place(&key);
            pages.keep(key, Page { headers: HeaderMap::new(), body: Bytes::from(vec![b'a'; 200_000]) }, most);
        }
        assert!(kept.asked.n_bytes <= MAX_ASKED_BYTES, "{}", kept.asked.n_bytes);
        assert!(kept.plain.by_key.contains_key("br /products/kit"));
    }

    #[test]
    fn what_is_kept_is_counted_whole_and_the_oldest_half_goes_first() {
        let page = |n_bytes: usize| Page {
            headers: HeaderMap::from_iter([(header::ETAG, HeaderValue::from_static("\"a\""))]),
            body: Bytes::from(vec![b'a'; n_bytes]),
        };
        let one = page(1000).n_bytes("key 0");
        assert!(one > 1000 + 5 + BYTES_A_PAGE, "{one}");
        let mut pages = Pages::default();
        for n in 0..8 {
            pages.keep(format!("key {n}"), page(1000), 8 * one);
        }
        assert_eq!((pages.by_key.len(), pages.n_bytes), (8, 8 * one));
        pages.keep("key 7".to_owned(), page(1000), 9 * one);
        assert_eq!(pages.n_bytes, 8 * one, "the same page counts once");
        pages.keep("key 8".to_owned(), page(1000), 8 * one);
        let mut left: Vec<&str> = pages.by_key.keys().map(String::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["key 5", "key 6", "key 7", "key 8"]);
        assert_eq!(pages.n_bytes, 4 * one);
    }

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
