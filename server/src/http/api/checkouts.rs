//! `POST /checkouts`: from items to a payment page.

use super::body::JsonBody;
use super::error::ApiError;
use super::idempotency::{IdempotencyKey, LONG_KEY};
use crate::http::client::ClientIp;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::money::Currency;
use domain::tier::TierRef;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::checkout::{CheckoutItem, ShownTotal, StartCheckout};
use utoipa::ToSchema;

/// What to buy. Prices are the shop's own, save those that the customer names: whoever sends another is told so.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCheckout {
    items: Vec<Item>,
    email: String,
    promotion_code: Option<String>,
    /// What the buyer was shown that the order costs, minor units. An order over anything else is refused with `total_changed`.
    expected_total: Option<i64>,
    /// What that total and the items' amounts are in, such as EUR. Another currency of the shop is refused with `currency_changed`.
    expected_currency: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    product: String,
    variant: Option<String>,
    /// What costs nothing comes once, whatever the quantity.
    #[serde(default = "one")]
    quantity: i64,
    /// Minor units of a piece, where the customer names the price; the least of it when absent.
    amount: Option<i64>,
}

fn one() -> i64 {
    1
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
    /// Opens the order. Null where the order was made by an earlier request and is paid, as anybody may have sent this one: then
    /// the key is in the mail.
    access_key: Option<String>,
    status: String,
    amount_total: i64,
    currency: String,
}

/// Makes an order. A variant that has nothing to deliver yet is refused with `nothing_to_deliver`.
#[utoipa::path(
    post, path = "/checkouts", operation_id = "create_checkout", tag = "checkouts",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = CreateCheckout,
    responses(
        (status = 201, description = "An order, and where to pay it", body = CreatedCheckout),
        (status = 404), (status = 409), (status = 429), (status = 503),
    ),
)]
pub async fn create(
    State(state): State<AppState>,
    client: ClientIp,
    key: IdempotencyKey<LONG_KEY>,
    JsonBody(body): JsonBody<CreateCheckout>,
) -> Result<(StatusCode, Json<CreatedCheckout>), ApiError> {
    state.limits.checkouts.check(client).map_err(ApiError::too_many)?;
    let currency = body.expected_currency.as_deref().map(Currency::parse).transpose();
    let request = StartCheckout {
        currency: currency.map_err(|error| shop::Error::refused("currency_invalid", format!("{error}.")).at("currency"))?,
        items: body
            .items
            .into_iter()
            .map(|item| CheckoutItem {
                tier: TierRef { product: item.product, variant: item.variant },
                quantity: item.quantity,
                amount: item.amount,
            })
            .collect(),
        email: body.email,
        promotion_code: body.promotion_code,
        idempotency_key: key.into_request_key(),
        cart: None,
        shown: body.expected_total.map(|amount| ShownTotal { amount, may_be_less: false }),
    };
    let started = shop::checkout::start(&state.shop, request).await?;
    let order = CreatedOrder {
        id: started.public_id,
        access_key: started.shows_key.then_some(started.access_key),
        status: started.status.as_str().to_owned(),
        amount_total: started.amount_total,
        currency: started.currency.code().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(CreatedCheckout { order, checkout_url: started.checkout_url })))
}
