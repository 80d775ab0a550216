//! License terms in the store's own words. Orders keep the words that they were made under.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use crate::router::AppState;
use axum::Json;
use axum::extract::State;
use domain::member::Permission;
use domain::terms::{LicenseTerms, TermsWords};
use serde::{Deserialize, Serialize};
use shop::audit::Actor;
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
}

impl From<TermsWords> for TermsItem {
    fn from(words: TermsWords) -> Self {
        Self { kind: words.terms.as_str().to_owned(), label: words.label, summary: words.summary, body: words.body }
    }
}

#[utoipa::path(get, path = "/api/v1/license-terms", operation_id = "list_license_terms", security(("api_key" = [])), responses((status = 200, description = "The words of each kind", body = TermsList), (status = 401), (status = 403)))]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<TermsList>, ApiError> {
    holder.check(Permission::SeeProducts)?;
    Ok(Json(TermsList { items: shop::catalog::terms(&state.shop).await?.into_iter().map(TermsItem::from).collect() }))
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteTerms {
    label: Option<String>,
    summary: Option<String>,
    body: Option<String>,
}

#[utoipa::path(patch, path = "/api/v1/license-terms/{id}", operation_id = "write_license_terms", params(("id" = String, Path, description = "personal, commercial or extended")), request_body = WriteTerms, security(("api_key" = [])), responses((status = 200, description = "The words from now on", body = TermsItem), (status = 400), (status = 401), (status = 403), (status = 404)))]
pub async fn write(
    State(state): State<AppState>,
    PathName(kind): PathName,
    Creator(holder): Creator,
    JsonBody(body): JsonBody<WriteTerms>,
) -> Result<Json<TermsItem>, ApiError> {
    holder.check(Permission::EditProducts)?;
    let kind = LicenseTerms::parse(&kind).ok_or(shop::Error::NotFound)?;
    let find = async || -> Result<TermsWords, ApiError> {
        let all = shop::catalog::terms(&state.shop).await?;
        Ok(all.into_iter().find(|words| words.terms == kind).ok_or(shop::Error::NotFound)?)
    };
    let known = find().await?;
    let new = TermsWords {
        terms: kind,
        label: body.label.unwrap_or(known.label),
        summary: body.summary.unwrap_or(known.summary),
        body: body.body.unwrap_or(known.body),
    };
    shop::catalog::write_terms(&state.shop, &Actor::from(&holder), new).await?;
    Ok(Json(find().await?.into()))
}
