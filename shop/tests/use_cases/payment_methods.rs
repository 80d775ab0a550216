//! How an order was paid is asked of Stripe, and nothing waits for it.

use crate::support::{Engine, TestShop};
use domain::order::OrderView;
use shop::accounts::audit::Actor;
use shop::checkout::StartedCheckout;
use shop::{customers, orders};
use shop_testing::on_both_databases;

const BUYER: &str = "reader@example.com";

async fn bought(test: &TestShop, card: &str) -> StartedCheckout {
    test.stock().await;
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, card).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    started
}

async fn view(test: &TestShop, started: &StartedCheckout) -> OrderView {
    orders::load(&test.shop, &started.public_id, &started.access_key).await.unwrap()
}

fn words(order: &OrderView) -> Option<String> {
    order.paid_with.as_ref().map(|method| method.words())
}

async fn fee(test: &TestShop, started: &StartedCheckout) -> Option<String> {
    orders::file(&test.shop, &started.public_id).await.unwrap().payment.unwrap().fee.map(|fee| fee.to_string())
}

#[on_both_databases]
async fn card_and_fee_are_known_soon_after_the_payment(engine: Engine) {
    let test = TestShop::open(engine).await;
    let started = bought(&test, "5555555555554444").await;
    test.work().await;
    assert_eq!(words(&view(&test, &started).await).as_deref(), Some("Mastercard ending in 4444"));
    assert!(test.mail.sent_to(BUYER)[0].text.contains("Paid with Mastercard ending in 4444"));
    // The charge is booked a few seconds later, and now and then much later.
    test.advance(20_000);
    test.work().await;
    assert_eq!(fee(&test, &started).await, None);
    assert_eq!(test.ask_emulator("/_emulator/settle", "{}").await, 204);
    test.advance(60 * 60 * 1000);
    test.work().await;
    assert_eq!(fee(&test, &started).await.as_deref(), Some("$0.56"));
    // Erased with the customer; what it cost stays.
    let customer = orders::file(&test.shop, &started.public_id).await.unwrap().customer.unwrap();
    customers::erase(&test.shop, &Actor::operator(), &customer).await.unwrap();
    test.run("UPDATE jobs SET state = 'waiting', lease_until = 0 WHERE kind = 'payment_method'").await;
    test.work().await;
    assert_eq!(test.texts("SELECT method || brand || last4 || wallet FROM payments").await, ["card"]);
    assert_eq!(fee(&test, &started).await.as_deref(), Some("$0.56"));
}

#[on_both_databases]
async fn an_order_is_delivered_and_mailed_while_stripe_does_not_tell_how_it_was_paid(engine: Engine) {
    let test = TestShop::open(engine).await;
    let fault = r#"{"route":"GET /v1/charges","kind":"error","status":500,"times":2}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", fault).await, 204);
    let started = bought(&test, "4242424242424242").await;
    test.work().await;
    let order = view(&test, &started).await;
    assert_eq!((order.items[0].files.len(), words(&order)), (1, None));
    let mails = test.mail.sent_to(BUYER);
    assert!(mails.len() == 1 && !mails[0].text.contains("Paid with"), "{mails:?}");
    for _ in 0..4 {
        test.advance(20_000);
        test.work().await;
    }
    assert_eq!(words(&view(&test, &started).await).as_deref(), Some("Visa ending in 4242"));
    assert_eq!(test.mail.sent_to(BUYER).len(), 1);
}

#[on_both_databases]
async fn a_free_order_was_paid_with_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let started = test.start("a-gift", "free", 1).await;
    test.work().await;
    assert_eq!(words(&view(&test, &started).await), None);
}
