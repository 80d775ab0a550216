//! Disputes that were lost: what banks took back for good. They are few, so they are read from their rows and never summed.

use super::parts::{PartKind, Parts};
use super::sql;
use super::{Ledger, Sums};
use crate::base::database::{is_sqlite, statement};
use crate::{Result, Shop, orders::lines};
use domain::id::Id;
use sea_orm::FromQueryResult;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    order_id: Id,
    at: i64,
    country: String,
    referrer: String,
    promotion: String,
}

/// A dispute that was lost, and what it took of each product.
struct Lost {
    row: Row,
    taken: Vec<(Id, i64)>,
}

impl Lost {
    fn amount(&self) -> i64 {
        self.taken.iter().map(|(_, amount)| amount).sum()
    }
}

/// Those of some days. One over the second payment of an order took nothing of its lines.
async fn of_days(shop: &Shop, ledger: &Ledger, days: Range<i64>) -> Result<Vec<Lost>> {
    let span = ledger.calendar.span(days);
    let sql = sql::LOST.replace("{promotion}", &sql::id_text("u.promotion_id", is_sqlite(&shop.db)));
    let values = [ledger.store_id.into(), ledger.currency.code().into(), span.start.into(), span.end.into()];
    let rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let orders: BTreeSet<Id> = rows.iter().map(|row| row.order_id).collect();
    let lines = lines::of_orders(&shop.db, &orders.into_iter().collect::<Vec<_>>()).await?;
    let lost = rows.into_iter().filter_map(|row| {
        let taken = lines.get(&row.order_id)?.taken_by(row.id).collect();
        Some(Lost { row, taken })
    });
    Ok(lost.filter(|lost| lost.amount() > 0).collect())
}

/// Adds what was lost on each day.
pub(super) async fn add_to_days(shop: &Shop, ledger: &Ledger, days: Range<i64>, by_day: &mut BTreeMap<i64, Sums>) -> Result<()> {
    for lost in of_days(shop, ledger, days).await? {
        let sums = by_day.entry(ledger.calendar.day_of(lost.row.at)).or_default();
        sums.amount_lost += lost.amount();
        sums.n_lost += 1;
    }
    Ok(())
}

/// Adds what was lost of each part.
pub(super) async fn add_to_parts(shop: &Shop, ledger: &Ledger, days: Range<i64>, kind: PartKind, parts: &mut Parts) -> Result<()> {
    for lost in of_days(shop, ledger, days).await? {
        let amount = lost.amount();
        let taken = match kind {
            PartKind::Product => lost.taken.into_iter().map(|(product, amount)| (product.simple().to_string(), amount)).collect(),
            PartKind::Country => vec![(lost.row.country, amount)],
            PartKind::Promotion => vec![(lost.row.promotion, amount)],
            PartKind::Referrer => vec![(lost.row.referrer, amount)],
        };
        for (part, amount) in taken {
            parts.entry(part).or_default().amount_lost += amount;
        }
    }
    Ok(())
}
