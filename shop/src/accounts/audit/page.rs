//! The audit log as its page shows it.

use super::{AuditEntry, AuditQuery, list};
use crate::{Result, Shop};
use domain::pages::dashboard::{AuditList, AuditRow};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A page of the log, newest first.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn page(shop: &Shop, query: &AuditQuery) -> Result<AuditList> {
    let found = list(shop, query).await?;
    Ok(AuditList { entries: found.items.into_iter().map(row).collect(), next_cursor: found.next_cursor })
}

fn row(entry: AuditEntry) -> AuditRow {
    let fields = |json: Option<String>| json.and_then(|json| serde_json::from_str::<Map<String, Value>>(&json).ok()).unwrap_or_default();
    let (before, after) = (fields(entry.before_json), fields(entry.after_json));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changes = names.into_iter().map(|name| (name.clone(), before.get(name).and_then(text), after.get(name).and_then(text)));
    AuditRow {
        changes: changes.collect(),
        actor: entry.actor,
        act: entry.act,
        object_kind: entry.object_kind,
        object_name: entry.object_name,
        created_at: entry.created_at,
    }
}

/// A value as a person reads it; nothing where there is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
