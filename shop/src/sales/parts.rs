//! The same sums in parts: by product, country, promotion, and where people came from.

use super::{Ledger, REFUNDS, SummedUntil, not_summed, runs};
use crate::database::{is_sqlite, statement};
use crate::{Result, Shop, lines};
use domain::id::Id;
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// By what sums are parted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartKind {
    Product,
    Country,
    Promotion,
    Referrer,
}

impl PartKind {
    pub const ALL: [PartKind; 4] = [PartKind::Product, PartKind::Country, PartKind::Promotion, PartKind::Referrer];

    pub fn as_str(self) -> &'static str {
        match self {
            PartKind::Product => "product",
            PartKind::Country => "country",
            PartKind::Promotion => "promotion",
            PartKind::Referrer => "referrer",
        }
    }
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
    // Days and sums in one statement, so that a day that is summed meanwhile is in both or in neither.
    let summed = "d.store_id = $1 AND d.day >= $2 AND d.day < $3 AND d.summed_until > 0 AND d.currency = $4 AND d.time_zone = $5";
    let sql = format!(
        "SELECT d.day, d.summed_until, '' AS part, CAST(0 AS BIGINT) AS n_orders, CAST(0 AS BIGINT) AS n_pieces, CAST(0 AS BIGINT) AS amount_paid, CAST(0 AS BIGINT) AS amount_refunded FROM sales_days d WHERE {summed} \
         UNION ALL SELECT CAST(NULL AS BIGINT), CAST(0 AS BIGINT), p.part, CAST(SUM(p.n_orders) AS BIGINT), CAST(SUM(p.n_pieces) AS BIGINT), CAST(SUM(p.amount_paid) AS BIGINT), CAST(SUM(p.amount_refunded) AS BIGINT) \
         FROM sales_parts p JOIN sales_days d ON d.store_id = p.store_id AND d.day = p.day WHERE p.store_id = $1 AND p.kind = $6 AND p.day >= $2 AND p.day < $3 AND {summed} GROUP BY p.part"
    );
    let values = [
        ledger.store_id.into(),
        days.start.into(),
        days.end.into(),
        ledger.currency.code().into(),
        ledger.calendar.name().into(),
        kind.as_str().into(),
    ];
    let (mut parts, mut summed) = (Parts::new(), SummedUntil::new());
    for row in KeptRow::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await? {
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
    // In the text, as with the sums of days.
    let within = |column: &str| format!("{column} >= {} AND {column} < {}", span.start, span.end);
    let sold = sold(kind, is_sqlite(db), &within("o.paid_at"));
    let mut parts = Parts::new();
    for row in SoldRow::find_by_statement(statement(db, sold, values())).all(db).await? {
        let part = Part { n_orders: row.n_orders, n_pieces: row.n_pieces, amount_paid: row.amount, ..Part::default() };
        parts.entry(row.part).or_default().add(part);
    }
    let refunded = match kind {
        PartKind::Product => refunds_of_products(db, values(), &within("r.updated_at")).await?,
        _ => {
            let part = part(kind, "ro", is_sqlite(db));
            let of_part = REFUNDS.replace(" WHERE ", &format!(" {} WHERE ", joined(kind, "ro")));
            let sql = format!(
                "SELECT {part} AS part, CAST(SUM(r.amount) AS BIGINT) AS amount {of_part} AND {} GROUP BY {part}",
                within("r.updated_at")
            );
            let rows = RefundedRow::find_by_statement(statement(db, sql, values())).all(db).await?;
            rows.into_iter().map(|row| (row.part, row.amount)).collect()
        }
    };
    for (name, amount_refunded) in refunded {
        parts.entry(name).or_default().add(Part { amount_refunded, ..Part::default() });
    }
    Ok(parts)
}

/// The part that an order belongs to.
fn part(kind: PartKind, order: &str, is_sqlite: bool) -> String {
    match kind {
        PartKind::Country => format!("{order}.country"),
        PartKind::Referrer => format!("{order}.referrer"),
        PartKind::Promotion => format!("COALESCE({}, '')", id_text("u.promotion_id", is_sqlite)),
        PartKind::Product => id_text("i.product_id", is_sqlite),
    }
}

fn joined(kind: PartKind, order: &str) -> String {
    match kind {
        PartKind::Promotion => format!("LEFT JOIN promotion_uses u ON u.order_id = {order}.id"),
        _ => String::new(),
    }
}

/// An id as 32 digits, as ids are written in URLs.
pub(super) fn id_text(column: &str, is_sqlite: bool) -> String {
    if is_sqlite { format!("LOWER(HEX({column}))") } else { format!("REPLACE(CAST({column} AS TEXT), '-', '')") }
}

fn sold(kind: PartKind, is_sqlite: bool, within: &str) -> String {
    let part = part(kind, "o", is_sqlite);
    let paid = format!("o.store_id = $1 AND {within}");
    match kind {
        PartKind::Product => format!(
            "SELECT {part} AS part, COUNT(DISTINCT o.id) AS n_orders, CAST(SUM(i.quantity) AS BIGINT) AS n_pieces, \
             CAST(SUM(CASE WHEN o.currency = $2 THEN i.unit_amount * i.quantity - i.amount_discount + i.amount_tax ELSE 0 END) AS BIGINT) AS amount \
             FROM orders o JOIN order_items i ON i.order_id = o.id AND i.part_of_id IS NULL WHERE {paid} GROUP BY i.product_id"
        ),
        _ => format!(
            "SELECT {part} AS part, COUNT(*) AS n_orders, CAST(0 AS BIGINT) AS n_pieces, CAST(SUM(CASE WHEN o.currency = $2 THEN o.amount_paid ELSE 0 END) AS BIGINT) AS amount \
             FROM orders o {} WHERE {paid} GROUP BY {part}",
            joined(kind, "o")
        ),
    }
}

#[derive(FromQueryResult)]
struct RefundRow {
    id: Id,
    order_id: Id,
}

/// What went back of each product: that of the line that a refund names, else of all lines by what is left of them.
async fn refunds_of_products(db: &impl ConnectionTrait, values: [sea_orm::Value; 2], within: &str) -> Result<BTreeMap<String, i64>> {
    let sql = format!("SELECT r.id, r.order_id {REFUNDS} AND {within} ORDER BY r.id");
    let rows = RefundRow::find_by_statement(statement(db, sql, values)).all(db).await?;
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
