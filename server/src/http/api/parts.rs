//! Files of any size in parts, for software and for the dashboard.

use super::body::{JsonBody, PathName, ProductEditor};
use super::error::ApiError;
use super::instant::rfc3339;
use crate::state::AppState;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use domain::word::Word;
use domain::{
    files::{FileRole, UploadState},
    pages::files::{FileView, UploadView},
};
use serde::{Deserialize, Serialize};
use shop::files::uploads::{self, NewUpload, PART_BYTES};
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

/// A part comes within this, or its sender begins it again.
const PART_TIME: Duration = Duration::from_secs(15 * 60);

/// The routes, below whatever they are nested in.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(begin))
        .routes(routes!(show, cancel))
        .routes(routes!(put).layer(DefaultBodyLimit::disable()))
        .routes(routes!(finish))
}

/// A file that is about to be sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginUpload {
    /// The product's slug.
    product: String,
    /// `good`, `sample`, `gallery` or `cover`; `good` when absent.
    role: Option<String>,
    name: String,
    size_bytes: i64,
    /// Words beside the file; of a picture, for who cannot see it.
    #[serde(default)]
    title: String,
    /// Of the whole, hexadecimal; what comes is held against it.
    sha256: Option<String>,
    /// Keys of the tiers that a good is for; all when absent.
    #[serde(default)]
    variants: Vec<String>,
    /// The release in preparation that a good is for; what customers have when absent.
    release: Option<String>,
    /// The file of that release that it takes the place of.
    replaces: Option<String>,
    /// With the same name, size and place, the same mark finds an upload that broke off.
    mark: Option<String>,
}

/// An upload in parts.
#[derive(Serialize, ToSchema)]
pub struct Upload {
    id: String,
    name: String,
    role: String,
    /// open, finishing, done or refused.
    state: String,
    size_bytes: i64,
    /// The length of every part but the last.
    part_bytes: i64,
    n_parts: i64,
    received_bytes: i64,
    /// Those that are there.
    parts: Vec<Part>,
    file: Option<UploadedGood>,
    /// Why it was refused.
    refusal: Option<RefusalFacts>,
    /// RFC 3339, UTC.
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct Part {
    /// From 1.
    number: i64,
    sha256: String,
}

#[derive(Serialize, ToSchema)]
pub struct UploadedGood {
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    /// What is odd about it, in words.
    pub warning: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RefusalFacts {
    code: String,
    message: String,
}

impl From<FileView> for UploadedGood {
    fn from(file: FileView) -> Self {
        Self {
            id: file.id,
            name: file.name,
            media_type: file.media_type,
            size_bytes: file.size_bytes,
            sha256: file.sha256,
            warning: file.warning,
        }
    }
}

impl From<UploadView> for Upload {
    fn from(upload: UploadView) -> Self {
        Self {
            n_parts: upload.n_parts(),
            id: upload.id,
            name: upload.name,
            role: upload.role.as_str().to_owned(),
            state: upload.state.as_str().to_owned(),
            size_bytes: upload.size_bytes,
            part_bytes: upload.part_bytes,
            received_bytes: upload.received_bytes,
            parts: upload.parts.into_iter().map(|part| Part { number: part.number, sha256: part.sha256 }).collect(),
            file: upload.file.map(UploadedGood::from),
            refusal: upload.refusal.map(|refusal| RefusalFacts { code: refusal.code, message: refusal.message }),
            created_at: rfc3339(upload.created_at),
        }
    }
}

#[utoipa::path(
    post, path = "/uploads", operation_id = "begin_upload", tag = "parts",
    request_body = BeginUpload,
    security(("api_key" = [])),
    responses(
        (status = 201, description = "The upload, with the parts that are there already", body = Upload),
        (status = 404), (status = 409), (status = 503), (status = 507),
    ),
)]
pub async fn begin(
    State(state): State<AppState>,
    _: ProductEditor,
    JsonBody(body): JsonBody<BeginUpload>,
) -> Result<(StatusCode, Json<Upload>), ApiError> {
    let role = body.role.as_deref().unwrap_or("good").parse::<FileRole>().ok();
    let new = NewUpload {
        product: body.product,
        role: role.ok_or_else(|| shop::Error::refused("role_invalid", "The role is good, sample, gallery or cover.").at("role"))?,
        name: body.name,
        title: body.title,
        size_bytes: body.size_bytes,
        sha256: body.sha256,
        variants: body.variants,
        release: body.release,
        replaces: body.replaces,
        mark: body.mark,
    };
    let upload = uploads::begin(&state.shop, new).await?;
    Ok((StatusCode::CREATED, Json(upload.into())))
}

#[utoipa::path(
    get, path = "/uploads/{id}", operation_id = "show_upload", tag = "parts",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "How the upload stands, and which parts are there", body = Upload)),
)]
pub async fn show(State(state): State<AppState>, PathName(id): PathName, _: ProductEditor) -> Result<Json<Upload>, ApiError> {
    Ok(Json(uploads::find(&state.shop, &id).await?.into()))
}

#[utoipa::path(
    delete, path = "/uploads/{id}", operation_id = "cancel_upload", tag = "parts",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "It is given up, and its parts are gone"), (status = 409)),
)]
pub async fn cancel(State(state): State<AppState>, PathName(id): PathName, _: ProductEditor) -> Result<StatusCode, ApiError> {
    uploads::cancel(&state.shop, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[utoipa::path(
    put, path = "/uploads/{id}/parts/{number}", operation_id = "put_part", tag = "parts",
    params(
        ("id" = String, Path),
        ("number" = i64, Path, description = "From 1"),
        ("content-digest" = String, Header, description = "The part's SHA-256 as RFC 9530 writes it: sha-256=:base64:"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("api_key" = [])),
    responses((status = 204, description = "The part is kept"), (status = 408), (status = 409), (status = 503), (status = 507)),
)]
pub async fn put(
    State(state): State<AppState>,
    path: Result<Path<(String, i64)>, axum::extract::rejection::PathRejection>,
    _: ProductEditor,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let Ok(Path((id, number))) = path else { return Err(shop::Error::NotFound.into()) };
    let hash =
        digest(&headers).ok_or_else(|| ApiError::malformed("Send Content-Digest: sha-256=:…: with the SHA-256 of the part in base64."))?;
    let bytes = match tokio::time::timeout(PART_TIME, to_bytes(body, PART_BYTES.unsigned_abs() as usize)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) if is_too_long(&headers) => {
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "A part has at most part_bytes bytes."));
        }
        Ok(Err(_)) => return Err(ApiError::malformed("The part broke off or is too long. Send it again.")),
        Err(_) => return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The part came too slowly. Send it again.")),
    };
    uploads::put_part(&state.shop, &id, number, &hash, bytes).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_too_long(headers: &HeaderMap) -> bool {
    let length = headers.get("content-length").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<i64>().ok());
    length.is_some_and(|length| length > PART_BYTES)
}

/// The SHA-256 that the header names, in hexadecimal. RFC 9530 §2.
fn digest(headers: &HeaderMap) -> Option<String> {
    let header = headers.get("content-digest")?.to_str().ok()?;
    let mut digests = header.split(',').map(str::trim);
    let base64 = digests.find_map(|digest| digest.strip_prefix("sha-256=:")?.strip_suffix(':'))?;
    let hash = data_encoding::BASE64.decode(base64.as_bytes()).ok().filter(|hash| hash.len() == 32)?;
    Some(data_encoding::HEXLOWER.encode(&hash))
}

/// What the whole is to be.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishUpload {
    /// Of the whole, hexadecimal.
    sha256: Option<String>,
}

#[utoipa::path(
    post, path = "/uploads/{id}/finish", operation_id = "finish_upload", tag = "parts",
    params(("id" = String, Path)),
    request_body = FinishUpload,
    security(("api_key" = [])),
    responses(
        (status = 200, description = "There is a file; to ask again is the same", body = Upload),
        (status = 202, description = "It takes longer; ask again", body = Upload),
        (status = 409), (status = 503), (status = 507),
    ),
)]
pub async fn finish(
    State(state): State<AppState>,
    PathName(id): PathName,
    ProductEditor(by): ProductEditor,
    JsonBody(body): JsonBody<FinishUpload>,
) -> Result<(StatusCode, Json<Upload>), ApiError> {
    let upload = uploads::finish(&state.shop, &by, &id, body.sha256.as_deref()).await?;
    let status = if upload.state == UploadState::Done { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(upload.into())))
}
