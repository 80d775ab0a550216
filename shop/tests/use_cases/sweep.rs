//! What is thrown away when its time is over, and what stays.

use super::jobs::{until, worker};
use crate::support::{Engine, TestShop};
use domain::pages::settings::{SaleMails, StoreSettings};
use shop::accounts::audit::Actor;
use shop::jobs::{run_until, sweep};
use shop_testing::on_both_databases;

const DAY: i64 = 24 * 60 * 60 * 1000;

#[on_both_databases]
async fn what_is_old_and_over_is_thrown_away_and_evidence_stays(engine: Engine) {
    use sea_orm::ConnectionTrait;
    use shop::fulfillment::downloads::{Visit, authorize, find, mint};
    let test = TestShop::open(engine).await;
    test.stock().await;
    // One order makes one job here.
    let quiet = |settings: &mut StoreSettings| settings.sale_mails = SaleMails::Never;
    shop::stores::settings::change(&test.shop, &Actor::operator(), None, quiet).await.unwrap();
    let started = test.start("a-gift", "free", 1).await;
    test.work().await;
    let file = shop::orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    let used = mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
    let token = used.url.rsplit('/').next().unwrap();
    let link = find(&test.shop, token).await.unwrap().unwrap();
    authorize(&test.shop, &link, Visit { n_bytes: Some(1), ip: "", user_agent: "" }).await.unwrap().unwrap();
    mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
    // More than one statement takes.
    for sql in [
        "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 2500) INSERT INTO inbox_events (id, kind, \
         livemode, object_id, raw, state, next_at, received_at) \
         SELECT 'evt_' || n, 'x', FALSE, 'x', '', 'ignored', 0, j.created_at FROM many, jobs j",
        "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at) SELECT 'evt_dead', 'x', FALSE, 'x', \
         '', 'dead', 0, 0 FROM jobs",
    ] {
        test.shop.db.execute_unprepared(sql).await.unwrap();
    }
    let n = async || (test.count("jobs").await, test.count("download_links").await, test.count("inbox_events").await);
    test.advance(29 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n().await, (1, 2, 2501));
    test.advance(4 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n().await, (0, 1, 2501), "the done job and the link that nobody used are gone");
    test.advance(30 * DAY);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(run_until(worker(&test, test.mail.clone()), async { stopped.await.unwrap() }));
    until(async || n().await == (0, 1, 1)).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(test.count("download_sessions").await, 1);
    assert_eq!(test.count("order_events WHERE kind = 'mailed'").await, 1);
}

#[on_both_databases]
async fn a_download_forgets_who_fetched_and_later_itself_while_its_day_keeps_the_count(engine: Engine) {
    use shop::fulfillment::downloads::{Visit, authorize, begin, find, flush, mint};
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    let file = shop::orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    for ip in ["203.0.113.77", "2001:db8:1:2::3"] {
        let minted = mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap();
        let link = find(&test.shop, minted.url.rsplit('/').next().unwrap()).await.unwrap().unwrap();
        let visit = Visit { n_bytes: Some(1), ip, user_agent: "AdaReader/1" };
        let grant = authorize(&test.shop, &link, visit).await.unwrap().unwrap();
        assert!(begin(&test.shop, &grant, 0, ip, "AdaReader/1").unwrap().take(1));
    }
    flush(&test.shop).await.unwrap();
    let n = async |rows: &str| test.count(rows).await;
    test.advance(29 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("download_sessions WHERE user_agent = 'AdaReader/1' AND ip IN ('203.0.113.77', '2001:db8:1:2::3')").await, 2);
    assert_eq!(n("download_log WHERE user_agent = 'AdaReader/1'").await, 2);
    test.advance(2 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("download_sessions WHERE user_agent = '' AND ip IN ('203.0.113.0/24', '2001:db8:1::/48')").await, 2);
    assert_eq!(n("download_log WHERE user_agent = '' AND ip = '' AND n_bytes = 1").await, 2);
    shop::analytics::sales::sum_days(&test.shop).await.unwrap();
    let n_downloads = async || test.sum("n_downloads", "sales_days").await;
    assert_eq!(n_downloads().await, 2);
    test.advance(520 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!((n("download_sessions").await, n("download_log").await, n("download_links").await), (0, 0, 0));
    // A day that is summed anew, as after a change of the time zone, still knows.
    test.run("UPDATE sales_days SET summed_until = 0").await;
    shop::analytics::sales::sum_days(&test.shop).await.unwrap();
    assert_eq!(n_downloads().await, 2);
}

#[on_both_databases]
async fn orders_that_nobody_paid_go_with_all_that_is_theirs(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let paid = test.start("a-gift", "free", 1).await;
    let unpaid = test.start("a-book", "plain", 2).await;
    let disputed = test.start("a-book", "rich", 1).await;
    test.work().await;
    test.run("UPDATE orders SET status = 'expired' WHERE status = 'pending'").await;
    test.run(&format!(
        "INSERT INTO disputes (id, store_id, order_id, provider_id, status, amount, created_at, updated_at) SELECT id, store_id, id, \
         'dp_1', 'lost', 1, 0, 0 FROM orders WHERE public_id = '{}'",
        disputed.public_id
    ))
    .await;
    shop::orders::add_note(&test.shop, &shop::accounts::audit::Actor::operator(), &unpaid.public_id, "Asked by phone.", None)
        .await
        .unwrap();
    let n = async |rows: &str| test.count(rows).await;
    test.advance(179 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("orders").await, 3);
    test.advance(2 * DAY);
    sweep(&test.shop).await.unwrap();
    assert_eq!(n("orders").await, 2);
    for table in ["order_items", "order_events", "order_notes", "promotion_uses"] {
        assert_eq!(n(&format!("{table} t WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = t.order_id)")).await, 0, "{table}");
    }
    assert_eq!(n("order_notes").await, 0);
    for kept in [&paid, &disputed] {
        shop::orders::load(&test.shop, &kept.public_id, &kept.access_key).await.unwrap();
    }
    assert!(matches!(shop::orders::load(&test.shop, &unpaid.public_id, &unpaid.access_key).await, Err(shop::Error::NotFound)));
}
