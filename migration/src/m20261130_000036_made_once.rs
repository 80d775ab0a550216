//! What a wish made that was sent under a key, so that the same wish sent again leads there.

const UP: &str = "
ALTER TABLE request_keys ADD COLUMN made_id UUID;
";

const DOWN: &str = "
ALTER TABLE request_keys DROP COLUMN made_id;
";

crate::migration!();
