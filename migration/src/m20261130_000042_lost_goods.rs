//! Paid orders whose goods are not in the database, as after a backup was restored that is older than they are.

const UP: &str = "
-- What an event waits for, as JSON; it stands among what was given up until the goods are there again.
ALTER TABLE inbox_events ADD COLUMN lost_goods TEXT;
CREATE INDEX inbox_events_lost_idx ON inbox_events (received_at) WHERE lost_goods IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX inbox_events_lost_idx;
ALTER TABLE inbox_events DROP COLUMN lost_goods;
";

crate::migration!();
