//! One shop has one store, whoever starts first.

use crate::support::Engine;
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use shop::Clock;
use shop_testing::on_both_databases;
use shop_testing::postgres::new_database;
use std::sync::Arc;

async fn url_of(engine: Engine, folder: &tempfile::TempDir) -> String {
    match engine {
        Engine::Sqlite => format!("sqlite://{}", folder.path().join("shop.db").display()),
        Engine::Postgres => new_database().await,
    }
}

async fn n_stores(db: &shop::base::database::Database) -> usize {
    db.query_all_raw(shop::base::database::statement(db, "SELECT id FROM stores", [])).await.unwrap().len()
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn eight_programs_that_start_at_once_open_one_store(engine: Engine) {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let url = url_of(engine, &folder).await;
        // All are ready before the first one looks for the store.
        let all = Arc::new(tokio::sync::Barrier::new(8));
        let starts = (0..8).map(|_| {
            let (url, all) = (url.clone(), all.clone());
            tokio::spawn(async move {
                let db = shop::base::database::connect(&url).await.unwrap();
                migration::migrate(db.writer()).await.unwrap();
                all.wait().await;
                let id = shop::stores::ensure(&db, &Clock::System).await.unwrap();
                (db, id)
            })
        });
        let mut opened = Vec::new();
        for start in starts.collect::<Vec<_>>() {
            opened.push(start.await.unwrap());
        }
        assert_eq!(n_stores(&opened[0].0).await, 1);
        assert!(opened.iter().all(|(_, id)| *id == opened[0].1));
    }
}

#[on_both_databases]
async fn a_shop_that_was_given_two_stores_by_accident_keeps_the_first(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let db = shop::base::database::connect(&url_of(engine, &folder).await).await.unwrap();
    Migrator::up(db.writer(), Some(7)).await.unwrap();
    let ids = [shop::base::world::new_id(), shop::base::world::new_id()];
    for id in ids.iter().rev() {
        let sql = "INSERT INTO stores (id, name, currency, created_at) VALUES ($1, 'Weightless', 'USD', 0)";
        db.execute_raw(shop::base::database::statement(&db, sql, [(*id).into()])).await.unwrap();
    }
    migration::migrate(db.writer()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(shop::stores::ensure(&db, &Clock::System).await.unwrap(), ids[0]);
    }
    assert_eq!(n_stores(&db).await, 2);
}
