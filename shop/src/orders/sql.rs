//! Statements whose plan must be ours.

/// Orders that nobody paid, from the oldest on; `$1` is how old, `$2` how many. It walks the index over them and looks up whether
/// anything of the books hangs on each: as `NOT IN` PostgreSQL would read those tables whole.
pub(super) const NEVER_PAID: &str = "SELECT o.id FROM orders o WHERE o.created_at < $1 AND o.paid_at IS NULL AND o.status IN ('failed', 'expired') \
    AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM fraud_signals f WHERE f.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM entitlements e WHERE e.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM free_orders g WHERE g.order_id = o.id) \
    AND NOT EXISTS (SELECT 1 FROM promotion_uses u WHERE u.order_id = o.id AND u.state <> 'released') \
    ORDER BY o.created_at LIMIT $2";
