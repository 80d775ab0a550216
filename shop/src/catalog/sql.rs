//! Statements whose plan must be ours, and the conditions that several of them share.

/// What is on sale: a condition, not a state, so that scheduled goods appear by themselves. `p` is the product, the parameter at
/// this place the instant.
///
/// The same in Rust: `find_product`.
pub(super) fn is_on_sale(now: &str) -> String {
    format!("p.status = 'published' AND p.published_at <= {now}")
}

/// The same of a tier `v` of the product.
pub(crate) fn is_tier_on_sale(now: &str) -> String {
    format!("{} AND v.status = 'active'", is_on_sale(now))
}

/// To be joined: the price of a tier `v` of the product `p` in the currency that it is priced in.
pub(crate) const PRICE: &str = "prices pr ON pr.variant_id = v.id AND pr.is_active AND pr.currency = p.currency";

/// The cover of a product `p`, whose file is `f`: a `PictureRow` and the words for who can't see it.
pub(crate) const COVER: &str = "p.cover_alt, f.id AS cover_id, f.name AS cover_name, f.width AS cover_width, \
    f.height AS cover_height, f.sizes AS cover_sizes, f.color AS cover_color";

/// Writes what lists show of a product's prices: sums over rows of two tables, in one statement. `$1` is the product.
pub(super) fn sum_up_prices() -> String {
    let of_product =
        "FROM prices pr JOIN variants v ON v.id = pr.variant_id WHERE v.product_id = products.id AND v.status = 'active' AND pr.is_active";
    format!(
        "UPDATE products SET version = version + 1, price_from = (SELECT MIN(pr.amount) {of_product}), \
         has_price_range = (SELECT MIN(pr.amount) <> MAX(pr.amount) {of_product}), pay_what_you_want = EXISTS \
         (SELECT 1 {of_product} AND pr.pay_what_you_want AND pr.amount = (SELECT MIN(pr.amount) {of_product})) WHERE id = $1"
    )
}

/// Whether a file is a cover, a picture, a sample or the logo: three indices in one statement, for each picture that is shown. `$1` is
/// the file.
pub(super) const IS_PUBLIC: &str = "SELECT 1 AS yes FROM previews WHERE file_id = $1 UNION ALL SELECT 1 FROM products WHERE \
    cover_file_id = $1 \
    UNION ALL SELECT 1 FROM stores WHERE logo_file_id = $1 LIMIT 1";

/// The condition on `p` of what can be bought in the store's currency.
pub(super) const IS_IN_CURRENCY: &str = "p.currency = (SELECT s.currency FROM stores s WHERE s.id = p.store_id)";

/// Whether a tier `v` has a file of the release that customers have.
pub(super) fn has_files(v: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM release_files drf WHERE drf.release_id = (SELECT dr.id FROM releases dr \
         WHERE dr.product_id = {v}.product_id AND NOT dr.is_draft ORDER BY dr.id DESC LIMIT 1) \
         AND (drf.variant_id IS NULL OR drf.variant_id = {v}.id))"
    )
}

/// Whether a tier `v` delivers something: a file, a license key, or what comes with it.
///
/// The same in Rust: [`domain::pages::offer::VariantOffer::delivers`].
pub(crate) fn delivers(v: &str) -> String {
    let of_itself = |v: &str| format!("{v}.has_license OR {}", has_files(v));
    format!(
        "({} OR EXISTS (SELECT 1 FROM bundle_items di JOIN variants dv ON dv.id = di.included_variant_id \
         WHERE di.variant_id = {v}.id AND ({})))",
        of_itself(v),
        of_itself("dv")
    )
}

/// Whether a tier of the product `p` delivers something.
fn product_delivers() -> String {
    format!("EXISTS (SELECT 1 FROM variants pv WHERE pv.product_id = p.id AND pv.status = 'active' AND {})", delivers("pv"))
}

/// A tier as it can be bought: what a cart or an order takes of product, tier and price, in one read.
fn offered() -> String {
    format!(
        "p.id AS product_id, v.id AS variant_id, p.slug, p.title, v.key, v.name, v.terms, \
         (SELECT lt.id FROM license_terms lt WHERE lt.store_id = p.store_id AND lt.kind = v.terms ORDER BY lt.id DESC LIMIT 1) \
         AS terms_id, \
         pr.id, pr.amount, pr.pay_what_you_want, pr.suggested_amount, pr.currency, ({IS_IN_CURRENCY}) AS is_in_currency, \
         COALESCE(v.download_limit, (SELECT s.download_limit FROM stores s WHERE s.id = p.store_id)) AS download_limit, \
         v.has_license, v.license_activation_limit, v.license_expires_after_days, v.license_policy, \
         EXISTS (SELECT 1 FROM bundle_items bi WHERE bi.variant_id = v.id) AS is_bundle, {} AS delivers",
        delivers("v")
    )
}

/// The tier of a product on sale: `$1` is the store, `$2` the slug, `$3` the key or nothing for the first, `$4` now.
pub(super) fn offer() -> String {
    format!(
        "SELECT {} FROM products p JOIN variants v ON v.product_id = p.id JOIN {PRICE} \
         WHERE p.store_id = $1 AND p.slug = $2 AND {} AND ($3 = '' OR v.key = $3) ORDER BY v.position, v.id LIMIT 1",
        offered(),
        is_tier_on_sale("$4")
    )
}

/// What comes with the tiers at these places: `$1` is now.
pub(super) fn included(places: &str) -> String {
    format!(
        "SELECT b.variant_id AS bundle_id, ({} AND {IS_IN_CURRENCY}) AS is_on_sale, {} \
         FROM bundle_items b JOIN variants v ON v.id = b.included_variant_id JOIN products p ON p.id = v.product_id JOIN {PRICE} \
         WHERE b.variant_id IN ({places}) AND p.deleted_at IS NULL ORDER BY b.variant_id, b.position",
        is_tier_on_sale("$1"),
        offered()
    )
}

/// The title of a product whose tier comes with one of the product `$1` under a condition on that, `i`.
pub(super) fn bundled_with(condition: &str) -> String {
    format!(
        "SELECT p.title FROM variants i JOIN bundle_items b ON b.included_variant_id = i.id JOIN variants v ON v.id = b.variant_id \
         JOIN products p ON p.id = v.product_id WHERE i.product_id = $1 AND v.status = 'active' AND p.deleted_at IS NULL {condition} \
         LIMIT 1"
    )
}

/// Tiers of the store `$1` that are no bundles, the newest products first.
pub(super) fn tiers_to_bundle(limit: usize) -> String {
    format!(
        "SELECT p.slug, p.title, p.status = 'draft' AS is_draft, v.key, v.name FROM products p \
         JOIN variants v ON v.product_id = p.id AND v.status = 'active' \
         WHERE p.store_id = $1 AND p.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM bundle_items b WHERE b.variant_id = v.id) \
         ORDER BY p.id DESC, v.position, v.id LIMIT {limit}"
    )
}

/// The tiers of the product `$1` with their prices in its currency `$2`.
pub(super) const TIERS: &str = "SELECT v.id, v.key, v.name, v.summary, v.terms, v.has_license, v.license_activation_limit, \
    v.license_expires_after_days, v.license_policy, v.download_limit, v.attributes, pr.amount, pr.currency, \
    (pr.currency = (SELECT cs.currency FROM stores cs WHERE cs.id = v.store_id)) AS is_in_currency, pr.compare_at, pr.pay_what_you_want, \
    pr.suggested_amount, EXISTS (SELECT 1 FROM bundle_items b WHERE b.variant_id = v.id) AS is_bundle \
    FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.is_active AND pr.currency = $2 \
    WHERE v.product_id = $1 AND v.status = 'active' ORDER BY v.position, v.id";

/// A product by its slug with the release that customers have, in one read: `$1` is the store, `$2` the slug.
pub(super) fn with_release(columns: &str) -> String {
    format!(
        "SELECT {columns}, r.id AS release_id, r.version AS release_version, r.notes AS release_notes FROM products p \
         LEFT JOIN releases r ON r.id = (SELECT n.id FROM releases n WHERE n.product_id = p.id AND NOT n.is_draft ORDER BY n.id DESC \
         LIMIT 1) \
         WHERE p.store_id = $1 AND p.slug = $2 AND p.deleted_at IS NULL"
    )
}

/// All files of a product's page in one read: `$1` is the product, `$2` its cover, `$3` its release.
pub(super) fn files_of_page() -> String {
    let columns = "f.name, f.media_type, f.size_bytes, f.width, f.height, f.sizes, f.color";
    format!(
        "SELECT f.id, v.role, v.title, {columns}, v.position, f.id AS place_id, CAST(NULL AS UUID) AS variant_id \
         FROM previews v JOIN files f ON f.id = v.file_id WHERE v.product_id = $1 \
         UNION ALL SELECT f.id, 'cover', '', {columns}, 0, f.id, CAST(NULL AS UUID) FROM files f WHERE f.id = $2 \
         UNION ALL SELECT f.id, 'good', '', {columns}, rf.position, rf.id, rf.variant_id \
         FROM release_files rf JOIN files f ON f.id = rf.file_id WHERE rf.release_id = $3"
    )
}

/// Cards of products from a source, with the value that they are sorted by.
pub(super) fn cards(sort_value: &str, source: &str, condition: &str, by: &str, limit: u64) -> String {
    let delivers = product_delivers();
    format!(
        "SELECT p.id, ({IS_IN_CURRENCY}) AS is_for_sale, {delivers} AS delivers, p.slug, p.title, p.promise, p.kind, \
         p.price_from, p.currency, p.has_price_range, p.pay_what_you_want, CASE WHEN p.price_from = 0 AND p.has_price_range THEN \
         (SELECT MIN(pr.amount) FROM variants v JOIN {PRICE} WHERE v.product_id = p.id AND v.status = 'active' \
         AND pr.amount > 0) END AS price_above, (SELECT COUNT(DISTINCT b.included_variant_id) FROM variants v \
         JOIN bundle_items b ON b.variant_id = v.id WHERE v.product_id = p.id AND v.status = 'active') AS n_included, \
         p.category_id, {COVER}, c.name AS category_name, {sort_value} AS sort_value \
         FROM {source} LEFT JOIN files f ON f.id = p.cover_file_id LEFT JOIN categories c ON c.id = p.category_id \
         WHERE {condition} {by} LIMIT {limit}"
    )
}

/// The condition that a product has the tag at this place.
pub(super) fn has_tag(place: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM product_tags pt JOIN tags t ON t.id = pt.tag_id \
         WHERE pt.product_id = p.id AND t.store_id = p.store_id AND t.slug = {place})"
    )
}

/// The ids of products `p` of a source under a condition, in an order.
pub(super) fn found(source: &str, condition: &str, by: &str, limit: u64) -> String {
    format!("SELECT p.id AS product_id FROM {source} WHERE {condition} {by} LIMIT {limit}")
}

/// The same of those among the first ones, which an index has in order.
pub(super) fn found_among_first(first: &str, window: u64, condition: &str, by: &str, limit: u64) -> String {
    format!(
        "SELECT p.id AS product_id FROM (SELECT p.* FROM products p WHERE {first} {by} LIMIT {window}) p WHERE {condition} {by} LIMIT \
            {limit}"
    )
}

/// The same of what the index of words leads to (SQLite), those that were added last.
pub(super) fn found_by_text(text: &str, condition: &str, limit: u64) -> String {
    format!("SELECT p.id AS product_id {text} AND {condition} ORDER BY s.rowid DESC LIMIT {limit}")
}

/// One stream of products for a union of several.
pub(super) fn stream(found: &str) -> String {
    format!("SELECT * FROM ({found}) one")
}

/// The condition that a product comes after the one at this place, in the order of a column and its id.
pub(super) fn after(column: Option<&str>, is_descending: bool, place: &str) -> String {
    let sign = if is_descending { "<" } else { ">" };
    let Some(column) = column else { return format!("p.id {sign} {place}") };
    let value = format!("(SELECT {column} FROM products p WHERE p.id = {place})");
    // The first half says nothing new, but by it both databases begin in the middle of the index.
    format!("{column} {sign}= {value} AND ({column}, p.id) {sign} ({value}, {place})")
}

/// What is listed for members: parameters are those of the conditions.
pub(super) fn goods(source: &str, conditions: &str, by: &str, limit: usize) -> String {
    let delivers = product_delivers();
    format!(
        "SELECT p.id, p.slug, p.title, p.promise, p.kind, p.status, p.is_listed, p.published_at, p.price_from, p.currency, \
         CASE WHEN p.has_price_range THEN (SELECT MAX(pr.amount) FROM variants v JOIN {PRICE} WHERE v.product_id = p.id \
         AND v.status = 'active') END AS price_to, {IS_IN_CURRENCY} AS is_for_sale, {delivers} AS delivers, p.n_sold, \
         p.updated_at, {COVER} FROM {source} \
         LEFT JOIN files f ON f.id = p.cover_file_id WHERE {conditions} {by} LIMIT {limit}"
    )
}

/// The condition that a product's words are those at this place (SQLite).
pub(super) fn has_words_sqlite(place: &str) -> String {
    format!(
        "p.id IN (SELECT st.product_id FROM product_search_words s JOIN product_search_text st ON st.number = s.rowid \
         WHERE product_search_words MATCH {place})"
    )
}

/// The same on PostgreSQL: as a list, or it walks through the whole shop for words whose number it can't guess.
pub(super) fn has_words_postgres(place: &str) -> String {
    format!("p.id = ANY(ARRAY(SELECT s.id FROM products s WHERE s.words @@ CAST(CAST({place} AS TEXT) AS tsquery)))")
}

/// Where the product is found now that had a slug, under a condition: `$1` is the store, `$2` the slug.
pub(super) fn moved_to(condition: &str) -> String {
    format!("SELECT p.slug FROM old_slugs o JOIN products p ON p.id = o.product_id WHERE o.store_id = $1 AND o.slug = $2 AND {condition}")
}

/// The tags of the product `$1`.
pub(super) const TAGS_OF: &str =
    "SELECT t.slug, t.name FROM product_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.product_id = $1 ORDER BY t.slug";

/// The tags of the store `$1`, each with how many products have it.
pub(super) fn tags(limit: u64) -> String {
    format!(
        "SELECT t.slug, t.name, (SELECT COUNT(*) FROM product_tags pt JOIN products p ON p.id = pt.product_id \
         WHERE pt.tag_id = t.id AND p.deleted_at IS NULL) AS n_products FROM tags t WHERE t.store_id = $1 ORDER BY t.slug LIMIT {limit}"
    )
}

/// From the index of words to the products that it leads to, in this order (SQLite).
pub(super) fn by_text(place: &str) -> String {
    format!(
        "FROM product_search_words s CROSS JOIN product_search_text st ON st.number = s.rowid \
         CROSS JOIN products p ON p.id = st.product_id WHERE product_search_words MATCH {place}"
    )
}
