//! What creators say of their goods: listed or not, words for search engines, attributes of tiers, license texts, and slugs that
//! lead on.

const UP: &str = "
-- Bought by who has the link, and in no list.
ALTER TABLE products ADD COLUMN is_listed BOOLEAN NOT NULL DEFAULT TRUE;
-- Counts changes of words, tiers and prices, by which two editors are kept apart; files have their own ways.
ALTER TABLE products ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE products ADD COLUMN updated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN seo_title TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN seo_description TEXT NOT NULL DEFAULT '';
-- What was deleted stays for its orders, and can come back as it was.
ALTER TABLE products ADD COLUMN deleted_at BIGINT;
ALTER TABLE products ADD COLUMN deleted_slug TEXT;
ALTER TABLE products ADD COLUMN deleted_status TEXT;
UPDATE products SET deleted_at = updated_at, deleted_status = 'archived' WHERE status = 'archived' AND slug LIKE 'deleted-%' AND LENGTH(slug) = 40;
CREATE INDEX products_made_idx ON products (store_id, status, id DESC);
-- Pairs of name and value, in the seller's order.
ALTER TABLE variants ADD COLUMN attributes TEXT NOT NULL DEFAULT '[]';
-- Where a product was found before; a product of this name goes first.
CREATE TABLE old_slugs (
    store_id UUID NOT NULL REFERENCES stores(id),
    slug TEXT NOT NULL,
    product_id UUID NOT NULL REFERENCES products(id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (store_id, slug)
);
CREATE INDEX old_slugs_product_idx ON old_slugs (product_id);
-- A text is never changed: a new one is added, the newest of a kind counts, and orders keep theirs.
CREATE TABLE license_terms (
    id UUID NOT NULL PRIMARY KEY,
    store_id UUID NOT NULL REFERENCES stores(id),
    kind TEXT NOT NULL CHECK (kind IN ('personal','commercial','extended')),
    label TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX license_terms_kind_idx ON license_terms (store_id, kind, id DESC);
ALTER TABLE order_items ADD COLUMN terms_id UUID REFERENCES license_terms(id);
";

const DOWN: &str = "
ALTER TABLE order_items DROP COLUMN terms_id;
DROP TABLE license_terms;
DROP TABLE old_slugs;
ALTER TABLE variants DROP COLUMN attributes;
DROP INDEX products_made_idx;
ALTER TABLE products DROP COLUMN deleted_status;
ALTER TABLE products DROP COLUMN deleted_slug;
ALTER TABLE products DROP COLUMN deleted_at;
ALTER TABLE products DROP COLUMN seo_description;
ALTER TABLE products DROP COLUMN seo_title;
ALTER TABLE products DROP COLUMN updated_by;
ALTER TABLE products DROP COLUMN revision;
ALTER TABLE products DROP COLUMN is_listed;
";

crate::migration!();
