//! What somebody typed into a form that was refused, kept for a while so that the form comes back as it was, without a script.
//!
//! A member's form is kept for a day. Anybody may send an open form, so these are small, few of each client, and few in all.

mod sql;

use crate::base::database::{begin_write, is_sqlite};
use crate::base::entities::draft;
use crate::base::texts::{Act, FreeText};
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use domain::pages::form::{Filled, FormRefusal};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest form, as JSON.
const MAX_BYTES: usize = 512 * 1024;
const KEEP_MS: i64 = 24 * 60 * 60 * 1000;
/// The same of open forms.
const MAX_OPEN_BYTES: usize = 4 * 1024;
const KEEP_OPEN_MS: i64 = 60 * 60 * 1000;
/// The most open forms that are kept of one client; below, of all clients. The oldest go.
const MAX_OF_CLIENT: u64 = 10;
const MAX_OPEN: u64 = 1_000;

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] =
    &[FreeText { table: "drafts", column: "body", act: Act::Delete }, FreeText { table: "drafts", column: "message", act: Act::Delete }];

/// Keeps a member's form, with why it was refused where it was. Its name goes into the page's address and opens nothing for anybody else.
///
/// `form` says which form it is, so that no other reads it.
///
/// # Errors
/// Refuses forms that are too large to be kept.
pub async fn keep<T: Serialize>(shop: &Shop, member_id: Id, form: &str, typed: &T, refusal: Option<&FormRefusal>) -> Result<String> {
    let body = serde_json::to_string(typed).map_err(anyhow::Error::from)?;
    if body.len() > MAX_BYTES {
        return Err(Error::refused("too_large", "This form is too large."));
    }
    let id = world::new_id();
    let row = draft::ActiveModel { member_id: Set(Some(member_id)), ..row(shop, id, form, body, refusal) };
    draft::Entity::insert(row).exec_without_returning(&shop.db).await?;
    Ok(id.simple().to_string())
}

/// As [`keep`], for an open form that came from this network; its name is the only way to it. Nothing is kept of a large one.
pub async fn keep_open<T: Serialize>(shop: &Shop, network: &str, form: &str, typed: &T, refusal: &FormRefusal) -> Result<Option<String>> {
    let body = serde_json::to_string(typed).map_err(anyhow::Error::from)?;
    if body.len() > MAX_OPEN_BYTES {
        return Ok(None);
    }
    let client = shop.settings.secret_key.derive("open drafts", network.as_bytes())[..16].to_vec();
    let tx = begin_write(&shop.db).await?;
    // One after another, or of those who come at once none would see the others' drafts.
    if !is_sqlite(&tx) {
        tx.execute_unprepared(sql::LOCK_OPEN).await?;
    }
    let id = world::new_id();
    let row = draft::ActiveModel { client: Set(Some(client.clone())), ..row(shop, id, form, body, Some(refusal)) };
    draft::Entity::insert(row).exec_without_returning(&tx).await?;
    drop_oldest(&tx, draft::Column::Client.eq(client), MAX_OF_CLIENT).await?;
    drop_oldest(&tx, draft::Column::MemberId.is_null(), MAX_OPEN).await?;
    tx.commit().await?;
    Ok(Some(id.simple().to_string()))
}

fn row(shop: &Shop, id: Id, form: &str, body: String, refusal: Option<&FormRefusal>) -> draft::ActiveModel {
    draft::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        member_id: Set(None),
        form: Set(form.to_owned()),
        body: Set(body),
        // A form that only changed has none of these.
        code: Set(refusal.map(|refusal| refusal.code.clone()).unwrap_or_default()),
        field: Set(refusal.and_then(|refusal| refusal.field.clone())),
        message: Set(refusal.map(|refusal| refusal.message.clone()).unwrap_or_default()),
        created_at: Set(shop.clock.now_ms()),
        client: Set(None),
    }
}

/// Keeps the newest of these drafts, at most this many.
async fn drop_oldest(tx: &DatabaseTransaction, which: SimpleExpr, n: u64) -> Result<()> {
    use draft::{Column, Entity};
    let beyond = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(which)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        // SQLite takes no OFFSET without a LIMIT.
        .limit(i64::MAX.unsigned_abs())
        .offset(n);
    Entity::delete_many().filter(Column::Id.in_subquery(beyond.into_query())).exec(tx).await?;
    Ok(())
}

/// What this member typed into this form; nothing where the name is not one of theirs, or the form has another shape by now.
pub async fn find<T: DeserializeOwned>(shop: &Shop, member_id: Option<Id>, form: &str, name: &str) -> Result<Option<Filled<T>>> {
    let Ok(id) = Uuid::try_parse(name) else { return Ok(None) };
    let is_theirs = match member_id {
        Some(member_id) => draft::Column::MemberId.eq(member_id),
        None => draft::Column::MemberId.is_null(),
    };
    let keep_ms = if member_id.is_some() { KEEP_MS } else { KEEP_OPEN_MS };
    let row = draft::Entity::find_by_id(id)
        .filter(draft::Column::StoreId.eq(shop.settings.store_id))
        .filter(draft::Column::Form.eq(form))
        .filter(draft::Column::CreatedAt.gt(shop.clock.now_ms() - keep_ms))
        .filter(is_theirs)
        .one(&shop.db)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let Ok(form) = serde_json::from_str(&row.body) else { return Ok(None) };
    let refusal = FormRefusal { code: row.code, field: row.field, message: row.message, also: Vec::new() };
    Ok(Some(Filled { form, refusal: Some(refusal).filter(|refusal| !refusal.message.is_empty()), saved: None }))
}

/// Throws away what nobody came back to.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let now = shop.clock.now_ms();
    let open = draft::Column::MemberId.is_null().and(draft::Column::CreatedAt.lte(now - KEEP_OPEN_MS));
    draft::Entity::delete_many().filter(draft::Column::CreatedAt.lte(now - KEEP_MS).or(open)).exec(&shop.db).await?;
    Ok(())
}
