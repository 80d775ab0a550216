//! A database that is older than what was sold: the paid order is told at once, and delivered once its goods are there again.

use crate::support::{Engine, TestShop, tier, titled};
use domain::draft::ProductDraft;
use domain::order::OrderStatus;
use domain::tier::TierRef;
use shop::accounts::audit::Actor;
use shop::catalog::create_product;
use shop::checkout::{CheckoutItem, StartedCheckout};
use shop::{jobs, orders};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

async fn make(test: &TestShop, slug: &str, key: &str) {
    let new = ProductDraft { tiers: vec![tier(key, 700)], ..titled(slug) };
    create_product(&test.shop, &Actor::operator(), new, None).await.unwrap();
    test.give_file(slug, &[]).await;
}

/// A paid order of the new product, and of one that the backup has.
async fn bought(test: &TestShop) -> StartedCheckout {
    let mut request = test.request("a-kit", "basic", 1);
    request.items.push(CheckoutItem { tier: TierRef::parse("a-book/plain"), quantity: 1, amount: None });
    let started = shop::checkout::start(&test.shop, request).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started
}

/// The database as it was before: without the product, and without all orders.
async fn restore_the_backup(test: &TestShop) {
    for table in ["entitlements", "payments", "order_events", "order_items"] {
        test.run(&format!("DELETE FROM {table}")).await;
    }
    test.run("DELETE FROM jobs").await;
    test.run("DELETE FROM orders").await;
    test.run("DELETE FROM inbox_events").await;
    forget_product(test).await;
    test.run("UPDATE stores SET events_read_until = NULL, events_read_next = NULL").await;
}

async fn forget_product(test: &TestShop) {
    let product = "(SELECT id FROM products WHERE slug = 'a-kit')";
    test.run(&format!("DELETE FROM prices WHERE variant_id IN (SELECT id FROM variants WHERE product_id IN {product})")).await;
    test.run(&format!("DELETE FROM variants WHERE product_id IN {product}")).await;
    test.run("DELETE FROM products WHERE slug = 'a-kit'").await;
}

async fn catch_up(test: &TestShop) {
    jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
}

fn n_mails(test: &TestShop) -> usize {
    test.mail.sent().iter().filter(|mail| mail.to == "owner@example.com" && mail.text.contains("a-kit/basic")).count()
}

#[on_both_databases]
async fn a_paid_order_without_its_goods_is_told_at_once_and_delivered_when_they_are_made_again(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    make(&test, "a-kit", "basic").await;
    let order = bought(&test).await;
    let before = orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    restore_the_backup(&test).await;

    catch_up(&test).await;
    let failures = jobs::failures(&test.shop).await.unwrap();
    assert_eq!(failures.len(), 1, "{failures:?}");
    let error = &failures[0].error;
    for words in [&before.number, "a-kit/basic", "pi_", "Make the product again", "refund"] {
        assert!(error.contains(words), "{words} is not in {error}");
    }
    assert!(!error.contains("a-book"), "what is there is not missed: {error}");
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert!(report.failures[0].is_mismatch && report.failures[0].reason == *error);
    assert_eq!(n_mails(&test), 1);
    assert!(jobs::waits_for_goods(&test.shop, &order.public_id).await.unwrap());
    assert!(!jobs::waits_for_goods(&test.shop, "nothing").await.unwrap());

    // Neither time nor another try mends it, and the owner is told once.
    jobs::retry(&test.shop, &Actor::operator(), &failures[0].id).await.unwrap();
    for _ in 0..3 {
        test.advance(3_600_000);
        test.reconcile().await;
        catch_up(&test).await;
    }
    assert_eq!((jobs::failures(&test.shop).await.unwrap().len(), n_mails(&test)), (1, 1));

    make(&test, "a-kit", "other").await;
    test.reconcile().await;
    test.work().await;
    assert_eq!(test.count("orders").await, 0, "another tier is not what was sold");
    forget_product(&test).await;
    make(&test, "a-kit", "basic").await;
    test.reconcile().await;
    test.work().await;
    let view = orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view.status, view.items.len(), view.amount_total), (OrderStatus::Paid, 2, 1_200));
    assert_eq!((view.items[0].product.as_str(), view.items[0].unit_price.amount), ("a-kit", 700));
    assert!(jobs::failures(&test.shop).await.unwrap().is_empty());
    assert!(!jobs::waits_for_goods(&test.shop, &order.public_id).await.unwrap());
    assert_eq!(test.count("entitlements WHERE state = 'active'").await, 2);
    let refund =
        shop::payments::refunds::RefundRequest { order: order.public_id.clone(), ..shop::payments::refunds::RefundRequest::default() };
    assert_eq!(shop::payments::refunds::request(&test.shop, refund).await.unwrap().amount, 1_200, "it is an order like any other");
}

#[on_both_databases]
async fn what_had_the_slug_before_the_sale_is_not_what_was_sold(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    // In the backup the slug is another product's, which gave it away before the sale.
    make(&test, "old-kit", "basic").await;
    make(&test, "a-kit", "basic").await;
    let order = bought(&test).await;
    restore_the_backup(&test).await;
    test.run("UPDATE products SET slug = 'a-kit' WHERE slug = 'old-kit'").await;
    for _ in 0..2 {
        catch_up(&test).await;
        test.reconcile().await;
    }
    assert_eq!(test.count("orders").await, 0);
    assert_eq!(jobs::failures(&test.shop).await.unwrap().len(), 1);

    // Seen to in Stripe: what came back is followed if the order ever is, and nothing stays on the list.
    let payment = jobs::failures(&test.shop).await.unwrap()[0].lost.clone().unwrap().payment.unwrap();
    test.post_stripe("/v1/refunds", &format!("payment_intent={payment}")).await;
    test.advance(20 * 60_000);
    catch_up(&test).await;
    for failure in jobs::failures(&test.shop).await.unwrap() {
        assert_eq!(failure.lost.as_ref().unwrap().order, order.public_id);
        jobs::dismiss(&test.shop, &Actor::operator(), &failure.id).await.unwrap();
    }
    test.run("UPDATE products SET slug = 'old-kit' WHERE slug = 'a-kit'").await;
    make(&test, "a-kit", "basic").await;
    test.reconcile().await;
    test.work().await;
    assert_eq!(test.count("orders").await, 0, "what was seen to is left alone");
    let dismissed = test.count("inbox_events WHERE dismissed_at IS NOT NULL").await;
    assert!(dismissed >= 2, "the sale and its refund: {dismissed}");
}
