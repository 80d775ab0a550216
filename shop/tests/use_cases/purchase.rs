//! From a request to goods, each once, whatever order things happen in.

use crate::support::{Engine, TestShop};
use domain::download::DownloadRefusal;
use domain::order::OrderStatus;
use domain::word::Word;
use shop::fulfillment::downloads::{Visit, authorize, find, mint};
use shop::{Error, orders};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

fn code(error: Error) -> &'static str {
    error.answer().1
}

#[on_both_databases]
async fn a_paid_order_is_delivered_once_however_often_its_events_come(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "rich", 2).await;
    assert_eq!((started.status, started.amount_total), (OrderStatus::Pending, 1800));
    let session = test.pay(&started, PAYS).await;
    for n in 0..3 {
        test.receive("evt_1", "checkout.session.completed", &session).await;
        test.receive(&format!("evt_other_{n}"), "checkout.session.completed", &session).await;
    }
    test.work().await;
    let order = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap();
    assert_eq!(order.status, OrderStatus::Paid);
    assert_eq!(order.items[0].licenses.len(), 2);
    assert_eq!(order.items[0].files.len(), 2, "each piece has its own budget");
    assert_eq!(test.count("entitlements").await, 2);
    assert_eq!(test.count("payments").await, 1);
    assert_eq!(test.mail.sent_to("reader@example.com").len(), 1);
    assert!(test.mail.sent_to("reader@example.com")[0].text.contains(&format!("/orders/{}?key={}", started.public_id, started.access_key)));
    assert_eq!(test.sum("n_sold", "products WHERE slug = 'a-book'").await, 2);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_at_once_deliver_one_order_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "rich", 3).await;
    let session = test.pay(&started, PAYS).await;
    let facts = test.shop.stripe.retrieve_session(&session).await.unwrap();
    let runs = (0..12).map(|_| {
        let (shop, facts) = (test.shop.clone(), facts.clone());
        tokio::spawn(async move { shop::fulfillment::settle(&shop, &facts).await.unwrap() })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
    assert_eq!(test.count("entitlements").await, 3);
    assert_eq!(test.count("licenses").await, 3);
    assert_eq!(test.count("jobs WHERE kind = 'order_mail'").await, 1);
}

#[on_both_databases]
async fn the_order_page_settles_when_the_webhook_is_late(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    test.pay(&started, PAYS).await;
    let order = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap();
    assert_eq!(order.status, OrderStatus::Paid);
    let steps = async || -> Vec<&'static str> {
        let steps = orders::timeline(&test.shop, &started.public_id, &started.access_key).await.unwrap();
        steps.into_iter().map(|entry| entry.step.as_str()).collect()
    };
    assert_eq!(steps().await, ["created", "paid", "entitled"], "a program has seen it");
    for _ in 0..2 {
        orders::look(&test.shop, &started.public_id, &started.access_key).await.unwrap();
        assert_eq!(steps().await, ["created", "paid", "entitled", "seen"]);
    }
}

#[on_both_databases]
async fn a_payment_that_does_not_fit_delivers_nothing_and_alerts_the_owner(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, PAYS).await;
    let facts = test.shop.stripe.retrieve_session(&session).await.unwrap();
    for wrong in [
        shop::payments::stripe::CheckoutFacts { amount_total: Some(499), ..facts.clone() },
        shop::payments::stripe::CheckoutFacts { currency: Some("EUR".parse().unwrap()), ..facts.clone() },
        shop::payments::stripe::CheckoutFacts { livemode: true, ..facts.clone() },
    ] {
        assert!(matches!(shop::fulfillment::settle(&test.shop, &wrong).await.unwrap(), shop::fulfillment::Settlement::Mismatch(_)));
    }
    assert_eq!(test.count("entitlements").await, 0);
    test.work().await;
    assert_eq!(test.mail.sent().iter().filter(|mail| mail.to == "owner@example.com").count(), 1);
}

#[on_both_databases]
async fn one_attempt_is_one_order_however_often_it_is_sent(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || shop::checkout::StartCheckout { idempotency_key: Some("attempt-1".to_owned()), ..test.request("a-book", "plain", 1) };
    let attempts = futures::future::join_all((0..6).map(|_| shop::checkout::start(&test.shop, request()))).await;
    let urls: Vec<_> = attempts.into_iter().map(|started| started.unwrap().checkout_url.unwrap()).collect();
    assert!(urls.iter().all(|url| *url == urls[0]), "{urls:?}");
    assert_eq!(test.count("orders").await, 1);
    let other = shop::checkout::StartCheckout { idempotency_key: Some("attempt-1".to_owned()), ..test.request("a-book", "rich", 1) };
    assert_eq!(code(shop::checkout::start(&test.shop, other).await.unwrap_err()), "idempotency_key_reused");
}

#[on_both_databases]
async fn a_stumbling_payment_service_makes_no_second_order(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let request = || shop::checkout::StartCheckout { idempotency_key: Some("attempt-2".to_owned()), ..test.request("a-book", "plain", 1) };
    for fault in [r#"{"kind":"error","status":500}"#, r#"{"kind":"rate_limit"}"#, r#"{"kind":"error","status":500,"before":false}"#] {
        assert_eq!(test.ask_emulator("/_emulator/faults", fault).await, 204);
        assert_eq!(code(shop::checkout::start(&test.shop, request()).await.unwrap_err()), "payment_unavailable");
    }
    assert!(shop::checkout::start(&test.shop, request()).await.unwrap().checkout_url.is_some());
    assert_eq!(test.count("orders").await, 1);
}

#[on_both_databases]
async fn requests_that_cannot_be_are_refused_and_leave_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    for (request, expected) in [
        (test.request("a-book", "plain", 0), "quantity_invalid"),
        (test.request("a-book", "plain", -1), "quantity_invalid"),
        (test.request("a-book", "plain", 1_000_000_000), "quantity_invalid"),
        (test.request("nothing", "plain", 1), "product_not_found"),
        (test.request("a-book", "none", 1), "product_not_found"),
        (shop::checkout::StartCheckout { email: "nobody".to_owned(), ..test.request("a-book", "plain", 1) }, "email_invalid"),
        (shop::checkout::StartCheckout { items: Vec::new(), ..test.request("a-book", "plain", 1) }, "cart_empty"),
        (
            shop::checkout::StartCheckout { promotion_code: Some("GUESS".to_owned()), ..test.request("a-book", "plain", 1) },
            "promotion_invalid",
        ),
    ] {
        assert_eq!(code(shop::checkout::start(&test.shop, request).await.unwrap_err()), expected);
    }
    assert_eq!(test.count("orders").await, 0);
}

#[on_both_databases]
async fn a_free_order_takes_the_same_path(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    assert_eq!((started.status, started.checkout_url), (OrderStatus::Paid, None));
    test.work().await;
    assert_eq!(test.mail.sent_to("reader@example.com").len(), 1);
}

#[on_both_databases]
async fn an_expired_order_can_be_paid_after_all(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = started.checkout_url.as_deref().unwrap().rsplit('/').next().unwrap().to_owned();
    test.ask_emulator(&format!("/_emulator/sessions/{session}/expire"), "").await;
    test.receive("evt_expired", "checkout.session.expired", &session).await;
    test.work().await;
    assert_eq!(orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().status, OrderStatus::Expired);
    let again = shop::checkout::resume(&test.shop, &started.public_id, &started.access_key).await.unwrap();
    assert_ne!(again.checkout_url, started.checkout_url);
    test.pay(&again, PAYS).await;
    test.advance(5_000);
    assert_eq!(orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().status, OrderStatus::Paid);
}

#[on_both_databases]
async fn an_order_opens_with_its_own_key_alone(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mine = test.start("a-gift", "free", 1).await;
    let other = test.start_for("other@example.com", "a-gift", "free").await;
    for (id, key) in [(&mine.public_id, &other.access_key), (&mine.public_id, &String::new()), (&"x".repeat(26), &mine.access_key)] {
        assert!(matches!(orders::load(&test.shop, id, key).await, Err(Error::NotFound)));
    }
    let files = orders::load(&test.shop, &other.public_id, &other.access_key).await.unwrap().items[0].files.clone();
    assert!(matches!(mint(&test.shop, &mine.public_id, &mine.access_key, &files[0].id).await, Err(Error::NotFound)));
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn a_limit_of_two_is_two_downloads_whoever_is_fast(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    let file = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    assert_eq!(file.downloads_left, 2);
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(
            mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap().url.rsplit('/').next().unwrap().to_owned(),
        );
    }
    let visits = tokens.iter().map(|token| {
        let (shop, token) = (test.shop.clone(), token.clone());
        tokio::spawn(async move {
            let link = find(&shop, &token).await.unwrap().unwrap();
            authorize(&shop, &link, Visit { n_bytes: Some(1), ip: "127.0.0.1", user_agent: "test" }).await.unwrap().is_ok()
        })
    });
    let mut n_granted = 0;
    for visit in visits.collect::<Vec<_>>() {
        n_granted += usize::from(visit.await.unwrap());
    }
    assert_eq!(n_granted, 2);
    let error = mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap_err();
    assert_eq!(code(error), "download_limit_reached");
}

#[on_both_databases]
async fn a_link_expires_and_a_running_download_does_not(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    let file = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].clone();
    let link = async || {
        mint(&test.shop, &started.public_id, &started.access_key, &file.id).await.unwrap().url.rsplit('/').next().unwrap().to_owned()
    };
    let (unused, begun) = (link().await, link().await);
    let visit = async |token: &str, is_head: bool| {
        let link = find(&test.shop, token).await.unwrap().ok_or(DownloadRefusal::Unknown)?;
        let n_bytes = (!is_head).then_some(1);
        authorize(&test.shop, &link, Visit { n_bytes, ip: "", user_agent: "" }).await.unwrap().map(drop)
    };
    assert_eq!(visit(&begun, true).await, Ok(()));
    test.advance(47 * 60 * 60 * 1000);
    assert_eq!(visit(&begun, false).await, Ok(()));
    test.advance(2 * 60 * 60 * 1000);
    assert_eq!(visit(&unused, false).await, Err(DownloadRefusal::Expired));
    assert_eq!(visit(&begun, false).await, Ok(()), "the download that began in time may end");
    assert_eq!(visit("none", false).await, Err(DownloadRefusal::Unknown));
    let left = orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap().items[0].files[0].downloads_left;
    assert_eq!(left, 1, "one download, two requests and a HEAD cost one unit");
}

#[on_both_databases]
async fn a_mail_server_that_is_down_delays_the_mail_and_loses_none(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.mail.fail(3);
    test.start("a-gift", "free", 1).await;
    for _ in 0..6 {
        test.work().await;
        test.advance(60_000);
    }
    assert_eq!(test.mail.sent_to("reader@example.com").len(), 1);
}
