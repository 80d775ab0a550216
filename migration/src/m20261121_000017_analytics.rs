//! What days brought, by product, country, promotion and where people came from; visits; the store's own days instead of UTC's.

const UP: &str = "
-- Sums count only in the time zone that they were made in.
ALTER TABLE sales_days ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE sales_days ADD COLUMN n_sales BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sales_days ADD COLUMN n_refunds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sales_days ADD COLUMN amount_discounted BIGINT NOT NULL DEFAULT 0;
-- The same sums in parts; they count while their day is closed.
CREATE TABLE sales_parts (
    store_id UUID NOT NULL REFERENCES stores(id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('product','country','promotion','referrer')),
    -- An id, a code of ISO 3166, a host or a campaign; empty where it is not known.
    part TEXT NOT NULL,
    n_orders BIGINT NOT NULL,
    n_pieces BIGINT NOT NULL,
    amount_paid BIGINT NOT NULL,
    amount_refunded BIGINT NOT NULL,
    PRIMARY KEY (store_id, kind, day, part)
);
-- Where a purchase began and who paid it, as far as that is told without following anybody.
ALTER TABLE carts ADD COLUMN referrer TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN referrer TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN country TEXT NOT NULL DEFAULT '';
-- What a visitor's address is hashed with, for a day; then it is thrown away, and the hashes with it.
CREATE TABLE visit_salts (
    store_id UUID NOT NULL REFERENCES stores(id),
    day BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    PRIMARY KEY (store_id, day)
);
CREATE TABLE visitors (
    store_id UUID NOT NULL REFERENCES stores(id),
    day BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    referrer TEXT NOT NULL,
    PRIMARY KEY (store_id, day, hash)
);
CREATE TABLE visit_days (
    store_id UUID NOT NULL REFERENCES stores(id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('all','product','referrer')),
    part TEXT NOT NULL,
    n_views BIGINT NOT NULL,
    n_visitors BIGINT NOT NULL,
    n_carts BIGINT NOT NULL,
    PRIMARY KEY (store_id, kind, day, part)
);
";

const DOWN: &str = "
DROP TABLE visit_days;
DROP TABLE visitors;
DROP TABLE visit_salts;
ALTER TABLE orders DROP COLUMN country;
ALTER TABLE orders DROP COLUMN referrer;
ALTER TABLE carts DROP COLUMN referrer;
DROP TABLE sales_parts;
ALTER TABLE sales_days DROP COLUMN amount_discounted;
ALTER TABLE sales_days DROP COLUMN n_refunds;
ALTER TABLE sales_days DROP COLUMN n_sales;
ALTER TABLE sales_days DROP COLUMN time_zone;
";

crate::migration!();
