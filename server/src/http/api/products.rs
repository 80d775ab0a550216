//! Products: read by anybody, made with an API key.

use super::body::{ApiQuery, Creator, JsonBody, PathName, creator};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::product_bodies::{ChangeProduct, CreateProduct, ProductView};
use super::product_lists::{ProductItem, ProductList};
use crate::http::client::ClientIp;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::draft::ProductDraft;
use domain::member::Permission;
use domain::pages::goods::GoodsQuery;
use domain::{catalog::ProductStatus, pages::storefront::ProductQuery};
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::catalog::{CategoryPlace, PAGE_SIZE};
use utoipa::ToSchema;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    category: String,
    tag: String,
    sort: String,
    status: Option<String>,
    cursor: String,
}

#[utoipa::path(
    get, path = "/products", operation_id = "list_products", tag = "products",
    params(
        ("q" = Option<String>, Query),
        ("category" = Option<String>, Query),
        ("tag" = Option<String>, Query),
        (
            "sort" = Option<String>, Query,
            description = "relevance (the default: of a search those first whose title has each word whole, then the newest), newest, \
                popular, price or price_desc",
        ),
        (
            "status" = Option<String>, Query,
            description = "For creators: any, draft, published, unlisted, scheduled or archived; those that were made last first",
        ),
        ("cursor" = Option<String>, Query),
    ),
    security((), ("api_key" = [])),
    responses(
        (status = 200, description = "A page of published products, or of a creator's", body = ProductList),
        (status = 308, description = "The category has another slug now"),
        (status = 429),
    ),
)]
pub async fn list(
    State(state): State<AppState>,
    client: ClientIp,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Response, ApiError> {
    if let Some(status) = query.status {
        creator(&state, &headers, Permission::SeeProducts).await?;
        let is_known = ["any", "scheduled"].contains(&status.as_str()) || status.parse::<ProductStatus>().is_ok();
        if !is_known {
            return Err(shop::Error::refused("status_invalid", "The status is any, draft, published, unlisted, scheduled or archived.")
                .at("status")
                .into());
        }
        let page =
            shop::catalog::list_goods(&state.shop, &GoodsQuery { q: query.q, status, cursor: query.cursor, ..GoodsQuery::default() })
                .await?;
        let items = page.products.into_iter().map(ProductItem::from).collect();
        return Ok(Json(ProductList { items, next_cursor: page.next_cursor }).into_response());
    }
    if !query.q.is_empty() {
        state.limits.searches.check(client).map_err(ApiError::too_many)?;
    }
    if let CategoryPlace::MovedTo(category) = shop::catalog::place_of_category(&state.shop, &query.category).await? {
        let pairs = [("q", &query.q), ("category", &category), ("tag", &query.tag), ("sort", &query.sort), ("cursor", &query.cursor)];
        let url = app::layout::with_query("/api/v1/products", &pairs.map(|(name, value)| (name, value.as_str())));
        return Ok(Redirect::permanent(&url).into_response());
    }
    let query = ProductQuery {
        q: query.q,
        category: query.category,
        tag: query.tag,
        sort: domain::catalog::Sort::from_word(&query.sort),
        page: query.cursor,
    };
    let page = shop::catalog::list(&state.shop, &query, PAGE_SIZE).await?;
    let items = page.items.into_iter().map(ProductItem::from).collect();
    Ok(Json(ProductList { items, next_cursor: page.next_cursor }).into_response())
}

#[utoipa::path(
    get, path = "/products/{slug}", operation_id = "get_product", tag = "products",
    params(("slug" = String, Path)),
    security((), ("api_key" = [])),
    responses(
        (status = 200, description = "The product; with an API key drafts and archived ones too", body = ProductView),
        (status = 308, description = "The product has another slug now"),
    ),
)]
pub async fn show(State(state): State<AppState>, PathName(slug): PathName, headers: HeaderMap) -> Result<Response, ApiError> {
    let shop = &state.shop;
    let is_creator = headers.contains_key(header::AUTHORIZATION);
    let found = if is_creator {
        creator(&state, &headers, Permission::SeeProducts).await?;
        shop::catalog::find_any_product(shop, &slug).await?.map(ProductView::for_creator)
    } else {
        shop::catalog::find_product(shop, &slug).await?.map(ProductView::from)
    };
    if let Some(product) = found {
        return Ok(Json(product).into_response());
    }
    let moved =
        if is_creator { shop::catalog::moved_to_for_member(shop, &slug).await? } else { shop::catalog::moved_to(shop, &slug).await? };
    let slug = moved.ok_or(shop::Error::NotFound)?;
    Ok(Redirect::permanent(&format!("/api/v1/products/{slug}")).into_response())
}

#[derive(Serialize, ToSchema)]
pub struct CreatedProduct {
    id: String,
    slug: String,
    variants: Vec<CreatedVariant>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedVariant {
    id: String,
    key: String,
}

#[utoipa::path(
    post, path = "/products", operation_id = "create_product", tag = "products",
    params(("Idempotency-Key" = Option<String>, Header, description = "One key makes one product, however often it is sent")),
    request_body = CreateProduct,
    security(("api_key" = [])),
    responses((status = 201, description = "The product as it was made", body = CreatedProduct)),
)]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<CreateProduct>,
) -> Result<(StatusCode, Json<CreatedProduct>), ApiError> {
    holder.check(Permission::EditProducts)?;
    let draft = body.read()?;
    let once = key.of(("product", &draft));
    let made = shop::catalog::create_product(&state.shop, &Actor::from(&holder), draft, once.as_ref()).await?;
    let variants = made.variants.into_iter().map(|(id, key)| CreatedVariant { id: id.to_string(), key }).collect();
    Ok((StatusCode::CREATED, Json(CreatedProduct { id: made.id.to_string(), slug: made.slug, variants })))
}

#[utoipa::path(
    patch, path = "/products/{slug}", operation_id = "update_product", tag = "products",
    params(("slug" = String, Path)),
    request_body = ChangeProduct,
    security(("api_key" = [])),
    responses((status = 200, description = "The product as it is now", body = ProductView), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeProduct>,
) -> Result<Json<ProductView>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let change = |draft: &mut ProductDraft| body.clone().apply(draft);
    let slug = shop::catalog::update_product(&state.shop, &Actor::from(&holder), &slug, body.version, change).await?;
    let product = shop::catalog::find_any_product(&state.shop, &slug).await?.ok_or(shop::Error::NotFound)?;
    Ok(Json(ProductView::for_creator(product)))
}

#[utoipa::path(
    delete, path = "/products/{slug}", operation_id = "delete_product", tag = "products",
    params(("slug" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "Gone from the shop; orders keep what they bought"), (status = 409)),
)]
pub async fn delete(State(state): State<AppState>, PathName(slug): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditProducts)?;
    shop::catalog::delete_product(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a product is found.
#[derive(Serialize, ToSchema)]
pub struct ProductName {
    slug: String,
}

#[utoipa::path(
    post, path = "/products/{slug}/duplicate", operation_id = "duplicate_product", tag = "products",
    params(
        ("slug" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key makes one copy, however often it is sent"),
    ),
    security(("api_key" = [])),
    responses((status = 201, description = "A draft with the same words, variants and files", body = ProductName)),
)]
pub async fn duplicate(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    key: IdempotencyKey,
) -> Result<(StatusCode, Json<ProductName>), ApiError> {
    holder.check(Permission::EditProducts)?;
    let once = key.of(("duplicate", &slug));
    let slug = shop::catalog::duplicate_product(&state.shop, &Actor::from(&holder), &slug, once.as_ref()).await?;
    Ok((StatusCode::CREATED, Json(ProductName { slug })))
}

#[utoipa::path(
    post, path = "/products/{slug}/restore", operation_id = "restore_product", tag = "products",
    params(("slug" = String, Path, description = "The slug that the deleted product had, or its id")),
    security(("api_key" = [])),
    responses((status = 200, description = "Back as it was; under another slug where its own was taken", body = ProductName)),
)]
pub async fn restore(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
) -> Result<Json<ProductName>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let slug = shop::catalog::restore_product(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok(Json(ProductName { slug }))
}
