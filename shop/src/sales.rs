//! What was sold, day by day. A day that is over is summed once; the days since are summed from their rows.

use crate::database::{begin_write, execute, retried, statement};
use crate::{Result, Shop, stores};
use domain::dashboard::Sales;
use domain::id::Id;
use domain::money::{Currency, Money};
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use std::collections::BTreeSet;
use std::ops::Range;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A transaction that began on a day may end on the next; an hour later none is left.
const GRACE_MS: i64 = 60 * 60 * 1000;

/// The day (UTC, counted from 1970) of an instant.
pub(crate) fn day_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(DAY_MS)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
struct Sums {
    amount_paid: i64,
    amount_refunded: i64,
    n_orders: i64,
    n_new_customers: i64,
    n_downloads: i64,
}

impl Sums {
    fn add(&mut self, other: Sums) {
        self.amount_paid += other.amount_paid;
        self.amount_refunded += other.amount_refunded;
        self.n_orders += other.n_orders;
        self.n_new_customers += other.n_new_customers;
        self.n_downloads += other.n_downloads;
    }
}

/// What the days brought, in the store's currency.
pub(crate) async fn of_days(shop: &Shop, currency: Currency, days: Range<i64>) -> Result<Sales> {
    let (mut sums, closed) = closed_sums(shop, currency, days.clone()).await?;
    for open in gaps(days, &closed) {
        sums.add(from_rows(&shop.db, shop.settings.store_id, currency.code(), open).await?);
    }
    Ok(Sales {
        revenue: Money::new(sums.amount_paid - sums.amount_refunded, currency),
        n_orders: sums.n_orders,
        n_new_customers: sums.n_new_customers,
        n_downloads: sums.n_downloads,
    })
}

#[derive(FromQueryResult)]
struct ClosedRow {
    day: i64,
    #[sea_orm(nested)]
    sums: Sums,
}

async fn closed_sums(shop: &Shop, currency: Currency, days: Range<i64>) -> Result<(Sums, BTreeSet<i64>)> {
    let sql = "SELECT day, amount_paid, amount_refunded, n_orders, n_new_customers, n_downloads FROM sales_days \
               WHERE store_id = $1 AND day >= $2 AND day < $3 AND is_closed AND currency = $4";
    let values = [shop.settings.store_id.into(), days.start.into(), days.end.into(), currency.code().into()];
    let (mut sums, mut closed) = (Sums::default(), BTreeSet::new());
    for row in ClosedRow::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await? {
        sums.add(row.sums);
        closed.insert(row.day);
    }
    Ok((sums, closed))
}

/// The runs of days that are not among the closed ones.
fn gaps(days: Range<i64>, closed: &BTreeSet<i64>) -> Vec<Range<i64>> {
    let mut runs: Vec<Range<i64>> = Vec::new();
    for day in days.filter(|day| !closed.contains(day)) {
        match runs.last_mut() {
            Some(run) if run.end == day => run.end = day + 1,
            _ => runs.push(day..day + 1),
        }
    }
    runs
}

/// The sums as the rows have them. The second payment of an order that was paid twice is no sale, and neither is its way back.
async fn from_rows(db: &impl ConnectionTrait, store_id: Id, currency: &str, days: Range<i64>) -> Result<Sums> {
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN o.currency = $4 THEN o.amount_paid ELSE 0 END), 0) AS BIGINT) AS amount_paid, \
               COUNT(*) AS n_orders, \
               COUNT(DISTINCT CASE WHEN NOT EXISTS (SELECT 1 FROM orders e WHERE e.customer_id = o.customer_id AND e.paid_at < o.paid_at) THEN o.customer_id END) AS n_new_customers, \
               (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refunds r JOIN orders ro ON ro.id = r.order_id LEFT JOIN payments p ON p.id = r.payment_id \
                WHERE r.store_id = $1 AND r.state = 'succeeded' AND r.updated_at >= $2 AND r.updated_at < $3 AND ro.currency = $4 \
                AND (p.provider_id IS NULL OR p.provider_id = ro.payment_intent_id)) AS amount_refunded, \
               (SELECT COUNT(*) FROM download_sessions WHERE store_id = $1 AND started_at >= $2 AND started_at < $3) AS n_downloads \
               FROM orders o WHERE o.store_id = $1 AND o.paid_at >= $2 AND o.paid_at < $3";
    let values = [store_id.into(), (days.start * DAY_MS).into(), (days.end * DAY_MS).into(), currency.into()];
    Ok(Sums::find_by_statement(statement(db, sql, values)).one(db).await?.unwrap_or_default())
}

/// Notes in the caller's transaction that something of a day that may be closed has changed.
pub(crate) async fn reopen(tx: &DatabaseTransaction, store_id: Id, day: i64) -> Result<()> {
    let sql = "INSERT INTO sales_days (store_id, day, is_closed, currency, amount_paid, amount_refunded, n_orders, n_new_customers, n_downloads) \
               VALUES ($1, $2, FALSE, '', 0, 0, 0, 0, 0) ON CONFLICT (store_id, day) DO UPDATE SET is_closed = FALSE";
    execute(tx, sql, [store_id.into(), day.into()]).await?;
    Ok(())
}

/// Sums the days that are over and not closed; part of the worker's rounds.
pub async fn close_days(shop: &Shop) -> Result<()> {
    let currency = stores::currency(shop).await?;
    let sql = "SELECT MIN(paid_at) AS at FROM orders WHERE store_id = $1 AND paid_at IS NOT NULL";
    let row = shop.db.query_one_raw(statement(&shop.db, sql, [shop.settings.store_id.into()])).await?;
    let Some(first) = row.map(|row| row.try_get::<Option<i64>>("", "at")).transpose()?.flatten() else { return Ok(()) };
    let days = day_of(first)..day_of(shop.clock.now_ms() - GRACE_MS);
    let (_, closed) = closed_sums(shop, currency, days.clone()).await?;
    for day in gaps(days, &closed).into_iter().flatten().rev() {
        retried(|| close(shop, currency, day)).await?;
    }
    Ok(())
}

async fn close(shop: &Shop, currency: Currency, day: i64) -> Result<()> {
    let store_id = shop.settings.store_id;
    let tx = begin_write(&shop.db).await?;
    // The row is ours until the sums are written: who changes something of the day opens it again after that.
    reopen(&tx, store_id, day).await?;
    let sums = from_rows(&tx, store_id, currency.code(), day..day + 1).await?;
    let sql = "UPDATE sales_days SET is_closed = TRUE, currency = $3, amount_paid = $4, amount_refunded = $5, n_orders = $6, n_new_customers = $7, n_downloads = $8 \
               WHERE store_id = $1 AND day = $2";
    let values = [
        store_id.into(),
        day.into(),
        currency.code().into(),
        sums.amount_paid.into(),
        sums.amount_refunded.into(),
        sums.n_orders.into(),
        sums.n_new_customers.into(),
        sums.n_downloads.into(),
    ];
    execute(&tx, sql, values).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_are_not_closed_are_asked_for_in_runs() {
        let closed = BTreeSet::from([3, 4, 7]);
        assert_eq!(gaps(1..10, &closed), vec![1..3, 5..7, 8..10]);
        assert_eq!(gaps(3..5, &closed), vec![]);
        assert_eq!(gaps(5..5, &closed), vec![]);
    }

    #[test]
    fn a_day_begins_at_midnight() {
        assert_eq!(day_of(0), 0);
        assert_eq!(day_of(DAY_MS - 1), 0);
        assert_eq!(day_of(DAY_MS), 1);
        assert_eq!(day_of(-1), -1);
    }
}
