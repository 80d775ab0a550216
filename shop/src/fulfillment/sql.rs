//! Statements whose plan must be ours: what a paid order lacks is counted over rows of four tables.

/// What a paid order lacks that was not delivered whole: pieces, or its mail.
const LACKS: &str = "o.duplicate_of_id IS NULL \
    AND ((SELECT COUNT(*) FROM entitlements e WHERE e.order_id = o.id) < (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i \
    WHERE i.order_id = o.id) \
         OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.order_id = o.id AND j.kind = 'order_mail') \
            AND NOT EXISTS (SELECT 1 FROM order_events t WHERE t.order_id = o.id AND t.kind = 'mailed'))";

/// Paid orders that were not delivered whole: `$1` is the store, `$2` since when they were paid.
pub(super) fn unfinished() -> String {
    format!("SELECT o.id, o.public_id, o.paid_at FROM orders o WHERE o.store_id = $1 AND o.paid_at > $2 AND {LACKS} LIMIT 100")
}

/// The order `$1`, if it is paid and was not delivered whole.
pub(super) fn is_unfinished() -> String {
    format!("SELECT o.id FROM orders o WHERE o.id = $1 AND o.paid_at IS NOT NULL AND {LACKS}")
}
