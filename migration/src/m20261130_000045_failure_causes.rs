//! Why an event was given up, as a word beside its text.

const UP: &str = "
ALTER TABLE inbox_events ADD COLUMN failure_cause TEXT CHECK (failure_cause IN ('mismatch','no_order','other_mode','other_account'));
UPDATE inbox_events SET failure_cause = CASE
    WHEN last_error LIKE '%does not fit the order%' THEN 'mismatch'
    WHEN last_error LIKE '%the order is not here yet%' THEN 'no_order'
    WHEN last_error LIKE '%of the other mode%' THEN 'other_mode'
    WHEN last_error LIKE '%of another account%' THEN 'other_account'
END WHERE state = 'dead';
";

const DOWN: &str = "
ALTER TABLE inbox_events DROP COLUMN failure_cause;
";

crate::migration!();
