//! Statements whose plan or lock must be ours.

/// Holds a use for an order whose own use was released. One guarded statement locks the promotion's row, so that of two late
/// payments one waits for the other, and neither passes the limit. `$1` is the order.
pub(super) const HOLD_LATE: &str = "UPDATE promotions SET n_reserved = n_reserved + 1 \
    WHERE (max_redemptions IS NULL OR n_reserved + n_redeemed < max_redemptions) \
    AND id = (SELECT u.promotion_id FROM promotion_uses u WHERE u.order_id = $1 AND u.state = 'released' \
              AND NOT (u.once_per_customer AND EXISTS (SELECT 1 FROM promotion_uses other WHERE other.promotion_id = u.promotion_id \
                       AND other.customer_key = u.customer_key AND other.once_per_customer AND other.state <> 'released' AND \
                       other.order_id <> u.order_id)))";

/// What is read of a promotion, with its code.
const PROMOTION: &str = "SELECT p.id, p.name, c.code, p.percent_off, p.amount_off, p.currency, p.minimum_amount, p.once_per_customer, \
    p.max_redemptions, p.n_reserved, p.n_redeemed, p.starts_at, p.expires_at, p.status, p.created_at, p.is_for_everything, p.amount_sold, \
    p.amount_given, p.revision FROM promotions p LEFT JOIN promotion_codes c ON c.promotion_id = p.id";

/// The promotion that a condition names; `$1` is the store.
pub(super) fn promotion(condition: &str) -> String {
    format!("{PROMOTION} WHERE p.store_id = $1 AND {condition}")
}

/// Promotions, walked along their ids, newest first.
pub(super) fn promotions(conditions: &str, limit: usize) -> String {
    format!("{PROMOTION} WHERE {conditions} ORDER BY p.id DESC LIMIT {limit}")
}

/// The goods of the promotions at these places.
pub(super) fn goods_of(places: &str) -> String {
    format!(
        "SELECT g.promotion_id, p.slug, p.title, v.key, v.name AS variant_name FROM promotion_goods g JOIN products p ON p.id = \
            g.product_id \
         LEFT JOIN variants v ON v.id = g.variant_id WHERE g.promotion_id IN ({places}) ORDER BY g.id"
    )
}

/// The newest products of the store `$1` that are not archived, with their tiers.
pub(super) const PROMOTABLE: &str = "SELECT p.slug, p.title, v.key, v.name FROM \
    (SELECT id, slug, title FROM products WHERE store_id = $1 AND status <> 'archived' ORDER BY id DESC LIMIT 200) p \
    JOIN variants v ON v.product_id = p.id AND v.status = 'active' ORDER BY p.title, p.id, v.position, v.id";

/// The tiers of the products whose slugs stand at these places; `$1` is the store.
pub(super) fn tiers_of(places: &str) -> String {
    format!(
        "SELECT p.id AS product_id, v.id AS variant_id, p.slug, v.key FROM products p LEFT JOIN variants v ON v.product_id = p.id \
         WHERE p.store_id = $1 AND p.slug IN ({places})"
    )
}

/// Every promotion that may apply, with the goods of the order that it is for: `$1` is the store, `$2` the code, `$3` now, `$4` the
/// customer, `$5` the cart whose own order may hold a use. One statement, however many goods each is for.
pub(super) fn candidates(goods: &str) -> String {
    format!(
        "SELECT p.id, p.name, c.code, p.percent_off, p.amount_off, p.currency, p.minimum_amount, p.once_per_customer, p.is_for_everything, \
         g.product_id, g.variant_id \
         FROM promotions p LEFT JOIN promotion_codes c ON c.promotion_id = p.id LEFT JOIN promotion_goods g ON g.promotion_id = p.id \
         AND {goods} \
         WHERE p.id IN (SELECT promotion_id FROM promotion_codes WHERE store_id = $1 AND code_normalized = $2 \
                        UNION ALL SELECT id FROM promotions WHERE store_id = $1 AND is_automatic AND status = 'active') \
         AND p.status = 'active' AND (p.starts_at IS NULL OR p.starts_at <= $3) AND (p.expires_at IS NULL OR p.expires_at > $3) \
         AND (p.max_redemptions IS NULL OR p.n_reserved + p.n_redeemed < p.max_redemptions \
              OR p.n_reserved + p.n_redeemed - (SELECT COUNT(*) FROM orders o JOIN promotion_uses u ON u.order_id = o.id \
                 WHERE o.cart_id = $5 AND o.status = 'pending' AND u.promotion_id = p.id AND u.state = 'reserved') < p.max_redemptions) \
         AND NOT (p.once_per_customer AND EXISTS (SELECT 1 FROM promotion_uses u WHERE u.promotion_id = p.id AND u.customer_key = $4 \
                  AND u.once_per_customer AND u.state <> 'released')) \
         ORDER BY p.id"
    )
}
