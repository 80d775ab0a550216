//! The header that makes a request safe to send again.

use super::error::ApiError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use shop::base::once::Once;
use std::fmt::Debug;

/// As long as a key of a checkout or a refund may be.
///
/// Source: <https://docs.stripe.com/api/idempotent_requests>
pub const LONG_KEY: usize = 255;

/// The request's `Idempotency-Key`, where it has one.
pub struct IdempotencyKey<const MAX_CHARS: usize = 250>(Option<String>);

impl<const MAX_CHARS: usize> IdempotencyKey<MAX_CHARS> {
    /// The key as it was sent.
    pub fn into_text(self) -> Option<String> {
        self.0
    }

    /// The key as the shop keeps it: apart from those of forms.
    pub fn into_request_key(self) -> Option<String> {
        self.0.map(|key| format!("api:{key}"))
    }

    /// This request under the key.
    pub fn of(self, request: impl Debug) -> Option<Once> {
        Once::new(self.into_request_key(), request)
    }
}

impl<S: Send + Sync, const MAX_CHARS: usize> FromRequestParts<S> for IdempotencyKey<MAX_CHARS> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key = idempotency_key(&parts.headers, MAX_CHARS);
        key.map(Self).map_err(|text| ApiError::new(StatusCode::BAD_REQUEST, "idempotency_key_invalid", text))
    }
}

/// The key of a request, where it has one.
///
/// # Errors
/// A sentence that says what a key looks like.
pub fn idempotency_key(headers: &HeaderMap, max_chars: usize) -> Result<Option<String>, String> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if !(1..=max_chars).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(format!("The Idempotency-Key must be 1 to {max_chars} visible ASCII characters."));
    }
    Ok(Some(text.to_owned()))
}
