//! Covers, pictures and samples, and the sending of any stored file.

use super::range::{Wanted, wanted};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use shop::Shop;
use shop::files::{FileError, StoredFile, content_disposition};

/// What browsers show by themselves without running anything.
fn is_shown(media_type: &str) -> bool {
    media_type.starts_with("audio/")
        || media_type.starts_with("video/")
        || ["image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", "text/plain"].contains(&media_type)
}

/// `GET|HEAD /media/{file_id}/{name}`
pub async fn show(
    State(shop): State<Shop>,
    method: Method,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response<Body> {
    let Ok(Path((file_id, _name))) = path else { return StatusCode::NOT_FOUND.into_response() };
    let file = match shop::catalog::find_preview_file(&shop, &file_id).await {
        Ok(Some(file)) => file,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(?error, "a picture could not be found");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let sent = send(&shop, &file, &method, &headers).await;
    let Ok((mut response, _)) = sent else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let answer = response.headers_mut();
    // The id names these bytes for ever.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    if is_shown(&file.media_type) {
        answer.remove(header::CONTENT_DISPOSITION);
    }
    response
}

/// Where the sent bytes begin, and how many there are.
pub struct Sent {
    pub start: u64,
    pub n_bytes: u64,
}

fn size(file: &StoredFile) -> u64 {
    file.size_bytes.max(0) as u64
}

fn etag(file: &StoredFile) -> String {
    format!("\"{}\"", file.sha256)
}

/// Whether these headers ask for bytes that there are: the answer is neither 304 nor 416.
pub fn has_wanted_bytes(file: &StoredFile, headers: &HeaderMap) -> bool {
    matches!(wanted(headers, size(file), &etag(file)), Wanted::Whole | Wanted::Part(_))
}

/// A stored file as an answer: 200, 206, 304 or 416, with exact length.
///
/// # Errors
/// When the store can't give the bytes; nothing was sent then.
pub async fn send(shop: &Shop, file: &StoredFile, method: &Method, headers: &HeaderMap) -> Result<(Response<Body>, Sent), FileError> {
    let (size, etag) = (size(file), etag(file));
    let tag = HeaderValue::try_from(&etag).map_err(|error| FileError::Unavailable(error.into()))?;
    let nothing = Sent { start: 0, n_bytes: 0 };
    let (mut response, sent) = match wanted(headers, size, &etag) {
        Wanted::Nothing => (status(StatusCode::NOT_MODIFIED), nothing),
        Wanted::Impossible => {
            let mut response = status(StatusCode::RANGE_NOT_SATISFIABLE);
            response.headers_mut().insert(
                header::CONTENT_RANGE,
                HeaderValue::try_from(format!("bytes */{size}")).map_err(|error| FileError::Unavailable(error.into()))?,
            );
            (response, nothing)
        }
        Wanted::Whole => {
            let body =
                if *method == Method::HEAD { Body::empty() } else { Body::from_stream(shop.files.get(&file.object_key, None).await?) };
            let mut response = Response::new(body);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
            (response, Sent { start: 0, n_bytes: size })
        }
        Wanted::Part(part) => {
            let body = if *method == Method::HEAD {
                Body::empty()
            } else {
                Body::from_stream(shop.files.get(&file.object_key, Some(part)).await?)
            };
            let mut response = Response::new(body);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {}-{}/{size}", part.start, part.end_inclusive);
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, HeaderValue::try_from(range).map_err(|error| FileError::Unavailable(error.into()))?);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(part.n_bytes()));
            (response, Sent { start: part.start, n_bytes: part.n_bytes() })
        }
    };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, tag);
    answer.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Ok(media_type) = HeaderValue::try_from(&file.media_type) {
        answer.insert(header::CONTENT_TYPE, media_type);
    }
    if let Ok(disposition) = HeaderValue::try_from(content_disposition(&file.name)) {
        answer.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok((response, sent))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
