//! Who runs the shop, for software that manages accounts.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::instant::rfc3339;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::{MemberRow, Permission, Role};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Members {
    items: Vec<Member>,
}

#[derive(Serialize, ToSchema)]
pub struct Member {
    id: String,
    email: String,
    /// owner, admin, support or analyst.
    role: String,
    /// Whether the invitation was taken up.
    has_joined: bool,
    /// RFC 3339, UTC; null where no session is open.
    seen_at: Option<String>,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            id: row.id.to_string(),
            email: row.email,
            role: row.role.as_str().to_owned(),
            has_joined: row.has_joined,
            seen_at: row.seen_at.map(rfc3339),
        }
    }
}

#[utoipa::path(
    get, path = "/members", operation_id = "list_members", tag = "members",
    security(("api_key" = [])),
    responses((status = 200, description = "All members, the oldest first", body = Members)),
)]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<Members>, ApiError> {
    holder.check(Permission::ManageMembers)?;
    let members = shop::accounts::list_members(&state.shop).await?;
    Ok(Json(Members { items: members.into_iter().map(Member::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMember {
    email: String,
    /// owner, admin, support or analyst; owners are made by owners alone, and a key makes nobody who may do more than itself.
    role: String,
}

#[derive(Serialize, ToSchema)]
pub struct InvitedMember {
    id: String,
}

fn role(word: &str) -> Result<Role, ApiError> {
    Ok(word.parse::<Role>().map_err(|_| shop::Error::refused("role_unknown", "A role is owner, admin, support or analyst.").at("role"))?)
}

#[utoipa::path(
    post, path = "/members", operation_id = "invite_member", tag = "members",
    params(("Idempotency-Key" = Option<String>, Header, description = "One key is one invitation, however often it is sent")),
    request_body = InviteMember,
    security(("api_key" = [])),
    responses((status = 201, description = "Invited by mail", body = InvitedMember)),
)]
pub async fn invite(
    State(state): State<AppState>,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<InviteMember>,
) -> Result<(StatusCode, Json<InvitedMember>), ApiError> {
    holder.check(Permission::ManageMembers)?;
    let role = role(&body.role)?;
    let once = key.of(("invitation", &body.email, role));
    let id = shop::accounts::invite(&state.shop, &(&holder).into(), holder.rights(), &body.email, role, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(InvitedMember { id: id.to_string() })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeMember {
    role: String,
}

#[utoipa::path(
    patch, path = "/members/{id}", operation_id = "update_member", tag = "members",
    params(("id" = String, Path)),
    request_body = ChangeMember,
    security(("api_key" = [])),
    responses((status = 204, description = "The role counts from now on"), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    PathName(id): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeMember>,
) -> Result<StatusCode, ApiError> {
    holder.check(Permission::ManageMembers)?;
    shop::accounts::change_role(&state.shop, &(&holder).into(), holder.rights(), &id, role(&body.role)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    delete, path = "/members/{id}", operation_id = "delete_member", tag = "members",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "Removed; sessions have ended and API keys no longer work"), (status = 409)),
)]
pub async fn delete(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::ManageMembers)?;
    shop::accounts::remove(&state.shop, &(&holder).into(), holder.rights(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
