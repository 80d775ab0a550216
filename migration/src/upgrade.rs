//! Which changes are missing, and whether this program may run beside those that it doesn't know.
//!
//! Two releases work on one schema while replicas are replaced one after another, and when an upgrade is taken back. So a change
//! that is in the database and not in this program is passed over, unless the program that made it wrote down that older ones must
//! not run beside it: see [`NEEDS`].

use crate::{Migrator, take_turn};
use sea_orm_migration::prelude::{DbErr, MigrationTrait, MigratorTrait, SchemaManager};
use sea_orm_migration::sea_orm::{
    ActiveValue, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryOrder, QuerySelect, RuntimeErr, Statement,
};
use sea_orm_migration::seaql_migrations;
use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

/// Changes that break the release before: the change, and the newest one that a program must know to run beside it.
///
/// A change that only adds (a table, a nullable column, a constant default, an index) has no place here. One that drops, renames or
/// narrows comes a release after the one that stopped using what goes, and names that release's newest change.
pub const NEEDS: &[(&str, &str)] = &[];

/// Why the schema can't be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer program changed the schema so that this one can't work with it.
    #[error(
        "this program is too old for the database: a newer release changed it ({version}), and what runs beside it must know {needs}, \
         while the newest change known here is {newest}. Start that release or a newer one, or restore the backup from before the upgrade"
    )]
    TooOld { version: String, needs: String, newest: String },
    /// PostgreSQL never gave the locks that a change needs.
    #[error(
        "the schema can't be changed now: something uses the tables all the time, such as a backup (pg_dump). Nothing was changed. \
         Start the program again when that has ended"
    )]
    Busy,
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Brings the schema up to date, all changes or none. Programs that start together take turns.
///
/// # Errors
/// [`MigrateError::TooOld`] where a newer program has changed what this one needs, [`MigrateError::Busy`] where something else used
/// a table all the time.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), MigrateError> {
    migrate_as(db, Migrator::migrations(), NEEDS).await
}

/// How often the schema is tried to be changed while the release before is at work.
const N_TRIES: u8 = 40;

/// How long those who waited behind a try get to go on. Only PostgreSQL undoes one.
const PAUSE: &str = "SELECT pg_sleep(2)";

/// As [`migrate`], for a program that carries these changes and notes.
pub async fn migrate_as(
    db: &DatabaseConnection,
    migrations: Vec<Box<dyn MigrationTrait>>,
    needs: &[(&str, &str)],
) -> Result<(), MigrateError> {
    for _ in 0..N_TRIES {
        match try_once(db, &migrations, needs).await {
            Err(MigrateError::Database(error)) if was_undone(&error) => {
                db.execute_unprepared(PAUSE).await?;
            }
            outcome => return outcome,
        }
    }
    Err(MigrateError::Busy)
}

/// Whether PostgreSQL has undone a transaction because it and another one waited for each other, or because it waited for too long.
/// Source: <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn was_undone(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else { return false };
    cause.as_database_error().and_then(|error| error.code()).is_some_and(|code| matches!(code.as_ref(), "40P01" | "55P03"))
}

async fn try_once(db: &DatabaseConnection, migrations: &[Box<dyn MigrationTrait>], needs: &[(&str, &str)]) -> Result<(), MigrateError> {
    // Nothing is to be waited for where nothing is to be done, as by a command beside a shop that runs.
    if State::read(db).await?.check(migrations)?.is_up_to_date(migrations, needs) {
        return Ok(());
    }
    let turn = take_turn(db).await?;
    Migrator::install(&turn).await?;
    // Another program may have had the turn before.
    let state = State::read(&turn).await?;
    state.check(migrations)?;
    let manager = SchemaManager::new(&turn);
    for migration in migrations.iter().filter(|migration| !state.applied.contains(migration.name())) {
        migration.up(&manager).await?;
        let row = seaql_migrations::ActiveModel {
            version: ActiveValue::Set(migration.name().to_owned()),
            applied_at: ActiveValue::Set(now_secs()),
        };
        seaql_migrations::Entity::insert(row).exec(&turn).await?;
    }
    for (version, needs) in needs {
        let sql = "INSERT INTO schema_notes (version, needs) VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET needs = excluded.needs";
        turn.execute_raw(Statement::from_sql_and_values(turn.get_database_backend(), sql, [(*version).into(), (*needs).into()])).await?;
    }
    turn.commit().await?;
    Ok(())
}

/// As the migrator itself notes when a change was made: seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the schema is changed before there is a shop with a clock")]
fn now_secs() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

/// The names of the changes that a database has had, oldest first.
pub async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let rows = seaql_migrations::Entity::find().select_only().column(seaql_migrations::Column::Version);
    rows.order_by_asc(seaql_migrations::Column::Version).into_tuple().all(db).await
}

/// What a database says of itself.
struct State {
    applied: HashSet<String>,
    /// Change and what it needs.
    notes: Vec<(String, String)>,
}

impl State {
    async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let applied = if has_table(db, "seaql_migrations").await? { applied(db).await?.into_iter().collect() } else { HashSet::new() };
        let mut notes = Vec::new();
        if has_table(db, "schema_notes").await? {
            let sql = "SELECT version, needs FROM schema_notes";
            for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await? {
                notes.push((row.try_get("", "version")?, row.try_get("", "needs")?));
            }
        }
        Ok(Self { applied, notes })
    }

    /// Refuses a schema that this program can't work with.
    fn check(&self, migrations: &[Box<dyn MigrationTrait>]) -> Result<&Self, MigrateError> {
        let newest = migrations.iter().map(|migration| migration.name()).max().unwrap_or_default();
        let strictest = self.notes.iter().filter(|(version, _)| self.applied.contains(version)).max_by_key(|(_, needs)| needs);
        match strictest {
            Some((version, needs)) if needs.as_str() > newest => {
                Err(MigrateError::TooOld { version: version.clone(), needs: needs.clone(), newest: newest.to_owned() })
            }
            _ => Ok(self),
        }
    }

    fn is_up_to_date(&self, migrations: &[Box<dyn MigrationTrait>], needs: &[(&str, &str)]) -> bool {
        let is_noted = |(version, needs): &(&str, &str)| self.notes.iter().any(|note| note.0 == *version && note.1 == *needs);
        migrations.iter().all(|migration| self.applied.contains(migration.name())) && needs.iter().all(is_noted)
    }
}

/// Asked without making anything, so that it works where the program may only read.
async fn has_table(db: &impl ConnectionTrait, table: &str) -> Result<bool, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = $1",
        _ => "SELECT 1 AS found FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = $1",
    };
    let found = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [table.into()])).await?;
    Ok(found.is_some())
}
