//! Orders that were never paid are no orders: half a year later they go, with all that belongs to them.

use super::{several, steps};
use crate::base::database::begin_write;
use crate::base::entities::{order_event, order_note};
use crate::{Result, Shop, checkout::promotions, jobs};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// 180 days: twice as long as their address is kept, and long after Stripe would still tell of a payment.
const KEEP_MS: i64 = 180 * 24 * 60 * 60 * 1000;
/// Each has several rows elsewhere, and somebody may wait to pay.
const AT_ONCE: usize = 200;
/// At most this many batches a round.
const BATCHES: usize = 10;

/// Deletes orders that nobody paid; part of the worker's rounds. What is in the books stays: an order with a payment, a refund, a
/// dispute or an entitlement, whatever its status says.
pub(crate) async fn throw_away_unpaid(shop: &Shop) -> Result<()> {
    let before = shop.clock.now_ms() - KEEP_MS;
    for _ in 0..BATCHES {
        let tx = begin_write(&shop.db).await?;
        let ids = several::never_paid(&tx, before, AT_ONCE).await?;
        let n = ids.len();
        if n == 0 {
            return Ok(());
        }
        promotions::throw_away_uses(&tx, &ids).await?;
        order_event::Entity::delete_many().filter(order_event::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        order_note::Entity::delete_many().filter(order_note::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        jobs::throw_away_of(&tx, &ids).await?;
        steps::throw_away(&tx, &ids).await?;
        tx.commit().await?;
        if n < AT_ONCE {
            return Ok(());
        }
    }
    Ok(())
}
