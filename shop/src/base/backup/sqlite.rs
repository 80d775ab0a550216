//! SQLite: `VACUUM INTO` from a connection that only reads, which lets the shop write meanwhile.
//!
//! The backup API, which `sqlite3 .backup` uses in steps, begins anew whenever another process writes and may never end.
//! Source: <https://www.sqlite.org/lang_vacuum.html#vacuuminto>

use super::{BackupError, Copied, Facts, Result, sql};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const FILE: &str = "shop.db";

pub(super) async fn copy(url: &str, folder: &Path) -> Result<Copied> {
    let path = folder.join(FILE);
    let name = path.to_str().ok_or_else(|| BackupError::Refused("the target's path is not UTF-8".to_owned()))?;
    let live = reader(url).await.map_err(|error| BackupError::Refused(format!("the database can't be opened: {error}")))?;
    live.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [name.into()])).await?;
    live.close().await?;
    let file = File::open(&path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.sync_all()?;
    let facts = read(name).await?;
    Ok(Copied { file: FILE, engine: "sqlite", facts })
}

async fn read(path: &str) -> Result<Facts> {
    let copy = reader(&format!("sqlite://{path}")).await?;
    let row = copy.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA quick_check(1)")).await?;
    let verdict: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    if verdict.as_deref() != Some("ok") {
        let why = verdict.unwrap_or_default();
        return Err(BackupError::Wrong(format!(
            "the database is damaged: {why}. Restore an earlier snapshot, or ask for help before you go on"
        )));
    }
    let facts = super::facts(&copy, sql::SQLITE_TABLES).await?;
    copy.close().await?;
    Ok(facts)
}

/// A connection that can't change the file. (`query_only` would refuse `VACUUM INTO` as well.)
pub(super) async fn reader(url: &str) -> std::result::Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).max_connections(1).connect_timeout(Duration::from_secs(8));
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.read_only(true).busy_timeout(Duration::from_secs(30)));
    sea_orm::Database::connect(options).await
}
