//! What was paid is summed from its index alone, as long as a day is open.

const UP: &str = "
DROP INDEX orders_paid_idx;
CREATE INDEX orders_paid_idx ON orders (store_id, paid_at, currency, amount_paid, amount_discount, customer_id, id) WHERE paid_at IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX orders_paid_idx;
CREATE INDEX orders_paid_idx ON orders (store_id, paid_at) WHERE paid_at IS NOT NULL;
";

crate::migration!();
