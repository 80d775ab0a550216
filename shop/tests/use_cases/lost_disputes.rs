//! Money that a bank took back for good is nobody's revenue: not in figures, lists, files or what a customer spent.

use crate::support::{Engine, TestShop};
use domain::pages::analytics::By;
use domain::word::Word;
use futures::TryStreamExt;
use shop::accounts::audit::Actor;
use shop::analytics::exports::{Sheet, begin};
use shop::analytics::{RangeQuery, breakdown, summary};
use shop::checkout::StartedCheckout;
use shop::orders::{OrderQuery, find_for_member, list};
use shop_testing::on_both_databases;

/// A shop with a paid order of 900 whose customer's bank wants it back.
async fn disputed(engine: Engine) -> (TestShop, StartedCheckout, String) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-book", "rich", 1).await;
    let session = test.pay(&order, "4000000000000259").await;
    test.receive("evt_paid", "checkout.session.completed", &session).await;
    test.work().await;
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
    let intent = test.intent(&order.public_id).await;
    let dispute = test.get_stripe(&format!("/v1/disputes?payment_intent={intent}")).await["data"][0]["id"].as_str().unwrap().to_owned();
    (test, order, dispute)
}

async fn decide(test: &TestShop, dispute: &str, evidence: &str) {
    test.post_stripe(&format!("/v1/disputes/{dispute}"), &format!("evidence[uncategorized_text]={evidence}_evidence&submit=true")).await;
    test.ask_emulator("/_emulator/settle", "").await;
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
}

/// What each place says the order has brought: figures, each breakdown, the overview, the customer's sum, the list of orders.
async fn revenue(test: &TestShop, order: &str) -> Vec<i64> {
    let shop = &test.shop;
    let mut brought = vec![summary(shop, &RangeQuery::default(), false).await.unwrap().now.revenue().amount];
    for by in By::all() {
        brought.push(breakdown(shop, &RangeQuery::default(), by).await.unwrap().rows.iter().map(|row| row.revenue().amount).sum());
    }
    let customers = shop::customers::list(shop, &shop::customers::CustomerQuery::default()).await.unwrap();
    brought.push(customers.customers[0].spent[0].net().amount);
    let listed = list(shop, &OrderQuery::default()).await.unwrap().items.remove(0);
    brought.push(listed.amount_total - listed.amount_refunded - listed.amount_lost);
    let view = find_for_member(shop, order).await.unwrap().view;
    brought.push(view.amount_total - view.amount_refunded - view.amount_lost);
    brought
}

/// The second row of a file, by the names of its columns.
async fn row(test: &TestShop, sheet: Sheet, columns: [&str; 3]) -> Vec<String> {
    let bytes: Vec<_> =
        begin(&test.shop, &Actor::operator(), sheet, OrderQuery::default(), true).await.unwrap().try_collect().await.unwrap();
    let text = String::from_utf8(bytes.concat()).unwrap();
    let lines: Vec<Vec<&str>> = text.trim_start_matches('\u{feff}').lines().map(|line| line.split(',').collect()).collect();
    columns.iter().map(|name| lines[1][lines[0].iter().position(|head| head == name).unwrap()].to_owned()).collect()
}

#[on_both_databases]
async fn a_lost_dispute_leaves_nothing_anywhere_and_is_no_refund(engine: Engine) {
    let (test, order, dispute) = disputed(engine).await;
    assert_eq!(revenue(&test, &order.public_id).await, [900; 8], "nothing is decided yet");
    decide(&test, &dispute, "losing").await;
    assert_eq!(revenue(&test, &order.public_id).await, [0; 8]);
    let now = summary(&test.shop, &RangeQuery::default(), false).await.unwrap().now;
    assert_eq!((now.paid.amount, now.refunded.amount, now.lost.amount, now.n_refunds, now.n_lost), (900, 0, 900, 0, 1));
    for sheet in [Sheet::Orders, Sheet::Lines] {
        assert_eq!(row(&test, sheet, ["Refunded", "Lost disputes", "Net"]).await, ["0.00", "9.00", "0.00"], "{sheet:?}");
    }
}

#[on_both_databases]
async fn what_is_won_again_is_revenue_again(engine: Engine) {
    let (test, order, dispute) = disputed(engine).await;
    decide(&test, &dispute, "losing").await;
    test.run("UPDATE disputes SET status = 'needs_response'").await;
    test.run("UPDATE orders SET status = 'disputed'").await;
    assert_eq!(revenue(&test, &order.public_id).await, [900; 8]);
}

#[on_both_databases]
async fn after_a_refund_the_bank_takes_only_what_is_left(engine: Engine) {
    let (test, order, dispute) = disputed(engine).await;
    // As when the refund was made before the customer went to the bank, which still says the whole amount.
    let sql = "INSERT INTO refunds (id, store_id, order_id, amount, state, idempotency_key, created_at, updated_at) \
               SELECT store_id, store_id, id, 200, 'succeeded', 'early', paid_at, paid_at FROM orders";
    test.run(sql).await;
    decide(&test, &dispute, "losing").await;
    assert_eq!(revenue(&test, &order.public_id).await, [0; 8]);
    let view = find_for_member(&test.shop, &order.public_id).await.unwrap().view;
    assert_eq!((view.amount_refunded, view.amount_lost), (200, 700));
    for sheet in [Sheet::Orders, Sheet::Lines] {
        assert_eq!(row(&test, sheet, ["Refunded", "Lost disputes", "Net"]).await, ["2.00", "7.00", "0.00"], "{sheet:?}");
    }
}
