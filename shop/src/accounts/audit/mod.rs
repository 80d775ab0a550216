//! The audit log: who did what to which object, with before and after. It is only ever added to.

mod page;

pub use page::page;

use crate::accounts::KeyHolder;
use crate::base::entities::audit_entry::{self, Column};
use crate::{Error, Result, Shop, base::world};
use domain::fold::fold;
use domain::id::Id;
use domain::member::MemberView;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
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
pub struct Action<'a> {
    /// A verb in the past, such as `updated`.
    pub act: &'static str,
    /// A noun, such as `product`.
    pub kind: &'static str,
    pub id: Option<Id>,
    /// As people name it: a slug, an order's number. Never a secret.
    pub name: &'a str,
}

/// Adds a line to the log, in the transaction of the action. What did not change is left out of before and after: of two objects
/// only the fields that differ are kept.
pub(crate) async fn record<T: Serialize>(
    tx: &impl ConnectionTrait,
    shop: &Shop,
    by: &Actor,
    action: Action<'_>,
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
    let row = audit_entry::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        member_id: Set(by.member_id),
        actor: Set(by.name.clone()),
        act: Set(action.act.to_owned()),
        object_kind: Set(action.kind.to_owned()),
        object_id: Set(action.id),
        object_name: Set(action.name.chars().take(200).collect()),
        before_json: Set(before.map(|json| json.to_string())),
        after_json: Set(after.map(|json| json.to_string())),
        request_id: Set(world::request_id()),
        created_at: Set(shop.clock.now_ms()),
    };
    audit_entry::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// As [`record`], for actions of which there is nothing to compare.
pub(crate) async fn note(tx: &impl ConnectionTrait, shop: &Shop, by: &Actor, action: Action<'_>) -> Result<()> {
    record::<()>(tx, shop, by, action, None, None).await
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

#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "audit_entry::Entity")]
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
/// How many entries are read at a time where a name is looked for.
const LOOKED_THROUGH: u64 = 2_000;

/// The log, newest first, paged by key.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list(shop: &Shop, query: &AuditQuery) -> Result<AuditPage> {
    let mut entries = audit_entry::Entity::find().filter(Column::StoreId.eq(shop.settings.store_id)).order_by_desc(Column::Id);
    if let Some(kind) = query.kind.as_deref().filter(|kind| !kind.is_empty()) {
        entries = entries.filter(Column::ObjectKind.eq(kind));
    }
    if let Some(cursor) = query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        let id = Uuid::try_parse(cursor)
            .map_err(|_| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))?;
        entries = entries.filter(Column::Id.lt(id));
    }
    let wanted = |text: &Option<String>| text.as_deref().map(|text| fold(text.trim())).filter(|text| !text.is_empty());
    let (actor, object) = (wanted(&query.actor), wanted(&query.object));
    if actor.is_some() || object.is_some() {
        let ids = named(shop, &entries, actor.as_deref().unwrap_or_default(), object.as_deref().unwrap_or_default()).await?;
        entries = audit_entry::Entity::find().filter(Column::Id.is_in(ids)).order_by_desc(Column::Id);
    }
    let mut items = entries.limit(PAGE as u64 + 1).into_partial_model::<AuditEntry>().all(&shop.db).await?;
    let has_more = items.len() > PAGE;
    items.truncate(PAGE);
    let next_cursor = items.last().filter(|_| has_more).map(|entry| entry.id.simple().to_string());
    Ok(AuditPage { items, next_cursor })
}

/// Entries of actors and about objects whose names begin so, without case and accents, which SQLite's own comparisons know of ASCII
/// alone. As many as a page has, and one.
async fn named(shop: &Shop, entries: &Select<audit_entry::Entity>, actor: &str, object: &str) -> Result<Vec<Id>> {
    let (mut found, mut last) = (Vec::new(), None::<Id>);
    loop {
        let mut next = entries.clone().select_only().columns([Column::Id, Column::Actor, Column::ObjectName]);
        if let Some(last) = last {
            next = next.filter(Column::Id.lt(last));
        }
        let rows: Vec<(Id, String, String)> = next.limit(LOOKED_THROUGH).into_tuple().all(&shop.db).await?;
        let is_named = |(_, by, of): &&(Id, String, String)| fold(by).starts_with(actor) && fold(of).starts_with(object);
        found.extend(rows.iter().filter(is_named).map(|(id, ..)| *id));
        last = rows.last().map(|(id, ..)| *id);
        if (rows.len() as u64) < LOOKED_THROUGH || found.len() > PAGE {
            found.truncate(PAGE + 1);
            return Ok(found);
        }
    }
}

/// The kinds of objects that something was done to.
pub async fn kinds(shop: &Shop) -> Result<Vec<String>> {
    // From one kind to the next by the index, as a DISTINCT would read the whole log.
    let (mut kinds, mut last) = (Vec::new(), String::new());
    loop {
        let next = audit_entry::Entity::find()
            .select_only()
            .column_as(Column::ObjectKind.min(), "kind")
            .filter(Column::StoreId.eq(shop.settings.store_id))
            .filter(Column::ObjectKind.gt(last));
        match next.into_tuple::<Option<String>>().one(&shop.db).await?.flatten() {
            Some(kind) => kinds.push(kind),
            None => return Ok(kinds),
        }
        last = kinds.last().cloned().unwrap_or_default();
    }
}
