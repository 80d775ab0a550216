//! Statements whose plan must be ours, or that join several nouns.

use crate::orders::begins;
use domain::email::recognized_beginning;

/// At most this many customers of one name are looked through.
const MAX_NAMESAKES: usize = 2_000;

/// A customer as lists show one.
const ROW: &str = "SELECT c.id, c.email, c.name, c.erased_at, c.created_at, \
    (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.id AND o.paid_at IS NOT NULL) AS n_orders, \
    (SELECT MAX(o.paid_at) FROM orders o WHERE o.customer_id = c.id) AS last_order_at FROM customers c";

/// The customer `$1`.
pub(super) fn one() -> String {
    format!("{ROW} WHERE c.id = $1")
}

/// Customers of a store `$1` by age; where a page came before, after `$2`.
pub(super) fn by_age(has_cursor: bool, is_descending: bool, page: usize) -> String {
    let (sign, direction) = towards(is_descending);
    let after = if has_cursor { format!(" AND c.id {sign} $2") } else { String::new() };
    format!("{ROW} WHERE c.store_id = $1{after} ORDER BY c.id {direction} LIMIT {page}")
}

/// Customers of a store `$1` by their last order; where a page came before, after the customer `$2` whose last order was paid at `$3`.
/// It walks along what was paid, and takes of each customer the last order alone.
pub(super) fn by_last_order(has_cursor: bool, is_descending: bool, page: usize) -> String {
    let (sign, direction) = towards(is_descending);
    // The first half says nothing new, but by it both databases begin in the middle of the index.
    let after =
        if has_cursor { format!(" AND o.paid_at {sign}= $3 AND (o.paid_at, o.customer_id) {sign} ($3, $2)") } else { String::new() };
    format!(
        "{ROW} JOIN (SELECT o.customer_id, o.paid_at FROM orders o WHERE o.store_id = $1 AND o.paid_at IS NOT NULL \
         AND o.customer_id IS NOT NULL{after} AND NOT EXISTS (SELECT 1 FROM orders l WHERE l.customer_id = o.customer_id \
         AND l.paid_at >= o.paid_at AND (l.paid_at > o.paid_at OR l.id > o.id)) \
         ORDER BY o.paid_at {direction}, o.customer_id {direction} LIMIT {page}) last ON last.customer_id = c.id \
         ORDER BY last.paid_at {direction}, c.id {direction} LIMIT {page}"
    )
}

/// The sign of what comes after, and the direction.
fn towards(is_descending: bool) -> (&'static str, &'static str) {
    if is_descending { ("<", "DESC") } else { (">", "ASC") }
}

/// Whose address begins so, or the address of one of whose orders does, where it has a `+tag`.
pub(super) fn by_address(q: &str, bind: &mut impl FnMut(&str) -> usize, is_sqlite: bool) -> String {
    let recognized = recognized_beginning(q);
    let mut condition = begins("c.email_normalized", bind(&recognized), is_sqlite);
    if recognized != q {
        let n = bind(q);
        let own = begins("LOWER(c.email)", n, is_sqlite);
        let of_order = begins("LOWER(o.email)", n, is_sqlite);
        condition.push_str(&format!(" AND ({own} OR EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND {of_order}))"));
    }
    condition
}

/// Whose name begins as the text at a place.
pub(super) fn by_name(place: usize, is_sqlite: bool) -> String {
    begins("LOWER(c.name)", place, is_sqlite)
}

/// Those whose address begins so, and those whose name does, by address, after the customer at the place `after`. Each half walks an
/// index of its own; as one condition with OR it would read the whole table.
pub(super) fn searched(after: Option<usize>, by_address: &str, by_name: &[String], is_sqlite: bool, page: usize) -> String {
    let after = after.map_or(String::new(), |place| {
        let behind = if is_sqlite { ">" } else { "~>~" };
        format!("c.email_normalized {behind} (SELECT email_normalized FROM customers WHERE id = #{place}) AND ")
    });
    let order = if is_sqlite { "c.email_normalized" } else { "c.email_normalized USING ~<~" };
    let mut found = format!(
        "SELECT id FROM (SELECT c.id FROM customers c WHERE {after}{by_address} AND c.store_id = $1 ORDER BY {order} LIMIT {page}) a"
    );
    for (n, by_name) in by_name.iter().enumerate() {
        found.push_str(&format!(
            " UNION SELECT id FROM (SELECT c.id FROM customers c WHERE {after}{by_name} AND c.store_id = $1 LIMIT {MAX_NAMESAKES}) n{n}"
        ));
    }
    format!("{ROW} WHERE c.id IN ({found}) ORDER BY {order} LIMIT {page}").replace('#', "$")
}

/// What a customer `$1` bought, latest first, at most `$2`, with what became of its first piece.
pub(super) const GOODS: &str = "SELECT o.public_id, i.product_title, i.variant_name, i.quantity, e.state, o.created_at \
    FROM orders o JOIN order_items i ON i.order_id = o.id LEFT JOIN entitlements e ON e.order_item_id = i.id AND e.unit_no = 1 \
    WHERE o.customer_id = $1 AND o.paid_at IS NOT NULL ORDER BY o.paid_at DESC, i.position LIMIT $2";

/// What is told to a person who asks what is kept of them: parts, each with rows that join what several nouns know. `$1` is the customer,
/// `$2` the address by which orders are known that were never paid.
pub(super) const PARTS: [(&str, &str); 8] = [
    (
        "orders",
        "SELECT o.public_id AS id, o.status, o.email, o.country, o.referrer, o.currency, o.amount_subtotal, o.amount_discount, \
         o.amount_tax, o.amount_total, o.amount_refunded, \
         o.created_at, o.paid_at, o.seen_at FROM orders o WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY o.id",
    ),
    (
        "lines",
        "SELECT o.public_id AS order_id, i.product_title AS product, i.variant_name AS tier, i.terms, i.quantity, i.unit_amount, \
         i.amount_discount, i.amount_tax \
         FROM orders o JOIN order_items i ON i.order_id = o.id WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY o.id, \
         i.position",
    ),
    (
        "payments",
        "SELECT o.public_id AS order_id, p.provider, p.provider_id, p.amount, p.currency, p.method, p.brand, p.last4, p.wallet, \
         p.paid_at \
         FROM orders o JOIN payments p ON p.order_id = o.id WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY p.id",
    ),
    (
        "refunds",
        "SELECT o.public_id AS order_id, r.amount, o.currency, r.state, r.reason, r.created_at \
         FROM orders o JOIN refunds r ON r.order_id = o.id WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY r.id",
    ),
    (
        "downloads",
        "SELECT o.public_id AS order_id, f.name AS file, s.ip, s.user_agent, s.started_at FROM orders o JOIN entitlements e ON e.order_id \
         = o.id \
         JOIN download_sessions s ON s.entitlement_id = e.id JOIN files f ON f.id = s.file_id WHERE (o.customer_id = $1 OR \
         o.email_normalized = $2) ORDER BY s.id",
    ),
    (
        "devices",
        "SELECT o.public_id AS order_id, a.name, a.created_at, a.seen_at, a.deactivated_at FROM orders o JOIN entitlements e ON e.order_id \
         = o.id \
         JOIN licenses l ON l.entitlement_id = e.id JOIN activations a ON a.license_id = l.id WHERE (o.customer_id = $1 OR \
         o.email_normalized = $2) ORDER BY a.id",
    ),
    (
        "timeline",
        "SELECT o.public_id AS order_id, t.kind, t.detail, t.created_at FROM orders o JOIN order_events t ON t.order_id = o.id \
         WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY t.id",
    ),
    (
        "notes",
        "SELECT o.public_id AS order_id, n.body, n.created_at FROM orders o JOIN order_notes n ON n.order_id = o.id \
         WHERE (o.customer_id = $1 OR o.email_normalized = $2) ORDER BY n.id",
    ),
];

/// The last of the next rows of a table after `$1`. Texts are looked through by windows of the primary key, whatever table they are in.
pub(super) fn end_of_window(table: &str, n_rows: u64) -> String {
    format!("SELECT id FROM (SELECT id FROM {table} WHERE id > $1 ORDER BY id LIMIT {n_rows}) AS near ORDER BY id DESC LIMIT 1")
}

/// The rows from `$1` to `$2` whose text is like one of the patterns from `$3` on.
pub(super) fn like_in_window(table: &str, column: &str, text: &str, n_patterns: usize, most: usize) -> String {
    let likes: Vec<String> = (0..n_patterns).map(|n| format!("LOWER({text}) LIKE ${}", n + 3)).collect();
    format!("SELECT id, {column} AS text FROM {table} WHERE id > $1 AND id <= $2 AND ({}) ORDER BY id LIMIT {most}", likes.join(" OR "))
}

/// The text of the row `$1`, which nobody changes until the transaction ends.
pub(super) fn read_text(table: &str, column: &str, is_sqlite: bool) -> String {
    let lock = if is_sqlite { "" } else { "FOR UPDATE" };
    format!("SELECT {column} AS text FROM {table} WHERE id = $1 {lock}")
}

/// Puts `$2` in the place of the text of the row `$1`.
pub(super) fn write_text(table: &str, column: &str) -> String {
    format!("UPDATE {table} SET {column} = $2 WHERE id = $1")
}

/// Takes the row `$1` away.
pub(super) fn delete_text(table: &str) -> String {
    format!("DELETE FROM {table} WHERE id = $1")
}
