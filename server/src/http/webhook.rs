//! `POST /webhooks/stripe`: kept, then acknowledged.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use shop::Shop;
use shop::stripe::webhook::{WebhookRefusal, receive};

pub async fn stripe(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    match receive(&shop, signature, &body).await {
        Ok(()) => (StatusCode::OK, "kept".to_owned()),
        Err(refusal @ (WebhookRefusal::BadSignature | WebhookRefusal::Malformed)) => (StatusCode::BAD_REQUEST, refusal.to_string()),
        Err(WebhookRefusal::Unavailable(error)) => {
            tracing::error!(?error, "an event could not be kept; Stripe sends it again");
            (StatusCode::SERVICE_UNAVAILABLE, "try again".to_owned())
        }
    }
}
