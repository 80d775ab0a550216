//! The one store that the program serves, so that programs which start together never make two.

// Where two were made before, the first one stays: it is the one that was always opened.
const UP: &str = "
-- TRUE in one row, NULL in any other.
ALTER TABLE stores ADD COLUMN is_main BOOLEAN CHECK (is_main);
UPDATE stores SET is_main = TRUE WHERE id = (SELECT id FROM stores ORDER BY id LIMIT 1);
CREATE UNIQUE INDEX stores_main_key ON stores (is_main);
";

const DOWN: &str = "
DROP INDEX stores_main_key;
ALTER TABLE stores DROP COLUMN is_main;
";

crate::migration!();
