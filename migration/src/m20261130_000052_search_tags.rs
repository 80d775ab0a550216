//! Products are found by their tags and categories as well, so each change of these takes their words back; and SQLite tells which words
//! there are, by which misspelled ones are found.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const UP_SQLITE: &str = "
CREATE VIRTUAL TABLE product_search_vocabulary USING fts5vocab('product_search_words', 'row');
CREATE TRIGGER product_tags_unindexed_by_insert AFTER INSERT ON product_tags BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id = new.product_id;
END;
CREATE TRIGGER product_tags_unindexed_by_delete AFTER DELETE ON product_tags BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id = old.product_id;
END;
CREATE TRIGGER tags_unindexed AFTER UPDATE OF name ON tags WHEN old.name IS NOT new.name BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id IN (SELECT product_id FROM product_tags WHERE tag_id = new.id);
END;
CREATE TRIGGER products_unindexed_by_category AFTER UPDATE OF category_id ON products WHEN old.category_id IS NOT new.category_id BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id = new.id;
END;
CREATE TRIGGER categories_unindexed AFTER UPDATE OF name, parent_id ON categories
    WHEN old.name IS NOT new.name OR old.parent_id IS NOT new.parent_id BEGIN
    UPDATE products SET is_indexed = FALSE
        WHERE category_id = new.id OR category_id IN (SELECT id FROM categories WHERE parent_id = new.id);
END;
UPDATE products SET is_indexed = FALSE WHERE is_indexed;
";

const DOWN_SQLITE: &str = "
DROP TRIGGER categories_unindexed;
DROP TRIGGER products_unindexed_by_category;
DROP TRIGGER tags_unindexed;
DROP TRIGGER product_tags_unindexed_by_delete;
DROP TRIGGER product_tags_unindexed_by_insert;
DROP TABLE product_search_vocabulary;
";

const UP_POSTGRES: &str = "
CREATE FUNCTION unindex_tagged_product() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE products SET is_indexed = FALSE WHERE id = OLD.product_id;
    ELSE
        UPDATE products SET is_indexed = FALSE WHERE id = NEW.product_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER product_tags_unindexed AFTER INSERT OR DELETE ON product_tags FOR EACH ROW EXECUTE FUNCTION unindex_tagged_product();
CREATE FUNCTION unindex_products_of_tag() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE products SET is_indexed = FALSE WHERE id IN (SELECT product_id FROM product_tags WHERE tag_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER tags_unindexed AFTER UPDATE OF name ON tags FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
    EXECUTE FUNCTION unindex_products_of_tag();
CREATE TRIGGER products_unindexed_by_category BEFORE UPDATE OF category_id ON products FOR EACH ROW
    WHEN (OLD.category_id IS DISTINCT FROM NEW.category_id) EXECUTE FUNCTION unindex_product();
CREATE FUNCTION unindex_products_of_category() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE products SET is_indexed = FALSE
        WHERE category_id = NEW.id OR category_id IN (SELECT id FROM categories WHERE parent_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER categories_unindexed AFTER UPDATE OF name, parent_id ON categories FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.parent_id IS DISTINCT FROM NEW.parent_id)
    EXECUTE FUNCTION unindex_products_of_category();
UPDATE products SET is_indexed = FALSE WHERE is_indexed;
";

const DOWN_POSTGRES: &str = "
DROP TRIGGER categories_unindexed ON categories;
DROP FUNCTION unindex_products_of_category();
DROP TRIGGER products_unindexed_by_category ON products;
DROP TRIGGER tags_unindexed ON tags;
DROP FUNCTION unindex_products_of_tag();
DROP TRIGGER product_tags_unindexed ON product_tags;
DROP FUNCTION unindex_tagged_product();
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
