//! What somebody typed into a form that was refused, kept for a day so that the form comes back as it was, without a script.

use crate::database::{execute, statement};
use crate::{Error, Result, Shop, world};
use domain::form::{Filled, FormRefusal};
use domain::id::Id;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The largest form, as JSON.
const MAX_BYTES: usize = 512 * 1024;
const KEEP_MS: i64 = 24 * 60 * 60 * 1000;

/// Keeps a form with why it was refused. Its name goes into the page's address and opens nothing for anybody else.
///
/// `form` says which form it is, so that no other reads it.
///
/// # Errors
/// Refuses forms that are too large to be kept.
pub async fn keep<T: Serialize>(shop: &Shop, member_id: Option<Id>, form: &str, typed: &T, refusal: &FormRefusal) -> Result<String> {
    let body = serde_json::to_string(typed).map_err(anyhow::Error::from)?;
    if body.len() > MAX_BYTES {
        return Err(Error::refused("too_large", "This form is too large."));
    }
    let id = world::new_id();
    let sql = "INSERT INTO drafts (id, store_id, member_id, form, body, code, message, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        id.into(),
        shop.settings.store_id.into(),
        member_id.into(),
        form.into(),
        body.into(),
        refusal.code.clone().into(),
        refusal.message.clone().into(),
        shop.clock.now_ms().into(),
    ];
    execute(&shop.db, sql, values).await?;
    Ok(id.simple().to_string())
}

#[derive(FromQueryResult)]
struct Row {
    body: String,
    code: String,
    message: String,
}

/// What this member typed into this form; nothing where the name is none of theirs, or the form has another shape by now.
pub async fn find<T: DeserializeOwned>(shop: &Shop, member_id: Option<Id>, form: &str, name: &str) -> Result<Option<Filled<T>>> {
    let Ok(id) = Uuid::try_parse(name) else { return Ok(None) };
    let sql = "SELECT body, code, message FROM drafts WHERE id = $1 AND store_id = $2 AND form = $3 AND created_at > $4 \
               AND ((member_id IS NULL AND $5) OR member_id = $6)";
    let values = [
        id.into(),
        shop.settings.store_id.into(),
        form.into(),
        (shop.clock.now_ms() - KEEP_MS).into(),
        member_id.is_none().into(),
        member_id.into(),
    ];
    let Some(row) = Row::find_by_statement(statement(&shop.db, sql, values)).one(&shop.db).await? else { return Ok(None) };
    let Ok(form) = serde_json::from_str(&row.body) else { return Ok(None) };
    Ok(Some(Filled { form, refusal: Some(FormRefusal { code: row.code, message: row.message }) }))
}

/// Throws away what nobody came back to.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    execute(&shop.db, "DELETE FROM drafts WHERE created_at <= $1", [(shop.clock.now_ms() - KEEP_MS).into()]).await?;
    Ok(())
}
