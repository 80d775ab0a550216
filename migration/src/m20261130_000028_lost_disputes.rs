//! Disputes that were lost are found by the day on which they were, as they leave that day's revenue.

const UP: &str = "
CREATE INDEX disputes_lost_idx ON disputes (store_id, updated_at) WHERE status = 'lost';
";

const DOWN: &str = "
DROP INDEX disputes_lost_idx;
";

crate::migration!();
