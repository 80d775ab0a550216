//! The site's own files, embedded: scripts, styles, fonts. Addressed under a hash of their content, and kept for ever.

use super::etag_matches;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// The embedded site with its hash.
#[derive(Clone)]
pub struct Assets {
    hash: Arc<str>,
}

impl Assets {
    /// Hashes what is embedded; once, at start.
    pub fn new() -> Self {
        let mut hash = Sha256::new();
        for name in Site::iter().filter(|name| name.starts_with("pkg/")) {
            hash.update(name.as_bytes());
            if let Some(file) = Site::get(&name) {
                hash.update(file.metadata.sha256_hash());
            }
        }
        Self { hash: data_encoding::HEXLOWER.encode(&hash.finalize()[..6]).into() }
    }

    /// The folder that pages address: `pkg/<hash>`.
    pub fn pkg_dir(&self) -> String {
        format!("pkg/{}", self.hash)
    }
}

impl Default for Assets {
    fn default() -> Self {
        Self::new()
    }
}

/// `GET /pkg/{hash}/{file}`
pub async fn package(
    State(assets): State<Assets>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let Ok(Path((hash, file))) = path else { return StatusCode::NOT_FOUND.into_response() };
    // Built by cargo alone, the loader looks for the name that wasm-bindgen gives; cargo-leptos drops the suffix.
    let name = format!("pkg/{}", file.replace("_bg.wasm", ".wasm"));
    // A page of an older build may still ask under the older hash: it gets what there is, but does not keep it.
    serve(&name, &headers, *hash == *assets.hash)
}

/// `GET /theme.js`, `/shop.js`, `/dashboard.js`, `/fonts/{file}`, and the icons of the shop
pub async fn file(uri: axum::http::Uri, headers: HeaderMap) -> Response<Body> {
    let name = uri.path().trim_start_matches('/');
    serve(name, &headers, name.starts_with("fonts/"))
}

/// What is written in one of the files.
pub fn text(name: &str) -> Option<String> {
    String::from_utf8(Site::get(name)?.data.into_owned()).ok()
}

fn serve(name: &str, headers: &HeaderMap, is_immutable: bool) -> Response<Body> {
    let Some(plain) = Site::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let (file, encoding) = negotiate(name, headers).map_or((plain, None), |(file, encoding)| (file, Some(encoding)));
    let tag = format!("\"{}\"", data_encoding::HEXLOWER.encode(&file.metadata.sha256_hash()[..16]));
    let Ok(etag) = HeaderValue::try_from(&tag) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|wanted| etag_matches(wanted, &tag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(file.data))
    };
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    answer.insert(header::ETAG, etag);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if is_immutable { "public, max-age=31536000, immutable" } else { "public, max-age=300, must-revalidate" }),
    );
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The twin that the build compressed, if the client takes it.
fn negotiate(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |encoding: &str| {
        accepted
            .split(',')
            .any(|part| part.trim().split(';').next() == Some(encoding) && !part.contains("q=0,") && !part.trim().ends_with("q=0"))
    };
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| takes(encoding))
        .find_map(|(encoding, suffix)| Some((Site::get(&format!("{name}{suffix}"))?, encoding)))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("ico") => "image/x-icon",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
