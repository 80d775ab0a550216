//! Statements whose plan or lock must be ours.

/// Holds a use for an order whose own use was released. One guarded statement locks the promotion's row, so that of two late
/// payments one waits for the other, and neither passes the limit. `$1` is the order.
pub(super) const HOLD_LATE: &str = "UPDATE promotions SET n_reserved = n_reserved + 1 \
    WHERE (max_redemptions IS NULL OR n_reserved + n_redeemed < max_redemptions) \
    AND id = (SELECT u.promotion_id FROM promotion_uses u WHERE u.order_id = $1 AND u.state = 'released' \
              AND NOT (u.once_per_customer AND EXISTS (SELECT 1 FROM promotion_uses other WHERE other.promotion_id = u.promotion_id \
                       AND other.customer_key = u.customer_key AND other.once_per_customer AND other.state <> 'released' AND other.order_id <> u.order_id)))";
