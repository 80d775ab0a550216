//! What was given up, for creators: seen and tried again.

use super::body::{Creator, PathName};
use super::error::ApiError;
use super::instant::rfc3339;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use domain::word::Word;
use serde::Serialize;
use shop::accounts::audit::Actor;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Failures {
    items: Vec<Failure>,
}

/// An event from Stripe, or a job of the shop, that failed after its last try.
#[derive(Serialize, ToSchema)]
pub struct Failure {
    id: String,
    /// event or job.
    kind: String,
    /// The name of the event or of the work.
    name: String,
    /// What the event speaks of, by Stripe's id.
    object: Option<String>,
    /// The order that the work is for.
    order: Option<String>,
    /// The public id of a paid order whose goods are not in the database. It is delivered once they were made again.
    lost_order: Option<String>,
    /// Slug and tier of these goods, such as `kit/plain`.
    lost_goods: Vec<String>,
    error: String,
    attempts: i64,
    /// RFC 3339, UTC.
    created_at: String,
}

#[utoipa::path(
    get, path = "/failures", operation_id = "list_failures", tag = "failures",
    security(("api_key" = [])),
    responses((status = 200, description = "What was given up, latest first", body = Failures)),
)]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<Failures>, ApiError> {
    holder.check(Permission::SeeOrders)?;
    let items = shop::jobs::failures(&state.shop).await?.into_iter().map(|work| Failure {
        id: work.id,
        kind: work.kind.as_str().to_owned(),
        name: work.name,
        object: work.object,
        order: work.order,
        lost_goods: work
            .lost
            .iter()
            .flat_map(|lost| &lost.goods)
            .filter_map(|tier| tier.name.as_ref())
            .map(|(slug, key)| format!("{slug}/{key}"))
            .collect(),
        lost_order: work.lost.map(|lost| lost.order),
        error: work.error,
        attempts: work.attempts,
        created_at: rfc3339(work.created_at),
    });
    Ok(Json(Failures { items: items.collect() }))
}

#[derive(Serialize, ToSchema)]
pub struct Retried {
    status: String,
}

#[utoipa::path(
    post, path = "/failures/{id}/retry", operation_id = "retry_failure", tag = "failures",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 202, description = "It is tried again at once", body = Retried)),
)]
pub async fn retry(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
) -> Result<(StatusCode, Json<Retried>), ApiError> {
    holder.check(Permission::RetryWork)?;
    shop::jobs::retry(&state.shop, &Actor::from(&holder), &id).await?;
    Ok((StatusCode::ACCEPTED, Json(Retried { status: "queued".to_owned() })))
}

#[derive(Serialize, ToSchema)]
pub struct AllRetried {
    /// How much is tried again.
    retried: u64,
}

#[utoipa::path(
    post, path = "/failures/retry", operation_id = "retry_all_failures", tag = "failures",
    security(("api_key" = [])),
    responses((status = 202, description = "All of it is tried again at once", body = AllRetried)),
)]
pub async fn retry_all(State(state): State<AppState>, Creator(holder): Creator) -> Result<(StatusCode, Json<AllRetried>), ApiError> {
    holder.check(Permission::RetryWork)?;
    let retried = shop::jobs::retry_all(&state.shop, &Actor::from(&holder)).await?;
    Ok((StatusCode::ACCEPTED, Json(AllRetried { retried })))
}

#[utoipa::path(
    post, path = "/failures/{id}/dismiss", operation_id = "dismiss_failure", tag = "failures",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "It is dismissed")),
)]
pub async fn dismiss(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::RetryWork)?;
    shop::jobs::dismiss(&state.shop, &Actor::from(&holder), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
