//! What each day brought, summed once the day is over, so that figures over months don't read months of orders; and which
//! payment a dispute is about.

const UP: &str = "
CREATE TABLE sales_days (
    store_id UUID NOT NULL REFERENCES stores(id),
    -- Days since 1970, UTC.
    day BIGINT NOT NULL,
    -- Whether the sums are those of the rows; a day that something changed in later is opened again.
    is_closed BOOLEAN NOT NULL,
    currency TEXT NOT NULL,
    amount_paid BIGINT NOT NULL,
    amount_refunded BIGINT NOT NULL,
    n_orders BIGINT NOT NULL,
    n_new_customers BIGINT NOT NULL,
    n_downloads BIGINT NOT NULL,
    PRIMARY KEY (store_id, day)
);
-- An order that was paid twice has two payments, and goods stand on the first.
ALTER TABLE disputes ADD COLUMN payment_id UUID REFERENCES payments(id);
-- Whether an order is its customer's first.
CREATE INDEX orders_customer_idx ON orders (customer_id, paid_at) WHERE customer_id IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX orders_customer_idx;
ALTER TABLE disputes DROP COLUMN payment_id;
DROP TABLE sales_days;
";

crate::migration!();
