//! Databases on the PostgreSQL cluster that TEST_DATABASE_URL names.
//!
//! A test that is killed can't drop its database, so none does: each test drops a few of those that are older than any test runs.

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use shop::Clock;

const HOUR_MS: i64 = 3_600_000;

/// An empty database.
pub async fn new_database() -> String {
    let name = new_name();
    let admin = connect(&cluster()).await;
    drop_old(&admin, &named_at(Clock::System.now_ms() - HOUR_MS), 3).await;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    url_of(&name)
}

/// A database with the shop's tables: a copy of one that is made once for each program of tests.
pub async fn shop_database() -> String {
    let admin = connect(&cluster()).await;
    let template = template();
    if !exists(&admin, &template).await {
        make(&admin, &template).await;
    }
    drop_old(&admin, &named_at(Clock::System.now_ms() - HOUR_MS), 3).await;
    let name = new_name();
    admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
    url_of(&name)
}

async fn make(admin: &DatabaseConnection, template: &str) {
    // Each test is a process: one of them makes the template, and the others wait.
    let turn = admin.begin().await.unwrap();
    turn.execute_unprepared("SELECT pg_advisory_xact_lock(7719520260102)").await.unwrap();
    if !exists(admin, template).await {
        let making = new_name();
        admin.execute_unprepared(&format!("CREATE DATABASE {making}")).await.unwrap();
        let db = connect(&url_of(&making)).await;
        migration::migrate(&db).await.unwrap();
        db.close().await.unwrap();
        admin.execute_unprepared(&format!("ALTER DATABASE {making} RENAME TO {template}")).await.unwrap();
        drop_old(admin, &template_of(Clock::System.now_ms() - 24 * HOUR_MS), 100).await;
    }
    turn.commit().await.unwrap();
}

async fn exists(admin: &DatabaseConnection, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let row = admin.query_one_raw(Statement::from_string(admin.get_database_backend(), sql)).await.unwrap();
    row.is_some()
}

/// Drops up to `n` databases of the kind of this name that were made earlier. PostgreSQL refuses where somebody is connected.
async fn drop_old(admin: &DatabaseConnection, name: &str, n: u32) {
    let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let sql = format!("SELECT datname FROM pg_database WHERE datname >= '{kind}' AND datname < '{name}' ORDER BY random() LIMIT {n}");
    for row in admin.query_all_raw(Statement::from_string(admin.get_database_backend(), sql)).await.unwrap() {
        let old: String = row.try_get("", "datname").unwrap();
        // Another test may be about to drop the same one.
        drop(admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {old}")).await);
    }
}

/// Another build may have other tables.
fn template() -> String {
    let built = std::env::current_exe().unwrap().metadata().unwrap().modified().unwrap();
    template_of(i64::try_from(built.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis()).unwrap())
}

fn template_of(built_ms: i64) -> String {
    format!("weightless_template_{built_ms}")
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).max_connections(2);
    sea_orm::Database::connect(options).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "tests are told where their cluster is")]
fn cluster() -> String {
    std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL cluster for tests; `make test` starts one")
}

fn new_name() -> String {
    format!("{}_{}", named_at(Clock::System.now_ms()), data_encoding::HEXLOWER.encode(&shop::chance::<8>()))
}

/// How the names begin of what is made at this time; they sort by it.
fn named_at(now_ms: i64) -> String {
    format!("weightless_test_{now_ms}")
}

fn url_of(name: &str) -> String {
    let url = cluster();
    let (base, query) = url.split_once('?').map_or((url.as_str(), String::new()), |(base, query)| (base, format!("?{query}")));
    format!("{}/{name}{query}", base.rsplit_once('/').unwrap().0)
}
