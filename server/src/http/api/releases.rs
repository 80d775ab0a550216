//! Releases of a product's files, for creators.

use super::body::{Creator, JsonBody, PathName, ProductEditor};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::instant::rfc3339;
use super::parts::UploadedGood;
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::member::Permission;
use domain::pages::files::{GoodView, ReleaseView};
use serde::{Deserialize, Serialize};
use shop::catalog::releases::{self, NewRelease, ReleaseChange};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct Releases {
    items: Vec<Release>,
}

/// A version of a product's files.
#[derive(Serialize, ToSchema)]
pub struct Release {
    id: String,
    version: String,
    notes: String,
    /// draft or published.
    status: String,
    /// Whether customers have it now.
    is_newest: bool,
    /// RFC 3339, UTC: when it was published, or begun.
    created_at: String,
    /// Counts the changes of version and notes; a change may name it.
    revision: i64,
    files: Vec<ReleaseFile>,
}

#[derive(Serialize, ToSchema)]
pub struct ReleaseFile {
    #[serde(flatten)]
    file: UploadedGood,
    /// Keys of the tiers that it belongs to; none means all.
    variants: Vec<String>,
    /// Versions of other releases that have the same file.
    also_in: Vec<String>,
}

impl From<GoodView> for ReleaseFile {
    fn from(good: GoodView) -> Self {
        Self { file: good.file.into(), variants: good.tiers, also_in: good.also_in }
    }
}

impl From<ReleaseView> for Release {
    fn from(release: ReleaseView) -> Self {
        Self {
            id: release.id,
            version: release.version,
            notes: release.notes,
            status: if release.is_draft { "draft" } else { "published" }.to_owned(),
            is_newest: release.is_newest,
            created_at: rfc3339(release.created_at),
            revision: release.revision,
            files: release.goods.into_iter().map(ReleaseFile::from).collect(),
        }
    }
}

#[utoipa::path(
    get, path = "/products/{slug}/releases", operation_id = "list_releases", tag = "releases",
    params(("slug" = String, Path)),
    security(("api_key" = [])),
    responses((status = 200, description = "The one in preparation, then the latest first", body = Releases)),
)]
pub async fn list(State(state): State<AppState>, PathName(slug): PathName, Creator(holder): Creator) -> Result<Json<Releases>, ApiError> {
    holder.check(Permission::SeeProducts)?;
    Ok(Json(Releases { items: releases::list(&state.shop, &slug).await?.into_iter().map(Release::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRelease {
    version: String,
    /// What is new, for customers.
    #[serde(default)]
    notes: String,
    /// `draft`, so that files can be replaced before customers have it, or `published`; `published` when absent.
    status: Option<String>,
}

#[utoipa::path(
    post, path = "/products/{slug}/releases", operation_id = "create_release", tag = "releases",
    params(
        ("slug" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "One key makes one release, however often it is sent"),
    ),
    request_body = CreateRelease,
    security(("api_key" = [])),
    responses((status = 201, description = "The release, with the files of the one before", body = Release)),
)]
pub async fn create(
    State(state): State<AppState>,
    PathName(slug): PathName,
    ProductEditor(by): ProductEditor,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<CreateRelease>,
) -> Result<(StatusCode, Json<Release>), ApiError> {
    let is_draft = is_draft(body.status.as_deref())?.unwrap_or(false);
    let new = NewRelease { version: body.version, notes: body.notes, is_draft };
    let once = key.of(("release", &slug, &new));
    Ok((StatusCode::CREATED, Json(releases::create(&state.shop, &by, &slug, new, once.as_ref()).await?.into())))
}

fn is_draft(status: Option<&str>) -> shop::Result<Option<bool>> {
    match status {
        None => Ok(None),
        Some("draft") => Ok(Some(true)),
        Some("published") => Ok(Some(false)),
        Some(_) => Err(shop::Error::refused("status_invalid", "The status is draft or published.").at("status")),
    }
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRelease {
    version: Option<String>,
    notes: Option<String>,
    /// `published` gives it to customers.
    status: Option<String>,
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    revision: Option<i64>,
}

type ReleasePath = Result<Path<(String, String)>, PathRejection>;

#[utoipa::path(
    patch, path = "/products/{slug}/releases/{id}", operation_id = "update_release", tag = "releases",
    params(("slug" = String, Path), ("id" = String, Path)),
    request_body = ChangeRelease,
    security(("api_key" = [])),
    responses((status = 200, description = "The release as it is now", body = Release), (status = 409)),
)]
pub async fn update(
    State(state): State<AppState>,
    path: ReleasePath,
    ProductEditor(by): ProductEditor,
    JsonBody(body): JsonBody<ChangeRelease>,
) -> Result<Json<Release>, ApiError> {
    let Ok(Path((slug, id))) = path else { return Err(shop::Error::NotFound.into()) };
    let is_published = is_draft(body.status.as_deref())?.map(|is_draft| !is_draft);
    let change = ReleaseChange { revision: body.revision, version: body.version, notes: body.notes, is_published };
    Ok(Json(releases::update(&state.shop, &by, &slug, &id, change).await?.into()))
}

#[utoipa::path(
    delete, path = "/products/{slug}/releases/{id}", operation_id = "delete_release", tag = "releases",
    params(("slug" = String, Path), ("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "It is gone"), (status = 409)),
)]
pub async fn delete(State(state): State<AppState>, path: ReleasePath, ProductEditor(by): ProductEditor) -> Result<StatusCode, ApiError> {
    let Ok(Path((slug, id))) = path else { return Err(shop::Error::NotFound.into()) };
    releases::delete(&state.shop, &by, &slug, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
