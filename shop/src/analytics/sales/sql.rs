//! Statements whose plan must be ours: sums over the rows of days. Bounds stand in the text, so that PostgreSQL sees how few rows are
//! between them, which a plan for any bounds can't tell.

use super::parts::PartKind;
use std::ops::Range;

/// The condition that a column is within a span.
pub(super) fn within(column: &str, span: &Range<i64>) -> String {
    format!("{column} >= {} AND {column} < {}", span.start, span.end)
}

/// The refunds that count, of `$1`'s orders in the currency `$2`: not the way back of a second payment.
const REFUNDS: &str = "FROM refunds r JOIN orders ro ON ro.id = r.order_id LEFT JOIN payments p ON p.id = r.payment_id \
                       WHERE r.store_id = $1 AND r.state = 'succeeded' AND ro.currency = $2 \
                       AND (p.provider_id IS NULL OR p.provider_id = ro.payment_intent_id)";

/// The sums of a day, or of a part of it: `$1` is the store, `$2` the currency.
pub(super) fn sums_of(day: i64, span: &Range<i64>) -> String {
    let (paid, refunded, begun) = (within("o.paid_at", span), within("r.updated_at", span), within("s.started_at", span));
    format!(
        "SELECT CAST({day} AS BIGINT) AS day, \
         CAST(COALESCE(SUM(CASE WHEN o.currency = $2 THEN o.amount_paid ELSE 0 END), 0) AS BIGINT) AS amount_paid, \
         CAST(COALESCE(SUM(CASE WHEN o.currency = $2 THEN o.amount_discount ELSE 0 END), 0) AS BIGINT) AS amount_discounted, \
         COUNT(*) AS n_orders, \
         COUNT(CASE WHEN o.currency = $2 AND o.amount_paid > 0 THEN 1 END) AS n_sales, \
         COUNT(DISTINCT CASE WHEN o.customer_id IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM orders e WHERE e.customer_id = o.customer_id AND e.paid_at < o.paid_at) THEN o.customer_id END) AS \
             n_new_customers, \
         (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) {REFUNDS} AND {refunded}) AS amount_refunded, \
         (SELECT COUNT(*) {REFUNDS} AND {refunded}) AS n_refunds, \
         (SELECT COUNT(*) FROM download_sessions s WHERE s.store_id = $1 AND {begun}) AS n_downloads \
         FROM orders o WHERE o.store_id = $1 AND {paid}"
    )
}

/// The days that are summed: `$1` is the store, then from when, until when, the currency and the time zone.
pub(super) const KEPT_DAYS: &str = "SELECT day, summed_until, amount_paid, amount_refunded, amount_discounted, n_orders, n_sales, \
    n_refunds, \
    n_new_customers, n_downloads FROM sales_days WHERE store_id = $1 AND day >= $2 AND day < $3 AND summed_until > 0 AND currency = \
    $4 AND time_zone = $5";

/// Opens days, so that they are summed anew; `$1` is the store.
pub(super) fn open_days(days: &[i64]) -> String {
    let rows: Vec<String> = days.iter().map(|day| format!("($1, {day}, 0, '', 0, 0, 0, 0, 0)")).collect();
    format!(
        "INSERT INTO sales_days (store_id, day, summed_until, currency, amount_paid, amount_refunded, n_orders, n_new_customers, \
            n_downloads) \
         VALUES {} ON CONFLICT (store_id, day) DO UPDATE SET summed_until = 0",
        rows.join(", ")
    )
}

/// Writes the sums of a day. Downloads that were thrown away since stay counted.
pub(super) const SUM_DAY: &str = "UPDATE sales_days SET summed_until = $13, currency = $3, amount_paid = $4, amount_refunded = $5, \
    n_orders = $6, n_new_customers = $7, n_downloads = CASE WHEN $14 AND n_downloads > $8 THEN n_downloads ELSE $8 END, \
               time_zone = $9, n_sales = $10, n_refunds = $11, amount_discounted = $12 WHERE store_id = $1 AND day = $2";

/// Days and the sums of their parts in one statement, so that a day that is summed meanwhile is in both or in neither: parameters as
/// [`KEPT_DAYS`], and the kind.
pub(super) fn kept_parts() -> String {
    let summed = "d.store_id = $1 AND d.day >= $2 AND d.day < $3 AND d.summed_until > 0 AND d.currency = $4 AND d.time_zone = $5";
    format!(
        "SELECT d.day, d.summed_until, '' AS part, CAST(0 AS BIGINT) AS n_orders, CAST(0 AS BIGINT) AS n_pieces, CAST(0 AS BIGINT) AS \
            amount_paid, \
         CAST(0 AS BIGINT) AS amount_refunded FROM sales_days d WHERE {summed} \
         UNION ALL SELECT CAST(NULL AS BIGINT), CAST(0 AS BIGINT), p.part, CAST(SUM(p.n_orders) AS BIGINT), CAST(SUM(p.n_pieces) AS \
         BIGINT), \
         CAST(SUM(p.amount_paid) AS BIGINT), CAST(SUM(p.amount_refunded) AS BIGINT) \
         FROM sales_parts p JOIN sales_days d ON d.store_id = p.store_id AND d.day = p.day \
         WHERE p.store_id = $1 AND p.kind = $6 AND p.day >= $2 AND p.day < $3 AND {summed} GROUP BY p.part"
    )
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

/// What was sold of each part.
pub(super) fn sold(kind: PartKind, is_sqlite: bool, within: &str) -> String {
    let part = part(kind, "o", is_sqlite);
    let paid = format!("o.store_id = $1 AND {within}");
    match kind {
        PartKind::Product => format!(
            "SELECT {part} AS part, COUNT(DISTINCT o.id) AS n_orders, CAST(SUM(i.quantity) AS BIGINT) AS n_pieces, \
             CAST(SUM(CASE WHEN o.currency = $2 THEN i.unit_amount * i.quantity - i.amount_discount + i.amount_tax ELSE 0 END) AS \
             BIGINT) AS amount \
             FROM orders o JOIN order_items i ON i.order_id = o.id AND i.part_of_id IS NULL WHERE {paid} GROUP BY i.product_id"
        ),
        _ => format!(
            "SELECT {part} AS part, COUNT(*) AS n_orders, CAST(0 AS BIGINT) AS n_pieces, CAST(SUM(CASE WHEN o.currency = $2 THEN \
                o.amount_paid ELSE 0 END) AS BIGINT) AS amount \
             FROM orders o {} WHERE {paid} GROUP BY {part}",
            joined(kind, "o")
        ),
    }
}

/// What went back of each part, but for products.
pub(super) fn refunded(kind: PartKind, is_sqlite: bool, span: &Range<i64>) -> String {
    let part = part(kind, "ro", is_sqlite);
    let of_part = REFUNDS.replace(" WHERE ", &format!(" {} WHERE ", joined(kind, "ro")));
    let within = within("r.updated_at", span);
    format!("SELECT {part} AS part, CAST(SUM(r.amount) AS BIGINT) AS amount {of_part} AND {within} GROUP BY {part}")
}

/// The refunds that count within a span.
pub(super) fn refunds(span: &Range<i64>) -> String {
    format!("SELECT r.id, r.order_id {REFUNDS} AND {} ORDER BY r.id", within("r.updated_at", span))
}

/// The disputes of `$1`'s orders in the currency `$2` that were lost within a span. An index holds those that are lost alone.
pub(super) const LOST: &str = "SELECT d.id, d.order_id, d.updated_at AS at, o.country, o.referrer, COALESCE({promotion}, '') AS \
    promotion FROM disputes d \
                    JOIN orders o ON o.id = d.order_id LEFT JOIN promotion_uses u ON u.order_id = o.id \
                    WHERE d.store_id = $1 AND d.status = 'lost' AND o.currency = $2 AND d.updated_at >= $3 AND d.updated_at < $4 \
                    ORDER BY d.id";
