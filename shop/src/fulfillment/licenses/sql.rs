//! Statements whose plan must be ours: lists that read four tables at once.

/// What is read of a license wherever it is shown.
const KEPT: &str = "l.id, l.key_nonce, l.key_sealed, l.state, l.activation_limit, l.activation_usage, l.expires_at, \
    e.state AS entitlement_state, e.cause";

/// The licenses of the order `$1`, with the state of what they belong to.
pub(super) fn of_order() -> String {
    format!(
        "SELECT {KEPT}, l.policy, l.updates_until, e.order_item_id FROM licenses l JOIN entitlements e ON e.id = l.entitlement_id \
         WHERE e.order_id = $1 ORDER BY e.unit_no"
    )
}

/// The license of the store `$1` whose key has the hash `$2`, with all that software is told of it.
pub(super) fn of_key() -> String {
    format!(
        "SELECT {KEPT}, l.number, l.policy, l.updates_until, l.created_at, l.last_validated_at, e.order_id, e.order_item_id, \
         e.product_id, e.variant_id, i.product_title, i.product_slug, i.variant_name, o.email, o.customer_id, o.livemode \
         FROM licenses l JOIN entitlements e ON e.id = l.entitlement_id JOIN order_items i ON i.id = e.order_item_id \
         JOIN orders o ON o.id = e.order_id WHERE l.store_id = $1 AND l.key_hmac = $2"
    )
}

/// Licenses with what was sold, the latest first, that a condition names.
pub(super) fn sold(condition: &str, limit: usize) -> String {
    format!(
        "SELECT {KEPT}, l.number, l.created_at, o.public_id, o.email, i.product_title, i.variant_name \
         FROM licenses l JOIN entitlements e ON l.entitlement_id = e.id \
         JOIN orders o ON o.id = e.order_id JOIN order_items i ON i.id = e.order_item_id WHERE {condition} ORDER BY l.id DESC LIMIT {limit}"
    )
}
