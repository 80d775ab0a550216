//! Requests under a key: one that is sent twice is carried out once.

use crate::base::entities::request_key;
use crate::base::secret::sha256;
use crate::{Error, Result, Shop, base::refusals};
use domain::id::Id;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
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
        request_key::Entity::update_many()
            .col_expr(request_key::Column::MadeId, Expr::value(made_id))
            .filter(request_key::Column::StoreId.eq(shop.settings.store_id))
            .filter(request_key::Column::RequestKey.eq(key))
            .exec(tx)
            .await?;
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
    let row = request_key::ActiveModel {
        store_id: Set(shop.settings.store_id),
        request_key: Set(key.to_owned()),
        wish_hash: Set(hash.clone()),
        created_at: Set(shop.clock.now_ms()),
        made_id: Set(None),
    };
    let kept = OnConflict::columns([request_key::Column::StoreId, request_key::Column::RequestKey]).do_nothing().to_owned();
    if request_key::Entity::insert(row).on_conflict(kept).exec_without_returning(tx).await? == 1 {
        return Ok(true);
    }
    let known = request_key::Entity::find_by_id((shop.settings.store_id, key.to_owned())).one(tx).await?.ok_or(Error::NotFound)?;
    if known.wish_hash != hash {
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
    let before = shop.clock.now_ms() - KEEP_MS;
    request_key::Entity::delete_many().filter(request_key::Column::CreatedAt.lt(before)).exec(&shop.db).await?;
    Ok(())
}
