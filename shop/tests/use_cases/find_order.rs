//! The way back of who has lost the mail.

use crate::support::{Engine, TestShop};
use domain::email::Email;
use shop::checkout::StartedCheckout;
use shop_testing::on_both_databases;

const MINUTES_MS: i64 = 60 * 1000;

async fn bought(test: &TestShop, email: &str, tier: &str) -> StartedCheckout {
    let order = test.start_for(email, "a-book", tier).await;
    test.pay(&order, "4242424242424242").await;
    shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    order
}

async fn mail_links(test: &TestShop, email: &str) {
    shop::orders::mail_links(&test.shop, &Email::parse(email).unwrap()).await.unwrap();
}

/// The mails with links, as recipient and text.
async fn links(test: &TestShop) -> Vec<(String, String)> {
    test.work().await;
    let mails = test.mail.sent();
    mails.into_iter().filter(|mail| mail.text.contains("Each link opens")).map(|mail| (mail.to, mail.text)).collect()
}

#[on_both_databases]
async fn links_to_all_that_was_bought_go_to_the_address_and_to_nobody_else(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let first = bought(&test, "Ada@Example.com", "plain").await;
    let second = bought(&test, "ada@example.com", "rich").await;
    let unpaid = test.start_for("ada@example.com", "a-book", "plain").await;
    let other = bought(&test, "bob@example.com", "plain").await;
    mail_links(&test, "nobody@example.com").await;
    assert_eq!(links(&test).await, []);
    assert_eq!(shop::orders::request_links(&test.shop, "no address").await.unwrap_err().answer().1, "email_invalid");
    for _ in 0..3 {
        mail_links(&test, " ADA@example.com ").await;
    }
    let sent = links(&test).await;
    assert_eq!(sent.len(), 1, "impatience is answered once: {sent:?}");
    let (to, text) = &sent[0];
    assert_eq!(to, "ada@example.com");
    for order in [&first, &second] {
        assert!(text.contains(&format!("/orders/{}?key={}", order.public_id, order.access_key)), "{text}");
    }
    assert!(!text.contains(&unpaid.public_id) && !text.contains(&other.public_id), "{text}");
    assert_eq!(test.count("jobs WHERE payload LIKE '%@%'").await, 0, "no address stands in the work");
    for n in [2, 3, 3] {
        test.advance(11 * MINUTES_MS);
        mail_links(&test, "ada@example.com").await;
        assert_eq!(links(&test).await.len(), n, "three a day");
    }
}

#[on_both_databases]
async fn an_address_with_a_tag_gets_its_own_links_alone(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let hers = bought(&test, "ann@example.com", "plain").await;
    let tagged = bought(&test, "ann+x@example.com", "rich").await;
    mail_links(&test, "ann+x@example.com").await;
    mail_links(&test, "ann@example.com").await;
    let mut sent = links(&test).await;
    sent.sort();
    let [(first, of_tagged), (second, of_hers)] = sent.try_into().unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("ann+x@example.com", "ann@example.com"));
    assert!(of_tagged.contains(&tagged.public_id) && !of_tagged.contains(&hers.public_id), "{of_tagged}");
    assert!(of_hers.contains(&hers.public_id) && !of_hers.contains(&tagged.public_id), "{of_hers}");
}

#[on_both_databases]
async fn a_link_that_was_replaced_is_not_the_one_that_is_mailed(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = bought(&test, "ada@example.com", "plain").await;
    let by = shop::accounts::audit::Actor::operator();
    shop::orders::renew_link(&test.shop, &by, &order.public_id, false, None).await.unwrap();
    mail_links(&test, "ada@example.com").await;
    let (_, text) = links(&test).await.remove(0);
    assert!(text.contains(&order.public_id) && !text.contains(&order.access_key), "{text}");
}
