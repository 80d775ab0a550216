//! The connection to SQLite or PostgreSQL, and the one way to write.

use crate::{Error, Result};
use async_trait::async_trait;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqlErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};
use std::ops::Deref;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// Connects to `sqlite://path` (made when missing) or `postgres://…`.
///
/// # Errors
/// A sentence that says which database could not be reached; never its password.
pub async fn connect(url: &str) -> anyhow::Result<DatabaseConnection> {
    let is_sqlite = url.starts_with("sqlite:");
    anyhow::ensure!(
        is_sqlite || url.starts_with("postgres:") || url.starts_with("postgresql:"),
        "the database URL begins with sqlite:// or postgres://"
    );
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).record_stmt_in_spans(false).connect_timeout(Duration::from_secs(8)).acquire_timeout(Duration::from_secs(8));
    if is_sqlite {
        // Several readers beside the one writer; FULL, because a webhook is acknowledged only once its row survives a power cut.
        options.max_connections(8).map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("mmap_size", "134217728")
                .pragma("cache_size", "-16000")
                .pragma("temp_store", "memory")
        });
    } else {
        options.max_connections(16);
    }
    Database::connect(options)
        .await
        .map_err(|cause| anyhow::anyhow!("the database can't be reached: {}", without_password(&cause.to_string(), url)))
}

fn without_password(message: &str, url: &str) -> String {
    let password = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .map(|(_, password)| password);
    match password {
        Some(password) if !password.is_empty() => message.replace(&format!(":{password}@"), ":…@"),
        _ => message.to_owned(),
    }
}

/// Asks the database for a sign of life.
pub async fn ping(db: &DatabaseConnection) -> std::result::Result<(), DbErr> {
    db.execute_unprepared("SELECT 1").await.map(drop)
}

/// Who may write to SQLite, which has one writer: first come, first served. Left to itself each would ask again and again after
/// growing pauses, and who came first could come last. One queue a process, as a process has one database.
static WRITERS: Mutex<()> = Mutex::const_new(());

/// A place at the head of the queue of writers; nothing where the database has a queue of its own.
pub(crate) struct Turn(#[expect(dead_code, reason = "it ends where it is dropped")] Option<MutexGuard<'static, ()>>);

/// Waits to be the one who writes.
pub(crate) async fn turn(db: &DatabaseConnection) -> Turn {
    Turn(if is_sqlite(db) { Some(WRITERS.lock().await) } else { None })
}

/// A transaction that may write, and the turn that it takes.
pub struct WriteTransaction {
    // Dropped before the turn, so that the next writer finds the database free.
    tx: DatabaseTransaction,
    _turn: Turn,
}

impl WriteTransaction {
    pub async fn commit(self) -> std::result::Result<(), DbErr> {
        self.tx.commit().await
    }

    pub async fn rollback(self) -> std::result::Result<(), DbErr> {
        self.tx.rollback().await
    }
}

impl Deref for WriteTransaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

#[async_trait]
impl ConnectionTrait for WriteTransaction {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.tx.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.tx.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.tx.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.tx.query_all_raw(statement).await
    }
}

/// Begins a transaction that may write.
///
/// `BEGIN IMMEDIATE` on SQLite: a deferred transaction that turns from reading to writing fails at once when another writes.
pub async fn begin_write(db: &DatabaseConnection) -> std::result::Result<WriteTransaction, DbErr> {
    begin_in_turn(db, turn(db).await).await
}

/// As [`begin_write`], for who has waited already.
pub(crate) async fn begin_in_turn(db: &DatabaseConnection, turn: Turn) -> std::result::Result<WriteTransaction, DbErr> {
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
    Ok(WriteTransaction { tx: db.begin_with_options(options).await?, _turn: turn })
}

/// Runs one statement that writes, outside of any transaction, and tells how many rows it changed.
pub async fn write(db: &DatabaseConnection, sql: &str, values: impl IntoIterator<Item = Value>) -> std::result::Result<u64, DbErr> {
    let _turn = turn(db).await;
    execute(db, sql, values).await
}

/// A statement with `$1`, `$2`, … which both databases understand.
pub fn statement(db: &impl ConnectionTrait, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Runs a statement of a transaction and tells how many rows it changed.
pub async fn execute(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> std::result::Result<u64, DbErr> {
    Ok(db.execute_raw(statement(db, sql, values)).await?.rows_affected())
}

pub fn is_sqlite(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DbBackend::Sqlite
}

/// Whether the database refused because a key exists already.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// How often a transaction is tried that the database undid for another's sake.
const N_TRIES: u32 = 4;

/// Runs a transaction again when the database undid it for another's sake: a deadlock, or writes that can't be put in an order.
/// Source: <https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html>
pub async fn retried<T, F, R>(act: F) -> Result<T>
where
    F: Fn() -> R,
    R: Future<Output = Result<T>>,
{
    for n in 1..N_TRIES {
        match act().await {
            Err(Error::Unexpected(cause)) if was_undone(&cause) => tokio::time::sleep(Duration::from_millis(u64::from(10 * n * n))).await,
            outcome => return outcome,
        }
    }
    act().await
}

fn was_undone(cause: &anyhow::Error) -> bool {
    let Some(DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = cause.downcast_ref() else {
        return false;
    };
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}
