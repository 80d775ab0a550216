//! States and other words of rows: what this program doesn't know is an accident, never taken for something else.

use crate::support::{Engine, TestShop};
use migration::{Migrator, MigratorTrait};
use sea_orm::ConnectionTrait;
use sea_orm::prelude::Uuid;
use shop::Error;
use shop::base::database::statement;
use shop::jobs::{FailureCause, failures};
use shop::orders::{OrderQuery, list, load, timeline};
use shop_testing::on_both_databases;

#[on_both_databases]
async fn an_unknown_word_is_an_accident_that_names_its_row(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "rich", 1).await;
    let row = test.shop.db.query_one_raw(statement(&test.shop.db, "SELECT id FROM orders", [])).await.unwrap().unwrap();
    let id: Uuid = row.try_get("", "id").unwrap();
    test.run("UPDATE orders SET currency = 'moon money'").await;

    let found = load(&test.shop, &started.public_id, &started.access_key).await;
    let listed = list(&test.shop, &OrderQuery::default()).await;

    for error in [found.err(), listed.err()] {
        let Some(Error::Unexpected(cause)) = error else { panic!("{error:?}") };
        let text = format!("{cause:#}");
        assert!(text.contains(&format!("orders.currency of {id} is \"moon money\"")), "{text}");
    }
}

#[on_both_databases]
async fn the_database_takes_no_word_that_there_is_not(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.start("a-gift", "free", 1).await;
    let columns = [
        ("orders", "status"),
        ("order_items", "terms"),
        ("entitlements", "state"),
        ("entitlements", "cause"),
        ("products", "kind"),
        ("products", "status"),
        ("products", "deleted_status"),
        ("variants", "terms"),
        ("variants", "status"),
        ("jobs", "state"),
    ];
    for (table, column) in columns {
        assert!(test.count(table).await > 0, "{table}");
        assert!(test.try_run(&format!("UPDATE {table} SET {column} = 'moon'")).await.is_err(), "{table}.{column}");
    }
    test.run("UPDATE entitlements SET cause = 'member'").await;
    test.run("UPDATE products SET deleted_status = 'draft'").await;
}

#[on_both_databases]
async fn what_failed_before_the_upgrade_keeps_its_cause(engine: Engine) {
    let test = TestShop::open(engine).await;
    let since = Migrator::migrations().iter().filter(|migration| migration.name() >= "m20261130_000045").count();
    Migrator::down(test.shop.db.writer(), u32::try_from(since).ok()).await.unwrap();
    let failed = [
        ("evt_1", "the amount does not fit the order"),
        ("evt_2", "the order is not here yet"),
        ("evt_3", "the event is of the other mode"),
        ("evt_4", "the event is of another account (acct_1)"),
        ("evt_5", "Stripe did not answer"),
    ];
    for (id, why) in failed {
        test.run(&format!(
            "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at, last_error) \
             VALUES ('{id}', 'charge.refunded', FALSE, 'ch_1', 'x', 'dead', 1, 1, '{why}')"
        ))
        .await;
    }
    migration::migrate(test.shop.db.writer()).await.unwrap();

    let mut work = failures(&test.shop).await.unwrap();
    work.sort_by(|a, b| a.id.cmp(&b.id));
    let causes: Vec<_> = work.into_iter().map(|work| work.cause).collect();
    assert_eq!(
        causes,
        [Some(FailureCause::Mismatch), Some(FailureCause::NoOrder), Some(FailureCause::OtherMode), Some(FailureCause::OtherAccount), None]
    );
}

#[on_both_databases]
async fn a_step_of_a_newer_release_is_left_out_of_the_timeline(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "rich", 1).await;
    test.run("UPDATE order_events SET kind = 'beamed'").await;

    assert_eq!(timeline(&test.shop, &started.public_id, &started.access_key).await.unwrap(), []);
}
