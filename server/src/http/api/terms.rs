//! License terms in the store's own words. Orders keep the words that they were made under.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::member::Permission;
use domain::terms::{LicenseTerms, TermsWords};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::audit::Actor;
use shop::catalog::TermsChange;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct TermsList {
    items: Vec<TermsItem>,
}

#[derive(Serialize, ToSchema)]
pub struct TermsItem {
    /// `personal`, `commercial` or `extended`.
    kind: String,
    label: String,
    summary: String,
    /// All of it as plain text; empty where the summary is all.
    body: String,
    /// Counts the texts that the store has written; a change may name it.
    revision: i64,
}

impl From<(TermsWords, i64)> for TermsItem {
    fn from((words, revision): (TermsWords, i64)) -> Self {
        Self { kind: words.terms.as_str().to_owned(), label: words.label, summary: words.summary, body: words.body, revision }
    }
}

#[utoipa::path(
    get, path = "/license-terms", operation_id = "list_license_terms", tag = "terms",
    security(("api_key" = [])),
    responses((status = 200, description = "The words of each kind", body = TermsList)),
)]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<TermsList>, ApiError> {
    holder.check(Permission::SeeProducts)?;
    Ok(Json(TermsList { items: shop::catalog::terms_revisions(&state.shop).await?.into_iter().map(TermsItem::from).collect() }))
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteTerms {
    label: Option<String>,
    summary: Option<String>,
    body: Option<String>,
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    revision: Option<i64>,
}

#[utoipa::path(
    patch, path = "/license-terms/{id}", operation_id = "write_license_terms", tag = "terms",
    params(("id" = String, Path, description = "personal, commercial or extended")),
    request_body = WriteTerms,
    security(("api_key" = [])),
    responses((status = 200, description = "The words from now on", body = TermsItem), (status = 409)),
)]
pub async fn write(
    State(state): State<AppState>,
    PathName(kind): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<WriteTerms>,
) -> Result<Json<TermsItem>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let kind = kind.parse::<LicenseTerms>().ok().ok_or(shop::Error::NotFound)?;
    let change = TermsChange { revision: body.revision, label: body.label, summary: body.summary, body: body.body };
    shop::catalog::write_terms(&state.shop, &Actor::from(&holder), kind, change).await?;
    let all = shop::catalog::terms_revisions(&state.shop).await?;
    Ok(Json(all.into_iter().find(|(words, _)| words.terms == kind).ok_or(shop::Error::NotFound)?.into()))
}
