//! The tree of categories: read by anybody, changed with an API key.

use super::body::{Creator, JsonBody, PathName, creator};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::member::Permission;
use domain::pages::goods::CategoryRow;
use domain::pages::storefront::CategoryNode;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::catalog::{CategoryChange, NewCategory};
use utoipa::ToSchema;

/// Every category, from the top of the tree down.
#[derive(Serialize, ToSchema)]
pub struct CategoryList {
    items: Vec<CategoryItem>,
}

#[derive(Serialize, ToSchema)]
pub struct CategoryItem {
    slug: String,
    name: String,
    /// The slug of the one above.
    parent: Option<String>,
    is_active: bool,
    /// Counts the changes of name, slug and parent; a change may name it. Only with an API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i64>,
}

impl From<CategoryRow> for CategoryItem {
    fn from(row: CategoryRow) -> Self {
        Self { slug: row.slug, name: row.name, parent: row.parent, is_active: row.is_active, revision: Some(row.revision) }
    }
}

fn flat(nodes: Vec<CategoryNode>, parent: Option<&str>, items: &mut Vec<CategoryItem>) {
    for node in nodes {
        items.push(CategoryItem {
            slug: node.slug.clone(),
            name: node.name,
            parent: parent.map(str::to_owned),
            is_active: true,
            revision: None,
        });
        flat(node.children, Some(&node.slug), items);
    }
}

#[utoipa::path(
    get, path = "/categories", operation_id = "list_categories", tag = "categories",
    security((), ("api_key" = [])),
    responses((status = 200, description = "The categories; with an API key hidden ones too", body = CategoryList)),
)]
pub async fn list(State(state): State<AppState>, headers: HeaderMap) -> Result<Json<CategoryList>, ApiError> {
    let mut items = Vec::new();
    if headers.contains_key(header::AUTHORIZATION) {
        creator(&state, &headers, Permission::SeeProducts).await?;
        items.extend(shop::catalog::all_categories(&state.shop).await?.into_iter().map(CategoryItem::from));
    } else {
        flat(shop::catalog::categories(&state.shop).await?, None, &mut items);
    }
    Ok(Json(CategoryList { items }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCategory {
    name: String,
    /// Made from the name when absent.
    slug: Option<String>,
    /// The slug of the one above; absent for the top.
    parent: Option<String>,
}

#[utoipa::path(
    post, path = "/categories", operation_id = "create_category", tag = "categories",
    params(("Idempotency-Key" = Option<String>, Header, description = "One key makes one category, however often it is sent")),
    request_body = CreateCategory,
    security(("api_key" = [])),
    responses((status = 201, description = "The category as it was made", body = CategoryItem)),
)]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<CreateCategory>,
) -> Result<(StatusCode, Json<CategoryItem>), ApiError> {
    holder.check(Permission::EditProducts)?;
    let new = NewCategory { name: body.name, slug: body.slug, parent: body.parent.unwrap_or_default() };
    let once = key.of(("category", &new));
    let slug = shop::catalog::create_category(&state.shop, &Actor::from(&holder), new, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(item(&state, &slug).await?)))
}

async fn item(state: &AppState, slug: &str) -> Result<CategoryItem, ApiError> {
    let rows = shop::catalog::all_categories(&state.shop).await?;
    Ok(rows.into_iter().find(|row| row.slug == slug).ok_or(shop::Error::NotFound)?.into())
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCategory {
    name: Option<String>,
    slug: Option<String>,
    /// The slug of the one above; empty for the top.
    parent: Option<String>,
    is_active: Option<bool>,
    /// Its place among its siblings, from 0.
    position: Option<i64>,
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    revision: Option<i64>,
}

#[utoipa::path(
    patch, path = "/categories/{slug}", operation_id = "update_category", tag = "categories",
    params(("slug" = String, Path)),
    request_body = ChangeCategory,
    security(("api_key" = [])),
    responses((status = 200, description = "The category as it is now", body = CategoryItem), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeCategory>,
) -> Result<Json<CategoryItem>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let change = CategoryChange {
        revision: body.revision,
        name: body.name,
        slug: body.slug,
        parent: body.parent,
        is_active: body.is_active,
        position: body.position,
    };
    let slug = shop::catalog::update_category(&state.shop, &Actor::from(&holder), &slug, change).await?;
    Ok(Json(item(&state, &slug).await?))
}

#[utoipa::path(
    delete, path = "/categories/{slug}", operation_id = "delete_category", tag = "categories",
    params(("slug" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "It was empty, and is gone"), (status = 409)),
)]
pub async fn delete(State(state): State<AppState>, PathName(slug): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditProducts)?;
    shop::catalog::delete_category(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
