//! Words that have no CHECK since their tables were made get one.
//!
//! Rows that are there are not looked at, so that an upgrade never fails because of one. SQLite adds no CHECK to a table that exists; a
//! trigger refuses the same without copying the table.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

const DISPUTE: &str =
    "'warning_needs_response','warning_under_review','warning_closed','needs_response','under_review','prevented','lost','won'";
const CAUSE: &str = "'','refund','dispute','review','member'";
const KIND: &str = "'book','audio','software','image','course','other'";
const PRODUCT: &str = "'draft','published','archived'";
const TERMS: &str = "'personal','commercial','extended','premium'";
const WAY: &str = "'password','link'";

/// Table, column, words. Kinds of jobs, of events and of steps have no CHECK: a newer release may add some beside an older one.
const WORDS: [(&str, &str, &str); 7] = [
    ("disputes", "status", DISPUTE),
    ("entitlements", "cause", CAUSE),
    ("products", "kind", KIND),
    ("products", "deleted_status", PRODUCT),
    ("variants", "terms", TERMS),
    ("order_items", "terms", TERMS),
    ("sessions", "way", WAY),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, words) in WORDS {
            let sql = if manager.get_database_backend() == DbBackend::Sqlite {
                let refuse =
                    format!("WHEN new.{column} NOT IN ({words}) BEGIN SELECT RAISE(ABORT, '{table}.{column} is none of its words'); END;");
                format!(
                    "CREATE TRIGGER {table}_{column}_insert BEFORE INSERT ON {table} {refuse}\n\
                     CREATE TRIGGER {table}_{column}_update BEFORE UPDATE OF {column} ON {table} {refuse}"
                )
            } else {
                format!("ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_check CHECK ({column} IN ({words})) NOT VALID;")
            };
            crate::run(manager, &sql).await?;
        }
        Ok(())
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, _) in WORDS {
            let sql = if manager.get_database_backend() == DbBackend::Sqlite {
                format!("DROP TRIGGER {table}_{column}_update; DROP TRIGGER {table}_{column}_insert;")
            } else {
                format!("ALTER TABLE {table} DROP CONSTRAINT {table}_{column}_check;")
            };
            crate::run(manager, &sql).await?;
        }
        Ok(())
    }
}
