//! Reading requests: paths, JSON bodies, bearers, keys.

use super::error::ApiError;
use crate::router::AppState;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use shop::accounts::{KeyHolder, find_api_key};

/// What the path names; nothing has a name that can't be read, so that is 404.
pub struct PathName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(Path(name)) = Path::from_request_parts(parts, state).await else { return Err(shop::Error::NotFound.into()) };
        Ok(Self(name))
    }
}

/// A JSON body; anything that is none is 422, and anything too large 413.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        if !is_json {
            return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json."));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request is too large."),
            _ => ApiError::malformed("The body could not be read."),
        })?;
        // serde_json stops at 128 levels, so a deep body costs nothing.
        serde_json::from_slice(&bytes).map(Self).map_err(|error| ApiError::malformed(format!("The body does not fit: {error}.")))
    }
}

/// The token of `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or_else(|| ApiError::unauthorized("Send Authorization: Bearer followed by the key."))
}

/// The creator whose API key this is.
pub async fn creator(state: &AppState, headers: &HeaderMap) -> Result<KeyHolder, ApiError> {
    let key = bearer(headers)?;
    find_api_key(&state.shop, key).await?.ok_or_else(|| ApiError::unauthorized("This API key is not known."))
}
