//! What is over is summed, and summed again when something of it has changed.

use super::parts::{self, PartKind};
use super::sql;
use super::{DaySpan, Ledger, SummedUntil, first_day, from_rows, kept, open_days};
use crate::base::database::{begin_write, execute, retried};
use crate::base::entities::sales_part;
use crate::{Result, Shop, fulfillment::downloads};
use domain::word::Word;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// A transaction that began before an instant may end after it; an hour later none is left.
const GRACE_MS: i64 = 60 * 60 * 1000;
/// The day that goes on is summed anew once in so long.
const STEP_MS: i64 = 60 * 60 * 1000;
/// A round sums days for so long. After a change of the time zone all are summed anew, a day a transaction, the newest first.
const ROUND_MS: i64 = 30 * 1000;
/// At most this many parts are written in one statement.
const PARTS_AT_ONCE: usize = 500;

/// Sums each day as far as it is over; part of the worker's rounds.
pub async fn sum_days(shop: &Shop) -> Result<()> {
    let ledger = Ledger::of(shop).await?;
    let Some(first) = first_day(shop, &ledger).await? else { return Ok(()) };
    let begun = shop.clock.now_ms();
    let until = (begun - GRACE_MS).div_euclid(STEP_MS) * STEP_MS;
    let days = first..ledger.calendar.day_of(until) + 1;
    let summed: SummedUntil = kept(shop, &ledger, days.clone()).await?.into_iter().map(|row| (row.day.day, row.summed_until)).collect();
    for day in days.rev() {
        let whole = ledger.calendar.span(day..day + 1);
        let over = DaySpan { day, span: whole.start..whole.end.min(until) };
        if over.span.is_empty() || summed.get(&day).is_some_and(|until| *until >= over.span.end) {
            continue;
        }
        retried(|| sum(shop, &ledger, &over)).await?;
        if shop.clock.now_ms() - begun > ROUND_MS {
            break;
        }
    }
    Ok(())
}

async fn sum(shop: &Shop, ledger: &Ledger, over: &DaySpan) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    // The row is ours until the sums are written: who changes something of the day opens it again after that.
    open_days(&tx, ledger.store_id, &[over.day]).await?;
    let sums = from_rows(&tx, ledger, std::slice::from_ref(over)).await?.remove(&over.day).unwrap_or_default();
    // Downloads of long ago were thrown away, and stay counted.
    let is_forgotten = over.span.start < shop.clock.now_ms() - downloads::KEEP_MS;
    let values = [
        ledger.store_id.into(),
        over.day.into(),
        ledger.currency.code().into(),
        sums.amount_paid.into(),
        sums.amount_refunded.into(),
        sums.n_orders.into(),
        sums.n_new_customers.into(),
        sums.n_downloads.into(),
        ledger.calendar.name().into(),
        sums.n_sales.into(),
        sums.n_refunds.into(),
        sums.amount_discounted.into(),
        over.span.end.into(),
        is_forgotten.into(),
    ];
    execute(&tx, sql::SUM_DAY, values).await?;
    sales_part::Entity::delete_many()
        .filter(sales_part::Column::StoreId.eq(ledger.store_id))
        .filter(sales_part::Column::Day.eq(over.day))
        .exec(&tx)
        .await?;
    for kind in PartKind::all() {
        write_parts(&tx, ledger, over, kind).await?;
    }
    Ok(tx.commit().await?)
}

async fn write_parts(tx: &DatabaseTransaction, ledger: &Ledger, over: &DaySpan, kind: PartKind) -> Result<()> {
    let day = over.day;
    let parts: Vec<_> = parts::from_rows(tx, ledger, over.span.clone(), kind).await?.into_iter().collect();
    for some in parts.chunks(PARTS_AT_ONCE) {
        let rows = some.iter().map(|(name, part)| sales_part::ActiveModel {
            store_id: Set(ledger.store_id),
            day: Set(day),
            kind: Set(kind.as_str().to_owned()),
            part: Set(name.clone()),
            n_orders: Set(part.n_orders),
            n_pieces: Set(part.n_pieces),
            amount_paid: Set(part.amount_paid),
            amount_refunded: Set(part.amount_refunded),
        });
        sales_part::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}
