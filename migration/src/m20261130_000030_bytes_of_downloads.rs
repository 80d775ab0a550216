//! What a download has been given, so that one unit of a budget is worth a bounded number of bytes; and which addresses were
//! shortened by now.

const UP: &str = "
-- All bytes that this download has sent, and when the last one left.
ALTER TABLE download_sessions ADD COLUMN n_bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE download_sessions ADD COLUMN last_at BIGINT;
-- Requests of one address within an hour are one row.
ALTER TABLE download_log ADD COLUMN n_requests BIGINT NOT NULL DEFAULT 1;
-- Addresses are kept whole for a time, then shortened to their network.
ALTER TABLE download_sessions ADD COLUMN is_short BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE download_log ADD COLUMN is_short BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX download_sessions_whole_idx ON download_sessions (started_at) WHERE NOT is_short;
CREATE INDEX download_log_whole_idx ON download_log (created_at) WHERE NOT is_short;
-- Orders that nobody paid go with all that belongs to them.
CREATE INDEX refunds_item_idx ON refunds (order_item_id) WHERE order_item_id IS NOT NULL;
CREATE INDEX orders_never_paid_idx ON orders (created_at) WHERE paid_at IS NULL AND status IN ('failed', 'expired');
";

const DOWN: &str = "
DROP INDEX orders_never_paid_idx;
DROP INDEX refunds_item_idx;
DROP INDEX download_log_whole_idx;
DROP INDEX download_sessions_whole_idx;
ALTER TABLE download_log DROP COLUMN is_short;
ALTER TABLE download_sessions DROP COLUMN is_short;
ALTER TABLE download_log DROP COLUMN n_requests;
ALTER TABLE download_sessions DROP COLUMN last_at;
ALTER TABLE download_sessions DROP COLUMN n_bytes;
";

crate::migration!();
