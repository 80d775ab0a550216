//! What is refused before any route looks at a request: targets, queries and heads that no browser sends, and that cost or
//! confuse what stands behind.
//!
//! The router folds `..` and its spellings, layers look at the path as it came: so a path has one spelling here, or no page.

use super::api::error::ApiError;
use super::health::Readiness;
use super::page::{self, Stylesheet};
use crate::security::{self, Security};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

/// The longest path of ours is that of a picture.
const MAX_PATH_BYTES: usize = 2 * 1024;
/// The longest query of ours is a search with its filters. The pages' router compares each field with all others.
const MAX_QUERY_BYTES: usize = 4 * 1024;
const MAX_QUERY_FIELDS: usize = 100;
/// The longest thing that a form brings is the description of a product.
const MAX_FORM_BYTES: usize = 512 * 1024;
/// A product with all its tiers has half as many.
const MAX_FORM_FIELDS: usize = 3_000;

/// Why a request is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// A target that names no path, as CONNECT has.
    Target,
    /// RFC 9112 §3.2: none, or several.
    Host,
    /// A path in another spelling than its own.
    Path,
    TooLong,
    TooManyFields,
    FormTooLarge,
    FormUnfinished,
}

impl Refusal {
    fn answer(self) -> (StatusCode, &'static str, &'static str, &'static str) {
        match self {
            Self::Target => {
                (StatusCode::BAD_REQUEST, "target_invalid", "This address can't be read", "Ask for a path that begins with a slash.")
            }
            Self::Host => {
                (StatusCode::BAD_REQUEST, "host_invalid", "This address can't be read", "A request names the host that it is for, once.")
            }
            Self::Path => (StatusCode::NOT_FOUND, "not_found", "Page not found", "The page may have moved, or the link is incomplete."),
            Self::TooLong => (
                StatusCode::URI_TOO_LONG,
                "uri_too_long",
                "This address is too long",
                "Its path may have 2 kB, and its query 4 kB and 100 fields. Shorten the search, or begin at the front page.",
            ),
            Self::TooManyFields => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_fields",
                "This form has too many fields",
                "Nothing was kept. Go back, reload the page and try again.",
            ),
            Self::FormTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "This form is too large",
                "Nothing was kept. A form may have 512 kB; go back and shorten its texts.",
            ),
            Self::FormUnfinished => {
                (StatusCode::REQUEST_TIMEOUT, "too_slow", "The form did not arrive", "Nothing was kept. Go back and send it again.")
            }
        }
    }
}

/// What the gate needs to say no in the shop's clothes.
#[derive(Clone)]
pub struct Gate {
    pub security: Security,
    pub stylesheet: Stylesheet,
    pub readiness: Readiness,
}

impl Gate {
    /// A page for a browser, JSON for software.
    fn refuse(&self, uri: &Uri, refusal: Refusal) -> Response {
        let (status, code, title, text) = refusal.answer();
        let is_api = uri.path().starts_with("/api/") || uri.path().starts_with("/v1/");
        let response = if is_api {
            ApiError::new(status, code, text).into_response()
        } else {
            (status, page::refusal(&self.stylesheet, title, &[text])).into_response()
        };
        security::dress(&self.security, false, response)
    }
}

/// Stands outside of all other layers.
pub async fn layer(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    // Whoever says a length as well may have meant that what follows is part of this request: RFC 9112 §6.3.
    let comes_in_chunks = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = match look(request.method(), request.uri(), request.version(), request.headers()) {
        Some(refusal) => gate.refuse(request.uri(), refusal),
        None => next.run(request).await,
    };
    // A process that stops asks for the next request to go elsewhere.
    if comes_in_chunks || gate.readiness.is_draining() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Stands before the pages' forms: reads each as a whole, within its bounds, so that what parses it has bounded work.
pub async fn whole_form(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    // What says that it is too large is not waited for.
    if body.size_hint().lower() > MAX_FORM_BYTES as u64 {
        return gate.refuse(&parts.uri, Refusal::FormTooLarge);
    }
    let form = match axum::body::to_bytes(body, MAX_FORM_BYTES).await {
        Ok(form) => form,
        Err(error) => {
            let refusal = if is_about_length(&error) { Refusal::FormTooLarge } else { Refusal::FormUnfinished };
            return gate.refuse(&parts.uri, refusal);
        }
    };
    if n_fields(&form) > MAX_FORM_FIELDS {
        return gate.refuse(&parts.uri, Refusal::TooManyFields);
    }
    next.run(Request::from_parts(parts, Body::from(form))).await
}

fn is_about_length(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn n_fields(form: &Bytes) -> usize {
    form.iter().filter(|byte| **byte == b'&').count() + 1
}

fn look(method: &Method, uri: &Uri, version: Version, headers: &HeaderMap) -> Option<Refusal> {
    if method == Method::CONNECT || !uri.path().starts_with('/') {
        return Some(Refusal::Target);
    }
    let n_hosts = headers.get_all(header::HOST).iter().count();
    if n_hosts > 1 || (n_hosts == 0 && version >= Version::HTTP_11) {
        return Some(Refusal::Host);
    }
    let query = uri.query().unwrap_or_default();
    let is_long = uri.path().len() > MAX_PATH_BYTES || query.len() > MAX_QUERY_BYTES;
    if is_long || query.bytes().filter(|byte| *byte == b'&').count() >= MAX_QUERY_FIELDS {
        return Some(Refusal::TooLong);
    }
    (!is_canonical(uri.path())).then_some(Refusal::Path)
}

/// Whether a path has the one spelling that it may have: no empty segment, none that leads elsewhere, and no separator, control
/// character or percent sign that only appears once it is decoded.
fn is_canonical(path: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    let n_slashes = |path: &[u8]| path.iter().filter(|byte| **byte == b'/').count();
    let is_clean = decoded.iter().all(|byte| !byte.is_ascii_control() && !matches!(byte, b'\\' | b'%'));
    let leads_elsewhere = |segment: &[u8]| segment == b"." || segment == b"..";
    is_clean
        && n_slashes(&decoded) == n_slashes(path.as_bytes())
        && !path.contains("//")
        && !decoded.split(|byte| *byte == b'/').any(leads_elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for good in [
            "/",
            "/products",
            "/products/",
            "/products/a-book",
            "/media/0/a..b-.png",
            "/products/%C3%A9",
            "/products/%ff",
            "/.well-known/x",
        ] {
            assert!(is_canonical(good), "{good}");
        }
        for bad in [
            "//",
            "//products",
            "/products//a",
            "/./products",
            "/products/..",
            "/products/../dashboard",
            "/products/%2e%2e/dashboard",
            "/products/.%2E/dashboard",
            "/products/%2e",
            "/products%2fa",
            "/products/%2Fa",
            "/products/..%5cdashboard",
            "/products\\a",
            "/products/%252e%252e/dashboard",
            "/products/%25",
            "/products/%",
            "/products/%zz",
            "/products/%00",
            "/products/%0d%0aa",
            "/products/%7f",
        ] {
            assert!(!is_canonical(bad), "{bad}");
        }
    }

    #[test]
    fn a_target_is_a_path_for_one_host() {
        let of = |method: &str, uri: &str, version: Version, hosts: &[&str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, host.parse().unwrap());
            }
            look(&method.parse().unwrap(), &uri.parse().unwrap(), version, &headers)
        };
        assert_eq!(of("GET", "/", Version::HTTP_11, &["a"]), None);
        assert_eq!(of("GET", "http://a/products", Version::HTTP_11, &["a"]), None);
        assert_eq!(of("GET", "/", Version::HTTP_10, &[]), None);
        assert_eq!(of("GET", "/", Version::HTTP_11, &[]), Some(Refusal::Host));
        assert_eq!(of("GET", "/", Version::HTTP_11, &["a", "a"]), Some(Refusal::Host));
        assert_eq!(of("CONNECT", "a:443", Version::HTTP_11, &["a"]), Some(Refusal::Target));
        assert_eq!(of("GET", "a:443", Version::HTTP_11, &["a"]), Some(Refusal::Target));
        assert_eq!(of("OPTIONS", "*", Version::HTTP_11, &["a"]), Some(Refusal::Target));
    }

    #[test]
    fn a_query_is_bounded_in_bytes_and_in_fields() {
        let of = |query: String| {
            let headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("a"))]);
            look(&Method::GET, &format!("/cart?{query}").parse().unwrap(), Version::HTTP_11, &headers)
        };
        assert_eq!(of("q".repeat(MAX_QUERY_BYTES)), None);
        assert_eq!(of("q".repeat(MAX_QUERY_BYTES + 1)), Some(Refusal::TooLong));
        assert_eq!(of("a=&".repeat(MAX_QUERY_FIELDS - 1)), None);
        assert_eq!(of("a=&".repeat(MAX_QUERY_FIELDS)), Some(Refusal::TooLong));
    }
}
