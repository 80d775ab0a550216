//! The audit log, read with an API key.

use super::body::{ApiQuery, Creator};
use super::error::ApiError;
use super::instant::rfc3339;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::member::Permission;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shop::accounts::audit::{AuditEntry, AuditQuery};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// The beginning of the name of who did it.
    actor: Option<String>,
    /// The kind of object, such as `product`.
    kind: Option<String>,
    /// The beginning of the object's name.
    object: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditLog {
    items: Vec<Entry>,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Entry {
    id: String,
    actor: String,
    /// A verb in the past, such as `updated`.
    act: String,
    object_kind: String,
    object_name: String,
    /// The fields that differ, as they were and as they became.
    before: Option<Value>,
    after: Option<Value>,
    request_id: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        Self {
            id: entry.id.to_string(),
            actor: entry.actor,
            act: entry.act,
            object_kind: entry.object_kind,
            object_name: entry.object_name,
            before: json(entry.before_json),
            after: json(entry.after_json),
            request_id: entry.request_id,
            created_at: rfc3339(entry.created_at),
        }
    }
}

#[utoipa::path(
    get, path = "/audit", operation_id = "list_audit", tag = "audit",
    params(Filter),
    security(("api_key" = [])),
    responses((status = 200, description = "Who did what, newest first", body = AuditLog)),
)]
pub async fn list(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<Filter>,
) -> Result<Json<AuditLog>, ApiError> {
    holder.check(Permission::SeeAudit)?;
    let query = AuditQuery { actor: filter.actor, kind: filter.kind, object: filter.object, cursor: filter.cursor };
    let page = shop::accounts::audit::list(&state.shop, &query).await?;
    Ok(Json(AuditLog { items: page.items.into_iter().map(Entry::from).collect(), next_cursor: page.next_cursor }))
}
