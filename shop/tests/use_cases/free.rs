//! What costs nothing: once by an address, without a flood of mails, and without opening an order to whoever typed the address.

use crate::support::{Engine, TestShop};
use domain::order::OrderStatus;
use shop::accounts::audit::Actor;
use shop::checkout::promotions::NewPromotion;
use shop::checkout::{StartCheckout, start};
use shop::{Error, checkout::carts, orders};
use shop_testing::on_both_databases;

fn code(error: Error) -> &'static str {
    error.answer().1
}

fn n_mails_to(test: &TestShop, address: &str) -> usize {
    test.mail.sent().iter().filter(|mail| mail.to == address).count()
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_has_a_free_tier_once_and_whoever_asks_again_is_shown_no_key(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let at_once = (0..6).map(|_| {
        let (shop, request) = (test.shop.clone(), test.request("a-gift", "free", 99));
        tokio::spawn(async move { start(&shop, request).await.unwrap() })
    });
    let mut with_key = Vec::new();
    for started in at_once.collect::<Vec<_>>() {
        let started = started.await.unwrap();
        assert_eq!((started.status, started.amount_total), (OrderStatus::Paid, 0));
        if started.shows_key {
            with_key.push(started);
        }
    }
    assert_eq!(with_key.len(), 1);
    assert_eq!(test.count("orders").await, 1);
    assert_eq!(test.count("entitlements").await, 1, "nobody needs two copies of what costs nothing");
    let spelled = StartCheckout { email: "Reader+again@Example.com".to_owned(), ..test.request("a-gift", "free", 1) };
    let again = start(&test.shop, spelled).await.unwrap();
    assert_eq!((again.public_id.as_str(), again.shows_key), (with_key[0].public_id.as_str(), false));
    test.work().await;
    assert_eq!(n_mails_to(&test, "reader@example.com"), 2, "the order's mail, and one for those who asked again within the hour");
}

#[on_both_databases]
async fn an_order_with_something_new_in_it_is_made(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.more_gifts().await;
    let first = test.start("a-gift", "free", 1).await;
    let mut both = test.request("a-gift", "free", 1);
    both.items.extend(test.request("another-gift", "free", 1).items);
    let second = start(&test.shop, both.clone()).await.unwrap();
    assert!(second.shows_key && second.public_id != first.public_id);
    assert!(!start(&test.shop, both).await.unwrap().shows_key);
    assert_eq!(test.count("orders").await, 2);
    orders::correct_email(&test.shop, &Actor::operator(), &first.public_id, "right@example.com").await.unwrap();
    let moved = StartCheckout { email: "right@example.com".to_owned(), ..test.request("a-gift", "free", 1) };
    assert_eq!(start(&test.shop, moved).await.unwrap().public_id, first.public_id);
}

#[on_both_databases]
async fn an_address_gets_ten_orders_for_nothing_in_an_hour(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let new = NewPromotion { code: Some("ALL".to_owned()), percent_off: Some(100), ..NewPromotion::default() };
    shop::checkout::promotions::create(&test.shop, &Actor::operator(), new, None).await.unwrap();
    let request = || StartCheckout { promotion_code: Some("ALL".to_owned()), ..test.request("a-book", "plain", 1) };
    for _ in 0..10 {
        assert!(start(&test.shop, request()).await.unwrap().shows_key, "two copies of something with a price are two");
    }
    assert_eq!(code(start(&test.shop, request()).await.unwrap_err()), "rate_limited");
    let many = StartCheckout {
        items: [test.request("a-book", "plain", 60).items, test.request("a-book", "rich", 60).items].concat(),
        ..request()
    };
    assert_eq!(code(start(&test.shop, StartCheckout { email: "x@example.com".to_owned(), ..many }).await.unwrap_err()), "cart_full");
    test.advance(60 * 60 * 1000);
    start(&test.shop, request()).await.unwrap();
}

#[on_both_databases]
async fn a_code_that_takes_nothing_off_is_not_used_up(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let new = NewPromotion {
        code: Some("ONCE".to_owned()),
        percent_off: Some(50),
        max_redemptions: Some(1),
        once_per_customer: true,
        ..NewPromotion::default()
    };
    shop::checkout::promotions::create(&test.shop, &Actor::operator(), new, None).await.unwrap();
    let request = |product, variant| StartCheckout { promotion_code: Some("ONCE".to_owned()), ..test.request(product, variant, 1) };
    let free = start(&test.shop, request("a-gift", "free")).await.unwrap();
    assert_eq!(free.status, OrderStatus::Paid);
    assert_eq!(test.sum("n_redeemed + n_reserved", "promotions").await, 0);
    let cart = carts::add(&test.shop, None, "a-gift", Some("free"), 3).await.unwrap();
    carts::set_promotion_code(&test.shop, &cart, "ONCE").await.unwrap();
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.code.as_deref(), quote.is_code_refused, quote.n_pieces()), (Some("ONCE"), false, 1));
    assert_eq!(start(&test.shop, request("a-book", "plain")).await.unwrap().amount_total, 250);
}

#[on_both_databases]
async fn the_key_of_a_request_opens_no_order_that_was_paid_and_is_forgotten_after_a_day(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || StartCheckout { idempotency_key: Some("api:order-17".to_owned()), ..test.request("a-book", "plain", 1) };
    let started = start(&test.shop, request()).await.unwrap();
    let again = start(&test.shop, request()).await.unwrap();
    assert_eq!((&again.public_id, again.shows_key, &again.checkout_url), (&started.public_id, true, &started.checkout_url));
    test.pay(&started, "4242424242424242").await;
    test.advance(5_000);
    orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap();
    let replayed = start(&test.shop, request()).await.unwrap();
    assert_eq!((&replayed.public_id, replayed.shows_key, replayed.status), (&started.public_id, false, OrderStatus::Paid));
    orders::correct_email(&test.shop, &Actor::operator(), &started.public_id, "right@example.com").await.unwrap();
    let after = start(&test.shop, request()).await.unwrap();
    assert_ne!(after.public_id, started.public_id, "the order belongs to somebody else now");
    // The emulator has a clock of its own, so that the order grows old instead.
    test.run("UPDATE orders SET created_at = created_at - 86400001").await;
    assert_ne!(start(&test.shop, request()).await.unwrap().public_id, after.public_id);
}

#[on_both_databases]
async fn the_lost_answer_of_a_free_order_can_be_asked_for_again_for_ten_minutes(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || StartCheckout { idempotency_key: Some("api:free".to_owned()), ..test.request("a-gift", "free", 1) };
    let started = start(&test.shop, request()).await.unwrap();
    let again = start(&test.shop, request()).await.unwrap();
    assert_eq!((&again.access_key, again.shows_key), (&started.access_key, true));
    test.advance(11 * 60 * 1000);
    assert!(!start(&test.shop, request()).await.unwrap().shows_key);
}
