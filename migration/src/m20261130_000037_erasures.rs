//! Customers who are being forgotten, until their addresses are out of every text.

const UP: &str = "
CREATE TABLE erasures (
    customer_id UUID NOT NULL PRIMARY KEY REFERENCES customers(id),
    store_id UUID NOT NULL REFERENCES stores(id),
    -- The addresses that are looked for, one a line. They go with the row.
    addresses TEXT NOT NULL,
    -- How far it came: the column that is read, and its last row that was.
    place TEXT NOT NULL DEFAULT '',
    after_id TEXT NOT NULL DEFAULT '',
    begun_at BIGINT NOT NULL
);
CREATE INDEX sessions_customer_idx ON sessions (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX activations_license_idx ON activations (license_id);
";

const DOWN: &str = "
DROP INDEX activations_license_idx;
DROP INDEX sessions_customer_idx;
DROP TABLE erasures;
";

crate::migration!();
