//! Products: read by anybody, made with an API key.

use super::body::{ApiQuery, Creator, JsonBody, PathName, creator};
use super::error::ApiError;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::catalog::{Kind, LicenseTerms, ProductCard, ProductDetail, ProductQuery, ProductStatus};
use domain::member::Permission;
use serde::{Deserialize, Serialize};
use shop::catalog::{NewLicense, NewProduct, NewVariant, PAGE_SIZE, ProductChange, VariantChange};
use utoipa::ToSchema;

#[derive(Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    category: String,
    tag: String,
    sort: String,
    cursor: String,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self { q: String::new(), category: String::new(), tag: String::new(), sort: "newest".to_owned(), cursor: String::new() }
    }
}

/// A page of published products.
#[derive(Serialize, ToSchema)]
pub struct ProductList {
    items: Vec<ProductItem>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProductItem {
    slug: String,
    title: String,
    promise: String,
    kind: String,
    category: Option<String>,
    cover_url: Option<String>,
    /// Minor units of the cheapest variant.
    amount_from: i64,
    currency: String,
}

impl From<ProductCard> for ProductItem {
    fn from(card: ProductCard) -> Self {
        Self {
            slug: card.slug,
            title: card.title,
            promise: card.promise,
            kind: card.kind.as_str().to_owned(),
            category: card.category,
            cover_url: card.cover.map(|cover| cover.url),
            amount_from: card.price_from.amount,
            currency: card.price_from.currency.code().to_owned(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ProductView {
    slug: String,
    title: String,
    promise: String,
    description: String,
    /// `draft`, `published` or `archived`.
    status: String,
    kind: String,
    edition: Option<String>,
    requirements: Option<String>,
    version: Option<String>,
    tags: Vec<String>,
    variants: Vec<VariantView>,
}

#[derive(Serialize, ToSchema)]
pub struct VariantView {
    key: String,
    name: String,
    summary: String,
    /// Minor units.
    amount: i64,
    currency: String,
    terms: String,
    files: Vec<FileView>,
}

#[derive(Serialize, ToSchema)]
pub struct FileView {
    name: String,
    media_type: String,
    size_bytes: i64,
}

impl From<ProductDetail> for ProductView {
    fn from(product: ProductDetail) -> Self {
        Self {
            kind: product.kind.as_str().to_owned(),
            status: product.status.as_str().to_owned(),
            slug: product.slug,
            title: product.title,
            promise: product.promise,
            description: product.description,
            edition: product.edition,
            requirements: product.requirements,
            version: product.version,
            tags: product.tags.into_iter().map(|(slug, _)| slug).collect(),
            variants: product
                .variants
                .into_iter()
                .map(|offer| VariantView {
                    key: offer.key,
                    name: offer.name,
                    summary: offer.summary,
                    amount: offer.price.amount,
                    currency: offer.price.currency.code().to_owned(),
                    terms: offer.terms.as_str().to_owned(),
                    files: offer
                        .files
                        .into_iter()
                        .map(|file| FileView { name: file.name, media_type: file.media_type, size_bytes: file.size_bytes })
                        .collect(),
                })
                .collect(),
        }
    }
}

#[utoipa::path(get, path = "/api/v1/products", operation_id = "list_products", params(("q" = Option<String>, Query), ("category" = Option<String>, Query), ("tag" = Option<String>, Query), ("sort" = Option<String>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "A page of published products", body = ProductList), (status = 422)))]
pub async fn list(State(state): State<AppState>, ApiQuery(query): ApiQuery<ListQuery>) -> Result<Json<ProductList>, ApiError> {
    let query = ProductQuery {
        q: query.q,
        category: query.category,
        tag: query.tag,
        sort: domain::catalog::Sort::from_word(&query.sort),
        page: query.cursor,
    };
    let page = shop::catalog::list(&state.shop, &query, PAGE_SIZE).await?;
    Ok(Json(ProductList { items: page.items.into_iter().map(ProductItem::from).collect(), next_cursor: page.next_cursor }))
}

#[utoipa::path(get, path = "/api/v1/products/{slug}", operation_id = "get_product", params(("slug" = String, Path)), security((), ("api_key" = [])), responses((status = 200, description = "The product; with an API key drafts and archived ones too", body = ProductView), (status = 401), (status = 403), (status = 404)))]
pub async fn show(State(state): State<AppState>, PathName(slug): PathName, headers: HeaderMap) -> Result<Json<ProductView>, ApiError> {
    let product = if headers.contains_key(header::AUTHORIZATION) {
        creator(&state, &headers, Permission::SeeProducts).await?;
        shop::catalog::find_any_product(&state.shop, &slug).await?
    } else {
        shop::catalog::find_product(&state.shop, &slug).await?
    };
    Ok(Json(product.ok_or(shop::Error::NotFound)?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    title: String,
    slug: Option<String>,
    #[serde(default)]
    promise: String,
    #[serde(default)]
    description: String,
    kind: Option<String>,
    sku: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    /// `draft` or `published`.
    status: Option<String>,
    variants: Vec<CreateVariant>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVariant {
    key: String,
    name: String,
    #[serde(default)]
    summary: String,
    terms: Option<String>,
    /// Minor units.
    amount: i64,
    currency: String,
    download_limit: Option<i64>,
    license: Option<CreateLicense>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLicense {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
}

impl From<CreateLicense> for NewLicense {
    fn from(license: CreateLicense) -> Self {
        Self { activation_limit: license.activation_limit, expires_after_days: license.expires_after_days }
    }
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

#[utoipa::path(post, path = "/api/v1/products", operation_id = "create_product", request_body = CreateProduct, security(("api_key" = [])), responses((status = 201, description = "The product as it was made", body = CreatedProduct), (status = 400), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<CreateProduct>,
) -> Result<(StatusCode, Json<CreatedProduct>), ApiError> {
    holder.check(Permission::EditProducts)?;
    let status = match body.status.as_deref() {
        None | Some("draft") => ProductStatus::Draft,
        Some("published") => ProductStatus::Published,
        Some(_) => return Err(shop::Error::refused("status_invalid", "The status is draft or published.").into()),
    };
    let new = NewProduct {
        title: body.title,
        slug: body.slug,
        sku: body.sku,
        kind: Kind::from_word(body.kind.as_deref().unwrap_or("other")),
        promise: body.promise,
        description: body.description,
        edition: body.edition,
        requirements: body.requirements,
        category_id: None,
        status,
        variants: body
            .variants
            .into_iter()
            .map(|variant| NewVariant {
                key: variant.key,
                name: variant.name,
                summary: variant.summary,
                terms: LicenseTerms::from_word(variant.terms.as_deref().unwrap_or("personal")),
                amount: variant.amount,
                currency: variant.currency,
                download_limit: variant.download_limit,
                license: variant.license.map(NewLicense::from),
            })
            .collect(),
    };
    let made = shop::catalog::create_product(&state.shop, new).await?;
    let variants = made.variants.into_iter().map(|(id, key)| CreatedVariant { id: id.to_string(), key }).collect();
    Ok((StatusCode::CREATED, Json(CreatedProduct { id: made.id.to_string(), slug: made.slug, variants })))
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProduct {
    title: Option<String>,
    slug: Option<String>,
    promise: Option<String>,
    description: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    sku: Option<String>,
    /// `draft`, `published` or `archived`.
    status: Option<String>,
    /// By their keys: known ones change, new ones are added, others stay.
    #[serde(default)]
    variants: Vec<ChangeVariant>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeVariant {
    key: String,
    name: Option<String>,
    summary: Option<String>,
    terms: Option<String>,
    /// Minor units.
    amount: Option<i64>,
    currency: Option<String>,
    download_limit: Option<i64>,
    license: Option<CreateLicense>,
}

#[utoipa::path(patch, path = "/api/v1/products/{slug}", operation_id = "update_product", params(("slug" = String, Path)), request_body = ChangeProduct, security(("api_key" = [])), responses((status = 200, description = "The product as it is now", body = ProductView), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub async fn update(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<ChangeProduct>,
) -> Result<Json<ProductView>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let status = body.status.as_deref().map(|word| {
        ProductStatus::parse(word).ok_or_else(|| shop::Error::refused("status_invalid", "The status is draft, published or archived."))
    });
    let change = ProductChange {
        title: body.title,
        slug: body.slug,
        promise: body.promise,
        description: body.description,
        edition: body.edition,
        requirements: body.requirements,
        sku: body.sku,
        status: status.transpose()?,
        variants: body
            .variants
            .into_iter()
            .map(|variant| VariantChange {
                key: variant.key,
                name: variant.name,
                summary: variant.summary,
                terms: variant.terms.as_deref().map(LicenseTerms::from_word),
                amount: variant.amount,
                currency: variant.currency,
                download_limit: variant.download_limit,
                license: variant.license.map(NewLicense::from),
            })
            .collect(),
    };
    let slug = shop::catalog::update_product(&state.shop, &slug, change).await?;
    let product = shop::catalog::find_any_product(&state.shop, &slug).await?.ok_or(shop::Error::NotFound)?;
    Ok(Json(product.into()))
}

#[utoipa::path(delete, path = "/api/v1/products/{slug}", operation_id = "delete_product", params(("slug" = String, Path)), security(("api_key" = [])), responses((status = 204, description = "Gone from the shop; orders keep what they bought"), (status = 401), (status = 403), (status = 404)))]
pub async fn delete(State(state): State<AppState>, PathName(slug): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::EditProducts)?;
    shop::catalog::delete_product(&state.shop, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}
