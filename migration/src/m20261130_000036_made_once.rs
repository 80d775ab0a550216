//! What a request with a key has made, so that the same request sent again leads there.

const UP: &str = "
ALTER TABLE request_keys ADD COLUMN made_id UUID;
";

const DOWN: &str = "
ALTER TABLE request_keys DROP COLUMN made_id;
";

crate::migration!();
