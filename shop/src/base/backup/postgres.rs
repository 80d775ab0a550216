//! PostgreSQL: `pg_dump` of one snapshot of the database, which a transaction of ours holds open and reads the list of files from.

use super::{BackupError, Copied, Result, sql};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, Statement, TransactionTrait,
};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const FILE: &str = "shop.dump";

/// Refuses where `pg_dump` is missing or older than the server, which it could not read.
pub(super) async fn check_tool(url: &str) -> Result<()> {
    let unreachable = |error: DbErr| BackupError::Refused(format!("the database can't be reached: {}", plain(&error, url)));
    let db = connect(url).await.map_err(unreachable)?;
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql::POSTGRES_VERSION)).await.map_err(unreachable)?;
    let server: i32 = row.map(|row| row.try_get("", "major")).transpose().map_err(unreachable)?.unwrap_or_default();
    db.close().await?;
    let mut command = Command::new("pg_dump");
    command.arg("--version");
    let output = output_of(command).await.map_err(|_| {
        BackupError::Refused(format!("pg_dump is not in PATH: install PostgreSQL's client programs, version {server} or newer"))
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    match major_of(&text) {
        Some(tool) if tool >= server => Ok(()),
        _ => Err(BackupError::Refused(format!(
            "pg_dump in PATH is \"{}\" and the server is version {server}: install the client programs of version {server} or newer",
            text.trim()
        ))),
    }
}

/// The 15 of "pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)".
fn major_of(text: &str) -> Option<i32> {
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

pub(super) async fn copy(url: &str, folder: &Path) -> Result<Copied> {
    let db = connect(url).await?;
    let tx = db.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
    let row = tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql::EXPORT_SNAPSHOT)).await?;
    let snapshot: String = row.map(|row| row.try_get("", "snapshot")).transpose()?.unwrap_or_default();
    let path = folder.join(FILE);
    let (address, password) = for_libpq(url);
    let mut command = Command::new("pg_dump");
    command.args(["--format=custom", "--no-owner", "--no-privileges"]);
    command.arg(format!("--snapshot={snapshot}")).arg(format!("--dbname={address}")).arg("--file").arg(&path);
    if let Some(password) = password {
        // Arguments can be read by everybody on the machine.
        command.env("PGPASSWORD", password);
    }
    let output = output_of(command).await?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(BackupError::BrokeOff(anyhow::anyhow!("pg_dump said: {said}")));
    }
    let facts = super::facts(&tx, sql::POSTGRES_TABLES).await?;
    tx.commit().await?;
    db.close().await?;
    let file = File::open(&path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.sync_all()?;
    Ok(Copied { file: FILE, engine: "postgres", facts })
}

/// Runs it where waiting keeps nobody else.
async fn output_of(mut command: Command) -> std::io::Result<Output> {
    tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output()).await.map_err(std::io::Error::other)?
}

pub(super) async fn connect(url: &str) -> std::result::Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).max_connections(1).connect_timeout(Duration::from_secs(8));
    sea_orm::Database::connect(options).await
}

/// The address without its password and without what only our own client understands, and the password.
fn for_libpq(url: &str) -> (String, Option<String>) {
    let (base, query) = url.split_once('?').map_or((url, ""), |(base, query)| (base, query));
    let ours = ["statement-cache-capacity", "options["];
    let query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !ours.iter().any(|name| pair.starts_with(name))).collect();
    let (base, password) = without_password(base);
    let address = if query.is_empty() { base } else { format!("{base}?{}", query.join("&")) };
    (address, password)
}

fn without_password(base: &str) -> (String, Option<String>) {
    let whole = || (base.to_owned(), None);
    let Some((scheme, rest)) = base.split_once("://") else { return whole() };
    let Some((user, host)) = rest.rsplit_once('@') else { return whole() };
    let Some((name, password)) = user.split_once(':') else { return whole() };
    let password = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{name}@{host}"), Some(password))
}

fn plain(error: &DbErr, url: &str) -> String {
    match for_libpq(url).1 {
        Some(password) if !password.is_empty() => error.to_string().replace(&password, "…"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument() {
        let url = "postgres://shop:p%40ss:w@db.example:5432/shop?sslmode=require&statement-cache-capacity=0";
        let wanted = ("postgres://shop@db.example:5432/shop?sslmode=require".to_owned(), Some("p@ss:w".to_owned()));
        assert_eq!(for_libpq(url), wanted);
        assert_eq!(for_libpq("postgres://app@localhost/x?host=/run"), ("postgres://app@localhost/x?host=/run".to_owned(), None));
    }

    #[test]
    fn versions_are_read_as_the_tool_prints_them() {
        assert_eq!(major_of("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major_of("pg_dump (PostgreSQL) 17beta1"), Some(17));
        assert_eq!(major_of(""), None);
    }
}
