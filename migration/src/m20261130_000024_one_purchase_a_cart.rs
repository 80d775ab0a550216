//! One cart is bought once at a time, and a free tier is ordered once by an address.

const UP: &str = "
-- How many orders of this cart were paid. An order that is paid must find it as it was when the order was made.
ALTER TABLE carts ADD COLUMN n_purchases BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN cart_purchase BIGINT;
-- The order that had paid for the same cart before: this payment was refunded, and nothing was delivered for it.
ALTER TABLE orders ADD COLUMN duplicate_of_id UUID;
CREATE INDEX orders_cart_idx ON orders (cart_id) WHERE cart_id IS NOT NULL;
-- Whose address has which free tier. The address is kept as an HMAC.
CREATE TABLE free_orders (
    store_id UUID NOT NULL REFERENCES stores(id),
    address_hash BYTEA NOT NULL,
    variant_id UUID NOT NULL REFERENCES variants(id) ON DELETE CASCADE,
    order_id UUID NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
    PRIMARY KEY (store_id, address_hash, variant_id)
);
CREATE INDEX free_orders_order_idx ON free_orders (order_id);
";

const DOWN: &str = "
DROP TABLE free_orders;
DROP INDEX orders_cart_idx;
ALTER TABLE orders DROP COLUMN duplicate_of_id;
ALTER TABLE orders DROP COLUMN cart_purchase;
ALTER TABLE carts DROP COLUMN n_purchases;
";

crate::migration!();
