//! Requests under a key: one that is sent twice is carried out once.

use crate::database::{execute, statement};
use crate::entities::request_key;
use crate::secret::sha256;
use crate::{Error, Result, Shop, refusals};
use domain::id::Id;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};
use std::fmt::Debug;

/// Keys are kept for a week: who sends a request again does so within minutes.
const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Longer than callers may send, because each door puts its name before the key.
const MAX_KEY_CHARS: usize = 270;

/// A request to make something, under the key that it is sent with.
#[derive(Clone, Debug)]
pub struct Once {
    key: String,
    request: String,
}

impl Once {
    /// Nothing for a request without a key, which is new each time. `request` is all that was asked for: another one under the same key
    /// is refused.
    pub fn new(key: Option<String>, request: impl Debug) -> Option<Self> {
        Some(Self { key: key?, request: format!("{request:?}") })
    }
}

/// What this request made when it was sent before, in the transaction that carries it out; nothing for a new one, which is to end with
/// [`remember`].
///
/// # Errors
/// As [`is_new`].
pub(crate) async fn made_before(tx: &DatabaseTransaction, shop: &Shop, once: Option<&Once>) -> Result<Option<Id>> {
    let Some(Once { key, request }) = once else { return Ok(None) };
    if is_new(tx, shop, Some(key), request).await? {
        return Ok(None);
    }
    let row = request_key::Entity::find_by_id((shop.settings.store_id, key.clone())).one(tx).await?;
    Ok(Some(row.and_then(|row| row.made_id).ok_or(Error::NotFound)?))
}

/// Notes what the request has made.
pub(crate) async fn remember(tx: &DatabaseTransaction, shop: &Shop, once: Option<&Once>, made_id: Id) -> Result<()> {
    if let Some(Once { key, .. }) = once {
        let sql = "UPDATE request_keys SET made_id = $3 WHERE store_id = $1 AND request_key = $2";
        execute(tx, sql, [shop.settings.store_id.into(), key.clone().into(), made_id.into()]).await?;
    }
    Ok(())
}

/// Whether this request is new, in the transaction that carries it out; a request without a key always is.
///
/// # Errors
/// Refuses a key that no header can hold, and another request under the same key.
pub(crate) async fn is_new(tx: &DatabaseTransaction, shop: &Shop, key: Option<&str>, request: &str) -> Result<bool> {
    let Some(key) = key else { return Ok(true) };
    check_key(key)?;
    let hash = data_encoding::HEXLOWER.encode(&sha256(request.as_bytes()));
    let sql = "INSERT INTO request_keys (store_id, request_key, wish_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (store_id, request_key) DO NOTHING";
    let values = [shop.settings.store_id.into(), key.into(), hash.clone().into(), shop.clock.now_ms().into()];
    if execute(tx, sql, values).await? == 1 {
        return Ok(true);
    }
    let sql = "SELECT wish_hash FROM request_keys WHERE store_id = $1 AND request_key = $2";
    let row = tx.query_one_raw(statement(tx, sql, [shop.settings.store_id.into(), key.into()])).await?;
    let known: String = row.ok_or(Error::NotFound)?.try_get("", "wish_hash")?;
    if known != hash {
        let of_api = || Error::conflict("idempotency_key_reused", "This Idempotency-Key was used for another request. Send a new key.");
        return Err(if key.starts_with("api:") { of_api() } else { refusals::SENT_OTHERWISE.into() });
    }
    Ok(false)
}

/// Looks at a key before anything is done under it.
///
/// # Errors
/// Refuses a key that no header can hold.
pub(crate) fn check_key(key: &str) -> Result<()> {
    let fits = (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let text = "The Idempotency-Key must be 1 to 255 visible ASCII characters.";
    if fits { Ok(()) } else { Err(Error::refused("idempotency_key_invalid", text)) }
}

/// Throws old keys away; part of the worker's rounds.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    execute(&shop.db, "DELETE FROM request_keys WHERE created_at < $1", [(shop.clock.now_ms() - KEEP_MS).into()]).await?;
    Ok(())
}
