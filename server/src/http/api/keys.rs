//! API keys, made and revoked with an API key.

use super::body::{Creator, JsonBody, PathName};
use super::error::ApiError;
use super::idempotency::IdempotencyKey;
use super::instant::rfc3339;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::member::{KeyRow, Permission};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::accounts::NewKey;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct ApiKeys {
    items: Vec<ApiKey>,
}

#[derive(Serialize, ToSchema)]
pub struct ApiKey {
    id: String,
    name: String,
    /// Whose it is.
    email: String,
    /// What it may do, such as `see_orders`; null: all that the member's role allows.
    scopes: Option<Vec<String>>,
    /// RFC 3339, UTC.
    created_at: String,
    last_used_at: Option<String>,
}

impl From<KeyRow> for ApiKey {
    fn from(key: KeyRow) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            email: key.email,
            scopes: key.scopes.map(|scopes| scopes.into_iter().map(|scope| scope.as_str().to_owned()).collect()),
            created_at: rfc3339(key.created_at),
            last_used_at: key.last_used_at.map(rfc3339),
        }
    }
}

#[utoipa::path(
    get, path = "/api-keys", operation_id = "list_api_keys", tag = "keys",
    security(("api_key" = [])),
    responses((status = 200, description = "The keys that open something, newest first", body = ApiKeys)),
)]
pub async fn list(State(state): State<AppState>, Creator(holder): Creator) -> Result<Json<ApiKeys>, ApiError> {
    holder.check(Permission::ManageKeys)?;
    let keys = shop::accounts::list_keys(&state.shop).await?;
    Ok(Json(ApiKeys { items: keys.into_iter().map(ApiKey::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// What it is for.
    name: String,
    /// What it may do; null: all that the role allows. A key makes no key that may do more than itself.
    scopes: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
pub struct CreatedApiKey {
    id: String,
    /// Told this once.
    key: String,
}

#[utoipa::path(
    post, path = "/api-keys", operation_id = "create_api_key", tag = "keys",
    params(
        (
            "Idempotency-Key" = Option<String>, Header,
            description = "One key of this kind makes one API key, however often it is sent; the API key itself is told once (409 \
                `key_told` after that)",
        ),
    ),
    request_body = CreateApiKey,
    security(("api_key" = [])),
    responses((status = 201, description = "The key, told this once", body = CreatedApiKey)),
)]
pub async fn create(
    State(state): State<AppState>,
    Creator(holder): Creator,
    key: IdempotencyKey,
    JsonBody(body): JsonBody<CreateApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), ApiError> {
    holder.check(Permission::ManageKeys)?;
    let scopes = body.scopes.map(|words| words.iter().map(|word| word.parse::<Permission>().ok()).collect::<Option<Vec<_>>>());
    let scopes = match scopes {
        Some(None) => {
            let known: Vec<&str> = Permission::words();
            return Err(shop::Error::refused("scopes_unknown", format!("A scope is one of {}.", known.join(", "))).at("scopes").into());
        }
        Some(Some(scopes)) => Some(scopes),
        // What is not said is what the asking key has.
        None => holder.scopes.clone(),
    };
    for scope in scopes.iter().flatten() {
        holder.check(*scope)?;
    }
    let member = holder.member();
    let new = NewKey { name: body.name, scopes };
    let once = key.of(("api_key", member.id, &new));
    let id = shop::accounts::create_key(&state.shop, &member, new, once.as_ref()).await?;
    let key = shop::accounts::take_key(&state.shop, &member, &id.to_string()).await?.ok_or_else(|| {
        let text =
            format!("The API key {id} was made and told when this was sent before. If that answer was lost, revoke it and make another.");
        shop::Error::conflict("key_told", text)
    })?;
    Ok((StatusCode::CREATED, Json(CreatedApiKey { id: id.to_string(), key })))
}

#[utoipa::path(
    delete, path = "/api-keys/{id}", operation_id = "revoke_api_key", tag = "keys",
    params(("id" = String, Path)),
    security(("api_key" = [])),
    responses((status = 204, description = "Worthless from now on")),
)]
pub async fn revoke(State(state): State<AppState>, PathName(id): PathName, Creator(holder): Creator) -> Result<StatusCode, ApiError> {
    holder.check(Permission::ManageKeys)?;
    shop::accounts::revoke_key(&state.shop, &(&holder).into(), &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
