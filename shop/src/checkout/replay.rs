//! Requests that are sent twice: one idempotency key is one order.
//!
//! Source: <https://docs.stripe.com/api/idempotent_requests>. As there, a key is kept for a day.

use super::{StartCheckout, StartedCheckout, pay, placement};
use crate::base::entities::order;
use crate::{Error, Result, Shop, orders};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// How long a key names its order.
const KEY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long after an order over nothing its answer may be asked for again with the access key: the first may have been lost.
const LOST_ANSWER_MS: i64 = 10 * 60 * 1000;

/// The order that a key names.
pub(super) async fn find(shop: &Shop, key: Option<&str>) -> Result<Option<order::Model>> {
    let Some(key) = key else { return Ok(None) };
    Ok(order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::IdempotencyKey.eq(key))
        .filter(order::Column::CreatedAt.gt(shop.clock.now_ms() - KEY_MS))
        .one(&shop.db)
        .await?)
}

/// Frees a key whose day is over, in the transaction that uses it anew.
pub(super) async fn free_old_key(db: &impl ConnectionTrait, shop: &Shop, key: &str) -> Result<()> {
    orders::steps::free_key(db, shop.settings.store_id, key, shop.clock.now_ms() - KEY_MS).await
}

/// Goes on with the order of a request that was sent before.
///
/// # Errors
/// `idempotency_key_reused` for another request under the same key; as [`pay`] for the rest.
pub(super) async fn go_on(shop: &Shop, order: order::Model, request: &StartCheckout, request_hash: &str) -> Result<StartedCheckout> {
    if order.request_hash.as_deref() != Some(request_hash) {
        return Err(Error::conflict("idempotency_key_reused", "This Idempotency-Key was used for another order. Send a new key."));
    }
    placement::check_shown(request, order.amount_total, *order.currency)?;
    let (created_at, started) = (order.created_at, pay(shop, order).await?);
    // The key of a request is no secret: it may be guessed, and must not open what somebody has paid for.
    let answer_may_be_lost = started.amount_total == 0 && created_at > shop.clock.now_ms() - LOST_ANSWER_MS;
    let shows_key = !started.status.was_paid() || answer_may_be_lost;
    Ok(StartedCheckout { shows_key, ..started })
}
