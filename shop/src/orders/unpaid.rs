//! Orders that were never paid are no orders: half a year later they go, with all that belongs to them.

use super::sql::NEVER_PAID;
use crate::database::{begin_write, statement};
use crate::entities::{job, order, order_event, order_item, order_note, promotion_use};
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};

/// 180 days: twice as long as their address is kept, and long after Stripe would still tell of a payment.
const KEEP_MS: i64 = 180 * 24 * 60 * 60 * 1000;
/// Each has several rows elsewhere, and somebody may wait to pay.
const AT_ONCE: usize = 200;
/// At most this many batches a round.
const BATCHES: usize = 10;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
}

/// Deletes orders that nobody paid; part of the worker's rounds. What is in the books stays: an order with a payment, a refund, a
/// dispute, an invoice or an entitlement, whatever its status says.
pub(crate) async fn throw_away_unpaid(shop: &Shop) -> Result<()> {
    let before = shop.clock.now_ms() - KEEP_MS;
    for _ in 0..BATCHES {
        let tx = begin_write(&shop.db).await?;
        let rows = Row::find_by_statement(statement(&tx, NEVER_PAID, [before.into(), (AT_ONCE as i64).into()])).all(&tx).await?;
        let ids: Vec<Id> = rows.into_iter().map(|row| row.id).collect();
        let n = ids.len();
        if n == 0 {
            return Ok(());
        }
        promotion_use::Entity::delete_many().filter(promotion_use::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        order_event::Entity::delete_many().filter(order_event::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        order_note::Entity::delete_many().filter(order_note::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        // Work that waits for such an order has nothing to do any more.
        job::Entity::delete_many().filter(job::Column::OrderId.is_in(ids.clone())).exec(&tx).await?;
        let lines = |is_part: bool| {
            let part_of = order_item::Column::PartOfId;
            let of_these = order_item::Entity::delete_many().filter(order_item::Column::OrderId.is_in(ids.clone()));
            of_these.filter(if is_part { part_of.is_not_null() } else { part_of.is_null() })
        };
        lines(true).exec(&tx).await?;
        lines(false).exec(&tx).await?;
        order::Entity::delete_many().filter(order::Column::Id.is_in(ids)).exec(&tx).await?;
        tx.commit().await?;
        if n < AT_ONCE {
            return Ok(());
        }
    }
    Ok(())
}
