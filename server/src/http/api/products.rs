//! Products: read by anybody, made with an API key.

use super::body::{JsonBody, PathName, creator};
use super::error::ApiError;
use crate::router::AppState;
use axum::Json;
use axum::extract::{Multipart, Query, State};
use axum::http::{HeaderMap, StatusCode};
use domain::catalog::{Kind, LicenseTerms, ProductCard, ProductDetail, ProductQuery, ProductStatus};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use shop::catalog::{FileRole, NewFile, NewLicense, NewProduct, NewVariant, PAGE_SIZE};
use utoipa::ToSchema;

/// A larger file comes in resumable parts.
pub const MAX_UPLOAD_BYTES: usize = 64 * 1024 * 1024;

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

#[utoipa::path(get, path = "/api/v1/products", operation_id = "list_products", params(("q" = Option<String>, Query), ("category" = Option<String>, Query), ("tag" = Option<String>, Query), ("sort" = Option<String>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = ProductList)))]
pub async fn list(State(state): State<AppState>, Query(query): Query<ListQuery>) -> Result<Json<ProductList>, ApiError> {
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

#[utoipa::path(get, path = "/api/v1/products/{slug}", operation_id = "get_product", params(("slug" = String, Path)), responses((status = 200, body = ProductView), (status = 404)))]
pub async fn show(State(state): State<AppState>, PathName(slug): PathName) -> Result<Json<ProductView>, ApiError> {
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

#[utoipa::path(post, path = "/api/v1/products", operation_id = "create_product", request_body = CreateProduct, security(("api_key" = [])), responses((status = 201, body = CreatedProduct), (status = 400), (status = 401), (status = 409), (status = 422)))]
pub async fn create(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<CreateProduct>,
) -> Result<(StatusCode, Json<CreatedProduct>), ApiError> {
    creator(&state, &headers).await?;
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
                license: variant.license.map(|license| NewLicense {
                    activation_limit: license.activation_limit,
                    expires_after_days: license.expires_after_days,
                }),
            })
            .collect(),
    };
    let made = shop::catalog::create_product(&state.shop, new).await?;
    let variants = made.variants.into_iter().map(|(id, key)| CreatedVariant { id: id.to_string(), key }).collect();
    Ok((StatusCode::CREATED, Json(CreatedProduct { id: made.id.to_string(), slug: made.slug, variants })))
}

#[derive(Serialize, ToSchema)]
pub struct UploadedFile {
    id: String,
    name: String,
    size_bytes: i64,
    sha256: String,
}

#[utoipa::path(post, path = "/api/v1/products/{slug}/files", operation_id = "upload_file", params(("slug" = String, Path)), request_body(content_type = "multipart/form-data", description = "The fields `variant` and `kind` (good or preview) first, then `file`."), security(("api_key" = [])), responses((status = 201, body = UploadedFile), (status = 400), (status = 401), (status = 404), (status = 422)))]
pub async fn upload(
    State(state): State<AppState>,
    PathName(slug): PathName,
    headers: HeaderMap,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<(StatusCode, Json<UploadedFile>), ApiError> {
    creator(&state, &headers).await?;
    let mut multipart = multipart.map_err(|_| ApiError::malformed("Send multipart/form-data with a field named file."))?;
    let (mut variants, mut role) = (Vec::new(), FileRole::Good);
    let mut held: Option<(String, Vec<u8>)> = None;
    let malformed = |_| ApiError::malformed("The form could not be read.");
    // The file may come before the fields that say what it is for; a small one is held until then.
    while let Some(field) = multipart.next_field().await.map_err(malformed)? {
        match field.name().unwrap_or_default() {
            "variant" => variants.push(field.text().await.map_err(malformed)?),
            "kind" => {
                role = match field.text().await.map_err(malformed)?.as_str() {
                    "good" => FileRole::Good,
                    "preview" => FileRole::Sample,
                    _ => return Err(shop::Error::refused("kind_invalid", "The kind is good or preview.").into()),
                }
            }
            "file" => {
                let name = field.file_name().unwrap_or("file").to_owned();
                let mut content = Vec::new();
                let mut field = field;
                while let Some(chunk) = field.next().await {
                    content.extend_from_slice(&chunk.map_err(malformed)?);
                }
                held = Some((name, content));
            }
            _ => {}
        }
    }
    let (name, content) = held.ok_or_else(|| ApiError::malformed("The field named file is missing."))?;
    let head = content[..content.len().min(64)].to_vec();
    let file = shop::catalog::add_file(
        &state.shop,
        &slug,
        &variants,
        NewFile { role, name: &name, title: &name, head: &head, body: shop::files::stream_of(content) },
    )
    .await?;
    Ok((
        StatusCode::CREATED,
        Json(UploadedFile { id: file.id.to_string(), name: file.name, size_bytes: file.size_bytes, sha256: file.sha256 }),
    ))
}
