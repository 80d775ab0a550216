//! `POST /webhooks/stripe`: kept, then acknowledged.

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use shop::Shop;
use shop::payments::stripe::webhook::{WebhookRefusal, may_be_signed, receive};

/// Stripe's events are far smaller.
pub const MAX_BYTES: usize = 256 * 1024;

pub async fn stripe(State(shop): State<Shop>, request: Request) -> Response {
    let signature = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok()).map(str::to_owned);
    // Nothing is read for those who could not have signed it.
    if !may_be_signed(signature.as_deref()) {
        return (StatusCode::BAD_REQUEST, WebhookRefusal::BadSignature.to_string()).into_response();
    }
    // What says that it is too large is not waited for.
    if request.body().size_hint().lower() > MAX_BYTES as u64 {
        return (StatusCode::PAYLOAD_TOO_LARGE, "no event is so large").into_response();
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    match receive(&shop, signature.as_deref(), &body).await {
        Ok(()) => (StatusCode::OK, "kept").into_response(),
        Err(refusal @ (WebhookRefusal::BadSignature | WebhookRefusal::OtherTime { .. } | WebhookRefusal::Malformed)) => {
            (StatusCode::BAD_REQUEST, refusal.to_string()).into_response()
        }
        Err(WebhookRefusal::Unavailable(error)) => {
            tracing::error!(?error, "an event could not be kept; Stripe sends it again");
            (StatusCode::SERVICE_UNAVAILABLE, "try again").into_response()
        }
    }
}
