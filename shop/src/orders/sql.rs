//! Statements whose plan must be ours.

/// Orders that nobody paid and that keep their address, from the oldest on; `$1` is how old, `$2` how many. The condition is written as
/// the index over these is.
pub(super) const ADDRESS_IS_KEPT: &str = "SELECT id FROM orders WHERE created_at < $1 AND paid_at IS NULL \
    AND status IN ('failed', 'expired') AND email_normalized <> 'erased@erased.invalid' ORDER BY created_at LIMIT $2";

/// Orders that nobody paid, from the oldest on; `$1` is how old, `$2` how many. It walks the index over them and looks up whether
/// anything of the books hangs on each: as `NOT IN` PostgreSQL would read those tables whole.
pub(super) const NEVER_PAID: &str = "SELECT o.id FROM orders o WHERE o.created_at < $1 AND o.paid_at IS NULL AND o.status IN \
    ('failed', 'expired') \
    AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM fraud_signals f WHERE f.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM entitlements e WHERE e.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM free_orders g WHERE g.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM promotion_uses u WHERE u.order_id = o.id AND u.state <> 'released') \
    ORDER BY o.created_at LIMIT $2";

/// What a list shows of an order.
const COLUMNS: &str = "o.id, o.public_id, o.status, o.livemode, o.email, o.currency, o.amount_subtotal, o.amount_discount, o.amount_tax, \
    o.amount_total, o.amount_refunded, o.payment_intent_id, o.created_at, o.paid_at";

/// A page of orders, walked along an index of the source.
pub(super) fn page(source: &str, conditions: &str, order: &str, limit: usize) -> String {
    format!("SELECT {COLUMNS} FROM {source} WHERE {conditions} ORDER BY {order} LIMIT {limit}")
}

/// The key of the row at this place of a walk.
pub(super) fn key_at(key: &str, source: &str, conditions: &str, order: &str, place: usize) -> String {
    format!("{key} FROM {source} WHERE {conditions} ORDER BY {order} LIMIT 1 OFFSET {place}")
}

/// How many orders fit, counted no further than to the limit.
pub(super) fn n_fitting(conditions: &str, limit: i64) -> String {
    format!("SELECT COUNT(*) AS n FROM (SELECT 1 AS one FROM orders o WHERE {conditions} LIMIT {limit}) found")
}

/// The key of a row of a walk: what its index has beside the id, and the id.
pub(super) fn key(value: &str, id: &str) -> String {
    format!("SELECT {value} AS value, {id} AS id")
}

/// Notes with the name of their order.
pub(super) const NOTES: &str = "SELECT n.author, n.body, n.created_at, o.public_id FROM order_notes n JOIN orders o ON o.id = n.order_id";
