//! What Stripe says later: disputes, signs of fraud, second payments, lost databases. The goods follow the money.

use crate::support::{Engine, TestShop};
use domain::tier::TierRef;
use domain::word::Word;
use shop::accounts::audit::Actor;
use shop::checkout::StartedCheckout;
use shop::jobs::{failures, retry};
use shop::orders::find_for_member;
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

async fn bought(test: &TestShop, card: &str) -> StartedCheckout {
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, card).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started
}

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

async fn catch_up(test: &TestShop) {
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
}

/// Status, state of the entitlement, and the key with its state.
async fn stands(test: &TestShop, order: &StartedCheckout) -> (String, i64, String, String) {
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    let license = &view.items[0].licenses[0];
    let n_active = test.count("entitlements WHERE state = 'active'").await;
    (view.status.as_str().to_owned(), n_active, license.key.clone(), license.status.as_str().to_owned())
}

async fn dispute_of(test: &TestShop, order: &StartedCheckout) -> String {
    let intent = test.intent(&order.public_id).await;
    test.get_stripe(&format!("/v1/disputes?payment_intent={intent}")).await["data"][0]["id"].as_str().unwrap().to_owned()
}

fn n_to_owner(test: &TestShop, text: &str) -> usize {
    test.mail.sent().iter().filter(|mail| mail.to == "owner@example.com" && mail.text.contains(text)).count()
}

#[on_both_databases]
async fn a_chargeback_suspends_and_a_victory_gives_the_same_key_back(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, "4000000000000259").await;
    let key = stands(&test, &order).await.2;
    catch_up(&test).await;
    assert_eq!(stands(&test, &order).await, ("disputed".into(), 0, key.clone(), "disabled".into()));
    assert_eq!(n_to_owner(&test, "took"), 1);
    let dispute = dispute_of(&test, &order).await;
    test.post_stripe(&format!("/v1/disputes/{dispute}"), "evidence[uncategorized_text]=winning_evidence&submit=true").await;
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &order).await, ("paid".into(), 1, key, "inactive".into()));
    // Older news, and news again, change nothing: what is so is asked of Stripe.
    test.receive("evt_old", "charge.dispute.updated", &dispute).await;
    test.receive("evt_older", "charge.dispute.created", &dispute).await;
    test.work().await;
    assert_eq!(stands(&test, &order).await.0, "paid");
    assert_eq!((n_to_owner(&test, "took"), n_to_owner(&test, "decided for you")), (1, 1));
    assert_eq!(test.count("disputes").await, 1);
}

#[on_both_databases]
async fn a_chargeback_that_is_lost_revokes_and_can_not_be_refunded(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, "4000000000000259").await;
    catch_up(&test).await;
    let request = || shop::payments::refunds::RefundRequest { order: order.public_id.clone(), ..Default::default() };
    assert!(shop::payments::refunds::request(&test.shop, request()).await.unwrap_err().to_string().contains("bank"));
    let dispute = dispute_of(&test, &order).await;
    test.post_stripe(&format!("/v1/disputes/{dispute}"), "evidence[uncategorized_text]=losing_evidence&submit=true").await;
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    let (status, n_active, _, license) = stands(&test, &order).await;
    assert_eq!((status.as_str(), n_active, license.as_str()), ("charged_back", 0, "disabled"));
    assert_eq!(shop::payments::refunds::request(&test.shop, request()).await.unwrap_err().answer().0, 409);
    assert_eq!(test.count("refunds").await, 0);
}

#[on_both_databases]
async fn stripe_refuses_a_refund_of_a_dispute_that_we_have_not_heard_of(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, "4000000000000259").await;
    test.run("DELETE FROM disputes").await;
    test.run("UPDATE orders SET status = 'paid'").await;
    let request = shop::payments::refunds::RefundRequest { order: order.public_id.clone(), ..Default::default() };
    let refusal = shop::payments::refunds::request(&test.shop, request).await.unwrap_err();
    assert_eq!(refusal.answer().1, "charge_disputed");
    assert_eq!(test.sum("refund_reserved", "orders").await, 0, "what was reserved is free again");
    assert_eq!(test.count("refunds WHERE state = 'failed'").await, 1);
}

#[on_both_databases]
async fn an_inquiry_takes_nothing_away(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, "4000000000001976").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &order).await.0, "paid");
    assert_eq!(n_to_owner(&test, "asks about a payment"), 1);
    let dispute = dispute_of(&test, &order).await;
    test.post_stripe(&format!("/v1/disputes/{dispute}"), "evidence[uncategorized_text]=escalate_inquiry_evidence&submit=true").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &order).await.0, "disputed");
}

#[on_both_databases]
async fn a_review_holds_the_goods_until_it_is_over_and_a_warning_only_tells(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, "4000000000009235").await;
    catch_up(&test).await;
    let (status, n_active, _, license) = stands(&test, &order).await;
    assert_eq!((status.as_str(), n_active, license.as_str()), ("paid", 0, "disabled"));
    assert!(shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap().is_on_hold);
    let review = test.get_stripe("/v1/reviews").await["data"][0]["id"].as_str().unwrap().to_owned();
    test.post_stripe(&format!("/v1/reviews/{review}/approve"), "").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &order).await.1, 1);

    let warned = bought(&test, "4000000000005423").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &warned).await.1, 2);
    let file = find_for_member(&test.shop, &warned.public_id).await.unwrap();
    assert_eq!(file.fraud_signals[0].kind.as_str(), "early_fraud_warning");
    assert_eq!((n_to_owner(&test, "review of a payment"), n_to_owner(&test, "believes that a payment was fraud")), (1, 1));
}

#[on_both_databases]
async fn a_payment_that_differs_delivers_nothing_whatever_differs(engine: Engine) {
    for change in
        ["UPDATE orders SET amount_total = amount_total - 1", "UPDATE orders SET currency = 'EUR'", "UPDATE orders SET livemode = TRUE"]
    {
        let test = open(engine).await;
        let started = test.start("a-book", "rich", 1).await;
        let session = test.pay(&started, PAYS).await;
        test.run(change).await;
        for n in 0..3 {
            test.receive(&format!("evt_{n}"), "checkout.session.completed", &session).await;
        }
        test.work().await;
        assert_eq!(test.count("entitlements").await, 0, "{change}");
        assert_eq!(test.count("inbox_events WHERE state = 'dead'").await, 3);
        assert_eq!(test.mail.sent().len(), 1, "one incident, one mail: {change}");
    }
}

#[on_both_databases]
async fn an_event_of_another_account_is_kept_and_delivers_nothing(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.run("UPDATE inbox_events SET account = 'acct_other'").await;
    test.work().await;
    assert_eq!(test.count("entitlements").await, 0);
    let [failure] = &failures(&test.shop).await.unwrap()[..] else { panic!("one failure") };
    assert!(failure.error.contains("acct_other"), "{}", failure.error);
}

#[on_both_databases]
async fn what_was_given_up_is_seen_and_tried_again(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.run("UPDATE orders SET amount_total = 100").await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let [failure] = &failures(&test.shop).await.unwrap()[..] else { panic!("one failure") };
    test.run("UPDATE orders SET amount_total = 900").await;
    retry(&test.shop, &Actor::operator(), &failure.id).await.unwrap();
    assert!(retry(&test.shop, &Actor::operator(), &failure.id).await.is_err(), "it is no failure any more");
    test.work().await;
    assert_eq!(stands(&test, &started).await.0, "paid");
    assert!(failures(&test.shop).await.unwrap().is_empty());
}

#[on_both_databases]
async fn a_bank_debit_that_comes_back_is_told_to_the_customer(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    test.run("UPDATE orders SET status = 'processing'").await;
    let session = test.session_of(&started);
    let fails = "IT60X0542811101000000123456";
    assert_eq!(test.ask_emulator(&format!("/_emulator/sessions/{session}/pay"), &format!(r#"{{"card":"{fails}"}}"#)).await, 200);
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    assert_eq!(test.count("orders WHERE status = 'processing'").await, 1);
    assert_eq!(test.count("entitlements").await, 0);
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(test.count("orders WHERE status = 'failed'").await, 1);
    let mails = test.mail.sent();
    let told = mails.iter().filter(|mail| mail.subject.contains("did not go through")).count();
    assert_eq!(told, 1, "{:?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
}

#[on_both_databases]
async fn an_address_is_not_flooded_with_failed_payments(engine: Engine) {
    let test = open(engine).await;
    for n in 0..5 {
        let started = test.start("a-book", "rich", 1).await;
        let session = test.session_of(&started);
        let path = format!("/_emulator/sessions/{session}/pay");
        assert_eq!(test.ask_emulator(&path, r#"{"card":"IT60X0542811101000000123456"}"#).await, 200);
        test.receive(&format!("evt_{n}"), "checkout.session.completed", &session).await;
    }
    test.work().await;
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(test.count("orders WHERE status = 'failed'").await, 5);
    let told = test.mail.sent().iter().filter(|mail| mail.subject.contains("did not go through")).count();
    assert_eq!(told, 3, "the address may be anybody's");
}

#[on_both_databases]
async fn a_bank_debit_that_is_paid_delivers_when_it_is(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.session_of(&started);
    let pays = r#"{"card":"AT611904300234573201"}"#;
    assert_eq!(test.ask_emulator(&format!("/_emulator/sessions/{session}/pay"), pays).await, 200);
    catch_up(&test).await;
    assert_eq!(test.count("orders WHERE status = 'processing'").await, 1);
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &started).await.0, "paid");
}

#[on_both_databases]
async fn an_order_that_is_paid_twice_is_delivered_once_and_the_second_payment_goes_back(engine: Engine) {
    let test = open(engine).await;
    let first = bought(&test, PAYS).await;
    // An older page of the same order, paid as well.
    let second = test.start("a-book", "rich", 1).await;
    let session = test.pay(&second, PAYS).await;
    let metadata = format!("metadata[order]={}&client_reference_id={}", first.public_id, first.public_id);
    let twin = test.copy_paid_session(&session, &metadata, PAYS).await;
    test.receive("evt_twice", "checkout.session.completed", &twin).await;
    test.work().await;
    assert_eq!(stands(&test, &first).await.0, "paid");
    assert_eq!(test.count("entitlements").await, 1);
    assert_eq!(test.count("refunds WHERE state = 'succeeded'").await, 1);
    assert_eq!(test.sum("amount_refunded + refund_reserved", "orders WHERE status = 'paid'").await, 0);
    assert_eq!(n_to_owner(&test, "paid a second time"), 1);
}

#[on_both_databases]
async fn a_dispute_over_the_second_payment_of_an_order_leaves_its_goods_open(engine: Engine) {
    let test = open(engine).await;
    let first = bought(&test, PAYS).await;
    let second = test.start("a-book", "rich", 1).await;
    let session = test.pay(&second, PAYS).await;
    let metadata = format!("metadata[order]={}&client_reference_id={}", first.public_id, first.public_id);
    let twin = test.copy_paid_session(&session, &metadata, "4000000000000259").await;
    test.receive("evt_twice", "checkout.session.completed", &twin).await;
    catch_up(&test).await;
    let (status, n_active, ..) = stands(&test, &first).await;
    assert_eq!((status.as_str(), n_active), ("paid", 2), "both orders' goods");
    assert_eq!(test.count("disputes WHERE status = 'needs_response'").await, 1);
    assert_eq!((n_to_owner(&test, "the second payment of an order"), n_to_owner(&test, "on hold")), (1, 0));
}

#[on_both_databases]
async fn a_restored_backup_heals_itself_with_the_same_links_and_keys(engine: Engine) {
    let test = open(engine).await;
    let before = bought(&test, PAYS).await;
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.advance(20 * 60_000);
    let lost = bought(&test, PAYS).await;
    let returned = bought(&test, PAYS).await;
    let item = shop::orders::LineName::Goods(TierRef::parse("a-book"));
    let request = || shop::payments::refunds::RefundRequest {
        order: returned.public_id.clone(),
        item: Some(item.clone()),
        request_key: Some("k".into()),
        ..Default::default()
    };
    let made = shop::payments::refunds::request(&test.shop, request()).await.unwrap();
    let keys = (stands(&test, &lost).await.2, stands(&test, &returned).await.2);
    // Yesterday's database: it has never heard of today's orders.
    for table in ["licenses", "entitlements", "refunds", "payments", "order_events", "order_items"] {
        let theirs = if table == "licenses" {
            "entitlement_id NOT IN (SELECT e.id FROM entitlements e JOIN orders o ON o.id = e.order_id WHERE o.public_id = 'BEFORE')"
                .to_owned()
        } else {
            "order_id NOT IN (SELECT id FROM orders WHERE public_id = 'BEFORE')".to_owned()
        };
        test.run(&format!("DELETE FROM {table} WHERE {}", theirs.replace("BEFORE", &before.public_id))).await;
    }
    test.run(&format!("DELETE FROM orders WHERE public_id <> '{}'", before.public_id)).await;
    test.run("DELETE FROM jobs WHERE order_id NOT IN (SELECT id FROM orders)").await;
    test.run(&format!("DELETE FROM inbox_events WHERE received_at > {}", test.shop.clock.now_ms() - 1000)).await;

    catch_up(&test).await;
    let (status, n_active, key, _) = stands(&test, &lost).await;
    assert_eq!((status.as_str(), n_active, key), ("paid", 2, keys.0), "the customer's link and key work as before");
    let (status, _, key, license) = stands(&test, &returned).await;
    assert_eq!((status.as_str(), key, license.as_str()), ("refunded", keys.1, "disabled"));
    assert_eq!(stands(&test, &before).await.0, "paid");
    assert_eq!(shop::payments::refunds::request(&test.shop, request()).await.unwrap(), made, "the line and the request are remembered");
    assert_eq!(test.count("orders").await, 3);
    assert_eq!(test.count("inbox_events WHERE state IN ('received', 'dead')").await, 0);
}

#[on_both_databases]
async fn an_order_of_another_shop_at_the_same_account_is_none_of_ours(engine: Engine) {
    let (mut test, other) = (open(engine).await, open(engine).await);
    let started = other.start("a-book", "rich", 1).await;
    let session = other.pay(&started, PAYS).await;
    test.shop.stripe = other.shop.stripe.clone();
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    assert_eq!(test.count("inbox_events WHERE state = 'ignored'").await, 1);
    assert_eq!(test.count("orders").await, 0);
}

#[on_both_databases]
async fn nothing_waits_for_an_order_that_is_gone_and_was_never_paid(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.session_of(&started);
    test.ask_emulator(&format!("/_emulator/sessions/{session}/expire"), "").await;
    for table in ["order_events", "order_items", "orders"] {
        test.run(&format!("DELETE FROM {table}")).await;
    }
    test.receive("evt_1", "checkout.session.expired", &session).await;
    test.work().await;
    assert_eq!(test.count("inbox_events WHERE state = 'ignored'").await, 1);
}

#[on_both_databases]
async fn a_delivery_that_lacks_a_piece_is_finished_by_the_rounds(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test, PAYS).await;
    test.run("DELETE FROM licenses").await;
    test.run("DELETE FROM entitlements").await;
    test.run("DELETE FROM jobs").await;
    test.run("DELETE FROM order_events WHERE kind = 'mailed'").await;
    test.reconcile().await;
    test.work().await;
    assert_eq!(stands(&test, &order).await.0, "paid");
    assert_eq!(test.count("licenses").await, 1);
    assert_eq!(test.mail.sent().len(), 2);
    test.reconcile().await;
    test.work().await;
    assert_eq!(test.mail.sent().len(), 2);
}

#[on_both_databases]
async fn news_of_all_kinds_at_once_in_any_order_ends_the_same(engine: Engine) {
    let test = open(engine).await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, "4000000000000259").await;
    let events = test.get_stripe("/v1/events?limit=100").await;
    let mut news: Vec<(String, String, String)> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            (text(&event["id"]), text(&event["type"]), text(&event["data"]["object"]["id"]))
        })
        .collect();
    news.rotate_left(3);
    for copy in 0..2 {
        for (id, kind, object) in &news {
            test.receive(&format!("{id}_{copy}"), kind, object).await;
        }
    }
    // Several workers at once, over the same events.
    let workers = (0..4).map(|_| {
        let shop = test.shop.clone();
        tokio::spawn(async move { while shop::jobs::run_once(&shop).await.unwrap() > 0 {} })
    });
    futures::future::join_all(workers).await;
    for _ in 0..5 {
        test.advance(3_600_000);
        test.work().await;
    }
    assert_eq!(stands(&test, &started).await.0, "disputed", "{session}");
    assert_eq!(test.count("entitlements").await, 1);
    assert_eq!(test.count("payments").await, 1);
    assert_eq!(test.count("disputes").await, 1);
    assert_eq!(test.count("inbox_events WHERE state IN ('received', 'dead')").await, 0);
}
