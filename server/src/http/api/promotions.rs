//! Promotions: created, changed, archived and counted with an API key.

use super::body::{ApiQuery, Creator, JsonBody, PathName};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::instant::{Instant, rfc3339};
use super::patch::{Patch, put};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use domain::promotion::{PromotionState, PromotionView, Reduction};
use domain::tier::TierRef;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::checkout::promotions::{NewPromotion, PromotionChange, PromotionQuery};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePromotion {
    /// Without one the promotion applies by itself, and needs a `name`.
    code: Option<String>,
    /// What customers see; the code where there is none.
    name: Option<String>,
    /// 1 to 100; either this or `amount_off`.
    percent_off: Option<i64>,
    /// Minor units; needs `currency`.
    amount_off: Option<i64>,
    currency: Option<String>,
    /// Minor units that an order must come to.
    minimum_amount: Option<i64>,
    #[serde(default)]
    once_per_customer: bool,
    /// How many orders may use it at most.
    max_redemptions: Option<i64>,
    starts_at: Option<Instant>,
    expires_at: Option<Instant>,
    /// What it is for; everything where this is left out.
    goods: Option<Vec<PromotedGood>>,
}

/// What changes; what is left out stays, and `null` takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePromotion {
    /// `null` makes it apply by itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    code: Patch<String>,
    name: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    percent_off: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    amount_off: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    currency: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    minimum_amount: Patch<i64>,
    once_per_customer: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    max_redemptions: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    starts_at: Patch<Instant>,
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    expires_at: Patch<Instant>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<PromotedGood>>)]
    goods: Patch<Vec<PromotedGood>>,
    /// `archived` puts it away, `active` brings it back.
    status: Option<String>,
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    revision: Option<i64>,
}

/// A product that a promotion is for, or one variant of it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotedGood {
    /// Its slug.
    product: String,
    /// Its key; every variant where this is left out.
    #[serde(default)]
    variant: Option<String>,
}

impl From<PromotedGood> for TierRef {
    fn from(good: PromotedGood) -> Self {
        Self { product: good.product, variant: good.variant }
    }
}

/// A promotion with what it has brought.
#[derive(Serialize, ToSchema)]
pub struct Promotion {
    id: String,
    name: String,
    /// Nothing where it applies by itself.
    code: Option<String>,
    /// `active`, `scheduled`, `expired`, `used_up` or `archived`.
    status: String,
    percent_off: Option<i64>,
    /// Minor units.
    amount_off: Option<i64>,
    currency: Option<String>,
    minimum_amount: Option<i64>,
    once_per_customer: bool,
    max_redemptions: Option<i64>,
    /// Orders that are being paid and hold a use.
    n_reserved: i64,
    n_redeemed: i64,
    /// Minor units that the orders which redeemed it came to, in the store's currency.
    amount_sold: i64,
    /// Minor units that it took off them.
    amount_given: i64,
    store_currency: String,
    starts_at: Option<String>,
    expires_at: Option<String>,
    /// `null` for everything.
    goods: Option<Vec<PromotedGood>>,
    /// RFC 3339, UTC.
    created_at: String,
    /// Counts the changes of its terms; a change may name it.
    revision: i64,
}

impl From<PromotionView> for Promotion {
    fn from(view: PromotionView) -> Self {
        let (percent_off, amount_off) = match view.reduction {
            Reduction::Percent(percent) => (Some(percent), None),
            Reduction::Amount(money) => (None, Some(money)),
        };
        Self {
            id: view.id,
            name: view.name,
            code: view.code,
            status: view.state.as_str().to_owned(),
            percent_off,
            amount_off: amount_off.map(|money| money.amount),
            currency: amount_off.or(view.minimum).map(|money| money.currency.code().to_owned()),
            minimum_amount: view.minimum.map(|money| money.amount),
            once_per_customer: view.once_per_customer,
            max_redemptions: view.max_redemptions,
            n_reserved: view.n_reserved,
            n_redeemed: view.n_redeemed,
            amount_sold: view.sold.amount,
            amount_given: view.given.amount,
            store_currency: view.sold.currency.code().to_owned(),
            starts_at: view.starts_at.map(rfc3339),
            expires_at: view.expires_at.map(rfc3339),
            goods: view
                .goods
                .map(|goods| goods.into_iter().map(|good| PromotedGood { product: good.product, variant: good.variant }).collect()),
            created_at: rfc3339(view.created_at),
            revision: view.revision,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Promotions {
    items: Vec<Promotion>,
    next_cursor: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PromotionFilter {
    /// One of active, scheduled, expired, used_up, archived.
    status: Option<String>,
    /// A part of the name or the code.
    q: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

#[utoipa::path(
    post, path = "/promotions", operation_id = "create_promotion", tag = "promotions",
    params(("Idempotency-Key" = Option<String>, Header, description = "One key makes one promotion, however often it is sent")),
    request_body = CreatePromotion,
    security(("api_key" = [])),
    responses((status = 201, description = "The promotion, ready to be used", body = Promotion)),
)]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<CreatePromotion>,
) -> Result<(StatusCode, Json<Promotion>), ApiError> {
    holder.check(Permission::EditPromotions)?;
    let new = NewPromotion {
        code: body.code,
        name: body.name,
        percent_off: body.percent_off,
        amount_off: body.amount_off,
        currency: body.currency,
        minimum_amount: body.minimum_amount,
        once_per_customer: body.once_per_customer,
        max_redemptions: body.max_redemptions,
        starts_at: body.starts_at.map(Instant::millis),
        expires_at: body.expires_at.map(Instant::millis),
        goods: body.goods.map(|goods| goods.into_iter().map(TierRef::from).collect()),
    };
    let once = key.of(("promotion", &new));
    let made = shop::checkout::promotions::create(&state.shop, &Actor::from(&holder), new, once.as_ref()).await?;
    let view = shop::checkout::promotions::find(&state.shop, &made.id.to_string()).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

#[utoipa::path(
    get, path = "/promotions", operation_id = "list_promotions", tag = "promotions",
    params(PromotionFilter),
    security(("api_key" = [])),
    responses((status = 200, description = "Promotions, newest first", body = Promotions)),
)]
pub async fn list(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<PromotionFilter>,
) -> Result<Json<Promotions>, ApiError> {
    holder.check(Permission::SeeSales)?;
    let wanted = match filter.status.as_deref() {
        Some(word) => Some(word.parse::<PromotionState>().map_err(|_| {
            shop::Error::refused("status_unknown", "A status is one of active, scheduled, expired, used_up, archived.").at("status")
        })?),
        None => None,
    };
    let page = shop::checkout::promotions::list(&state.shop, &PromotionQuery { state: wanted, q: filter.q, cursor: filter.cursor }).await?;
    Ok(Json(Promotions { items: page.promotions.into_iter().map(Promotion::from).collect(), next_cursor: page.next_cursor }))
}

#[utoipa::path(
    get, path = "/promotions/{id}", operation_id = "show_promotion", tag = "promotions",
    params(("id" = String, Path, description = "Its id or its code")),
    security(("api_key" = [])),
    responses((status = 200, description = "The promotion", body = Promotion)),
)]
pub async fn show(State(state): State<AppState>, PathName(name): PathName, Creator(holder): Creator) -> Result<Json<Promotion>, ApiError> {
    holder.check(Permission::SeeSales)?;
    Ok(Json(shop::checkout::promotions::find(&state.shop, &name).await?.into()))
}

#[utoipa::path(
    patch, path = "/promotions/{id}", operation_id = "update_promotion", tag = "promotions",
    params(("id" = String, Path, description = "Its id or its code")),
    request_body = ChangePromotion,
    security(("api_key" = [])),
    responses((status = 200, description = "The promotion as it is now", body = Promotion), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    PathName(name): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangePromotion>,
) -> Result<Json<Promotion>, ApiError> {
    holder.check(Permission::EditPromotions)?;
    let by = Actor::from(&holder);
    let is_archived = match body.status.as_deref() {
        None => None,
        Some("archived") => Some(true),
        Some("active") => Some(false),
        Some(_) => return Err(shop::Error::refused("status_invalid", "The status is active or archived.").at("status").into()),
    };
    // Named by its id from here on, as the code may change.
    let id = shop::checkout::promotions::find(&state.shop, &name).await?.id;
    let change = PromotionChange { revision: body.revision, is_archived };
    shop::checkout::promotions::update(&state.shop, &by, &id, change, |new| {
        // A promotion that is called as its code follows it.
        if body.name.is_none() && body.code != Patch::Keep && new.name == new.code {
            new.name = None;
        }
        body.code.apply(&mut new.code);
        body.percent_off.apply(&mut new.percent_off);
        body.amount_off.apply(&mut new.amount_off);
        body.currency.apply(&mut new.currency);
        body.minimum_amount.apply(&mut new.minimum_amount);
        body.max_redemptions.apply(&mut new.max_redemptions);
        body.starts_at.map(Instant::millis).apply(&mut new.starts_at);
        body.expires_at.map(Instant::millis).apply(&mut new.expires_at);
        body.goods.map(|goods| goods.into_iter().map(TierRef::from).collect()).apply(&mut new.goods);
        put(&mut new.once_per_customer, body.once_per_customer);
        if body.name.is_some() {
            new.name = body.name;
        }
    })
    .await?;
    Ok(Json(shop::checkout::promotions::find(&state.shop, &id).await?.into()))
}

#[utoipa::path(
    delete, path = "/promotions/{id}", operation_id = "delete_promotion", tag = "promotions",
    params(("id" = String, Path, description = "Its id or its code")),
    security(("api_key" = [])),
    responses((status = 204, description = "Archived: nobody gets it any more; orders keep what they were promised")),
)]
pub async fn delete(State(state): State<AppState>, PathName(name): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditPromotions)?;
    shop::checkout::promotions::archive(&state.shop, &Actor::from(&holder), &name).await?;
    Ok(StatusCode::NO_CONTENT)
}
