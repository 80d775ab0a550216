//! Who made a product, as its page says it.

const UP: &str = "
ALTER TABLE products ADD COLUMN credits TEXT NOT NULL DEFAULT '';
";

const DOWN: &str = "
ALTER TABLE products DROP COLUMN credits;
";

crate::migration!();
