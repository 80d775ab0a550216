//! What a creator's software does for a customer: notes, downloads, links, the right address, closing and opening, another try.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::named_line::NamedLine;
use super::orders::Order;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::orders::LineName;
use utoipa::ToSchema;

async fn order(state: &AppState, id: &str) -> Result<Json<Order>, ApiError> {
    Ok(Json(shop::orders::find_for_member(&state.shop, id).await?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectOrder {
    /// The right address of its customer.
    email: String,
}

#[utoipa::path(
    patch, path = "/orders/{id}", operation_id = "correct_order", tag = "help",
    params(("id" = String, Path)),
    request_body = CorrectOrder,
    security(("api_key" = [])),
    responses(
        (
            status = 200,
            description = "The order, which is mailed to the right address; the old one is told nothing and its link is dead",
            body = Order,
        ),
        (status = 409),
    ),
)]
pub async fn correct(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<CorrectOrder>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::correct_email(&state.shop, &Actor::from(&holder), &id, &body.email).await?;
    order(&state, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteNote {
    /// Plain text. The customer never sees it.
    text: String,
}

#[utoipa::path(
    post, path = "/orders/{id}/notes", operation_id = "create_note", tag = "help",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key is one note"),
    ),
    request_body = WriteNote,
    security(("api_key" = [])),
    responses((status = 201, description = "The order with the note", body = Order)),
)]
pub async fn note(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<WriteNote>,
) -> Result<(StatusCode, Json<Order>), ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::add_note(&state.shop, &Actor::from(&holder), &id, &body.text, key.into_request_key().as_deref()).await?;
    Ok((StatusCode::CREATED, order(&state, &id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddDownloads {
    /// How many more, 1 to 1000.
    extra: i64,
    /// As the order names it; every file when absent.
    file_id: Option<String>,
}

#[utoipa::path(
    post, path = "/orders/{id}/downloads/add", operation_id = "add_downloads", tag = "help",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key adds once"),
    ),
    request_body = AddDownloads,
    security(("api_key" = [])),
    responses((status = 200, description = "The order with what is left of each file", body = Order)),
)]
pub async fn add_downloads(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<AddDownloads>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    let key = key.into_request_key();
    shop::orders::add_downloads(&state.shop, &Actor::from(&holder), &id, body.file_id.as_deref(), body.extra, key.as_deref()).await?;
    order(&state, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetDownloads {
    /// As the order names it; every file when absent.
    file_id: Option<String>,
}

#[utoipa::path(
    post, path = "/orders/{id}/downloads/reset", operation_id = "reset_downloads", tag = "help",
    params(("id" = String, Path)),
    request_body = ResetDownloads,
    security(("api_key" = [])),
    responses((status = 200, description = "The order, whose downloads count from nothing", body = Order), (status = 409)),
)]
pub async fn reset_downloads(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ResetDownloads>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::reset_downloads(&state.shop, &Actor::from(&holder), &id, body.file_id.as_deref()).await?;
    order(&state, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// Links work for this many days from now, and licenses that end do so this many days later.
    days: i64,
}

#[utoipa::path(
    post, path = "/orders/{id}/extend", operation_id = "extend_order", tag = "help",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key extends once"),
    ),
    request_body = Extend,
    security(("api_key" = [])),
    responses((status = 200, description = "The order", body = Order)),
)]
pub async fn extend(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<Extend>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::extend(&state.shop, &Actor::from(&holder), &id, body.days, key.into_request_key().as_deref()).await?;
    order(&state, &id).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewLink {
    /// Whether the new link is mailed to the customer.
    #[serde(default = "yes")]
    #[schema(default = true)]
    mail: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, ToSchema)]
pub struct OrderLink {
    /// The page of the order with its key.
    url: String,
}

#[utoipa::path(
    post, path = "/orders/{id}/link", operation_id = "renew_link", tag = "help",
    params(
        ("id" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key makes one link"),
    ),
    request_body = RenewLink,
    security(("api_key" = [])),
    responses((status = 200, description = "The new link; the old one and its access key open nothing any more", body = OrderLink)),
)]
pub async fn renew_link(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<RenewLink>,
) -> Result<Json<OrderLink>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::renew_link(&state.shop, &Actor::from(&holder), &id, body.mail, key.into_request_key().as_deref()).await?;
    Ok(Json(OrderLink { url: shop::orders::find_for_member(&state.shop, &id).await?.customer_url }))
}

/// The whole order when no line is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnAccess {
    item: Option<NamedLine>,
}

#[utoipa::path(
    post, path = "/orders/{id}/revoke", operation_id = "revoke_access", tag = "help",
    params(("id" = String, Path)),
    request_body = TurnAccess,
    security(("api_key" = [])),
    responses((status = 200, description = "The order, closed whatever becomes of its money", body = Order), (status = 409)),
)]
pub async fn revoke(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<TurnAccess>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::close_access(&state.shop, &Actor::from(&holder), &id, body.item.map(LineName::from).as_ref()).await?;
    order(&state, &id).await
}

#[utoipa::path(
    post, path = "/orders/{id}/restore", operation_id = "restore_access", tag = "help",
    params(("id" = String, Path)),
    request_body = TurnAccess,
    security(("api_key" = [])),
    responses((status = 200, description = "The order, as open as its money has it", body = Order), (status = 409)),
)]
pub async fn restore(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<TurnAccess>,
) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::HelpCustomers)?;
    shop::orders::open_access(&state.shop, &Actor::from(&holder), &id, body.item.map(LineName::from).as_ref()).await?;
    order(&state, &id).await
}

#[utoipa::path(
    post, path = "/orders/{id}/retry", operation_id = "retry_delivery", tag = "help",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "The order, whose failed delivery is tried again", body = Order), (status = 409)),
)]
pub async fn retry(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<Json<Order>, ApiError> {
    holder.check(Permission::RetryWork)?;
    shop::orders::retry_delivery(&state.shop, &Actor::from(&holder), &id).await?;
    order(&state, &id).await
}
