//! The owner hears of sales: each, once a day, or never.

use crate::support::{Engine, TestShop};
use domain::pages::settings::SaleMails;
use shop::accounts::audit::Actor;
use shop::jobs::mail::Mail;
use shop::payments::refunds::{self, RefundRequest};
use shop::stores::calendar::Calendar;
use shop::stores::settings;
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";
const HOUR_MS: i64 = 60 * 60 * 1000;
const OWNER: &str = "owner@example.com";

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

async fn choose(test: &TestShop, when: SaleMails) {
    settings::change(&test.shop, &Actor::operator(), None, |settings| settings.sale_mails = when).await.unwrap();
}

/// Buys for an address of its own, and tells the order's public id.
async fn buy(test: &TestShop, email: &str, variant: &str) -> String {
    let started = test.start_for(email, "a-book", variant).await;
    let session = test.pay(&started, PAYS).await;
    // Stripe may tell it twice.
    for n in 0..2 {
        test.receive(&format!("evt_{n}_{email}"), "checkout.session.completed", &session).await;
    }
    test.work().await;
    started.public_id
}

/// Works until the mails that wait have gone as well.
async fn mails_to_owner(test: &TestShop) -> Vec<Mail> {
    test.advance(11_000);
    test.work().await;
    test.mail.sent_to(OWNER)
}

/// Sets the clock to an hour of the store's day, counted from today.
fn go_to(test: &TestShop, day: i64, hour: i64) {
    let calendar = Calendar::named("UTC");
    let start = calendar.start_of(calendar.day_of(test.shop.clock.now_ms()) + day);
    test.advance(start + hour * HOUR_MS - test.shop.clock.now_ms());
}

/// Leaves hours before and behind of the store's day. Not a day ahead: Stripe's clock is the machine's, and opens no page for later.
fn go_to_the_midst_of_a_day(test: &TestShop) {
    let (calendar, now) = (Calendar::named("UTC"), test.shop.clock.now_ms());
    let hour = (now - calendar.start_of(calendar.day_of(now))) / HOUR_MS;
    if !(1..20).contains(&hour) {
        go_to(test, i64::from(hour >= 20), 1);
    }
}

#[on_both_databases]
async fn each_order_is_one_mail_to_the_owner(engine: Engine) {
    let test = open(engine).await;
    let id = buy(&test, "ada@example.com", "rich").await;
    assert_eq!(test.mail.sent_to(OWNER), [], "the buyer's goes first");
    let mails = mails_to_owner(&test).await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "You sold a book \u{2014} $9.00");
    assert_eq!(mail.reply_to.as_deref(), Some("ada@example.com"));
    for part in ["ada@example.com", "Country: United States", "/dashboard/settings#emails", &format!("/dashboard/orders/{id}")] {
        assert!(mail.text.contains(part), "{part} is not in\n{}", mail.text);
    }
    // A job that runs again is the same mail.
    test.run("UPDATE jobs SET state = 'waiting', lease_until = 0 WHERE kind = 'sale_mail'").await;
    let again = mails_to_owner(&test).await;
    assert_eq!((again.len(), &again[0].message_id), (2, &again[1].message_id));
    // Free ones count, once.
    test.start("a-gift", "free", 1).await;
    let mails = mails_to_owner(&test).await;
    assert_eq!(mails.iter().filter(|mail| mail.subject == "Free order: a gift").count(), 1);
    assert_eq!(test.count("jobs WHERE kind = 'sale_mail'").await, 2);
}

#[on_both_databases]
async fn whoever_wants_no_mails_about_sales_has_none(engine: Engine) {
    let test = open(engine).await;
    choose(&test, SaleMails::Never).await;
    buy(&test, "ada@example.com", "plain").await;
    go_to(&test, 1, 1);
    test.reconcile().await;
    assert_eq!(mails_to_owner(&test).await, []);
}

#[on_both_databases]
async fn without_an_address_for_alerts_the_first_owner_is_told(engine: Engine) {
    let mut test = open(engine).await;
    std::sync::Arc::get_mut(&mut test.shop.settings).unwrap().alert_email = None;
    buy(&test, "ada@example.com", "plain").await;
    assert_eq!(mails_to_owner(&test).await, [], "nobody is there to be told");
    for email in ["first@example.com", "second@example.com"] {
        shop::accounts::create_owner(&test.shop, email, "correct horse battery").await.unwrap();
    }
    buy(&test, "bob@example.com", "plain").await;
    mails_to_owner(&test).await;
    assert_eq!((test.mail.sent_to("first@example.com").len(), test.mail.sent_to("second@example.com").len()), (1, 0));
}

#[on_both_databases]
async fn a_day_with_sales_is_one_mail_whatever_machines_and_restarts(engine: Engine) {
    let test = open(engine).await;
    go_to_the_midst_of_a_day(&test);
    choose(&test, SaleMails::Daily).await;
    let first = buy(&test, "ada@example.com", "rich").await;
    buy(&test, "bob@example.com", "plain").await;
    let refund = RefundRequest { order: first, amount: Some(400), by: Some(Actor::operator()), ..RefundRequest::default() };
    refunds::request(&test.shop, refund).await.unwrap();
    test.reconcile().await;
    assert_eq!(mails_to_owner(&test).await, [], "the day is not over");
    go_to(&test, 1, 1);
    let other = shop::Shop { db: shop::base::database::connect(&test.database_url).await.unwrap(), ..test.shop.clone() };
    let (one, two) = tokio::join!(shop::jobs::reconcile_once(&test.shop), shop::jobs::reconcile_once(&other));
    one.and(two).unwrap();
    let mails = mails_to_owner(&test).await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert!(mail.subject.starts_with("2 orders on ") && mail.subject.ends_with("\u{2014} $10.00"), "{}", mail.subject);
    for part in ["Paid: $14.00", "Refunds: 1, $4.00", "a book  2 sold  $14.00"] {
        assert!(mail.text.contains(part), "{part} is not in\n{}", mail.text);
    }
    // A day without sales gets no mail, and a day is not mailed again after its job was deleted.
    test.run("DELETE FROM jobs WHERE kind = 'daily_sales_mail'").await;
    for _ in 0..3 {
        go_to(&test, 1, 1);
        test.reconcile().await;
    }
    assert_eq!(mails_to_owner(&test).await.len(), 1);
}

#[on_both_databases]
async fn days_on_which_nobody_worked_are_told_of_later_each_by_itself(engine: Engine) {
    let test = open(engine).await;
    go_to_the_midst_of_a_day(&test);
    choose(&test, SaleMails::Daily).await;
    buy(&test, "ada@example.com", "rich").await;
    go_to(&test, 1, 8);
    test.start_for("bob@example.com", "a-gift", "free").await;
    // The rounds stand still until the third day.
    go_to(&test, 1, 8);
    test.reconcile().await;
    test.reconcile().await;
    let mut told: Vec<String> = mails_to_owner(&test).await.into_iter().map(|mail| mail.subject).collect();
    told.sort_by_key(|subject| subject.contains("$0.00"));
    assert!(told.len() == 2 && told[0].ends_with("$9.00") && told[1].ends_with("$0.00"), "{told:?}");
}
