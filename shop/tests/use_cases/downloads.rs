//! What a link is worth: its file, for who bought it, a bounded number of bytes.

use crate::support::{Engine, TestShop};
use domain::download::{DownloadRefusal, bytes_a_unit};
use domain::files::FileRole;
use shop::accounts::audit::Actor;
use shop::catalog::releases::{self, NewRelease};
use shop::checkout::StartedCheckout;
use shop::files::uploads::{WholeFile, take};
use shop::fulfillment::downloads::{Grant, Transfer, Visit, authorize, begin, find, flush, mint};
use shop::{Shop, orders};
use shop_testing::on_both_databases;
use std::sync::Arc;

const HOUR: i64 = 60 * 60 * 1000;
/// The bytes of the file that the stock sells.
const SIZE: i64 = "%PDF-1.7 a-book".len() as i64;

async fn bought(test: &TestShop) -> StartedCheckout {
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, "4242424242424242").await;
    test.receive("evt_paid", "checkout.session.completed", &session).await;
    test.work().await;
    started
}

async fn left(test: &TestShop, order: &StartedCheckout) -> i64 {
    orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap().items[0].files[0].downloads_left
}

async fn link(test: &TestShop, order: &StartedCheckout) -> String {
    let file = orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap().items[0].files[0].id.clone();
    let minted = mint(&test.shop, &order.public_id, &order.access_key, &file).await.unwrap();
    minted.url.rsplit('/').next().unwrap().to_owned()
}

async fn ask(shop: &Shop, token: &str, n_bytes: Option<u64>) -> Result<Grant, DownloadRefusal> {
    let link = find(shop, token).await.unwrap().ok_or(DownloadRefusal::Unknown)?;
    authorize(shop, &link, Visit { n_bytes, ip: "203.0.113.9", user_agent: "Reader/1" }).await.unwrap()
}

fn sending(shop: &Shop, grant: &Grant, ip: &str) -> Transfer {
    begin(shop, grant, 0, ip, "Reader/1").unwrap()
}

async fn fetch(shop: &Shop, token: &str, n_bytes: u64) -> Result<(), DownloadRefusal> {
    let grant = ask(shop, token, Some(n_bytes)).await?;
    assert!(sending(shop, &grant, "203.0.113.9").take(n_bytes));
    Ok(())
}

#[on_both_databases]
async fn a_link_that_was_made_before_obeys_what_minting_obeys(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let (by, product) = (Actor::operator(), "a-book");
    let (unused, begun) = (link(&test, &order).await, link(&test, &order).await);
    fetch(&test.shop, &begun, 1).await.unwrap();
    // A newer release without the file: what is under way may end, nothing else begins.
    let old = releases::list(&test.shop, product).await.unwrap()[0].clone();
    let new = NewRelease { version: "2.0".to_owned(), notes: String::new(), is_draft: true };
    let draft = releases::create(&test.shop, &by, product, new, None).await.unwrap();
    let file = old.goods[0].file.id.clone();
    let another = WholeFile {
        role: FileRole::Good,
        name: "another.txt".to_owned(),
        title: String::new(),
        variants: Vec::new(),
        release: Some(draft.id.clone()),
        replaces: None,
        body: shop::files::stream_of("text"),
    };
    take(&test.shop, &by, product, another).await.unwrap();
    releases::remove_file(&test.shop, &by, product, &draft.id, &file).await.unwrap();
    assert_eq!(ask(&test.shop, &unused, None).await.map(drop), Ok(()), "what is being prepared is not there yet");
    releases::publish(&test.shop, &by, product, &draft.id).await.unwrap();
    let fresh = test.count("download_sessions").await;
    assert_eq!(ask(&test.shop, &begun, Some(1)).await.map(drop), Ok(()), "what is under way may end");
    test.run("UPDATE download_links SET session_until = NULL").await;
    for n_bytes in [None, Some(1)] {
        assert_eq!(ask(&test.shop, &unused, n_bytes).await.map(drop), Err(DownloadRefusal::Removed));
    }
    // Out of the last release that had it, customers lose it at once.
    test.run("UPDATE download_links SET session_until = 9000000000000").await;
    releases::remove_file(&test.shop, &by, product, &old.id, &file).await.unwrap();
    assert_eq!(ask(&test.shop, &begun, Some(1)).await.map(drop), Err(DownloadRefusal::Removed));
    assert_eq!(test.count("download_sessions").await, fresh);
}

#[on_both_databases]
async fn a_link_of_another_tier_does_not_open_what_was_given_to_one(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order).await;
    let release = releases::list(&test.shop, "a-book").await.unwrap()[0].clone();
    let file = release.goods[0].file.id.clone();
    let tiers = |tier: &str| [tier.to_owned()];
    releases::set_tiers(&test.shop, &Actor::operator(), "a-book", &release.id, &file, &tiers("rich")).await.unwrap();
    assert_eq!(ask(&test.shop, &token, Some(1)).await.map(drop), Err(DownloadRefusal::Removed));
    releases::set_tiers(&test.shop, &Actor::operator(), "a-book", &release.id, &file, &tiers("plain")).await.unwrap();
    assert_eq!(ask(&test.shop, &token, Some(1)).await.map(drop), Ok(()));
}

#[on_both_databases]
async fn a_unit_gives_a_bounded_number_of_bytes_whoever_asks(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order).await;
    let (unit, part) = (bytes_a_unit(SIZE).unsigned_abs(), 100_000);
    let mut given = 0;
    while left(&test, &order).await == 2 || given + part <= unit {
        fetch(&test.shop, &token, part).await.unwrap();
        given += part;
        if given % 300_000 == 0 {
            flush(&test.shop).await.unwrap();
        }
    }
    assert_eq!((left(&test, &order).await, given / part), (1, unit / part));
    // Beyond it the next unit is taken, once by all who ask at once.
    let rush = (0..20).map(|_| {
        let (shop, token) = (test.shop.clone(), token.clone());
        tokio::spawn(async move { ask(&shop, &token, Some(part)).await })
    });
    let mut grants = Vec::new();
    for asked in rush.collect::<Vec<_>>() {
        grants.push(asked.await.unwrap().unwrap());
    }
    assert_eq!((left(&test, &order).await, test.count("download_sessions").await), (0, 2));
    // Those who were let in together end together.
    let mut open: Vec<Transfer> = grants.iter().map(|grant| sending(&test.shop, grant, "203.0.113.9")).collect();
    let mut sent = 0;
    'all: loop {
        for transfer in &mut open {
            if !transfer.take(part) {
                break 'all;
            }
            sent += part;
        }
    }
    assert!((unit..unit + part).contains(&sent), "{sent} of {unit}");
    assert_eq!(ask(&test.shop, &token, Some(1)).await.map(drop), Err(DownloadRefusal::UsedUp));
    assert_eq!(ask(&test.shop, &token, None).await.map(drop), Err(DownloadRefusal::UsedUp), "and HEAD says so");
}

#[on_both_databases]
async fn replicas_share_the_bound(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order).await;
    let other = Shop { transfers: Arc::default(), ..test.shop.clone() };
    let unit = bytes_a_unit(SIZE).unsigned_abs();
    fetch(&test.shop, &token, unit - 10).await.unwrap();
    let grant = ask(&other, &token, Some(5)).await.unwrap();
    let mut there = sending(&other, &grant, "203.0.113.10");
    assert!(there.take(5), "it has not heard of it yet");
    flush(&test.shop).await.unwrap();
    flush(&other).await.unwrap();
    assert!(there.take(5), "five are left");
    assert!(!there.take(5), "now it has");
    drop(there);
    flush(&other).await.unwrap();
    assert_eq!(left(&test, &order).await, 1);
    fetch(&test.shop, &token, 5).await.unwrap();
    assert_eq!(left(&test, &order).await, 0);
}

#[on_both_databases]
async fn a_transfer_that_goes_on_costs_one_unit_for_days(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order).await;
    for hours in 0..27 {
        fetch(&test.shop, &token, 1).await.unwrap_or_else(|refusal| panic!("{hours}: {refusal}"));
        flush(&test.shop).await.unwrap();
        test.advance(5 * HOUR);
    }
    assert_eq!(left(&test, &order).await, 1, "five days, and the link is two days old");
    // Bytes that flow keep it open, however long they take, until it has gone on for a week.
    let grant = ask(&test.shop, &token, Some(1)).await.unwrap();
    let open = sending(&test.shop, &grant, "203.0.113.9");
    test.run("UPDATE download_links SET session_until = 1").await;
    assert_eq!(ask(&test.shop, &token, Some(1)).await.map(drop), Ok(()));
    test.advance(40 * HOUR);
    assert_eq!(ask(&test.shop, &token, Some(1)).await.map(drop), Err(DownloadRefusal::Expired));
    drop(open);
    let next = link(&test, &order).await;
    fetch(&test.shop, &next, 1).await.unwrap();
    flush(&test.shop).await.unwrap();
    test.advance(7 * HOUR);
    assert_eq!(ask(&test.shop, &next, Some(1)).await.map(drop), Err(DownloadRefusal::UsedUp), "seven hours without a byte");
}

#[on_both_databases]
async fn many_requests_of_one_download_are_few_rows(engine: Engine) {
    let test = TestShop::open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order).await;
    for n in 0..300 {
        fetch(&test.shop, &token, 10).await.unwrap();
        if n % 100 == 0 {
            flush(&test.shop).await.unwrap();
        }
    }
    assert_eq!(test.sum("n_bytes", "download_log").await, 2_010, "the others wait in memory");
    flush(&test.shop).await.unwrap();
    flush(&test.shop).await.unwrap();
    assert_eq!(test.count("download_log").await, 1);
    assert_eq!((test.sum("n_requests", "download_log").await, test.sum("n_bytes", "download_log").await), (300, 3_000));
    assert_eq!(test.sum("n_bytes", "download_sessions").await, 3_000);
    assert_eq!(test.count("order_events WHERE kind = 'fetched'").await, 1);
    // A crowd is some rows, and then one.
    for n in 0..100 {
        let grant = ask(&test.shop, &token, Some(1)).await.unwrap();
        assert!(sending(&test.shop, &grant, &format!("198.51.100.{n}")).take(1));
        assert!(sending(&test.shop, &grant, &format!("2001:db8::{n:x}")).take(1));
    }
    flush(&test.shop).await.unwrap();
    assert!((2..=40).contains(&test.count("download_log").await));
    assert_eq!(test.sum("n_requests", "download_log").await, 500);
    // What was thrown away meanwhile is not waited for.
    let grant = ask(&test.shop, &token, Some(1)).await.unwrap();
    assert!(sending(&test.shop, &grant, "203.0.113.9").take(1));
    test.run("DELETE FROM download_sessions").await;
    flush(&test.shop).await.unwrap();
}
