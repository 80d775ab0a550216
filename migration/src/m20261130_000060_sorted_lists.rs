//! What lists of the dashboard are sorted by, beside what the shop's own lists have an index of already.

const UP: &str = "
CREATE INDEX products_title_idx ON products (store_id, status, LOWER(title), id);
CREATE INDEX products_updated_idx ON products (store_id, status, updated_at, id);
CREATE INDEX orders_total_idx ON orders (store_id, amount_total, id);
";

const DOWN: &str = "
DROP INDEX orders_total_idx;
DROP INDEX products_updated_idx;
DROP INDEX products_title_idx;
";

crate::migration!();
