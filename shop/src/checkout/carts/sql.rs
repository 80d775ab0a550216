//! Statements that read over several nouns in one moment.

use crate::catalog::{self, COVER, PRICE};

/// The lines of the cart of a token's hash `$1` in a store `$2`, as the catalog has them at `$3`: what each costs now, and whether it
/// is on sale. One statement, as every page of the cart asks it.
pub(super) fn lines() -> String {
    let (is_on_sale, delivers) = (catalog::is_tier_on_sale("$3"), catalog::delivers("v"));
    format!(
        "SELECT c.id AS cart_id, p.id AS product_id, v.id AS variant_id, c.promotion_code, c.email, p.slug, p.title, v.key, v.name, \
    ci.quantity, ci.chosen_amount, pr.amount, pr.pay_what_you_want, \
    EXISTS (SELECT 1 FROM bundle_items b WHERE b.variant_id = v.id) AS is_bundle, v.has_license, p.currency, s.currency AS sold_in, \
    ({is_on_sale}) AS is_on_sale, {delivers} AS delivers, \
    {COVER} \
    FROM carts c JOIN stores s ON s.id = c.store_id JOIN cart_items ci ON ci.cart_id = c.id \
    JOIN variants v ON v.id = ci.variant_id JOIN products p ON p.id = v.product_id \
    LEFT JOIN {PRICE} LEFT JOIN files f ON f.id = p.cover_file_id \
    WHERE c.token_hash = $1 AND c.store_id = $2 ORDER BY ci.added_at, ci.variant_id"
    )
}
