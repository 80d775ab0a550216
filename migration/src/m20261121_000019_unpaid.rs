//! Orders that nobody paid, until their addresses are forgotten.

const UP: &str = "
CREATE INDEX orders_unpaid_idx ON orders (created_at) WHERE paid_at IS NULL AND status IN ('failed', 'expired') AND email_normalized <> 'erased@erased.invalid';
";

const DOWN: &str = "
DROP INDEX orders_unpaid_idx;
";

crate::migration!();
