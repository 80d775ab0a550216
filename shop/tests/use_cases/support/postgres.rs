//! Databases on the PostgreSQL cluster that TEST_DATABASE_URL names.

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};

/// An empty database.
pub async fn new_database() -> String {
    let name = new_name();
    connect(&cluster()).await.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    url_of(&name)
}

/// A database with the shop's tables: a copy of one that is made once for each program of tests.
pub async fn shop_database() -> String {
    let admin = connect(&cluster()).await;
    let template = template();
    if !exists(&admin, &template).await {
        make(&admin, &template).await;
    }
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
    }
    turn.commit().await.unwrap();
}

async fn exists(admin: &DatabaseConnection, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let row = admin.query_one_raw(Statement::from_string(admin.get_database_backend(), sql)).await.unwrap();
    row.is_some()
}

/// Another build may have other tables.
fn template() -> String {
    let built = std::env::current_exe().unwrap().metadata().unwrap().modified().unwrap();
    format!("template_{}", built.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos())
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
    format!("t{}", data_encoding::HEXLOWER.encode(&shop::chance::<8>()))
}

fn url_of(name: &str) -> String {
    let url = cluster();
    let (base, query) = url.split_once('?').map_or((url.as_str(), String::new()), |(base, query)| (base, format!("?{query}")));
    format!("{}/{name}{query}", base.rsplit_once('/').unwrap().0)
}
