//! Products: read by anybody, made with an API key.

use super::body::{ApiQuery, Creator, JsonBody, PathName, creator};
use super::error::ApiError;
use super::instant::rfc3339;
use super::nullable::nullable;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use domain::catalog::{Kind, LicenseTerms, ProductCard, ProductDetail, ProductQuery, ProductStatus};
use domain::dashboard::ProductRow;
use domain::goods::GoodsQuery;
use domain::member::Permission;
use serde::{Deserialize, Serialize};
use shop::audit::Actor;
use shop::catalog::{NewLicense, NewProduct, NewVariant, PAGE_SIZE, ProductChange, VariantChange};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Deserialize)]
#[serde(default)]
pub struct ListQuery {
    q: String,
    category: String,
    tag: String,
    sort: String,
    status: Option<String>,
    cursor: String,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            q: String::new(),
            category: String::new(),
            tag: String::new(),
            sort: "newest".to_owned(),
            status: None,
            cursor: String::new(),
        }
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
    /// In a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// When it appears, where that is still to come; in a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    appears_at: Option<String>,
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
            status: None,
            appears_at: None,
        }
    }
}

impl From<ProductRow> for ProductItem {
    fn from(row: ProductRow) -> Self {
        Self {
            slug: row.slug,
            title: row.title,
            promise: row.promise,
            kind: row.kind.as_str().to_owned(),
            category: None,
            cover_url: None,
            amount_from: row.price_from.amount,
            currency: row.price_from.currency.code().to_owned(),
            status: Some(row.status.as_str().to_owned()),
            appears_at: row.appears_at.map(rfc3339),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ProductView {
    slug: String,
    title: String,
    promise: String,
    description: String,
    /// `draft`, `published`, `unlisted` or `archived`.
    status: String,
    /// When it went on sale, or will.
    published_at: Option<String>,
    /// Counts the changes of its words and tiers; a change may name the one that it was made from.
    revision: i64,
    kind: String,
    edition: Option<String>,
    requirements: Option<String>,
    version: Option<String>,
    /// The slug of its category.
    category: Option<String>,
    tags: Vec<String>,
    seo_title: String,
    seo_description: String,
    variants: Vec<VariantView>,
    /// For creators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    /// For creators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, ToSchema)]
pub struct VariantView {
    key: String,
    name: String,
    summary: String,
    /// Minor units.
    amount: i64,
    currency: String,
    /// What it cost before.
    compare_at: Option<i64>,
    terms: String,
    attributes: Vec<Attribute>,
    download_limit: Option<i64>,
    license: Option<LicenseView>,
    files: Vec<FileView>,
}

/// What sets a variant apart, such as resolution or format.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    name: String,
    value: String,
}

#[derive(Serialize, ToSchema)]
pub struct LicenseView {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
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
            published_at: product.published_at.map(rfc3339),
            revision: product.revision,
            category: product.category_path.into_iter().next_back().map(|(slug, _)| slug),
            seo_title: product.seo_title,
            seo_description: product.seo_description,
            sku: None,
            metadata: None,
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
                    compare_at: offer.compare_at,
                    terms: offer.terms.as_str().to_owned(),
                    attributes: offer.attributes.into_iter().map(|(name, value)| Attribute { name, value }).collect(),
                    download_limit: offer.download_limit,
                    license: offer
                        .has_license
                        .then_some(LicenseView { activation_limit: offer.activation_limit, expires_after_days: offer.expires_after_days }),
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

impl ProductView {
    /// With what the seller keeps to himself.
    fn for_creator(product: ProductDetail) -> Self {
        let (sku, metadata) = (product.sku.clone(), product.metadata.iter().cloned().collect());
        Self { sku, metadata: Some(metadata), ..product.into() }
    }
}

#[utoipa::path(get, path = "/api/v1/products", operation_id = "list_products", params(("q" = Option<String>, Query), ("category" = Option<String>, Query), ("tag" = Option<String>, Query), ("sort" = Option<String>, Query), ("status" = Option<String>, Query, description = "For creators: any, draft, published, unlisted, scheduled or archived; those that were made last first"), ("cursor" = Option<String>, Query)), security((), ("api_key" = [])), responses((status = 200, description = "A page of published products, or of a creator's", body = ProductList), (status = 400), (status = 401), (status = 403), (status = 422)))]
pub async fn list(
    State(state): State<AppState>,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<ProductList>, ApiError> {
    if let Some(status) = query.status {
        creator(&state, &headers, Permission::SeeProducts).await?;
        let is_known = ["any", "scheduled"].contains(&status.as_str()) || ProductStatus::parse(&status).is_some();
        if !is_known {
            return Err(
                shop::Error::refused("status_invalid", "The status is any, draft, published, unlisted, scheduled or archived.").into()
            );
        }
        let page = shop::catalog::list_goods(&state.shop, &GoodsQuery { q: query.q, status, cursor: query.cursor }).await?;
        return Ok(Json(ProductList { items: page.products.into_iter().map(ProductItem::from).collect(), next_cursor: page.next_cursor }));
    }
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
    if headers.contains_key(header::AUTHORIZATION) {
        creator(&state, &headers, Permission::SeeProducts).await?;
        let product = shop::catalog::find_any_product(&state.shop, &slug).await?.ok_or(shop::Error::NotFound)?;
        return Ok(Json(ProductView::for_creator(product)));
    }
    let product = shop::catalog::find_product(&state.shop, &slug).await?.ok_or(shop::Error::NotFound)?;
    Ok(Json(product.into()))
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
    /// The slug of a category.
    category: Option<String>,
    /// Names; those that are new are made.
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    seo_title: String,
    #[serde(default)]
    seo_description: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// `draft`, `published` or `unlisted`.
    status: Option<String>,
    /// When it goes on sale; at once when absent.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    published_at: Option<OffsetDateTime>,
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
    /// What it cost before.
    compare_at: Option<i64>,
    #[serde(default)]
    attributes: Vec<Attribute>,
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
        Some("unlisted") => ProductStatus::Unlisted,
        Some(_) => return Err(shop::Error::refused("status_invalid", "The status is draft, published or unlisted.").into()),
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
        category_id: shop::catalog::category_id(&state.shop, body.category.as_deref().unwrap_or_default()).await?,
        tags: body.tags,
        seo_title: body.seo_title,
        seo_description: body.seo_description,
        metadata: body.metadata.into_iter().collect(),
        status,
        published_at: body.published_at.map(millis),
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
                compare_at: variant.compare_at,
                attributes: pairs(variant.attributes),
                download_limit: variant.download_limit,
                license: variant.license.map(NewLicense::from),
            })
            .collect(),
    };
    let made = shop::catalog::create_product(&state.shop, &Actor::from(&holder), new).await?;
    let variants = made.variants.into_iter().map(|(id, key)| CreatedVariant { id: id.to_string(), key }).collect();
    Ok((StatusCode::CREATED, Json(CreatedProduct { id: made.id.to_string(), slug: made.slug, variants })))
}

fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect()
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProduct {
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    #[serde(alias = "revision")]
    version: Option<i64>,
    title: Option<String>,
    slug: Option<String>,
    promise: Option<String>,
    description: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    sku: Option<String>,
    kind: Option<String>,
    /// The slug of a category; empty for none.
    category: Option<String>,
    /// All of them by name; those that are new are made.
    tags: Option<Vec<String>>,
    seo_title: Option<String>,
    seo_description: Option<String>,
    /// All of it.
    metadata: Option<BTreeMap<String, String>>,
    /// `draft`, `published`, `unlisted` or `archived`.
    status: Option<String>,
    /// When it goes on sale; `null` for at once.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, format = DateTime)]
    published_at: Option<Option<Instant>>,
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
    /// What it cost before; `null` for nothing.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    compare_at: Option<Option<i64>>,
    attributes: Option<Vec<Attribute>>,
    /// `null` for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>)]
    download_limit: Option<Option<i64>>,
    /// `null` for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<CreateLicense>)]
    license: Option<Option<CreateLicense>>,
    /// `active`, or `archived`: not sold any more, and kept for its orders.
    status: Option<String>,
    /// Its place among the variants.
    position: Option<i64>,
}

/// An instant as RFC 3339 writes it.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Instant(#[serde(with = "time::serde::rfc3339")] OffsetDateTime);

impl ChangeVariant {
    fn read(self) -> shop::Result<VariantChange> {
        let is_archived = match self.status.as_deref() {
            None => None,
            Some("active") => Some(false),
            Some("archived") => Some(true),
            Some(_) => return Err(shop::Error::refused("status_invalid", "The status of a variant is active or archived.")),
        };
        Ok(VariantChange {
            key: self.key,
            name: self.name,
            summary: self.summary,
            terms: self.terms.as_deref().map(LicenseTerms::from_word),
            amount: self.amount,
            currency: self.currency,
            compare_at: self.compare_at,
            attributes: self.attributes.map(pairs),
            download_limit: self.download_limit,
            license: self.license.map(|license| license.map(NewLicense::from)),
            is_archived,
            position: self.position,
        })
    }
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
        ProductStatus::parse(word)
            .ok_or_else(|| shop::Error::refused("status_invalid", "The status is draft, published, unlisted or archived."))
    });
    let mut variants = Vec::with_capacity(body.variants.len());
    for variant in body.variants {
        variants.push(variant.read()?);
    }
    let change = ProductChange {
        revision: body.version,
        title: body.title,
        slug: body.slug,
        promise: body.promise,
        description: body.description,
        edition: body.edition,
        requirements: body.requirements,
        sku: body.sku,
        kind: body.kind.as_deref().map(Kind::from_word),
        category: body.category,
        tags: body.tags,
        seo_title: body.seo_title,
        seo_description: body.seo_description,
        metadata: body.metadata.map(|metadata| metadata.into_iter().collect()),
        status: status.transpose()?,
        published_at: body.published_at.map(|at| at.map(|Instant(at)| millis(at))),
        variants,
        has_no_other_variants: false,
    };
    let slug = shop::catalog::update_product(&state.shop, &Actor::from(&holder), &slug, change).await?;
    let product = shop::catalog::find_any_product(&state.shop, &slug).await?.ok_or(shop::Error::NotFound)?;
    Ok(Json(ProductView::for_creator(product)))
}

#[utoipa::path(delete, path = "/api/v1/products/{slug}", operation_id = "delete_product", params(("slug" = String, Path)), security(("api_key" = [])), responses((status = 204, description = "Gone from the shop; orders keep what they bought"), (status = 401), (status = 403), (status = 404)))]
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

#[utoipa::path(post, path = "/api/v1/products/{slug}/duplicate", operation_id = "duplicate_product", params(("slug" = String, Path)), security(("api_key" = [])), responses((status = 201, description = "A draft with the same words, variants and files", body = ProductName), (status = 401), (status = 403), (status = 404)))]
pub async fn duplicate(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
) -> Result<(StatusCode, Json<ProductName>), ApiError> {
    holder.check(Permission::EditProducts)?;
    let slug = shop::catalog::duplicate_product(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok((StatusCode::CREATED, Json(ProductName { slug })))
}

#[utoipa::path(post, path = "/api/v1/products/{slug}/restore", operation_id = "restore_product", params(("slug" = String, Path, description = "The slug that the deleted product had, or its id")), security(("api_key" = [])), responses((status = 200, description = "Back as it was; under another slug where its own was taken", body = ProductName), (status = 401), (status = 403), (status = 404)))]
pub async fn restore(
    State(state): State<AppState>,
    PathName(slug): PathName,
    Creator(holder): Creator,
) -> Result<Json<ProductName>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let slug = shop::catalog::restore_product(&state.shop, &Actor::from(&holder), &slug).await?;
    Ok(Json(ProductName { slug }))
}
