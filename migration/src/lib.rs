//! The schema's history: one file a change, applied in order to SQLite and PostgreSQL alike.
//!
//! The statements are written once, in PostgreSQL's words for types; [`dialect`] gives SQLite its own.
//! Rules: append only; money is `BIGINT` minor units beside a currency; instants are `BIGINT`
//! milliseconds since 1970 (UTC) and end in `_at`; ids are UUIDv7; all that belongs to a seller has `store_id`.
//! To add a change: a new file `mYYYYMMDD_NNNNNN_what.rs` with `UP` and `DOWN`, and a line in [`Migrator::migrations`].

pub use sea_orm_migration::prelude::{DbErr, MigrationTrait, MigratorTrait, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

mod m20261121_000001_stores;
mod m20261121_000002_catalog;
mod m20261121_000003_search;
mod m20261121_000004_orders;
mod m20261121_000005_promotions;
mod m20261121_000006_delivery;
mod m20261121_000007_work;

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
        ]
    }
}

/// Brings the schema up to date. Replicas that start together take turns on PostgreSQL (an advisory lock).
pub async fn migrate(db: &sea_orm_migration::sea_orm::DatabaseConnection) -> Result<(), DbErr> {
    use sea_orm_migration::sea_orm::TransactionTrait;
    if db.get_database_backend() != DbBackend::Postgres {
        return Migrator::up(db, None).await;
    }
    // A transaction holds one connection, and with it the lock, until the schema is done.
    let turn = db.begin().await?;
    turn.execute_unprepared("SELECT pg_advisory_xact_lock(7719520260101)").await?;
    Migrator::up(db, None).await?;
    turn.commit().await
}

/// The statements of `sql` as the database at hand spells them.
pub(crate) fn dialect(backend: DbBackend, sql: &str) -> String {
    match backend {
        DbBackend::Sqlite => sql.replace(" UUID", " BLOB").replace(" BYTEA", " BLOB"),
        _ => sql.to_owned(),
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
