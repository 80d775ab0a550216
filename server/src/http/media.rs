//! Covers, pictures and samples, and the sending of any stored file.

use super::range::{Wanted, wanted};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use domain::media_type;
use futures::TryStreamExt;
use shop::Shop;
use shop::files::{ByteRange, FileError, StoredFile, content_disposition, text_charset};

/// How many of the first bytes tell which character set a text is in.
const TEXT_HEAD_BYTES: u64 = 256 * 1024;

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
    let text_type = async {
        match file.media_type.as_str() {
            "text/plain" | "text/csv" => with_charset(&shop, &file).await.map(Some),
            _ => Ok(None),
        }
    };
    let (text_type, sent) = futures::join!(text_type, send(&shop, &file, &method, &headers));
    let (Ok(text_type), Ok((mut response, _))) = (text_type, sent) else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let answer = response.headers_mut();
    // The id names these bytes for ever.
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if file.media_type == "application/pdf" {
        // Browsers show it by a program of their own, which no sandbox may hold, and the shop in a frame of its pages.
        answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'self'"));
        answer.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    } else {
        answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    }
    if media_type::is_shown(&file.media_type) {
        answer.remove(header::CONTENT_DISPOSITION);
    }
    if let Some(text_type) = text_type.filter(|_| response.status() != StatusCode::NOT_MODIFIED) {
        response.headers_mut().insert(header::CONTENT_TYPE, text_type);
    }
    response
}

/// The type of a text with its charset: browsers take text without one for windows-1252.
async fn with_charset(shop: &Shop, file: &StoredFile) -> Result<HeaderValue, FileError> {
    let range = ByteRange { start: 0, end_inclusive: TEXT_HEAD_BYTES - 1 };
    let head = shop.files.get(&file.object_key, Some(range)).await?;
    let head: Vec<bytes::Bytes> = head.try_collect().await.map_err(|error| FileError::Unavailable(error.into()))?;
    let charset = text_charset(&head.concat());
    HeaderValue::try_from(format!("{}; charset={charset}", file.media_type)).map_err(|error| FileError::Unavailable(error.into()))
}

fn size(file: &StoredFile) -> u64 {
    file.size_bytes.max(0) as u64
}

fn etag(file: &StoredFile) -> String {
    format!("\"{}\"", file.sha256)
}

/// How many bytes the answer has; `None` where it has none, as 304 and 416 and any to HEAD.
pub fn n_wanted_bytes(file: &StoredFile, method: &Method, headers: &HeaderMap) -> Option<u64> {
    match wanted(method, headers, size(file), &etag(file)) {
        _ if *method == Method::HEAD => None,
        Wanted::Whole => Some(size(file)),
        Wanted::Part(part) => Some(part.n_bytes()),
        Wanted::Nothing | Wanted::Impossible => None,
    }
}

/// A stored file as an answer: 200, 206, 304 or 416, with exact length; and where in the file its bytes begin.
///
/// # Errors
/// When the store can't give the bytes; nothing was sent then.
pub async fn send(shop: &Shop, file: &StoredFile, method: &Method, headers: &HeaderMap) -> Result<(Response<Body>, u64), FileError> {
    let (size, etag) = (size(file), etag(file));
    let tag = HeaderValue::try_from(&etag).map_err(|error| FileError::Unavailable(error.into()))?;
    let (mut response, start) = match wanted(method, headers, size, &etag) {
        Wanted::Nothing => (status(StatusCode::NOT_MODIFIED), 0),
        Wanted::Impossible => {
            let mut response = status(StatusCode::RANGE_NOT_SATISFIABLE);
            response.headers_mut().insert(
                header::CONTENT_RANGE,
                HeaderValue::try_from(format!("bytes */{size}")).map_err(|error| FileError::Unavailable(error.into()))?,
            );
            (response, 0)
        }
        Wanted::Whole => {
            let body =
                if *method == Method::HEAD { Body::empty() } else { Body::from_stream(shop.files.get(&file.object_key, None).await?) };
            let mut response = Response::new(body);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(size));
            (response, 0)
        }
        Wanted::Part(part) => {
            let mut response = Response::new(Body::from_stream(shop.files.get(&file.object_key, Some(part)).await?));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {}-{}/{size}", part.start, part.end_inclusive);
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, HeaderValue::try_from(range).map_err(|error| FileError::Unavailable(error.into()))?);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(part.n_bytes()));
            (response, part.start)
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
    Ok((response, start))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
