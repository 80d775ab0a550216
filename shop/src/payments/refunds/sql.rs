//! Statements whose plan must be ours: sums, and what is read of several tables at once.

/// Refunds as members see them, each with the line that it was for and the member who asked for it.
pub(super) const VIEW: &str = "SELECT r.id, r.state, r.amount, r.reason, r.failure, r.created_at, i.product_slug, i.variant_key, \
    m.email AS by_member FROM refunds r LEFT JOIN order_items i ON i.id = r.order_item_id LEFT JOIN members m ON m.id = r.member_id";

/// Failed refunds and were not made up for by a later one of the same order: `$1` is the store, `$2` since when.
pub(super) const FAILED: &str = "SELECT o.public_id, o.currency, r.amount, r.reason, r.failure, r.updated_at \
    FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.store_id = $1 AND r.state = 'failed' AND r.updated_at > $2 \
    AND NOT EXISTS (SELECT 1 FROM refunds l WHERE l.order_id = r.order_id AND l.created_at >= r.created_at AND l.id <> r.id \
                    AND l.amount >= r.amount AND l.state NOT IN ('failed', 'canceled')) ORDER BY r.updated_at DESC LIMIT 100";

/// The payments of the order `$1`, and what refunds have left of each.
pub(super) const LEFT_OF_PAYMENTS: &str = "SELECT p.id, p.amount - CAST(COALESCE((SELECT SUM(r.amount) FROM refunds r \
    WHERE r.payment_id = p.id AND r.state NOT IN ('failed', 'canceled')), 0) AS BIGINT) AS n_left FROM payments p WHERE p.order_id = \
    $1 ORDER BY p.id";
