//! Statements on the index of words, which no entity knows: FTS5 on SQLite, `tsvector` on PostgreSQL.

/// Whether a product needs to be indexed; its index has those alone.
pub(super) const ANY_UNINDEXED: &str = "SELECT id FROM products WHERE NOT is_indexed LIMIT 1";

/// The texts of products that need it, under a condition, which other workers pass by.
pub(super) fn unindexed(is_sqlite: bool, condition: &str, limit: usize, skip: &str) -> String {
    let (number, source) = if is_sqlite {
        ("st.number", "products p JOIN product_search_text st ON st.product_id = p.id")
    } else {
        ("CAST(0 AS BIGINT) AS number", "products p")
    };
    let tags = "(SELECT STRING_AGG(t.name, ' ') FROM product_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.product_id = p.id)";
    let category = "(SELECT c.name || ' ' || COALESCE(above.name, '') FROM categories c \
         LEFT JOIN categories above ON above.id = c.parent_id WHERE c.id = p.category_id)";
    format!(
        "SELECT p.id, {number}, p.title, p.promise, p.description, p.slug, p.sku, {tags} AS tags, {category} AS category FROM {source} \
         WHERE NOT p.is_indexed AND {condition} LIMIT {limit} {skip}"
    )
}

/// Writes words for rows of five values (SQLite).
pub(super) fn write_sqlite(rows: &str) -> String {
    format!("INSERT OR REPLACE INTO product_search_words (rowid, title, promise, description, names) VALUES {rows}")
}

/// Notes that the products at these places are indexed (SQLite).
pub(super) fn note_indexed(places: &str) -> String {
    format!("UPDATE products SET is_indexed = TRUE WHERE id IN ({places})")
}

/// Writes words for rows of an id and a text (PostgreSQL).
pub(super) fn write_postgres(rows: &str) -> String {
    format!(
        "UPDATE products SET words = CAST(w.column2 AS tsvector), is_indexed = TRUE FROM (VALUES {rows}) AS w WHERE products.id = w.column1"
    )
}

/// Words that products have (SQLite): the first `$5` from `$1` on and before `$2`, of these those with `$3` to `$4` letters.
pub(super) const WORDS_BETWEEN: &str = "SELECT term FROM (SELECT term FROM product_search_vocabulary WHERE term >= $1 AND term < $2 \
    LIMIT $5) first WHERE LENGTH(term) BETWEEN $3 AND $4";
