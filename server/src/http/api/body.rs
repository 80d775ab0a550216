//! Reading requests: paths, JSON bodies, bearers, keys.

use super::error::ApiError;
use crate::state::AppState;
use app::layout::request::member_of;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use domain::member::Permission;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shop::accounts::audit::Actor;
use shop::accounts::{KeyHolder, find_api_key};
use tower_sessions::Session;

/// What the path names; nothing has a name that can't be read, so that is 404.
pub struct PathName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(Path(name)) = Path::from_request_parts(parts, state).await else { return Err(shop::Error::NotFound.into()) };
        Ok(Self(name))
    }
}

/// As [`PathName`], where the path names several things.
pub struct PathNames<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathNames<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Ok(Path(names)) = Path::from_request_parts(parts, state).await else { return Err(shop::Error::NotFound.into()) };
        Ok(Self(names))
    }
}

/// A JSON object; anything else is 422, and anything too large 413.
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
        // Read whole first, so that what nobody asks for must be JSON as well; serde_json stops at 128 levels, so a deep body costs
        // nothing.
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| ApiError::malformed(format!("The body is no JSON: {error}.")))?;
        if !value.is_object() {
            return Err(ApiError::malformed("The body is no JSON object."));
        }
        serde_path_to_error::deserialize(value).map(Self).map_err(|error| ApiError::malformed(format!("The body does not fit: {error}.")))
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

/// The token of the request. Stands before the body, so that its absence is told first.
pub struct Bearer(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        bearer(&parts.headers).map(|token| Self(token.to_owned()))
    }
}

/// Who sent the request with an API key; what the holder may do is checked first thing in the handler. Stands before the body, so that
/// strangers learn nothing of what would fit.
pub struct Creator(pub KeyHolder);

impl FromRequestParts<AppState> for Creator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        holder(state, &parts.headers).await.map(Self)
    }
}

/// As [`Creator`], where the rest of the request is read by hand, for a holder who may do this.
pub async fn creator(state: &AppState, headers: &HeaderMap, permission: Permission) -> Result<KeyHolder, ApiError> {
    let holder = holder(state, headers).await?;
    holder.check(permission)?;
    Ok(holder)
}

async fn holder(state: &AppState, headers: &HeaderMap) -> Result<KeyHolder, ApiError> {
    find_api_key(&state.shop, bearer(headers)?).await?.ok_or_else(|| ApiError::unauthorized("This API key is not known."))
}

/// A query string in which every name stands once.
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|rejection| ApiError::malformed(format!("The query does not fit: {}.", rejection.body_text())))
    }
}

/// Marks requests that come from the dashboard, where the session's cookie says who asks.
#[derive(Clone)]
pub struct FromDashboard;

/// Who changes products: with an API key, or signed in where the route is the dashboard's.
pub struct ProductEditor(pub Actor);

impl FromRequestParts<AppState> for ProductEditor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if parts.extensions.get::<FromDashboard>().is_none() {
            return Ok(Self((&creator(state, &parts.headers, Permission::EditProducts).await?).into()));
        }
        let member = match parts.extensions.get::<Session>() {
            Some(session) => member_of(session).await?,
            None => None,
        };
        let member = member.ok_or_else(|| ApiError::unauthorized("Please sign in again."))?;
        if !member.role.may(Permission::EditProducts) {
            return Err(shop::Error::Forbidden.into());
        }
        Ok(Self((&member).into()))
    }
}
