//! How often a row was changed by a form that writes all of it, so that an older form is told instead of undoing what is newer.

const UP: &str = "
ALTER TABLE stores ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE promotions ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE categories ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE releases ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
";

const DOWN: &str = "
ALTER TABLE releases DROP COLUMN revision;
ALTER TABLE categories DROP COLUMN revision;
ALTER TABLE promotions DROP COLUMN revision;
ALTER TABLE stores DROP COLUMN revision;
";

crate::migration!();
