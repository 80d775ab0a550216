//! Attempts to pay: ended, begun again, crossed, refused; and what a promotion code allows meanwhile.

use crate::support::{Engine, TestShop};
use domain::order::OrderStatus;
use shop::accounts::audit::Actor;
use shop::checkout::promotions::NewPromotion;
use shop::checkout::{StartCheckout, StartedCheckout, resume, start};
use shop::{Error, checkout::carts, orders};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";
const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;

fn code(error: Error) -> &'static str {
    error.answer().1
}

fn session(started: &StartedCheckout) -> String {
    started.checkout_url.as_deref().unwrap().rsplit('/').next().unwrap().to_owned()
}

async fn status(test: &TestShop, started: &StartedCheckout) -> OrderStatus {
    test.advance(5_000);
    orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().status
}

async fn promote(test: &TestShop, code: &str, percent: i64, limit: Option<i64>) {
    let new = NewPromotion { code: Some(code.to_owned()), percent_off: Some(percent), max_redemptions: limit, ..NewPromotion::default() };
    shop::checkout::promotions::create(&test.shop, &Actor::operator(), new, None).await.unwrap();
}

fn with_code(test: &TestShop, code: &str, product: &str, variant: &str) -> StartCheckout {
    StartCheckout { promotion_code: Some(code.to_owned()), ..test.request(product, variant, 1) }
}

async fn expire(test: &TestShop, started: &StartedCheckout, event: &str) {
    let session = session(started);
    test.ask_emulator(&format!("/_emulator/sessions/{session}/expire"), "").await;
    test.receive(event, "checkout.session.expired", &session).await;
    test.work().await;
}

#[on_both_databases]
async fn a_free_order_is_delivered_in_the_transaction_that_places_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "ALL", 100, Some(1)).await;
    let started = start(&test.shop, with_code(&test, "ALL", "a-book", "rich")).await.unwrap();
    assert_eq!((started.status, started.amount_total, started.checkout_url), (OrderStatus::Paid, 0, None));
    assert_eq!(test.sum("n_redeemed", "promotions").await, 1);
    assert_eq!(test.sum("n_reserved", "promotions").await, 0);
    assert_eq!(test.count("licenses").await, 1);
    assert_eq!(test.count("orders WHERE status = 'pending'").await, 0);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn orders_of_the_same_goods_in_any_order_do_not_stop_each_other(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.more_gifts().await;
    let buyers = (0..24).map(|n| {
        let shop = test.shop.clone();
        let mut request = test.request("a-gift", "free", 1);
        request.items.extend(test.request("another-gift", "free", 1).items);
        if n % 2 == 0 {
            request.items.reverse();
        }
        request.email = format!("reader{n}@example.com");
        tokio::spawn(async move { start(&shop, request).await.unwrap().status })
    });
    for buyer in buyers.collect::<Vec<_>>() {
        assert_eq!(buyer.await.unwrap(), OrderStatus::Paid);
    }
    assert_eq!(test.sum("n_sold", "products").await, 48);
}

#[on_both_databases]
async fn an_order_begun_again_holds_its_code_again_or_is_refused(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "ONCE", 50, Some(1)).await;
    let first = start(&test.shop, with_code(&test, "ONCE", "a-book", "plain")).await.unwrap();
    expire(&test, &first, "evt_1").await;
    assert_eq!(test.sum("n_reserved", "promotions").await, 0);
    let second = start(&test.shop, with_code(&test, "ONCE", "a-book", "plain")).await.unwrap();
    let refused = resume(&test.shop, &first.public_id, &first.access_key).await.unwrap_err();
    assert_eq!(code(refused), "promotion_over");
    assert_eq!(status(&test, &first).await, OrderStatus::Expired, "a refused attempt changes nothing");
    expire(&test, &second, "evt_2").await;
    let again = resume(&test.shop, &first.public_id, &first.access_key).await.unwrap();
    test.pay(&again, PAYS).await;
    assert_eq!(status(&test, &first).await, OrderStatus::Paid);
    assert_eq!(code(resume(&test.shop, &second.public_id, &second.access_key).await.unwrap_err()), "promotion_over");
    assert_eq!(test.sum("n_redeemed", "promotions").await, 1);
}

#[on_both_databases]
async fn prices_are_kept_for_a_week(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    expire(&test, &started, "evt_1").await;
    test.advance(8 * DAY);
    assert_eq!(code(resume(&test.shop, &started.public_id, &started.access_key).await.unwrap_err()), "order_too_old");
}

#[on_both_databases]
async fn a_refusal_of_the_payment_service_holds_no_code(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "HALF", 50, Some(1)).await;
    let fault = r#"{"route":"POST /v1/checkout/sessions","kind":"error","status":400}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", fault).await, 204);
    let refused = start(&test.shop, with_code(&test, "HALF", "a-book", "plain")).await.unwrap_err();
    assert_eq!(code(refused), "payment_refused");
    assert_eq!(test.sum("n_reserved", "promotions").await, 0);
    assert_eq!(test.count("orders WHERE status = 'failed'").await, 1);
}

#[on_both_databases]
async fn an_order_that_never_got_a_page_ends_and_gives_its_code_back(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "HALF", 50, Some(1)).await;
    assert_eq!(test.ask_emulator("/_emulator/faults", r#"{"kind":"rate_limit"}"#).await, 204);
    assert_eq!(code(start(&test.shop, with_code(&test, "HALF", "a-book", "plain")).await.unwrap_err()), "payment_unavailable");
    assert_eq!(test.sum("n_reserved", "promotions").await, 1);
    for _ in 0..4 {
        test.advance(HOUR);
        test.work().await;
        test.reconcile().await;
    }
    assert_eq!(test.sum("n_reserved", "promotions").await, 0);
    assert_eq!(test.count("orders WHERE status = 'expired' AND next_check_at IS NULL").await, 1);
}

#[on_both_databases]
async fn a_session_that_was_paid_unnoticed_is_found_before_another_is_opened(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || StartCheckout { idempotency_key: Some("attempt".to_owned()), ..test.request("a-book", "plain", 1) };
    let started = start(&test.shop, request()).await.unwrap();
    test.pay(&started, PAYS).await;
    test.advance(2 * HOUR);
    let again = start(&test.shop, request()).await.unwrap();
    assert_eq!((again.status, again.checkout_url), (OrderStatus::Paid, None));
    assert_eq!(test.count("payments").await, 1);
    assert_eq!(test.sum("checkout_attempt", "orders").await, 1);
}

#[on_both_databases]
async fn a_late_payment_is_found_even_when_stripe_was_away_for_days(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    test.pay(&started, PAYS).await;
    let fault = r#"{"route":"GET /v1/checkout/sessions","kind":"error","status":500,"times":1000}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", fault).await, 204);
    for _ in 0..4 {
        test.advance(DAY);
        test.reconcile().await;
    }
    test.forget_faults().await;
    test.advance(DAY);
    test.reconcile().await;
    assert_eq!(test.count("orders WHERE status = 'paid'").await, 1);
}

#[on_both_databases]
async fn one_cart_is_one_open_order_and_keeps_what_was_added_since(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "HALF", 50, Some(1)).await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 2).await.unwrap();
    let request = |key: &str| StartCheckout {
        cart: Some(cart.clone()),
        idempotency_key: Some(key.to_owned()),
        items: test.request("a-book", "plain", 2).items,
        ..with_code(&test, "HALF", "a-book", "plain")
    };
    let left = start(&test.shop, request("page:1")).await.unwrap();
    let started = start(&test.shop, request("page:2")).await.unwrap();
    assert_eq!(status(&test, &left).await, OrderStatus::Expired, "whoever comes back to the cart begins anew, with the same code");
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("plain"), 1).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("rich"), 1).await.unwrap();
    test.pay(&started, PAYS).await;
    assert_eq!(status(&test, &started).await, OrderStatus::Paid);
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    let kept: Vec<_> = quote.lines.iter().map(|line| (line.variant.as_str(), line.quantity)).collect();
    assert_eq!(kept, [("plain", 1), ("rich", 1)]);
}

#[on_both_databases]
async fn discounts_fit_every_line_and_small_sums_are_told_at_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "SOME", 15, None).await;
    promote(&test, "MOST", 95, None).await;
    let mut request = with_code(&test, "SOME", "a-book", "plain");
    request.items.extend(test.request("a-book", "rich", 1).items);
    request.items.extend(test.request("a-gift", "free", 1).items);
    let started = start(&test.shop, request).await.unwrap();
    test.pay(&started, PAYS).await;
    assert_eq!(status(&test, &started).await, OrderStatus::Paid);
    assert_eq!(test.sum("amount_discount", "order_items").await, 210);
    assert_eq!(code(start(&test.shop, with_code(&test, "MOST", "a-book", "plain")).await.unwrap_err()), "amount_too_small");
    assert_eq!(test.count("orders").await, 1);
}

#[on_both_databases]
async fn a_repeated_request_finds_its_order_when_the_product_is_gone(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || StartCheckout { idempotency_key: Some("attempt".to_owned()), ..test.request("a-book", "plain", 1) };
    let started = start(&test.shop, request()).await.unwrap();
    test.run("UPDATE products SET status = 'archived'").await;
    assert_eq!(start(&test.shop, request()).await.unwrap().public_id, started.public_id);
    assert_eq!(code(start(&test.shop, test.request("a-book", "plain", 1)).await.unwrap_err()), "product_not_found");
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_for_three_serves_three_however_many_come_at_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    promote(&test, "THREE", 100, Some(3)).await;
    let buyers = (0..20).map(|n| {
        let shop = test.shop.clone();
        let request = StartCheckout { email: format!("reader{n}@example.com"), ..with_code(&test, "THREE", "a-book", "plain") };
        tokio::spawn(async move { start(&shop, request).await.map(|started| started.status) })
    });
    let mut n_served = 0;
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap() {
            Ok(status) => {
                assert_eq!(status, OrderStatus::Paid);
                n_served += 1;
            }
            Err(error) => assert_eq!(code(error), "promotion_invalid"),
        }
    }
    assert_eq!(n_served, 3);
    assert_eq!(test.sum("n_redeemed", "promotions").await, 3);
}

#[on_both_databases]
async fn a_promotion_that_makes_no_sense_is_refused(engine: Engine) {
    let test = TestShop::open(engine).await;
    let percent = |code: &str, percent| NewPromotion { code: Some(code.to_owned()), percent_off: Some(percent), ..NewPromotion::default() };
    for (new, expected) in [
        (percent("A", 0), "promotion_value_invalid"),
        (percent("A", 101), "promotion_value_invalid"),
        (percent("", 10), "promotion_code_invalid"),
        (percent("A B", 10), "promotion_code_invalid"),
        (NewPromotion { amount_off: Some(5), ..percent("A", 10) }, "promotion_value_invalid"),
        (NewPromotion { percent_off: None, amount_off: Some(5), ..percent("A", 1) }, "promotion_value_invalid"),
        (NewPromotion { max_redemptions: Some(0), ..percent("A", 10) }, "limit_invalid"),
        (NewPromotion { expires_at: Some(0), ..percent("A", 10) }, "expires_at_invalid"),
        (NewPromotion { currency: Some("XXX".to_owned()), ..percent("A", 10) }, "currency_invalid"),
    ] {
        assert_eq!(code(shop::checkout::promotions::create(&test.shop, &Actor::operator(), new, None).await.unwrap_err()), expected);
    }
    promote(&test, "Spring", 10, None).await;
    assert_eq!(
        code(shop::checkout::promotions::create(&test.shop, &Actor::operator(), percent("SPRING", 5), None).await.unwrap_err()),
        "promotion_code_taken"
    );
    assert_eq!(test.count("promotions").await, 1);
}
