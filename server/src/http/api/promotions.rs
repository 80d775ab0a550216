//! Promotions: made with an API key.

use super::body::{Creator, JsonBody};
use super::error::ApiError;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use serde::{Deserialize, Serialize};
use shop::promotions::NewPromotion;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePromotion {
    code: String,
    /// 1 to 100; either this or `amount_off`.
    percent_off: Option<i64>,
    /// Minor units; needs `currency`.
    amount_off: Option<i64>,
    currency: Option<String>,
    /// Minor units that an order must come to.
    minimum_amount: Option<i64>,
    #[serde(default)]
    once_per_customer: bool,
    max_redemptions: Option<i64>,
    expires_at: Option<Instant>,
}

/// An instant of RFC 3339, or seconds since 1970.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Instant {
    Text(String),
    Seconds(i64),
}

impl Instant {
    fn millis(&self) -> Option<i64> {
        match self {
            Instant::Text(text) => OffsetDateTime::parse(text, &Rfc3339).ok().map(|at| at.unix_timestamp().saturating_mul(1000)),
            Instant::Seconds(seconds) => seconds.checked_mul(1000),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CreatedPromotion {
    id: String,
    code: String,
}

#[utoipa::path(post, path = "/api/v1/promotions", operation_id = "create_promotion", request_body = CreatePromotion, security(("api_key" = [])), responses((status = 201, description = "The promotion, ready to be used", body = CreatedPromotion), (status = 400), (status = 401), (status = 403), (status = 409)))]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<CreatePromotion>,
) -> Result<(StatusCode, Json<CreatedPromotion>), ApiError> {
    holder.check(Permission::EditPromotions)?;
    let expires_at = match &body.expires_at {
        Some(at) => {
            Some(at.millis().ok_or_else(|| ApiError::malformed("expires_at is an instant of RFC 3339, such as 2030-01-31T12:00:00Z."))?)
        }
        None => None,
    };
    let new = NewPromotion {
        code: body.code,
        percent_off: body.percent_off,
        amount_off: body.amount_off,
        currency: body.currency,
        minimum_amount: body.minimum_amount,
        once_per_customer: body.once_per_customer,
        max_redemptions: body.max_redemptions,
        expires_at,
    };
    let made = shop::promotions::create(&state.shop, new).await?;
    Ok((StatusCode::CREATED, Json(CreatedPromotion { id: made.id.to_string(), code: made.code })))
}
