//! What somebody typed into a form that was refused, kept for a while so that the form comes back as it was, without a script.
//!
//! A member's form is kept for a day. Anybody may send an open form, so these are small, few of each client, and few in all.

use crate::database::{begin_write, execute, is_sqlite, statement};
use crate::entities::draft;
use crate::{Error, Result, Shop, world};
use domain::form::{Filled, FormRefusal};
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, FromQueryResult};
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
    let row = row(shop, form, body, refusal);
    let row = draft::ActiveModel { member_id: Set(Some(member_id)), ..row }.insert(shop.db.writer()).await?;
    Ok(row.id.simple().to_string())
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
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7719520260102)").await?;
    }
    let row = draft::ActiveModel { client: Set(Some(client.clone())), ..row(shop, form, body, Some(refusal)) }.insert(&tx).await?;
    drop_oldest(&tx, "client = $1", Some(client), MAX_OF_CLIENT).await?;
    drop_oldest(&tx, "member_id IS NULL", None, MAX_OPEN).await?;
    tx.commit().await?;
    Ok(Some(row.id.simple().to_string()))
}

fn row(shop: &Shop, form: &str, body: String, refusal: Option<&FormRefusal>) -> draft::ActiveModel {
    draft::ActiveModel {
        id: Set(world::new_id()),
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
async fn drop_oldest(tx: &DatabaseTransaction, which: &str, client: Option<Vec<u8>>, n: u64) -> Result<()> {
    // SQLite takes no OFFSET without a LIMIT.
    let sql = format!(
        "DELETE FROM drafts WHERE id IN (SELECT id FROM drafts WHERE {which} ORDER BY created_at DESC, id DESC LIMIT {} OFFSET {n})",
        i64::MAX
    );
    execute(tx, &sql, client.map(Into::into)).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    body: String,
    code: String,
    field: Option<String>,
    message: String,
}

/// What this member typed into this form; nothing where the name is none of theirs, or the form has another shape by now.
pub async fn find<T: DeserializeOwned>(shop: &Shop, member_id: Option<Id>, form: &str, name: &str) -> Result<Option<Filled<T>>> {
    let Ok(id) = Uuid::try_parse(name) else { return Ok(None) };
    let sql = "SELECT body, code, field, message FROM drafts WHERE id = $1 AND store_id = $2 AND form = $3 AND created_at > $4 \
               AND ((member_id IS NULL AND $5) OR member_id = $6)";
    let values = [
        id.into(),
        shop.settings.store_id.into(),
        form.into(),
        (shop.clock.now_ms() - if member_id.is_some() { KEEP_MS } else { KEEP_OPEN_MS }).into(),
        member_id.is_none().into(),
        member_id.into(),
    ];
    let Some(row) = Row::find_by_statement(statement(&shop.db, sql, values)).one(&shop.db).await? else { return Ok(None) };
    let Ok(form) = serde_json::from_str(&row.body) else { return Ok(None) };
    let refusal = FormRefusal { code: row.code, field: row.field, message: row.message };
    Ok(Some(Filled { form, refusal: Some(refusal).filter(|refusal| !refusal.message.is_empty()), saved: None }))
}

/// Throws away what nobody came back to.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let now = shop.clock.now_ms();
    let sql = "DELETE FROM drafts WHERE created_at <= $1 OR (member_id IS NULL AND created_at <= $2)";
    execute(&shop.db, sql, [(now - KEEP_MS).into(), (now - KEEP_OPEN_MS).into()]).await?;
    Ok(())
}
