//! Until when a dispute can be answered.

const UP: &str = "
ALTER TABLE disputes ADD COLUMN due_at BIGINT;
";

const DOWN: &str = "
ALTER TABLE disputes DROP COLUMN due_at;
";

crate::migration!();
