//! What is written is kept, whoever hangs up meanwhile.

use crate::support::Engine;
use futures::poll;
use sea_orm::ConnectionTrait;
use shop::base::database::{Database, begin_write, connect, execute, statement};
use shop_testing::on_both_databases;
use shop_testing::postgres::new_database;
use std::time::Duration;

async fn n_things(db: &Database) -> i64 {
    db.query_one_raw(statement(db, "SELECT COUNT(*) AS n FROM things", [])).await.unwrap().unwrap().try_get("", "n").unwrap()
}

/// A transaction that is given up while it begins must not be left open on a connection of the pool: what the next one writes on
/// it would be told as done, and undone with it.
#[on_both_databases]
async fn what_is_written_after_a_transaction_that_was_given_up_is_kept(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let url = match engine {
        Engine::Sqlite => format!("sqlite://{}", folder.path().join("shop.db").display()),
        Engine::Postgres => new_database().await,
    };
    let db = connect(&url).await.unwrap();
    db.execute_unprepared("CREATE TABLE things (n BIGINT NOT NULL PRIMARY KEY)").await.unwrap();
    for n in 0..60i64 {
        let mut begin = Box::pin(begin_write(&db));
        // Given up at one step of its way or another.
        for _ in 0..n % 6 {
            if poll!(&mut begin).is_ready() {
                break;
            }
            tokio::time::sleep(Duration::from_micros(50)).await;
        }
        drop(begin);
        execute(&db, "INSERT INTO things (n) VALUES ($1)", [n.into()]).await.unwrap();
    }
    // A connection of its own sees what is committed.
    let other = connect(&url).await.unwrap();
    assert_eq!(n_things(&other).await, 60);
}
