//! A day is summed while it goes on, up to an hour that is over, so that few rows are ever read one by one. The index of what was
//! paid then needs to carry no sums.

const UP: &str = "
-- The sums hold what happened on the day before this instant (milliseconds since 1970): 0 where they hold nothing.
ALTER TABLE sales_days ADD COLUMN summed_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sales_days DROP COLUMN is_closed;
DROP INDEX orders_paid_idx;
CREATE INDEX orders_paid_idx ON orders (store_id, paid_at) WHERE paid_at IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX orders_paid_idx;
CREATE INDEX orders_paid_idx ON orders (store_id, paid_at, currency, amount_paid, amount_discount, customer_id, id) WHERE paid_at IS NOT NULL;
ALTER TABLE sales_days ADD COLUMN is_closed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sales_days DROP COLUMN summed_until;
";

crate::migration!();
