//! Where categories were found before.

const UP: &str = "
-- A category of this slug goes first.
CREATE TABLE old_category_slugs (
    store_id UUID NOT NULL REFERENCES stores(id),
    slug TEXT NOT NULL,
    category_id UUID NOT NULL REFERENCES categories(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, slug)
);
CREATE INDEX old_category_slugs_category_idx ON old_category_slugs (category_id);
";

const DOWN: &str = "
DROP TABLE old_category_slugs;
";

crate::migration!();
