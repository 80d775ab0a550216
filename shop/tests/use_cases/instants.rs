//! Instants that a form shows by the minute: saving something else moves none of them.

use crate::support::{Engine, TestShop, change};
use sea_orm::ConnectionTrait;
use shop::accounts::audit::Actor;
use shop::catalog;
use shop::checkout::promotions::{self, NewPromotion, form};
use shop_testing::on_both_databases;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn by() -> Actor {
    Actor::operator()
}

fn at(text: &str) -> i64 {
    OffsetDateTime::parse(text, &Rfc3339).unwrap().unix_timestamp() * 1000
}

async fn in_zone(test: &TestShop, zone: &str) {
    test.shop.db.execute_unprepared(&format!("UPDATE stores SET time_zone = '{zone}'")).await.unwrap();
}

async fn published_at(test: &TestShop) -> i64 {
    test.sum("published_at", "products WHERE slug = 'a-book'").await
}

#[on_both_databases]
async fn a_product_keeps_its_instant_when_something_else_is_saved(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.clock.store(at("2026-11-30T00:00:00Z"), std::sync::atomic::Ordering::SeqCst);
    // The second half past two of the night in which the clocks go back, and a second that no form shows.
    for (zone, instant) in [("Europe/Berlin", "2027-10-31T01:30:00Z"), ("America/New_York", "2027-06-30T21:59:59Z")] {
        in_zone(&test, zone).await;
        change(&test.shop, &by(), "a-book", |draft| draft.published_at = Some(at(instant))).await.unwrap();
        let mut typed = catalog::edited(&test.shop, "a-book").await.unwrap().form;
        typed.texts.title = format!("In {zone}");
        // Meanwhile somebody changes the store's zone.
        in_zone(&test, "Pacific/Auckland").await;
        catalog::save_form(&test.shop, &by(), &typed, None).await.unwrap();
        assert_eq!(published_at(&test).await, at(instant), "{zone}");
    }
    in_zone(&test, "Europe/Berlin").await;
    let mut typed = catalog::edited(&test.shop, "a-book").await.unwrap().form;
    typed.publish_at = "2027-03-28T02:30".to_owned();
    let refused = catalog::save_form(&test.shop, &by(), &typed, None).await.unwrap_err();
    assert!(format!("{refused:?}").contains("the clocks go forward"), "{refused:?}");
}

#[on_both_databases]
async fn a_promotion_keeps_its_instants_when_its_name_changes(engine: Engine) {
    let test = TestShop::open(engine).await;
    in_zone(&test, "Europe/Berlin").await;
    let (starts_at, expires_at) = (Some(at("2027-10-31T01:30:00Z")), Some(at("2028-06-30T21:59:59Z")));
    let new = NewPromotion { name: Some("Autumn".into()), percent_off: Some(10), starts_at, expires_at, ..NewPromotion::default() };
    let id = promotions::create(&test.shop, &by(), new, None).await.unwrap().id.simple().to_string();
    let mut typed = form::filled_in(&test.shop, &promotions::find(&test.shop, &id).await.unwrap()).await.unwrap();
    typed.name = "Winter".to_owned();
    for zone in ["Europe/Berlin", "Asia/Kathmandu"] {
        in_zone(&test, zone).await;
        let read = form::read(&test.shop, &typed).await.unwrap();
        assert_eq!((read.starts_at, read.expires_at), (starts_at, expires_at), "{zone}");
    }
    typed.ends = "2028-03-26T02:30".to_owned();
    let refused = form::read(&test.shop, &typed).await.unwrap_err();
    assert_eq!(refused.answer().1, "expires_at_invalid");
    assert!(refused.answer().2.contains("no such hour"), "{refused:?}");
}
