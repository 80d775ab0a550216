//! Tags, for creators: listed, renamed, merged, taken away. Products make them.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::Permission;
use domain::pages::goods::TagRow;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct TagList {
    items: Vec<TagItem>,
}

#[derive(Serialize, ToSchema)]
pub struct TagItem {
    slug: String,
    name: String,
    /// Products that have it, whatever their status.
    n_products: i64,
}

impl From<TagRow> for TagItem {
    fn from(row: TagRow) -> Self {
        Self { slug: row.slug, name: row.name, n_products: row.n_products }
    }
}

#[utoipa::path(
    get, path = "/tags", operation_id = "list_tags", tag = "tags",
    security(("api_key" = [])),
    responses((status = 200, description = "Every tag", body = TagList)),
)]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<TagList>, ApiError> {
    holder.check(Permission::SeeProducts)?;
    Ok(Json(TagList { items: shop::catalog::tags(&state.shop).await?.into_iter().map(TagItem::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameTag {
    name: String,
    /// Made from the name when absent.
    slug: Option<String>,
}

#[utoipa::path(
    patch, path = "/tags/{slug}", operation_id = "rename_tag", tag = "tags",
    params(("slug" = String, Path)),
    request_body = RenameTag,
    security(("api_key" = [])),
    responses((status = 200, description = "The tag as it is now", body = TagItem), (status = 409)),
)]
pub async fn rename(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<RenameTag>,
) -> Result<Json<TagItem>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let slug = shop::catalog::rename_tag(&state.shop, &Actor::from(&holder), &slug, &body.name, body.slug.as_deref()).await?;
    let rows = shop::catalog::tags(&state.shop).await?;
    Ok(Json(rows.into_iter().find(|row| row.slug == slug).ok_or(shop::Error::NotFound)?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeTag {
    /// The slug of the tag that stays.
    into: String,
}

#[utoipa::path(
    post, path = "/tags/{slug}/merge", operation_id = "merge_tag", tag = "tags",
    params(("slug" = String, Path)),
    request_body = MergeTag,
    security(("api_key" = [])),
    responses((status = 204, description = "Its products have the other tag now")),
)]
pub async fn merge(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<MergeTag>,
) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditProducts)?;
    shop::catalog::merge_tag(&state.shop, &Actor::from(&holder), &slug, &body.into).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    delete, path = "/tags/{slug}", operation_id = "delete_tag", tag = "tags",
    params(("slug" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "No product has it any more")),
)]
pub async fn delete(State(state): State<AppState>, PathName(slug): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditProducts)?;
    shop::catalog::delete_tag(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
