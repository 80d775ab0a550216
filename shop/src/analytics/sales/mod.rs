//! What was sold, day by day: the sums of what is over, and the rows since.

mod lost;
mod parts;
mod sql;
mod summing;

pub(crate) use parts::{Part, PartKind, parts};
pub use summing::sum_days;

use crate::base::database::{execute, statement};
use crate::base::entities::{order, refund};
use crate::stores::calendar::Calendar;
use crate::{Result, Shop, stores};
use domain::id::Id;
use domain::money::Currency;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// At most this many spans are summed from their rows in one statement.
const SPANS_AT_ONCE: usize = 40;

/// In which money and which days the store counts.
#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    pub store_id: Id,
    pub currency: Currency,
    pub calendar: Calendar,
}

impl Ledger {
    pub async fn of(shop: &Shop) -> Result<Self> {
        let store = stores::load(shop).await?;
        let currency = *store.currency;
        Ok(Self { store_id: shop.settings.store_id, currency, calendar: Calendar::named(&store.time_zone) })
    }

    /// Today in the store's time zone.
    pub fn today(&self, shop: &Shop) -> i64 {
        self.calendar.day_of(shop.clock.now_ms())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Sums {
    pub amount_paid: i64,
    pub amount_refunded: i64,
    pub amount_discounted: i64,
    pub n_orders: i64,
    /// Orders that cost something.
    pub n_sales: i64,
    pub n_refunds: i64,
    pub n_new_customers: i64,
    pub n_downloads: i64,
    /// What banks took back for good, which no sum of days holds.
    #[sea_orm(skip)]
    pub amount_lost: i64,
    #[sea_orm(skip)]
    pub n_lost: i64,
}

impl Sums {
    pub fn add(&mut self, other: Sums) {
        self.amount_paid += other.amount_paid;
        self.amount_refunded += other.amount_refunded;
        self.amount_discounted += other.amount_discounted;
        self.n_orders += other.n_orders;
        self.n_sales += other.n_sales;
        self.n_refunds += other.n_refunds;
        self.n_new_customers += other.n_new_customers;
        self.n_downloads += other.n_downloads;
        self.amount_lost += other.amount_lost;
        self.n_lost += other.n_lost;
    }
}

/// Until when each day is summed, in milliseconds since 1970.
type SummedUntil = BTreeMap<i64, i64>;

#[derive(FromQueryResult)]
struct DayRow {
    day: i64,
    #[sea_orm(nested)]
    sums: Sums,
}

#[derive(FromQueryResult)]
struct KeptRow {
    summed_until: i64,
    #[sea_orm(nested)]
    day: DayRow,
}

/// What each day brought. Days that brought nothing may be missing.
pub(crate) async fn by_day(shop: &Shop, ledger: &Ledger, days: Range<i64>) -> Result<BTreeMap<i64, Sums>> {
    let kept = kept(shop, ledger, days.clone()).await?;
    let summed = kept.iter().map(|row| (row.day.day, row.summed_until)).collect();
    let mut by_day: BTreeMap<i64, Sums> = kept.into_iter().map(|row| (row.day.day, row.day.sums)).collect();
    for some in not_summed(shop, ledger, days.clone(), &summed).await?.chunks(SPANS_AT_ONCE) {
        for (day, sums) in from_rows(&shop.db, ledger, some).await? {
            by_day.entry(day).or_default().add(sums);
        }
    }
    lost::add_to_days(shop, ledger, days, &mut by_day).await?;
    Ok(by_day)
}

async fn kept(shop: &Shop, ledger: &Ledger, days: Range<i64>) -> Result<Vec<KeptRow>> {
    let values = [ledger.store_id.into(), days.start.into(), days.end.into(), ledger.currency.code().into(), ledger.calendar.name().into()];
    Ok(KeptRow::find_by_statement(statement(&shop.db, sql::KEPT_DAYS, values)).all(&shop.db).await?)
}

/// A day, or what is left of it, in milliseconds since 1970.
struct DaySpan {
    day: i64,
    span: Range<i64>,
}

/// What of the days no sum holds and may have rows.
async fn not_summed(shop: &Shop, ledger: &Ledger, days: Range<i64>, summed: &SummedUntil) -> Result<Vec<DaySpan>> {
    let spans = days_with_rows(shop, ledger, days).await?.map(|day| {
        let span = ledger.calendar.span(day..day + 1);
        let start = summed.get(&day).map_or(span.start, |until| span.start.max(*until));
        DaySpan { day, span: start..span.end }
    });
    Ok(spans.filter(|left| !left.span.is_empty()).collect())
}

/// Those of the days that may have rows: from the first sale until today.
async fn days_with_rows(shop: &Shop, ledger: &Ledger, days: Range<i64>) -> Result<Range<i64>> {
    let Some(first) = first_day(shop, ledger).await? else { return Ok(0..0) };
    Ok(days.start.max(first)..days.end.min(ledger.today(shop) + 1))
}

async fn first_day(shop: &Shop, ledger: &Ledger) -> Result<Option<i64>> {
    let paid = order::Entity::find().filter(order::Column::StoreId.eq(ledger.store_id)).filter(order::Column::PaidAt.is_not_null());
    let first = paid.select_only().column(order::Column::PaidAt).order_by_asc(order::Column::PaidAt);
    let first: Option<i64> = first.into_tuple().one(&shop.db).await?;
    Ok(first.map(|at| ledger.calendar.day_of(at)))
}

/// The sums of these spans as their rows have them. The second payment of an order that was paid twice is no sale, and neither is
/// its way back.
async fn from_rows(db: &impl ConnectionTrait, ledger: &Ledger, spans: &[DaySpan]) -> Result<BTreeMap<i64, Sums>> {
    if spans.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sums: Vec<String> = spans.iter().map(|over| sql::sums_of(over.day, &over.span)).collect();
    let sql = sums.join(" UNION ALL ");
    let values = [ledger.store_id.into(), ledger.currency.code().into()];
    let rows = DayRow::find_by_statement(statement(db, sql, values)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.day, row.sums)).collect())
}

/// Notes in the caller's transaction that refunds of an order have changed, whose days may be summed: when one comes back, the
/// others are of other lines.
pub(crate) async fn reopen_refunds(tx: &DatabaseTransaction, order: &order::Model) -> Result<()> {
    let refunds = refund::Entity::find().filter(refund::Column::OrderId.eq(order.id)).all(tx).await?;
    // In one order, so that transactions that open the same days wait for one another instead of for ever.
    let days: BTreeSet<i64> = refunds
        .iter()
        .flat_map(|refund| {
            // Which day it is depends on the time zone, which somebody may be changing: it is one of three.
            let day = refund.updated_at.div_euclid(24 * 60 * 60 * 1000);
            [day - 1, day, day + 1]
        })
        .collect();
    if days.is_empty() {
        return Ok(());
    }
    open_days(tx, order.store_id, &days.into_iter().collect::<Vec<_>>()).await
}

/// Takes the days' rows for this transaction; their sums hold nothing any more.
async fn open_days(tx: &DatabaseTransaction, store_id: Id, days: &[i64]) -> Result<()> {
    execute(tx, &sql::open_days(days), [store_id.into()]).await?;
    Ok(())
}

/// The runs of spans that follow one another.
fn runs(spans: impl IntoIterator<Item = Range<i64>>) -> Vec<Range<i64>> {
    let mut runs: Vec<Range<i64>> = Vec::new();
    for span in spans {
        match runs.last_mut() {
            Some(run) if run.end == span.start => run.end = span.end,
            _ => runs.push(span),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_follow_one_another_are_a_run() {
        assert_eq!(runs([1..2, 2..3, 5..7, 7..9, 10..11]), vec![1..3, 5..9, 10..11]);
        assert_eq!(runs([]), vec![]);
    }
}
