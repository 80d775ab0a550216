//! The color that most of a picture has, shown in its place until it is there.

const UP: &str = "
ALTER TABLE files ADD COLUMN color TEXT;
";

const DOWN: &str = "
ALTER TABLE files DROP COLUMN color;
";

crate::migration!();
