//! Two tables go that nothing was ever written to. The release before asks in its rounds whether an invoice keeps an order or a file,
//! and is answered by an empty view.

const UP: &str = "
DROP TABLE invoices;
CREATE VIEW invoices AS SELECT CAST(NULL AS UUID) AS order_id, CAST(NULL AS UUID) AS file_id WHERE 1 = 0;
DROP TABLE tax_rates;
";

const DOWN: &str = "
CREATE TABLE tax_rates (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    country TEXT NOT NULL,
    name TEXT NOT NULL,
    rate_basis_points BIGINT NOT NULL CHECK (rate_basis_points BETWEEN 0 AND 10000),
    is_inclusive BOOLEAN NOT NULL,
    CONSTRAINT tax_rates_country_key UNIQUE (store_id, country, name)
);
DROP VIEW invoices;
CREATE TABLE invoices (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL CONSTRAINT invoices_order_key UNIQUE REFERENCES orders(id),
    number TEXT NOT NULL,
    file_id UUID REFERENCES files(id),
    issued_at BIGINT NOT NULL,
    CONSTRAINT invoices_number_key UNIQUE (store_id, number)
);
";

crate::migration!();
