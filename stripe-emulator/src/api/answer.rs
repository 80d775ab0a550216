//! What goes back to the client, with Stripe's headers.

use super::present::public;
use crate::error::ApiError;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::Value;

/// A status, a body, and what the headers say about them.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    /// The first request with the same key, when this is its answer again.
    replayed_from: Option<String>,
    should_retry: Option<bool>,
}

impl Answer {
    pub fn ok(value: &Value) -> Self {
        Self { status: 200, body: value.to_string(), replayed_from: None, should_retry: None }
    }

    pub fn error(error: &ApiError) -> Self {
        Self { status: error.status, body: public(&error.to_value()).to_string(), replayed_from: None, should_retry: None }
    }

    /// An answer that was given before.
    pub fn replay(status: u16, body: String, first_request_id: String) -> Self {
        Self { status, body, replayed_from: Some(first_request_id), should_retry: None }
    }

    pub fn should_retry(mut self, should_retry: bool) -> Self {
        self.should_retry = Some(should_retry);
        self
    }

    /// `version` is the one that was asked for; what Stripe answers is said to be of it.
    pub fn respond(self, request_id: &str, key: Option<&str>, version: &str) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = vec![
            ("content-type", "application/json"),
            ("request-id", request_id),
            ("stripe-version", version),
            ("cache-control", "no-cache, no-store"),
        ];
        if let Some(key) = key {
            headers.push(("idempotency-key", key));
            headers.push(("original-request", self.replayed_from.as_deref().unwrap_or(request_id)));
        }
        if self.replayed_from.is_some() {
            headers.push(("idempotent-replayed", "true"));
        }
        if let Some(should_retry) = self.should_retry {
            headers.push(("stripe-should-retry", if should_retry { "true" } else { "false" }));
        }
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
