//! Events of kinds that the program which took them didn't know are found by the one that does.

const UP: &str = "
CREATE INDEX inbox_events_set_aside_idx ON inbox_events (kind) WHERE state = 'ignored' AND last_error IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX inbox_events_set_aside_idx;
";

crate::migration!();
