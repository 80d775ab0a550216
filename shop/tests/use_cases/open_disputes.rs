//! A dispute that waits for an answer is seen until it is answered.

use crate::support::{Engine, TestShop};
use domain::member::Role;
use shop::jobs::health;
use shop::stores::dashboard;
use shop_testing::on_both_databases;

const DISPUTED: &str = "4000000000000259";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[on_both_databases]
async fn a_dispute_needs_an_answer_until_there_is_one(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, DISPUTED).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    let dispute = test.get_stripe("/v1/disputes").await["data"][0]["id"].as_str().unwrap().to_owned();
    test.receive("evt_2", "charge.dispute.created", &dispute).await;
    test.work().await;
    let report = health::report(&test.shop).await.unwrap();
    let [open] = &report.disputes[..] else { panic!("{report:?}") };
    assert_eq!((open.order.0.as_str(), open.amount.amount, open.is_inquiry), (started.public_id.as_str(), 500, false));
    let days = (open.due_at.unwrap() - test.shop.clock.now_ms()) / DAY_MS;
    assert!((6..=7).contains(&days), "{days}");
    assert_eq!(report.n_troubles(), 1, "a shop with an open dispute is not well");
    assert_eq!(dashboard::overview(&test.shop, Role::Owner).await.unwrap().disputes, report.disputes);
    let file = shop::orders::file(&test.shop, &started.public_id).await.unwrap();
    assert_eq!(file.disputes[0].due_at, open.due_at);
    // Whoever may not see orders is told of none.
    assert!(dashboard::overview(&test.shop, Role::Analyst).await.unwrap().disputes.is_empty());
    test.post_stripe(&format!("/v1/disputes/{dispute}"), "evidence[uncategorized_text]=It+was+downloaded&submit=true").await;
    test.receive("evt_3", "charge.dispute.updated", &dispute).await;
    test.work().await;
    let report = health::report(&test.shop).await.unwrap();
    assert_eq!((report.disputes.len(), report.n_troubles()), (0, 0), "now it is the bank's turn");
}
