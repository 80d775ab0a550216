//! Wishes under a key: one that is sent twice is carried out once.

use crate::database::{execute, statement};
use crate::secret::sha256;
use crate::{Error, Result, Shop};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Keys are kept for a week: who sends a wish again does so within minutes.
const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Whether this wish is new, in the transaction that carries it out; a wish without a key always is.
///
/// # Errors
/// Refuses a key that no header can hold, and another wish under the same key.
pub(crate) async fn is_new(tx: &DatabaseTransaction, shop: &Shop, key: Option<&str>, wish: &str) -> Result<bool> {
    let Some(key) = key else { return Ok(true) };
    if !(1..=255).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::refused("idempotency_key_invalid", "The Idempotency-Key must be 1 to 255 visible ASCII characters."));
    }
    let hash = data_encoding::HEXLOWER.encode(&sha256(wish.as_bytes()));
    let sql = "INSERT INTO request_keys (store_id, request_key, wish_hash, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (store_id, request_key) DO NOTHING";
    let values = [shop.settings.store_id.into(), key.into(), hash.clone().into(), shop.clock.now_ms().into()];
    if execute(tx, sql, values).await? == 1 {
        return Ok(true);
    }
    let sql = "SELECT wish_hash FROM request_keys WHERE store_id = $1 AND request_key = $2";
    let row = tx.query_one_raw(statement(tx, sql, [shop.settings.store_id.into(), key.into()])).await?;
    let known: String = row.ok_or(Error::NotFound)?.try_get("", "wish_hash")?;
    if known != hash {
        return Err(Error::conflict("idempotency_key_reused", "This Idempotency-Key was used for another wish. Send a new key."));
    }
    Ok(false)
}

/// Throws old keys away; part of the worker's rounds.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    execute(&shop.db, "DELETE FROM request_keys WHERE created_at < $1", [(shop.clock.now_ms() - KEEP_MS).into()]).await?;
    Ok(())
}
