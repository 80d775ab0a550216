//! Days that are over are summed, and summed again when something of them has changed.

use super::parts::{self, PartKind};
use super::{GRACE_MS, Ledger, closed_sums, first_day, from_rows, open_days};
use crate::database::{begin_write, execute, retried};
use crate::{Result, Shop};
use sea_orm::DatabaseTransaction;

/// A round sums days for so long. After a change of the time zone all are summed anew, a day a transaction, the newest first.
const ROUND_MS: i64 = 30 * 1000;
/// So many parts are written in one statement.
const PARTS_AT_ONCE: usize = 500;

/// Sums the days that are over and not closed; part of the worker's rounds.
pub async fn close_days(shop: &Shop) -> Result<()> {
    let ledger = Ledger::of(shop).await?;
    let Some(first) = first_day(shop, &ledger).await? else { return Ok(()) };
    let begun = shop.clock.now_ms();
    let days = first..ledger.calendar.day_of(begun - GRACE_MS);
    let closed = closed_sums(shop, &ledger, days.clone()).await?;
    for day in days.rev().filter(|day| !closed.contains_key(day)) {
        retried(|| close(shop, &ledger, day)).await?;
        if shop.clock.now_ms() - begun > ROUND_MS {
            break;
        }
    }
    Ok(())
}

async fn close(shop: &Shop, ledger: &Ledger, day: i64) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    // The row is ours until the sums are written: who changes something of the day opens it again after that.
    open_days(&tx, ledger.store_id, &[day]).await?;
    let sums = from_rows(&tx, ledger, &[day]).await?.remove(&day).unwrap_or_default();
    let sql = "UPDATE sales_days SET is_closed = TRUE, currency = $3, amount_paid = $4, amount_refunded = $5, n_orders = $6, n_new_customers = $7, n_downloads = $8, \
               time_zone = $9, n_sales = $10, n_refunds = $11, amount_discounted = $12 WHERE store_id = $1 AND day = $2";
    let values = [
        ledger.store_id.into(),
        day.into(),
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
    ];
    execute(&tx, sql, values).await?;
    execute(&tx, "DELETE FROM sales_parts WHERE store_id = $1 AND day = $2", [ledger.store_id.into(), day.into()]).await?;
    for kind in PartKind::ALL {
        write_parts(&tx, ledger, day, kind).await?;
    }
    Ok(tx.commit().await?)
}

async fn write_parts(tx: &DatabaseTransaction, ledger: &Ledger, day: i64, kind: PartKind) -> Result<()> {
    let parts: Vec<_> = parts::from_rows(tx, ledger, day..day + 1, kind).await?.into_iter().collect();
    for some in parts.chunks(PARTS_AT_ONCE) {
        let mut values = vec![ledger.store_id.into(), kind.as_str().into()];
        let mut rows = Vec::with_capacity(some.len());
        for (name, part) in some {
            values.push(name.clone().into());
            let numbers = (part.n_orders, part.n_pieces, part.amount_paid, part.amount_refunded);
            rows.push(format!("($1, {day}, $2, ${}, {}, {}, {}, {})", values.len(), numbers.0, numbers.1, numbers.2, numbers.3));
        }
        let sql = format!(
            "INSERT INTO sales_parts (store_id, day, kind, part, n_orders, n_pieces, amount_paid, amount_refunded) VALUES {}",
            rows.join(", ")
        );
        execute(tx, &sql, values).await?;
    }
    Ok(())
}
