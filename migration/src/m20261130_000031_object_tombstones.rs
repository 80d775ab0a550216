//! Objects of the file store that nothing needs, until they are deleted.

const UP: &str = "
CREATE TABLE object_tombstones (
    object_key TEXT NOT NULL PRIMARY KEY,
    -- When it was written without a row that names it, or taken away.
    gone_at BIGINT NOT NULL
);
CREATE INDEX object_tombstones_gone_idx ON object_tombstones (gone_at);
";

const DOWN: &str = "
DROP TABLE object_tombstones;
";

crate::migration!();
