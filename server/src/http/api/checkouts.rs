//! `POST /checkouts`: from items to a payment page.

use super::body::JsonBody;
use super::error::ApiError;
use crate::http::client::ClientIp;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use shop::checkout::{CheckoutItem, StartCheckout};
use utoipa::ToSchema;

/// What to buy. Prices are the shop's own; whatever else is sent counts for nothing.
#[derive(Deserialize, ToSchema)]
pub struct CreateCheckout {
    items: Vec<Item>,
    email: String,
    promotion_code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct Item {
    product: String,
    variant: Option<String>,
    quantity: i64,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedCheckout {
    order: CreatedOrder,
    /// Where to pay; null when nothing is due.
    checkout_url: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedOrder {
    id: String,
    access_key: String,
    status: String,
    amount_total: i64,
    currency: String,
}

#[utoipa::path(post, path = "/api/v1/checkouts", operation_id = "create_checkout", request_body = CreateCheckout, params(("Idempotency-Key" = Option<String>, Header)), responses((status = 201, body = CreatedCheckout), (status = 400), (status = 404), (status = 409), (status = 422), (status = 429), (status = 503)))]
pub async fn create(
    State(state): State<AppState>,
    client: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CreateCheckout>,
) -> Result<(StatusCode, Json<CreatedCheckout>), ApiError> {
    state.limits.checkouts.check(client).map_err(ApiError::too_many)?;
    let key = match headers.get("idempotency-key") {
        Some(value) => Some(value.to_str().map_err(|_| ApiError::malformed("The Idempotency-Key is not ASCII."))?),
        None => None,
    };
    let wish = StartCheckout {
        items: body
            .items
            .into_iter()
            .map(|item| CheckoutItem { product: item.product, variant: item.variant, quantity: item.quantity })
            .collect(),
        email: body.email,
        promotion_code: body.promotion_code,
        idempotency_key: key.map(|key| format!("api:{key}")),
        cart: None,
    };
    let started = shop::checkout::start(&state.shop, wish).await?;
    let order = CreatedOrder {
        id: started.public_id,
        access_key: started.access_key,
        status: started.status.as_str().to_owned(),
        amount_total: started.amount_total,
        currency: started.currency.code().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(CreatedCheckout { order, checkout_url: started.checkout_url })))
}
