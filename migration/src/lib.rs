//! The schema's history: one file a change, applied in order to SQLite and PostgreSQL alike.
//!
//! The statements are written once, in PostgreSQL's words for types; [`dialect`] gives SQLite its own.
//! Rules: append only; money is `BIGINT` minor units beside a currency; instants are `BIGINT`
//! milliseconds since 1970 (UTC) and end in `_at`; ids are UUIDv7; all that belongs to a seller has `store_id`.
//! To add a change: a new file `mYYYYMMDD_NNNNNN_what.rs` with `UP` and `DOWN`, and a line in [`Migrator::migrations`].
//! The release before works on the same schema: a change adds, and what drops or narrows comes a release later with a line in [`NEEDS`].

pub use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

mod m20261121_000001_stores;
mod m20261121_000002_catalog;
mod m20261121_000003_search;
mod m20261121_000004_orders;
mod m20261121_000005_promotions;
mod m20261121_000006_delivery;
mod m20261121_000007_work;
mod m20261121_000008_main_store;
mod m20261121_000009_old_rows;
mod m20261121_000010_ledger;
mod m20261121_000011_sales;
mod m20261121_000012_dashboard;
mod m20261121_000013_goods;
mod m20261121_000014_uploads;
mod m20261121_000015_help;
mod m20261121_000016_promotions;
mod m20261121_000017_analytics;
mod m20261121_000018_offers;
mod m20261121_000019_unpaid;
mod m20261121_000020_paid;
mod m20261122_000021_sums;
mod m20261130_000024_one_purchase_a_cart;
mod m20261130_000026_proof_and_tries;
mod m20261130_000028_lost_disputes;
mod m20261130_000030_bytes_of_downloads;
mod m20261130_000031_object_tombstones;
mod m20261130_000034_schema_notes;
mod m20261130_000035_revisions;
mod m20261130_000036_made_once;
mod m20261130_000037_erasures;
mod m20261130_000039_search_words;
mod m20261130_000040_open_drafts;
mod m20261130_000041_category_slugs;
mod m20261130_000042_lost_goods;
mod m20261130_000043_wrong_clocks;
mod m20261130_000044_events_set_aside;
mod m20261130_000045_failure_causes;
mod m20261130_000046_checked_words;
mod m20261130_000047_draft_fields;
mod m20261130_000048_drop_invoices_and_tax_rates;
mod m20261130_000049_product_credits;
mod m20261130_000052_search_tags;
mod m20261130_000053_sale_mails;
mod m20261130_000054_payment_methods;
mod m20261130_000055_dispute_deadlines;
mod m20261130_000056_refund_days;
mod m20261130_000057_picture_colors;
mod m20261130_000060_sorted_lists;
mod m20261201_000061_license_keys;
mod m20261201_000063_signing_keys;
mod upgrade;

pub use upgrade::{MigrateError, NEEDS, applied, migrate, migrate_as};

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_stores::Migration),
            Box::new(m20261121_000002_catalog::Migration),
            Box::new(m20261121_000003_search::Migration),
            Box::new(m20261121_000004_orders::Migration),
            Box::new(m20261121_000005_promotions::Migration),
            Box::new(m20261121_000006_delivery::Migration),
            Box::new(m20261121_000007_work::Migration),
            Box::new(m20261121_000008_main_store::Migration),
            Box::new(m20261121_000009_old_rows::Migration),
            Box::new(m20261121_000010_ledger::Migration),
            Box::new(m20261121_000011_sales::Migration),
            Box::new(m20261121_000012_dashboard::Migration),
            Box::new(m20261121_000013_goods::Migration),
            Box::new(m20261121_000014_uploads::Migration),
            Box::new(m20261121_000015_help::Migration),
            Box::new(m20261121_000016_promotions::Migration),
            Box::new(m20261121_000017_analytics::Migration),
            Box::new(m20261121_000018_offers::Migration),
            Box::new(m20261121_000019_unpaid::Migration),
            Box::new(m20261121_000020_paid::Migration),
            Box::new(m20261122_000021_sums::Migration),
            Box::new(m20261130_000024_one_purchase_a_cart::Migration),
            Box::new(m20261130_000026_proof_and_tries::Migration),
            Box::new(m20261130_000028_lost_disputes::Migration),
            Box::new(m20261130_000030_bytes_of_downloads::Migration),
            Box::new(m20261130_000031_object_tombstones::Migration),
            Box::new(m20261130_000034_schema_notes::Migration),
            Box::new(m20261130_000035_revisions::Migration),
            Box::new(m20261130_000036_made_once::Migration),
            Box::new(m20261130_000037_erasures::Migration),
            Box::new(m20261130_000039_search_words::Migration),
            Box::new(m20261130_000040_open_drafts::Migration),
            Box::new(m20261130_000041_category_slugs::Migration),
            Box::new(m20261130_000042_lost_goods::Migration),
            Box::new(m20261130_000043_wrong_clocks::Migration),
            Box::new(m20261130_000044_events_set_aside::Migration),
            Box::new(m20261130_000045_failure_causes::Migration),
            Box::new(m20261130_000046_checked_words::Migration),
            Box::new(m20261130_000047_draft_fields::Migration),
            Box::new(m20261130_000048_drop_invoices_and_tax_rates::Migration),
            Box::new(m20261130_000049_product_credits::Migration),
            Box::new(m20261130_000052_search_tags::Migration),
            Box::new(m20261130_000053_sale_mails::Migration),
            Box::new(m20261130_000054_payment_methods::Migration),
            Box::new(m20261130_000055_dispute_deadlines::Migration),
            Box::new(m20261130_000056_refund_days::Migration),
            Box::new(m20261130_000057_picture_colors::Migration),
            Box::new(m20261130_000060_sorted_lists::Migration),
            Box::new(m20261201_000061_license_keys::Migration),
            Box::new(m20261201_000063_signing_keys::Migration),
        ]
    }
}

/// How often a turn is asked for on SQLite; each time it is waited for as long as the connection's `busy_timeout` says.
const MAX_TURNS: usize = 60;

/// The transaction that alone may change the schema: by an advisory lock on PostgreSQL, as the one writer on SQLite.
async fn take_turn(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let turn = db.begin().await?;
        turn.execute_unprepared("SELECT pg_advisory_xact_lock(7719520260101)").await?;
        // Whoever asks for a table after a change that waits for it waits too: the shop would stand still as long as a backup runs.
        turn.execute_unprepared("SET LOCAL lock_timeout = '3s'").await?;
        return Ok(turn);
    }
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
    for _ in 1..MAX_TURNS {
        match db.begin_with_options(options).await {
            Err(error) if error.to_string().contains("database is locked") => {}
            other => return other,
        }
    }
    db.begin_with_options(options).await
}

/// An id as PostgreSQL writes it.
const SQLITE_UUID_TEXT: &str = "lower(substr(hex(o.id), 1, 8) || '-' || substr(hex(o.id), 9, 4) || '-' || substr(hex(o.id), 13, 4) || '-' || substr(hex(o.id), 17, 4) || '-' || substr(hex(o.id), 21))";

/// The statements of `sql` as the database at hand spells them.
pub(crate) fn dialect(backend: DbBackend, sql: &str) -> String {
    match backend {
        DbBackend::Sqlite => sql
            .replace("UUID_TEXT(o.id)", SQLITE_UUID_TEXT)
            .replace(" UUID", " BLOB")
            .replace(" BYTEA", " BLOB")
            .replace(" text_pattern_ops", ""),
        _ => sql.replace("UUID_TEXT(o.id)", "CAST(o.id AS TEXT)"),
    }
}

pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(&dialect(manager.get_database_backend(), sql)).await?;
    Ok(())
}

/// A change whose statements are the same for both databases, up to the names of types.
macro_rules! migration {
    () => {
        #[derive(sea_orm_migration::prelude::DeriveMigrationName)]
        pub struct Migration;

        #[async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
            async fn up(&self, manager: &sea_orm_migration::prelude::SchemaManager) -> Result<(), sea_orm_migration::prelude::DbErr> {
                crate::run(manager, UP).await
            }
            async fn down(&self, manager: &sea_orm_migration::prelude::SchemaManager) -> Result<(), sea_orm_migration::prelude::DbErr> {
                crate::run(manager, DOWN).await
            }
        }
    };
}
pub(crate) use migration;
