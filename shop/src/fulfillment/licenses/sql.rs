//! Statements whose plan must be ours: lists that read four tables at once.

/// The licenses of the order `$1`, with the state of what they belong to.
pub(super) const OF_ORDER: &str = "SELECT l.id, e.order_item_id, l.key_nonce, l.state, l.activation_limit, l.activation_usage, \
    l.expires_at, \
    e.state AS entitlement_state FROM licenses l JOIN entitlements e ON e.id = l.entitlement_id WHERE e.order_id = $1 ORDER BY e.unit_no";

/// Licenses with what was sold, the latest first, that a condition names.
pub(super) fn sold(condition: &str, limit: usize) -> String {
    format!(
        "SELECT l.id, l.key_nonce, l.state, l.activation_limit, l.activation_usage, l.expires_at, l.created_at, e.state AS \
         entitlement_state, \
         o.public_id, o.email, i.product_title FROM entitlements e JOIN licenses l ON l.entitlement_id = e.id \
         JOIN orders o ON o.id = e.order_id JOIN order_items i ON i.id = e.order_item_id WHERE {condition} ORDER BY e.id DESC LIMIT {limit}"
    )
}
