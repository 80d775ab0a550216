//! Full-text search over products: FTS5 on SQLite, tsvector with trigrams on PostgreSQL.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

// The text is kept a second time under numbers of its own: VACUUM may renumber the rows of `products`, whose key is no integer.
const UP_SQLITE: &str = "
CREATE TABLE product_search_text (
    number INTEGER PRIMARY KEY,
    product_id BLOB NOT NULL UNIQUE,
    title TEXT NOT NULL,
    promise TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE VIRTUAL TABLE product_search USING fts5(title, promise, description, content='product_search_text', content_rowid='number', tokenize='unicode61 remove_diacritics 2', prefix='2 3');
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO product_search_text(product_id, title, promise, description) VALUES (new.id, new.title, new.promise, new.description);
    INSERT INTO product_search(rowid, title, promise, description) SELECT number, title, promise, description FROM product_search_text WHERE product_id = new.id;
END;
CREATE TRIGGER products_search_delete AFTER DELETE ON products BEGIN
    INSERT INTO product_search(product_search, rowid, title, promise, description) SELECT 'delete', number, title, promise, description FROM product_search_text WHERE product_id = old.id;
    DELETE FROM product_search_text WHERE product_id = old.id;
END;
CREATE TRIGGER products_search_update AFTER UPDATE OF title, promise, description ON products BEGIN
    INSERT INTO product_search(product_search, rowid, title, promise, description) SELECT 'delete', number, title, promise, description FROM product_search_text WHERE product_id = new.id;
    UPDATE product_search_text SET title = new.title, promise = new.promise, description = new.description WHERE product_id = new.id;
    INSERT INTO product_search(rowid, title, promise, description) SELECT number, title, promise, description FROM product_search_text WHERE product_id = new.id;
END;
";

const DOWN_SQLITE: &str = "
DROP TRIGGER products_search_update;
DROP TRIGGER products_search_delete;
DROP TRIGGER products_search_insert;
DROP TABLE product_search;
DROP TABLE product_search_text;
";

const UP_POSTGRES: &str = "
CREATE EXTENSION IF NOT EXISTS pg_trgm;
ALTER TABLE products ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', promise), 'B') || setweight(to_tsvector('simple', description), 'C')
) STORED;
CREATE INDEX products_search_idx ON products USING GIN (search);
CREATE INDEX products_title_trgm_idx ON products USING GIN (title gin_trgm_ops);
";

const DOWN_POSTGRES: &str = "
DROP INDEX products_title_trgm_idx;
DROP INDEX products_search_idx;
ALTER TABLE products DROP COLUMN search;
";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, if manager.get_database_backend() == DbBackend::Sqlite { UP_SQLITE } else { UP_POSTGRES }).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::run(manager, if manager.get_database_backend() == DbBackend::Sqlite { DOWN_SQLITE } else { DOWN_POSTGRES }).await
    }
}
