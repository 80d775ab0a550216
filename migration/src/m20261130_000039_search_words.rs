//! A product's words as the program cuts and folds them, beside the index that the release before searches.
//!
//! Until the worker has been there, they are what each database makes of the text by itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const UP: &str = "
ALTER TABLE products ADD COLUMN is_indexed BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX products_unindexed_idx ON products (id) WHERE NOT is_indexed;
";

// The index holds no text: that of `product_search_text` has the same numbers. Its words need no order.
const UP_SQLITE: &str = "
CREATE VIRTUAL TABLE product_search_words USING fts5(title, promise, description, names, content='', contentless_delete=1, detail=column, tokenize=\"unicode61 remove_diacritics 2 categories 'L* M* N* Co' tokenchars '+#'\", prefix='2 3');
INSERT INTO product_search_words (rowid, title, promise, description, names)
    SELECT st.number, st.title, st.promise, st.description, p.slug || ' ' || COALESCE(p.sku, '') FROM product_search_text st JOIN products p ON p.id = st.product_id;
CREATE TRIGGER products_unindexed AFTER UPDATE OF title, promise, description, slug, sku ON products
    WHEN old.title IS NOT new.title OR old.promise IS NOT new.promise OR old.description IS NOT new.description OR old.slug IS NOT new.slug OR old.sku IS NOT new.sku BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id = new.id;
END;
CREATE TRIGGER product_search_words_delete AFTER DELETE ON product_search_text BEGIN
    DELETE FROM product_search_words WHERE rowid = old.number;
END;
";

const DOWN_SQLITE: &str = "
DROP TRIGGER product_search_words_delete;
DROP TRIGGER products_unindexed;
DROP TABLE product_search_words;
";

const UP_POSTGRES: &str = "
ALTER TABLE products ADD COLUMN words tsvector;
UPDATE products SET words = search;
CREATE INDEX products_words_idx ON products USING GIN (words);
CREATE FUNCTION unindex_product() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.is_indexed := FALSE; RETURN NEW; END $$;
CREATE TRIGGER products_unindexed BEFORE UPDATE OF title, promise, description, slug, sku ON products FOR EACH ROW
    WHEN (OLD.title IS DISTINCT FROM NEW.title OR OLD.promise IS DISTINCT FROM NEW.promise OR OLD.description IS DISTINCT FROM NEW.description OR OLD.slug IS DISTINCT FROM NEW.slug OR OLD.sku IS DISTINCT FROM NEW.sku)
    EXECUTE FUNCTION unindex_product();
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER products_unindexed ON products;
DROP FUNCTION unindex_product();
DROP INDEX products_words_idx;
ALTER TABLE products DROP COLUMN words;
";

const DOWN: &str = "
DROP INDEX products_unindexed_idx;
ALTER TABLE products DROP COLUMN is_indexed;
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, UP).await?;
        crate::run(manager, if manager.get_database_backend() == DbBackend::Sqlite { UP_SQLITE } else { UP_POSTGRES }).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, if manager.get_database_backend() == DbBackend::Sqlite { DOWN_SQLITE } else { DOWN_POSTGRES }).await?;
        crate::run(manager, DOWN).await
    }
}
