//! The audit log: who did what to which object, with before and after. It is only ever added to.

use crate::accounts::KeyHolder;
use crate::database::{execute, statement};
use crate::{Error, Result, Shop, world};
use domain::fold::fold;
use domain::id::Id;
use domain::member::MemberView;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;

/// Who does something: a member in the dashboard or with a key, or the shop's own command line.
#[derive(Clone, Debug)]
pub struct Actor {
    pub member_id: Option<Id>,
    /// As the log names them, also when they are gone.
    pub name: String,
}

impl Actor {
    /// Whoever has a shell on the shop's machine.
    pub fn operator() -> Self {
        Self { member_id: None, name: "the command line".to_owned() }
    }
}

impl From<&MemberView> for Actor {
    fn from(member: &MemberView) -> Self {
        Self { member_id: Some(member.id), name: member.email.clone() }
    }
}

impl From<&KeyHolder> for Actor {
    fn from(holder: &KeyHolder) -> Self {
        Self { member_id: Some(holder.member_id), name: format!("{} (API key)", holder.email) }
    }
}

/// What was done to what.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    /// A verb in the past, such as `updated`.
    pub act: &'static str,
    /// A noun, such as `product`.
    pub kind: &'static str,
    pub id: Option<Id>,
    /// As people name it: a slug, an order's number. Never a secret.
    pub name: &'a str,
}

/// Adds a line to the log, in the transaction of the deed. What did not change is left out of before and after: of two objects
/// only the fields that differ are kept.
pub(crate) async fn record<T: Serialize>(
    tx: &impl ConnectionTrait,
    shop: &Shop,
    by: &Actor,
    deed: Deed<'_>,
    before: Option<&T>,
    after: Option<&T>,
) -> Result<()> {
    let json = |value: Option<&T>| value.map(serde_json::to_value).transpose().map_err(anyhow::Error::from);
    let (mut before, mut after) = (json(before)?, json(after)?);
    if let (Some(serde_json::Value::Object(before)), Some(serde_json::Value::Object(after))) = (&mut before, &mut after) {
        let same: Vec<String> = before.iter().filter(|(key, value)| after.get(*key) == Some(value)).map(|(key, _)| key.clone()).collect();
        for key in same {
            before.remove(&key);
            after.remove(&key);
        }
    }
    let sql = "INSERT INTO audit_entries (id, store_id, member_id, actor, act, object_kind, object_id, object_name, before_json, after_json, request_id, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        by.member_id.into(),
        by.name.clone().into(),
        deed.act.into(),
        deed.kind.into(),
        deed.id.into(),
        deed.name.chars().take(200).collect::<String>().into(),
        before.map(|json| json.to_string()).into(),
        after.map(|json| json.to_string()).into(),
        world::request_id().into(),
        shop.clock.now_ms().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// As [`record`], for deeds of which there is nothing to compare.
pub(crate) async fn note(tx: &impl ConnectionTrait, shop: &Shop, by: &Actor, deed: Deed<'_>) -> Result<()> {
    record::<()>(tx, shop, by, deed, None, None).await
}

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// The beginning of the actor's name.
    pub actor: Option<String>,
    pub kind: Option<String>,
    /// The beginning of the object's name.
    pub object: Option<String>,
    /// From [`AuditPage::next_cursor`].
    pub cursor: Option<String>,
}

/// A page of the log, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    pub items: Vec<AuditEntry>,
    pub next_cursor: Option<String>,
}

#[derive(Clone, Debug, FromQueryResult)]
pub struct AuditEntry {
    pub id: Id,
    pub actor: String,
    pub act: String,
    pub object_kind: String,
    pub object_name: String,
    /// JSON; nothing where there was nothing before.
    pub before_json: Option<String>,
    pub after_json: Option<String>,
    pub request_id: Option<String>,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

const PAGE: usize = 50;
/// So many entries are read at a time where a name is looked for.
const LOOKED_THROUGH: usize = 2_000;

/// The log, newest first, paged by key.
///
/// # Errors
/// Refuses a cursor that is none.
pub async fn list(shop: &Shop, query: &AuditQuery) -> Result<AuditPage> {
    let mut conditions = vec!["store_id = $1".to_owned()];
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    if let Some(kind) = query.kind.as_deref().filter(|kind| !kind.is_empty()) {
        values.push(kind.into());
        conditions.push(format!("object_kind = ${}", values.len()));
    }
    if let Some(cursor) = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        let id = Uuid::try_parse(cursor).map_err(|_| Error::refused("cursor_invalid", "This cursor is not one that a list returned."))?;
        values.push(id.into());
        conditions.push(format!("id < ${}", values.len()));
    }
    let wanted = |text: &Option<String>| text.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty());
    let (actor, object) = (wanted(&query.actor), wanted(&query.object));
    if actor.is_some() || object.is_some() {
        let ids = named(shop, actor.as_deref().unwrap_or_default(), object.as_deref().unwrap_or_default(), &conditions, &values).await?;
        if ids.is_empty() {
            return Ok(AuditPage { items: Vec::new(), next_cursor: None });
        }
        let places: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
        conditions = vec![format!("id IN ({})", places.join(", "))];
        values = ids.into_iter().map(Into::into).collect();
    }
    let sql = format!(
        "SELECT id, actor, act, object_kind, object_name, before_json, after_json, request_id, created_at FROM audit_entries WHERE {} ORDER BY id DESC LIMIT {}",
        conditions.join(" AND "),
        PAGE + 1
    );
    let mut items = AuditEntry::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let has_more = items.len() > PAGE;
    items.truncate(PAGE);
    let next_cursor = items.last().filter(|_| has_more).map(|entry| entry.id.simple().to_string());
    Ok(AuditPage { items, next_cursor })
}

/// Entries of actors and about objects whose names begin so, without case and accents, which SQLite's own comparisons know of ASCII
/// alone. As many as a page has, and one.
async fn named(shop: &Shop, actor: &str, object: &str, conditions: &[String], values: &[Value]) -> Result<Vec<Id>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Id,
        actor: String,
        object_name: String,
    }
    let (mut found, mut last) = (Vec::new(), None::<Id>);
    loop {
        let (mut conditions, mut values) = (conditions.to_vec(), values.to_vec());
        if let Some(last) = last {
            values.push(last.into());
            conditions.push(format!("id < ${}", values.len()));
        }
        let sql = format!(
            "SELECT id, actor, object_name FROM audit_entries WHERE {} ORDER BY id DESC LIMIT {LOOKED_THROUGH}",
            conditions.join(" AND ")
        );
        let rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
        let is_named = |row: &&Row| fold(&row.actor).starts_with(actor) && fold(&row.object_name).starts_with(object);
        found.extend(rows.iter().filter(is_named).map(|row| row.id));
        last = rows.last().map(|row| row.id);
        if rows.len() < LOOKED_THROUGH || found.len() > PAGE {
            found.truncate(PAGE + 1);
            return Ok(found);
        }
    }
}

/// The kinds of objects that something was done to.
pub async fn kinds(shop: &Shop) -> Result<Vec<String>> {
    // From one kind to the next by the index, as a DISTINCT would read the whole log.
    let sql = "SELECT MIN(object_kind) AS kind FROM audit_entries WHERE store_id = $1 AND object_kind > $2";
    let (mut kinds, mut last) = (Vec::new(), String::new());
    loop {
        let values = [shop.settings.store_id.into(), last.clone().into()];
        let row = shop.db.query_one_raw(statement(&shop.db, sql, values)).await?;
        match row.map(|row| row.try_get::<Option<String>>("", "kind")).transpose()?.flatten() {
            Some(kind) => kinds.push(kind.clone()),
            None => return Ok(kinds),
        }
        last = kinds.last().cloned().unwrap_or_default();
    }
}
