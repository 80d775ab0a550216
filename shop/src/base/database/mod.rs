//! The connection to SQLite or PostgreSQL, and the one way to write.

mod group;
mod json;
pub(crate) mod pairs;
mod shared_time;
mod word;

pub use json::JsonText;
pub(crate) use shared_time::{shared_now, shared_now_ms, shared_now_sql};
pub use word::Stored;
pub(crate) use word::word;

use crate::{Clock, Error, Result};
use async_trait::async_trait;
use domain::word::Word;
use group::Group;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqlErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};
use std::sync::Arc;
use std::time::Duration;

/// The connections to the database: on SQLite many that read beside the one that writes, on PostgreSQL one pool for both.
///
/// SQLite has one writer. One connection for all that is written makes writers wait in the order in which they came, and its page
/// cache stays valid, which every write by another would void. What is executed here is written; what is queried is only read, so
/// a query that changes rows goes to [`Database::writer`].
#[derive(Clone)]
pub struct Database {
    readers: DatabaseConnection,
    writer: DatabaseConnection,
    group: Arc<Group>,
    /// Stands for PostgreSQL's own clock in tests.
    clock: Option<Clock>,
}

/// An idle connection to PostgreSQL is asked for a sign of life after this long: it may have gone with its server.
const ASK_AFTER: Duration = Duration::from_secs(1);
/// Who wants to write waits this long for those who came before.
const WRITERS_WAIT: Duration = Duration::from_secs(30);
/// How often it is tried to open a database that another program is opening.
const N_OPENINGS: u32 = 100;

/// Connects to `sqlite://path` (made when missing) or `postgres://…`.
///
/// # Errors
/// A sentence that says which database could not be reached; never its password.
pub async fn connect(url: &str) -> anyhow::Result<Database> {
    let is_sqlite = url.starts_with("sqlite:");
    anyhow::ensure!(
        is_sqlite || url.starts_with("postgres:") || url.starts_with("postgresql:"),
        "the database URL begins with sqlite:// or postgres://"
    );
    let connected = if is_sqlite { sqlite(url).await } else { postgres(url).await };
    connected.map_err(|cause| anyhow::anyhow!("the database can't be reached: {}", without_password(&cause.to_string(), url)))
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).record_stmt_in_spans(false).connect_timeout(Duration::from_secs(8)).acquire_timeout(Duration::from_secs(8));
    options
}

async fn postgres(url: &str) -> std::result::Result<Database, DbErr> {
    let mut options = options(url);
    // No statement of a shop runs long enough to be worth compiling, which costs more than all the rest of a page of figures.
    options
        .max_connections(16)
        .test_before_acquire_if_idle_for(ASK_AFTER)
        .map_sqlx_postgres_opts(|postgres| postgres.options([("jit", "off")]));
    let pool = sea_orm::Database::connect(options).await?;
    Ok(Database { readers: pool.clone(), writer: pool, group: Arc::default(), clock: None })
}

async fn sqlite(url: &str) -> std::result::Result<Database, DbErr> {
    let mut writer = options(url);
    // FULL, because a webhook is acknowledged only once its row survives a power cut.
    writer.max_connections(1).acquire_timeout(WRITERS_WAIT).map_sqlx_sqlite_opts(|sqlite| {
        tuned(sqlite)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", "4000")
    });
    let mut readers = options(url);
    readers.max_connections(8).map_sqlx_sqlite_opts(|sqlite| tuned(sqlite).pragma("query_only", "on"));
    // A file doesn't go away as a server does: its connections are kept, and not asked for signs of life.
    for options in [&mut writer, &mut readers] {
        options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
    }
    let writer = opened(writer).await?;
    Ok(Database { readers: sea_orm::Database::connect(readers).await?, writer, group: Arc::default(), clock: None })
}

/// The first connection turns the file to its write-ahead log. Of programs that do so at once SQLite lets none wait, whatever its
/// `busy_timeout` says.
/// Source: <https://www.sqlite.org/rescode.html#busy>
async fn opened(options: ConnectOptions) -> std::result::Result<DatabaseConnection, DbErr> {
    for _ in 1..N_OPENINGS {
        match sea_orm::Database::connect(options.clone()).await {
            Err(error) if error.to_string().contains("database is locked") => tokio::time::sleep(Duration::from_millis(50)).await,
            outcome => return outcome,
        }
    }
    sea_orm::Database::connect(options).await
}

fn tuned(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("mmap_size", "134217728")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
}

impl Database {
    /// The connection for queries that change rows, and for the schema.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }
}

#[async_trait]
impl ConnectionTrait for Database {
    fn get_database_backend(&self) -> DbBackend {
        self.readers.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.writer.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.writer.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.readers.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.readers.query_all_raw(statement).await
    }
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
pub async fn ping(db: &Database) -> std::result::Result<(), DbErr> {
    db.readers.ping().await
}

/// Begins a transaction that may write.
///
/// `BEGIN IMMEDIATE` on SQLite: a deferred transaction that turns from reading to writing fails at once when another process writes.
pub async fn begin_write(db: &Database) -> std::result::Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..TransactionOptions::default() };
    let writer = db.writer.clone();
    // In a task of its own, so that it is not given up halfway: sqlx would put the connection back with a transaction open that
    // nobody ends, and what the next one writes there would be told as done and never committed.
    let begun = tokio::spawn(async move { writer.begin_with_options(options).await });
    begun.await.map_err(|error| DbErr::Conn(RuntimeErr::Internal(error.to_string())))?
}

/// A statement with `$1`, `$2`, … which both databases understand.
pub fn statement(db: &impl ConnectionTrait, sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Runs a statement that writes and tells how many rows it changed.
pub async fn execute(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> std::result::Result<u64, DbErr> {
    Ok(db.execute_raw(statement(db, sql, values)).await?.rows_affected())
}

/// A condition whose word stands in the statement itself: SQLite searches an index over the rows of one state for no parameter.
/// Source: <https://www.sqlite.org/partialindex.html#queries_using_partial_indexes>
pub(crate) fn is_literally(column: impl ColumnTrait, word: impl Word) -> Expr {
    Expr::col(column.as_column_ref()).eq(Expr::Constant(word.as_str().into()))
}

pub fn is_sqlite(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DbBackend::Sqlite
}

/// Whether the database refused because a key exists already.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the database refused a text for a character that it can't hold. PostgreSQL keeps no NUL (22021), nor one in JSON (22P05);
/// SQLite looks for it and finds nothing.
pub(crate) fn is_unkeepable(error: &DbErr) -> bool {
    code_of(error).is_some_and(|code| matches!(&*code, "22021" | "22P05"))
}

fn code_of(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else { return None };
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
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
    cause.downcast_ref().and_then(code_of).is_some_and(|code| matches!(&*code, "40001" | "40P01"))
}
