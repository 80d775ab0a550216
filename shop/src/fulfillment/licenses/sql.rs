//! Statements whose plan must be ours: lists that read four tables at once.

/// What is read of a license wherever it is shown.
const KEPT: &str = "l.id, l.key_nonce, l.key_sealed, l.state, l.activation_limit, l.activation_usage, l.expires_at, \
    e.state AS entitlement_state, e.cause";

/// The licenses of the order `$1`, with the state of what they belong to.
pub(super) fn of_order() -> String {
    format!(
        "SELECT {KEPT}, e.order_item_id FROM licenses l JOIN entitlements e ON e.id = l.entitlement_id \
         WHERE e.order_id = $1 ORDER BY e.unit_no"
    )
}

/// Licenses with what was sold, the latest first, that a condition names.
pub(super) fn sold(condition: &str, limit: usize) -> String {
    format!(
        "SELECT {KEPT}, l.created_at, o.public_id, o.email, i.product_title \
         FROM entitlements e JOIN licenses l ON l.entitlement_id = e.id \
         JOIN orders o ON o.id = e.order_id JOIN order_items i ON i.id = e.order_item_id WHERE {condition} ORDER BY e.id DESC LIMIT {limit}"
    )
}
