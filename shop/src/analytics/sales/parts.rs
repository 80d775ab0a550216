//! The same sums in parts: by product, country, promotion, and where people came from.

use super::sql;
use super::{Ledger, SummedUntil, not_summed, runs};
use crate::base::database::{is_sqlite, statement};
use crate::{Result, Shop, orders::lines};
use domain::id::Id;
use domain::word::Word;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// By what sums are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum PartKind {
    Product,
    Country,
    Promotion,
    Referrer,
}

/// What one part brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub n_orders: i64,
    /// Of products alone.
    pub n_pieces: i64,
    pub amount_paid: i64,
    pub amount_refunded: i64,
    /// What banks took back for good, which no sum of days holds.
    pub amount_lost: i64,
}

impl Part {
    /// What it brought.
    pub fn revenue(&self) -> i64 {
        self.amount_paid - self.amount_refunded - self.amount_lost
    }

    fn add(&mut self, other: Part) {
        self.n_orders += other.n_orders;
        self.n_pieces += other.n_pieces;
        self.amount_paid += other.amount_paid;
        self.amount_refunded += other.amount_refunded;
        self.amount_lost += other.amount_lost;
    }
}

pub(crate) type Parts = BTreeMap<String, Part>;

#[derive(FromQueryResult)]
struct KeptRow {
    /// Nothing for a row that is no day, but the sums of a part.
    day: Option<i64>,
    summed_until: i64,
    part: String,
    n_orders: i64,
    n_pieces: i64,
    amount_paid: i64,
    amount_refunded: i64,
}

/// What the days brought, in parts.
pub(crate) async fn parts(shop: &Shop, ledger: &Ledger, days: Range<i64>, kind: PartKind) -> Result<Parts> {
    let values = [
        ledger.store_id.into(),
        days.start.into(),
        days.end.into(),
        ledger.currency.code().into(),
        ledger.calendar.name().into(),
        kind.as_str().into(),
    ];
    let (mut parts, mut summed) = (Parts::new(), SummedUntil::new());
    for row in KeptRow::find_by_statement(statement(&shop.db, sql::kept_parts(), values)).all(&shop.db).await? {
        match row.day {
            Some(day) => drop(summed.insert(day, row.summed_until)),
            None => parts.entry(row.part).or_default().add(Part {
                n_orders: row.n_orders,
                n_pieces: row.n_pieces,
                amount_paid: row.amount_paid,
                amount_refunded: row.amount_refunded,
                amount_lost: 0,
            }),
        }
    }
    let left = not_summed(shop, ledger, days.clone(), &summed).await?;
    for span in runs(left.into_iter().map(|left| left.span)) {
        for (name, part) in from_rows(&shop.db, ledger, span, kind).await? {
            parts.entry(name).or_default().add(part);
        }
    }
    super::lost::add_to_parts(shop, ledger, days, kind, &mut parts).await?;
    parts.retain(|_, part| *part != Part::default());
    Ok(parts)
}

#[derive(FromQueryResult)]
struct SoldRow {
    part: String,
    n_orders: i64,
    n_pieces: i64,
    amount: i64,
}

#[derive(FromQueryResult)]
struct RefundedRow {
    part: String,
    amount: i64,
}

/// The parts as the rows of a span have them.
pub(super) async fn from_rows(db: &impl ConnectionTrait, ledger: &Ledger, span: Range<i64>, kind: PartKind) -> Result<Parts> {
    let values = || [ledger.store_id.into(), ledger.currency.code().into()];
    let sold = sql::sold(kind, is_sqlite(db), &sql::within("o.paid_at", &span));
    let mut parts = Parts::new();
    for row in SoldRow::find_by_statement(statement(db, sold, values())).all(db).await? {
        let part = Part { n_orders: row.n_orders, n_pieces: row.n_pieces, amount_paid: row.amount, ..Part::default() };
        parts.entry(row.part).or_default().add(part);
    }
    let refunded = match kind {
        PartKind::Product => refunds_of_products(db, values(), &span).await?,
        _ => {
            let sql = sql::refunded(kind, is_sqlite(db), &span);
            let rows = RefundedRow::find_by_statement(statement(db, sql, values())).all(db).await?;
            rows.into_iter().map(|row| (row.part, row.amount)).collect()
        }
    };
    for (name, amount_refunded) in refunded {
        parts.entry(name).or_default().add(Part { amount_refunded, ..Part::default() });
    }
    Ok(parts)
}

#[derive(FromQueryResult)]
struct RefundRow {
    id: Id,
    order_id: Id,
}

/// What went back of each product: that of the line that a refund names, else of all lines by what is left of them.
async fn refunds_of_products(db: &impl ConnectionTrait, values: [sea_orm::Value; 2], span: &Range<i64>) -> Result<BTreeMap<String, i64>> {
    let rows = RefundRow::find_by_statement(statement(db, sql::refunds(span), values)).all(db).await?;
    let orders: BTreeSet<Id> = rows.iter().map(|row| row.order_id).collect();
    let lines = lines::of_orders(db, &orders.into_iter().collect::<Vec<_>>()).await?;
    let mut refunded: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows {
        for (product, share) in lines.get(&row.order_id).into_iter().flat_map(|lines| lines.taken_by(row.id)) {
            *refunded.entry(product.simple().to_string()).or_default() += share;
        }
    }
    refunded.retain(|_, amount| *amount != 0);
    Ok(refunded)
}
