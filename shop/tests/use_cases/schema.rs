//! The schema goes up, down and up again. That the entities are its columns: `shop/src/base/entities/tests.rs`.

use crate::support::{Engine, TestShop};
use migration::{Migrator, MigratorTrait};
use shop_testing::on_both_databases;
use shop_testing::postgres::new_database;

#[on_both_databases]
async fn the_schema_goes_up_and_down_and_up_again(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let url = match engine {
        Engine::Sqlite => format!("sqlite://{}", folder.path().join("shop.db").display()),
        Engine::Postgres => new_database().await,
    };
    let db = shop::base::database::connect(&url).await.unwrap();
    migration::migrate(db.writer()).await.unwrap();
    Migrator::down(db.writer(), None).await.unwrap();
    migration::migrate(db.writer()).await.unwrap();
}

#[on_both_databases]
async fn what_an_older_version_let_lie_is_followed_after_the_upgrade(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.start("a-gift", "free", 1).await;
    Migrator::down(test.shop.db.writer(), Some(Migrator::migrations().len() as u32 - 9)).await.unwrap();
    test.run(
        "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at) \
         VALUES ('evt_1', 'charge.refunded', FALSE, 'ch_1', 'x', 'ignored', 1, 1), ('evt_2', 'invoice.paid', FALSE, 'in_1', 'x', \
         'ignored', 1, 1)",
    )
    .await;
    migration::migrate(test.shop.db.writer()).await.unwrap();
    assert_eq!(test.count("inbox_events WHERE state = 'received'").await, 1);
    assert_eq!(test.count("jobs j JOIN orders o ON o.id = j.order_id WHERE j.kind = 'order_mail'").await, 1);
}

#[on_both_databases]
async fn what_hangs_on_an_order_is_known_to_what_deletes_unpaid_ones(engine: Engine) {
    let test = TestShop::open(engine).await;
    let sql = match engine {
        Engine::Sqlite => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.\"table\" = 'orders' \
             ORDER BY m.name"
        }
        Engine::Postgres => {
            "SELECT CAST(CAST(conrelid AS regclass) AS TEXT) AS name FROM pg_constraint WHERE contype = 'f' AND confrelid = CAST('orders' \
             AS regclass) ORDER BY 1"
        }
    };
    let rows =
        sea_orm::ConnectionTrait::query_all_raw(&test.shop.db, shop::base::database::statement(&test.shop.db, sql, [])).await.unwrap();
    let tables: Vec<String> = rows.into_iter().map(|row| row.try_get("", "name").unwrap()).collect();
    // A table that is new here belongs into `orders::unpaid`: among what is deleted, or what keeps the order.
    let known = [
        "disputes",
        "entitlements",
        "fraud_signals",
        "free_orders",
        "order_events",
        "order_items",
        "order_notes",
        "payments",
        "promotion_uses",
        "refunds",
    ];
    assert_eq!(tables, known);
}
