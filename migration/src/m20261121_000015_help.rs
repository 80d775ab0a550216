//! What helps a customer: notes on orders, access that a member closed, failures that were seen to; and lists of orders and
//! customers that cost the same however many there are.

const UP: &str = "
-- Lists go by when an order was begun: one that was made again from what Stripe kept stands where it stood.
DROP INDEX orders_recent_idx;
DROP INDEX orders_status_idx;
CREATE INDEX orders_recent_idx ON orders (store_id, created_at DESC, id DESC);
CREATE INDEX orders_status_idx ON orders (store_id, status, created_at DESC, id DESC);
DROP INDEX order_items_product_idx;
CREATE INDEX order_items_product_idx ON order_items (product_id, order_id DESC);
CREATE INDEX promotion_uses_promotion_idx ON promotion_uses (promotion_id, order_id DESC);
CREATE INDEX customers_recent_idx ON customers (store_id, id DESC);
CREATE INDEX customers_email_prefix_idx ON customers (email_normalized text_pattern_ops);
CREATE INDEX customers_name_prefix_idx ON customers (LOWER(name) text_pattern_ops);
-- When a customer's name and address were forgotten, by wish.
ALTER TABLE customers ADD COLUMN erased_at BIGINT;
-- A member's own decision, apart from what follows from the money.
ALTER TABLE entitlements ADD COLUMN closed_at BIGINT;
UPDATE entitlements SET closed_at = created_at WHERE cause = 'member';
-- What members tell each other of an order.
CREATE TABLE order_notes (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    member_id UUID REFERENCES members(id),
    author TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX order_notes_order_idx ON order_notes (order_id, id);
-- Wishes that were carried out, so that one that is sent twice is one.
CREATE TABLE request_keys (
    store_id UUID NOT NULL REFERENCES stores(id),
    request_key TEXT NOT NULL,
    -- What was wished for under the key, hashed.
    wish_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, request_key)
);
CREATE INDEX request_keys_age_idx ON request_keys (created_at);
-- Somebody has seen to it in another way than by trying again.
ALTER TABLE jobs ADD COLUMN dismissed_at BIGINT;
ALTER TABLE inbox_events ADD COLUMN dismissed_at BIGINT;
CREATE INDEX inbox_events_recent_idx ON inbox_events (received_at);
CREATE INDEX jobs_retried_idx ON jobs (created_at) WHERE state = 'waiting' AND attempts > 0;
";

const DOWN: &str = "
DROP INDEX jobs_retried_idx;
DROP INDEX inbox_events_recent_idx;
ALTER TABLE inbox_events DROP COLUMN dismissed_at;
ALTER TABLE jobs DROP COLUMN dismissed_at;
DROP TABLE request_keys;
DROP TABLE order_notes;
ALTER TABLE entitlements DROP COLUMN closed_at;
ALTER TABLE customers DROP COLUMN erased_at;
DROP INDEX customers_name_prefix_idx;
DROP INDEX customers_email_prefix_idx;
DROP INDEX customers_recent_idx;
DROP INDEX promotion_uses_promotion_idx;
DROP INDEX order_items_product_idx;
CREATE INDEX order_items_product_idx ON order_items (product_id);
DROP INDEX orders_status_idx;
DROP INDEX orders_recent_idx;
CREATE INDEX orders_recent_idx ON orders (store_id, id DESC);
CREATE INDEX orders_status_idx ON orders (store_id, status, id DESC);
";

crate::migration!();
