//! Money that goes back: never more than came in, once, and the goods follow it.

use crate::support::{Engine, TestShop};
use domain::license::LicenseStatus;
use domain::tier::TierRef;
use domain::word::Word;
use shop::orders::LineName;
use shop::orders::{OrderQuery, find_for_member, list};
use shop::payments::refunds::{RefundRequest, RefundView, request};
use shop::{Error, Result};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

/// A shop with a paid order of two lines: 500 plain, 900 with a license.
async fn paid(engine: Engine, card: &str) -> (TestShop, String, String) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut cart = test.request("a-book", "plain", 1);
    cart.items.push(shop::checkout::CheckoutItem { tier: TierRef::parse("a-book/rich"), quantity: 1, amount: None });
    let started = shop::checkout::start(&test.shop, cart).await.unwrap();
    let session = test.pay(&started, card).await;
    test.receive("evt_paid", "checkout.session.completed", &session).await;
    test.work().await;
    (test, started.public_id, started.access_key)
}

fn refund_of(order: &str, amount: Option<i64>) -> RefundRequest {
    RefundRequest { order: order.to_owned(), amount, ..RefundRequest::default() }
}

async fn refund(test: &TestShop, order: &str, amount: Option<i64>) -> Result<RefundView> {
    request(&test.shop, refund_of(order, amount)).await
}

fn code(result: Result<RefundView>) -> &'static str {
    match result.unwrap_err() {
        Error::Conflict(refusal) | Error::Refused(refusal) => refusal.code,
        other => panic!("{other:?}"),
    }
}

/// Status, entitlements that are active, and keys that work.
async fn stands(test: &TestShop, id: &str, key: &str) -> (String, i64, usize) {
    let view = shop::orders::load(&test.shop, id, key).await.unwrap();
    let n_keys = view.items.iter().flat_map(|item| &item.licenses).filter(|license| license.status != LicenseStatus::Disabled).count();
    (view.status.as_str().to_owned(), test.count("entitlements WHERE state = 'active'").await, n_keys)
}

/// Every event that the emulator has and the shop has not, as at a start.
async fn catch_up(test: &TestShop) {
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
}

async fn n_at_stripe(test: &TestShop) -> usize {
    let page = test.get_stripe("/v1/refunds?limit=100").await;
    page["data"].as_array().unwrap().len()
}

#[on_both_databases]
async fn a_part_goes_back_and_the_rest_later(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    let part = refund(&test, &id, Some(560)).await.unwrap();
    assert_eq!((part.state.as_str(), part.amount), ("succeeded", 560));
    assert_eq!(stands(&test, &id, &key).await, ("partially_refunded".into(), 2, 1));
    assert_eq!(refund(&test, &id, None).await.unwrap().amount, 840);
    assert_eq!(stands(&test, &id, &key).await, ("refunded".into(), 0, 0));
    assert_eq!(code(refund(&test, &id, None).await), "already_refunded");
    test.work().await;
    let subjects: Vec<String> =
        test.mail.sent().into_iter().map(|mail| mail.subject).filter(|subject| subject.contains("refund")).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    catch_up(&test).await;
    assert_eq!(test.count("refunds").await, 2, "our own refunds come back as news and are known");
    assert_eq!(test.sum("amount_refunded", "orders").await, 1400);
    assert_eq!(test.mail.sent().into_iter().filter(|mail| mail.subject.contains("refund")).count(), 2);
}

#[on_both_databases]
async fn a_line_that_is_named_is_closed_and_the_other_stays(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    let item = LineName::Goods(TierRef::parse("a-book/rich"));
    let made = request(&test.shop, RefundRequest { item: Some(item.clone()), ..refund_of(&id, None) }).await.unwrap();
    assert_eq!((made.amount, made.item), (900, Some(("a-book".into(), "rich".into()))));
    assert_eq!(stands(&test, &id, &key).await, ("partially_refunded".into(), 1, 0));
    assert_eq!(code(request(&test.shop, RefundRequest { item: Some(item), ..refund_of(&id, None) }).await), "refund_too_large");
    let ambiguous = LineName::Goods(TierRef::parse("a-book"));
    assert_eq!(code(request(&test.shop, RefundRequest { item: Some(ambiguous), ..refund_of(&id, None) }).await), "item_ambiguous");
    test.work().await;
    let mail = test.mail.sent().pop().unwrap();
    assert!(mail.text.contains("This was for a book"), "{}", mail.text);
}

#[on_both_databases]
async fn of_ten_requests_at_once_one_is_granted(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    let requests = (0..10).map(|_| {
        let (shop, refund) = (test.shop.clone(), refund_of(&id, Some(1400)));
        tokio::spawn(async move { request(&shop, refund).await })
    });
    let answers = futures::future::join_all(requests).await;
    let granted = answers.iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
    assert_eq!(granted, 1);
    for answer in answers.into_iter().map(|answer| answer.unwrap()).filter(|answer| answer.is_err()) {
        assert_eq!(code(answer), "already_refunded");
    }
    assert_eq!(n_at_stripe(&test).await, 1);
    assert_eq!(stands(&test, &id, &key).await.0, "refunded");
}

#[on_both_databases]
async fn parts_that_race_never_come_to_more_than_was_paid(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    let requests = (0..10).map(|_| {
        let (shop, refund) = (test.shop.clone(), refund_of(&id, Some(300)));
        tokio::spawn(async move { request(&shop, refund).await.is_ok() })
    });
    let granted = futures::future::join_all(requests).await.into_iter().filter(|granted| *granted.as_ref().unwrap()).count();
    assert_eq!((granted, n_at_stripe(&test).await), (4, 4));
    assert_eq!(test.sum("amount_refunded", "orders").await, 1200);
    assert_eq!(test.sum("refund_reserved", "orders").await, 0);
}

#[on_both_databases]
async fn one_request_sent_often_is_one_refund(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    let keyed = || RefundRequest { request_key: Some("k".into()), ..refund_of(&id, Some(200)) };
    let sent = (0..5).map(|_| {
        let (shop, refund) = (test.shop.clone(), keyed());
        tokio::spawn(async move { request(&shop, refund).await.unwrap().id })
    });
    let ids: Vec<_> = futures::future::join_all(sent).await.into_iter().map(|id| id.unwrap()).collect();
    assert!(ids.iter().all(|other| *other == ids[0]));
    assert_eq!(n_at_stripe(&test).await, 1);
    assert_eq!(code(request(&test.shop, RefundRequest { amount: Some(300), ..keyed() }).await), "idempotency_key_reused");
}

#[on_both_databases]
async fn what_can_not_be_given_back_is_refused_and_reserves_nothing(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    assert_eq!(code(refund(&test, &id, Some(0)).await), "amount_invalid");
    assert_eq!(code(refund(&test, &id, Some(-5)).await), "amount_invalid");
    assert_eq!(code(refund(&test, &id, Some(1401)).await), "refund_too_large");
    assert_eq!(code(refund(&test, &id, Some(i64::MAX)).await), "refund_too_large");
    assert!(matches!(refund(&test, "nothing", None).await, Err(Error::NotFound)));
    let unpaid = test.start("a-book", "plain", 1).await;
    assert_eq!(code(refund(&test, &unpaid.public_id, None).await), "order_not_paid");
    let free = test.start("a-gift", "free", 1).await;
    assert_eq!(code(refund(&test, &free.public_id, None).await), "order_not_paid");
    assert_eq!(test.count("refunds").await, 0);
    assert_eq!(test.sum("refund_reserved", "orders").await, 0);
}

#[on_both_databases]
async fn a_refund_whose_answer_is_lost_is_found_and_not_made_again(engine: Engine) {
    for (n, status) in [(1, 500), (2, 504)] {
        let (test, id, key) = paid(engine, PAYS).await;
        let fault = format!(r#"{{"route":"POST /v1/refunds","kind":"error","status":{status},"times":{n},"before":false,"keep":true}}"#);
        test.ask_emulator("/_emulator/faults", &fault).await;
        assert_eq!(refund(&test, &id, None).await.unwrap().state.as_str(), "requested");
        assert_eq!(code(refund(&test, &id, None).await), "already_refunded", "what is reserved is not given twice");
        for _ in 0..4 {
            test.advance(3_600_000);
            test.work().await;
        }
        assert_eq!(n_at_stripe(&test).await, 1);
        assert_eq!(stands(&test, &id, &key).await, ("refunded".into(), 0, 0));
    }
}

#[on_both_databases]
async fn a_refund_that_broke_off_before_stripe_was_called_is_made_later(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    test.ask_emulator("/_emulator/faults", r#"{"route":"POST /v1/refunds","kind":"error","status":500,"times":1}"#).await;
    assert_eq!(refund(&test, &id, Some(1400)).await.unwrap().state.as_str(), "requested");
    assert_eq!(stands(&test, &id, &key).await.0, "paid");
    test.advance(3_600_000);
    test.work().await;
    assert_eq!(stands(&test, &id, &key).await.0, "refunded");
    assert_eq!(n_at_stripe(&test).await, 1);
}

#[on_both_databases]
async fn the_news_of_a_refund_may_overtake_its_answer(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    test.ask_emulator("/_emulator/faults", r#"{"route":"POST /v1/refunds","kind":"error","status":504,"times":1,"before":false}"#).await;
    assert_eq!(refund(&test, &id, None).await.unwrap().state.as_str(), "requested");
    catch_up(&test).await;
    assert_eq!(stands(&test, &id, &key).await, ("refunded".into(), 0, 0));
    test.advance(3_600_000);
    test.work().await;
    assert_eq!((n_at_stripe(&test).await, test.count("refunds").await), (1, 1));
}

#[on_both_databases]
async fn a_refund_that_fails_at_the_bank_restores_the_goods_and_tells_the_owner(engine: Engine) {
    let (test, id, key) = paid(engine, "4000000000005126").await;
    assert_eq!(refund(&test, &id, None).await.unwrap().state.as_str(), "succeeded");
    assert_eq!(stands(&test, &id, &key).await, ("refunded".into(), 0, 0));
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(stands(&test, &id, &key).await, ("paid".into(), 2, 1));
    assert_eq!(test.sum("amount_refunded + refund_reserved", "orders").await, 0);
    assert_eq!(
        test.mail
            .sent()
            .iter()
            .filter(|mail| mail.to == "owner@example.com" && mail.text.contains("failed at the customer's bank"))
            .count(),
        1
    );
    let file = find_for_member(&test.shop, &id).await.unwrap();
    assert_eq!(file.refunds[0].state.as_str(), "failed", "history is kept");
}

#[on_both_databases]
async fn a_refund_made_in_stripes_dashboard_is_mirrored_once(engine: Engine) {
    let (test, id, key) = paid(engine, "4000000000007726").await;
    let intent = test.intent(&id).await;
    let made = test.post_stripe("/v1/refunds", &format!("payment_intent={intent}&amount=1400")).await;
    let (re, charge) = (made["id"].as_str().unwrap(), made["charge"].as_str().unwrap());
    test.receive("evt_3", "charge.refunded", charge).await;
    test.receive("evt_2", "refund.updated", re).await;
    test.receive("evt_1", "refund.created", re).await;
    test.work().await;
    assert_eq!(stands(&test, &id, &key).await, ("refunded".into(), 0, 0));
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(test.count("refunds WHERE state = 'succeeded'").await, 1);
    assert_eq!(test.count("inbox_events WHERE state IN ('received', 'dead')").await, 0);
}

#[on_both_databases]
async fn a_refund_of_one_of_two_purchases_leaves_the_other(engine: Engine) {
    let (test, id, key) = paid(engine, PAYS).await;
    let second = test.start("a-book", "rich", 1).await;
    let session = test.pay(&second, PAYS).await;
    test.receive("evt_second", "checkout.session.completed", &session).await;
    test.work().await;
    refund(&test, &second.public_id, None).await.unwrap();
    assert_eq!(stands(&test, &id, &key).await, ("paid".into(), 2, 1));
    let found =
        list(&test.shop, &OrderQuery { status: Some(domain::order::OrderStatus::Refunded), ..OrderQuery::default() }).await.unwrap();
    assert_eq!(found.items.iter().map(|order| &order.id).collect::<Vec<_>>(), [&second.public_id]);
}

#[on_both_databases]
async fn news_of_a_refund_before_news_of_its_payment_ends_the_same(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, PAYS).await;
    let intent = test.get_stripe(&format!("/v1/checkout/sessions/{session}")).await["payment_intent"].as_str().unwrap().to_owned();
    let re = test.post_stripe("/v1/refunds", &format!("payment_intent={intent}")).await["id"].as_str().unwrap().to_owned();
    test.receive("evt_1", "refund.created", &re).await;
    test.receive("evt_2", "checkout.session.completed", &session).await;
    test.work().await;
    assert_eq!(stands(&test, &started.public_id, &started.access_key).await, ("refunded".into(), 0, 0));
    assert_eq!(test.count("inbox_events WHERE state = 'done'").await, 2);
}

#[on_both_databases]
async fn a_refusal_is_a_refusal_however_often_the_request_is_sent(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    test.ask_emulator("/_emulator/faults", r#"{"route":"POST /v1/refunds","kind":"error","status":400,"times":1}"#).await;
    let keyed = || RefundRequest { request_key: Some("k".into()), ..refund_of(&id, None) };
    for _ in 0..2 {
        assert_eq!(code(request(&test.shop, keyed()).await), "refund_refused");
    }
    let other = RefundRequest { item: Some(LineName::Goods(TierRef::parse("a-book/rich"))), ..keyed() };
    assert_eq!(code(request(&test.shop, other).await), "idempotency_key_reused");
    assert_eq!(n_at_stripe(&test).await, 0);
}

fn of_line(order: &str, variant: &str, amount: Option<i64>) -> RefundRequest {
    let item = LineName::Goods(TierRef { product: "a-book".into(), variant: Some(variant.into()) });
    RefundRequest { item: Some(item), ..refund_of(order, amount) }
}

fn message(result: Result<RefundView>) -> String {
    result.unwrap_err().answer().2.to_owned()
}

/// What the books say of each product: paid less refunded.
async fn brought(test: &TestShop) -> Vec<i64> {
    let parts = shop::analytics::breakdown(&test.shop, &shop::analytics::RangeQuery::default(), domain::pages::analytics::By::Product)
        .await
        .unwrap();
    parts.rows.iter().map(|row| row.revenue().amount).collect()
}

#[on_both_databases]
async fn a_line_gives_back_at_most_what_is_left_of_it(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    assert_eq!(code(request(&test.shop, of_line(&id, "plain", Some(501))).await), "refund_too_large");
    let told = message(request(&test.shop, of_line(&id, "plain", Some(900))).await);
    assert!(told.contains("At most $5.00 of this line (a book, plain)"), "{told}");
    assert_eq!(request(&test.shop, of_line(&id, "plain", Some(200))).await.unwrap().amount, 200);
    let told = message(request(&test.shop, of_line(&id, "plain", Some(301))).await);
    assert!(told.contains("At most $3.00"), "{told}");
    assert_eq!(request(&test.shop, of_line(&id, "plain", None)).await.unwrap().amount, 300);
    let told = message(request(&test.shop, of_line(&id, "plain", Some(1))).await);
    assert!(told.contains("All of this line (a book, plain) was refunded already"), "{told}");
    assert_eq!(refund(&test, &id, None).await.unwrap().amount, 900, "the rest of the order is the other line");
    assert_eq!(n_at_stripe(&test).await, 3);
}

#[on_both_databases]
async fn a_part_of_the_whole_order_takes_of_each_line_by_what_is_left_of_it(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    refund(&test, &id, Some(560)).await.unwrap();
    let file = find_for_member(&test.shop, &id).await.unwrap();
    let left: Vec<i64> = file.view.items.iter().map(|line| file.refundable_lines[&line.id]).collect();
    assert_eq!((left, file.refundable), (vec![300, 540], 840));
    assert_eq!(code(request(&test.shop, of_line(&id, "plain", Some(301))).await), "refund_too_large");
    assert_eq!(request(&test.shop, of_line(&id, "plain", None)).await.unwrap().amount, 300);
    assert_eq!(request(&test.shop, of_line(&id, "rich", None)).await.unwrap().amount, 540);
    assert_eq!(code(refund(&test, &id, None).await), "already_refunded");
}

#[on_both_databases]
async fn refunds_of_a_line_that_race_never_come_to_more_than_it_cost(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    let requests = (0..10).map(|_| {
        let (shop, refund) = (test.shop.clone(), of_line(&id, "plain", Some(200)));
        tokio::spawn(async move { request(&shop, refund).await.is_ok() })
    });
    let granted = futures::future::join_all(requests).await.into_iter().filter(|granted| *granted.as_ref().unwrap()).count();
    assert_eq!((granted, n_at_stripe(&test).await), (2, 2));
    assert_eq!(test.sum("amount_refunded + refund_reserved", "orders").await, 400);
}

#[on_both_databases]
async fn what_a_currency_can_not_move_is_refused_before_stripe_is_asked(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    // The book is sold in kronur: 1400 are 14 of them.
    test.run("UPDATE orders SET currency = 'ISK'").await;
    let told = message(refund(&test, &id, Some(150)).await);
    assert!(told.contains("Refunds in ISK move in steps of ISK\u{a0}1.00"), "{told}");
    assert_eq!(code(request(&test.shop, of_line(&id, "plain", Some(150))).await), "amount_invalid");
    assert_eq!((n_at_stripe(&test).await, test.count("refunds").await), (0, 0));
    // Shares of lines are whole kronur too.
    refund(&test, &id, Some(100)).await.unwrap();
    let file = find_for_member(&test.shop, &id).await.unwrap();
    assert!(file.refundable_lines.values().all(|left| left % 100 == 0), "{:?}", file.refundable_lines);
}

#[on_both_databases]
async fn no_product_brings_less_than_nothing_whatever_old_refunds_say(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.run("UPDATE prices SET amount = 500 WHERE amount = 0").await;
    let mut cart = test.request("a-book", "rich", 1);
    cart.items.push(shop::checkout::CheckoutItem { tier: TierRef::parse("a-gift/free"), quantity: 1, amount: None });
    let started = shop::checkout::start(&test.shop, cart).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_paid", "checkout.session.completed", &session).await;
    test.work().await;
    refund(&test, &started.public_id, Some(900)).await.unwrap();
    // As a program did that held a line's refund against the order alone.
    test.run("UPDATE refunds SET order_item_id = (SELECT id FROM order_items WHERE product_slug = 'a-gift')").await;
    assert_eq!(brought(&test).await, [500, 0], "what the line could not give is the other's");
    test.advance(86_400_000);
    shop::analytics::sales::sum_days(&test.shop).await.unwrap();
    assert_eq!(brought(&test).await, [500, 0], "and so in the sums");
    assert_eq!(refund(&test, &started.public_id, None).await.unwrap().amount, 500);
    assert_eq!(brought(&test).await, [0, 0]);
}

#[on_both_databases]
async fn a_refund_that_comes_back_leaves_its_line_to_the_next(engine: Engine) {
    let (test, id, _) = paid(engine, "4000000000005126").await;
    request(&test.shop, of_line(&id, "plain", None)).await.unwrap();
    assert_eq!(code(request(&test.shop, of_line(&id, "plain", None)).await), "refund_too_large");
    test.ask_emulator("/_emulator/settle", "").await;
    catch_up(&test).await;
    assert_eq!(request(&test.shop, of_line(&id, "plain", None)).await.unwrap().amount, 500);
}

#[on_both_databases]
async fn a_member_sees_how_an_order_was_paid_and_who_gave_money_back(engine: Engine) {
    let (test, id, _) = paid(engine, PAYS).await;
    shop::accounts::create_owner(&test.shop, "ada@example.com", "a long enough password").await.unwrap();
    let ada = shop::accounts::list_members(&test.shop).await.unwrap().remove(0);
    let ada = domain::member::MemberView { id: ada.id, email: ada.email, role: ada.role };
    request(&test.shop, RefundRequest { by: Some((&ada).into()), ..refund_of(&id, Some(100)) }).await.unwrap();
    refund(&test, &id, Some(100)).await.unwrap();
    let file = shop::orders::file(&test.shop, &id).await.unwrap();
    let by: Vec<Option<&str>> = file.refunds.iter().map(|refund| refund.by.as_deref()).collect();
    assert_eq!(by, [Some("ada@example.com"), None]);
    let payment = file.payment.unwrap();
    assert!(payment.reference.starts_with("pi_") && !payment.is_live, "{payment:?}");
    assert_eq!(payment.url, None, "the emulator has no dashboard");
    let stripe = shop::payments::stripe::connect("sk_test_x", "https://api.stripe.com").unwrap();
    assert_eq!(stripe.page_of_payment("pi_1", false).as_deref(), Some("https://dashboard.stripe.com/test/payments/pi_1"));
    assert_eq!(stripe.page_of_payment("pi_1", true).as_deref(), Some("https://dashboard.stripe.com/payments/pi_1"));
}
