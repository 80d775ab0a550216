//! The field that a refused form was refused for.

const UP: &str = "
ALTER TABLE drafts ADD COLUMN field TEXT;
";

const DOWN: &str = "
ALTER TABLE drafts DROP COLUMN field;
";

crate::migration!();
