//! What becomes of money after it was paid: refunds that survive a crash between any two steps, signs of fraud, and how far
//! Stripe's own list of events was read.

const UP: &str = "
-- A refund belongs to a payment: an order that was paid twice has two.
ALTER TABLE refunds ADD COLUMN payment_id UUID REFERENCES payments(id);
-- One wish to refund is one refund, however often it is sent.
ALTER TABLE refunds ADD COLUMN request_key TEXT;
-- Stripe repeats a failure to the same key, so another attempt has another.
ALTER TABLE refunds ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1;
ALTER TABLE refunds ADD COLUMN failure TEXT;
CREATE UNIQUE INDEX refunds_request_key ON refunds (store_id, request_key);
-- Early fraud warnings and reviews, by Stripe's names.
CREATE TABLE fraud_signals (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    order_id UUID NOT NULL REFERENCES orders(id),
    provider_id TEXT NOT NULL CONSTRAINT fraud_signals_provider_key UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('early_fraud_warning','review')),
    is_open BOOLEAN NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX fraud_signals_order_idx ON fraud_signals (order_id);
ALTER TABLE stores ADD COLUMN events_read_until BIGINT;
ALTER TABLE stores ADD COLUMN events_read_next BIGINT;
-- When the customer first saw the delivered order.
ALTER TABLE orders ADD COLUMN seen_at BIGINT;
-- The request that work began with, so that the log can be followed from one to the other.
ALTER TABLE inbox_events ADD COLUMN request_id TEXT;
-- When it happened at Stripe, which may be long before it was received.
ALTER TABLE inbox_events ADD COLUMN happened_at BIGINT;
ALTER TABLE jobs ADD COLUMN request_id TEXT;
-- The order that a job is about, where it is about one.
ALTER TABLE jobs ADD COLUMN order_id UUID;
UPDATE jobs SET order_id = o.id FROM orders o WHERE jobs.dedupe_key = 'order-mail:' || UUID_TEXT(o.id);
-- What was kept and not followed so far is followed now.
UPDATE inbox_events SET state = 'received', attempts = 0, next_at = 0, lease_until = 0, done_at = NULL
    WHERE state = 'ignored' AND (kind LIKE 'charge.%' OR kind LIKE 'refund.%' OR kind LIKE 'radar.%' OR kind LIKE 'review.%');
CREATE INDEX jobs_order_idx ON jobs (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX inbox_events_dead_idx ON inbox_events (received_at) WHERE state = 'dead';
CREATE INDEX jobs_dead_idx ON jobs (created_at) WHERE state = 'dead';
-- Orders are found by what a customer reads out, and by the beginning of an address, whatever the database's collation.
CREATE INDEX orders_number_idx ON orders (SUBSTR(public_id, 19));
CREATE INDEX orders_email_prefix_idx ON orders (email_normalized text_pattern_ops);
CREATE INDEX refunds_recent_idx ON refunds (store_id, state, updated_at);
CREATE INDEX refunds_payment_idx ON refunds (payment_id) WHERE payment_id IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX refunds_recent_idx;
DROP INDEX orders_email_prefix_idx;
DROP INDEX orders_number_idx;
DROP INDEX refunds_payment_idx;
DROP INDEX jobs_dead_idx;
DROP INDEX inbox_events_dead_idx;
DROP INDEX jobs_order_idx;
ALTER TABLE jobs DROP COLUMN order_id;
ALTER TABLE jobs DROP COLUMN request_id;
ALTER TABLE inbox_events DROP COLUMN happened_at;
ALTER TABLE inbox_events DROP COLUMN request_id;
ALTER TABLE orders DROP COLUMN seen_at;
ALTER TABLE stores DROP COLUMN events_read_next;
ALTER TABLE stores DROP COLUMN events_read_until;
DROP TABLE fraud_signals;
DROP INDEX refunds_request_key;
ALTER TABLE refunds DROP COLUMN failure;
ALTER TABLE refunds DROP COLUMN attempt;
ALTER TABLE refunds DROP COLUMN request_key;
ALTER TABLE refunds DROP COLUMN payment_id;
";

crate::migration!();
