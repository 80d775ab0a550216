//! What a program must know to run beside a change: see `upgrade.rs`.

const UP: &str = "
CREATE TABLE schema_notes (version TEXT PRIMARY KEY, needs TEXT NOT NULL);
";

const DOWN: &str = "
DROP TABLE schema_notes;
";

crate::migration!();
