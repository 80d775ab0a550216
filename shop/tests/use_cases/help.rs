//! What members do for a customer: notes, downloads, links, the right address, closing and opening, another try.

use crate::support::{Engine, TestShop};
use domain::download::DownloadRefusal;
use domain::license::LicenseStatus;
use domain::tier::TierRef;
use domain::timeline::Step;
use domain::word::Word;
use shop::accounts::audit::{Actor, AuditQuery};
use shop::checkout::{CheckoutItem, StartedCheckout};
use shop::fulfillment::downloads::{Visit, authorize, begin, find, flush, mint};
use shop::fulfillment::licenses::{LicenseQuery, list};
use shop::orders::{self, CompleteOrder, LineName, find_for_member};
use shop::{Error, Result};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

/// A paid order of two lines: plain, and rich with a license.
async fn bought(test: &TestShop) -> StartedCheckout {
    let mut request = test.request("a-book", "plain", 1);
    request.items.push(CheckoutItem { tier: TierRef::parse("a-book/rich"), quantity: 1, amount: None });
    let started = shop::checkout::start(&test.shop, request).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started
}

fn by() -> Actor {
    Actor { member_id: None, name: "helper@example.com".into() }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result.unwrap_err() {
        Error::Conflict(refusal) | Error::Refused(refusal) => refusal.code,
        Error::NotFound => "not_found",
        other => panic!("{other:?}"),
    }
}

async fn seen(test: &TestShop, order: &StartedCheckout) -> CompleteOrder {
    find_for_member(&test.shop, &order.public_id).await.unwrap()
}

fn steps(order: &CompleteOrder) -> Vec<&str> {
    order.timeline.iter().map(|step| step.step.as_str()).collect()
}

async fn acts(test: &TestShop) -> Vec<String> {
    let page = shop::accounts::audit::list(&test.shop, &AuditQuery::default()).await.unwrap();
    let by_members = page.items.into_iter().rev().filter(|entry| entry.actor != "the command line");
    by_members.map(|entry| format!("{} {} {}", entry.actor, entry.act, entry.object_kind)).collect()
}

/// The link that the customer gets to the first file of a line.
async fn link(test: &TestShop, order: &StartedCheckout, key: &str, line: usize) -> Result<String> {
    let view = orders::load(&test.shop, &order.public_id, key).await?;
    let Some(file) = view.items[line].files.first() else { return Err(Error::NotFound) };
    let minted = mint(&test.shop, &order.public_id, key, &file.id).await?;
    Ok(minted.url.rsplit('/').next().unwrap().to_owned())
}

async fn fetch(test: &TestShop, token: &str) -> std::result::Result<(), DownloadRefusal> {
    let link = find(&test.shop, token).await.unwrap().ok_or(DownloadRefusal::Unknown)?;
    let visit = Visit { n_bytes: Some(1), ip: "203.0.113.9", user_agent: "Reader/1" };
    let grant = authorize(&test.shop, &link, visit).await.unwrap()?;
    assert!(begin(&test.shop, &grant, 0, visit.ip, visit.user_agent).unwrap().take(1));
    flush(&test.shop).await.unwrap();
    Ok(())
}

#[on_both_databases]
async fn a_note_is_kept_once_with_its_author_and_its_customer_never_sees_it(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let note = async |body: &str, key: &str| orders::add_note(&test.shop, &by(), &order.public_id, body, Some(key)).await;
    note("  Called, wants\r\nan invoice. ", "one").await.unwrap();
    note("  Called, wants\r\nan invoice. ", "one").await.unwrap();
    assert_eq!(code(note("Something else", "one").await), "idempotency_key_reused");
    assert_eq!(code(note("  ", "two").await), "note_empty");
    assert_eq!(code(note("a\0b", "two").await), "note_invalid");
    assert_eq!(code(note(&"a".repeat(4_001), "two").await), "note_invalid");
    let notes = seen(&test, &order).await.notes;
    assert_eq!((notes.len(), notes[0].body.as_str(), notes[0].author.as_str()), (1, "Called, wants\nan invoice.", "helper@example.com"));
    let told = orders::timeline(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert!(told.iter().all(|step| !step.detail.contains("invoice")));
    assert_eq!(acts(&test).await, ["helper@example.com noted order"]);
    assert_eq!(code(orders::add_note(&test.shop, &by(), "none", "x", None).await), "not_found");
}

#[on_both_databases]
async fn used_up_downloads_are_added_to_and_reset(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    for _ in 0..2 {
        let token = link(&test, &order, &order.access_key, 0).await.unwrap();
        fetch(&test, &token).await.unwrap();
    }
    assert_eq!(code(link(&test, &order, &order.access_key, 0).await), "download_limit_reached");
    let file = seen(&test, &order).await.view.items[0].files[0].id.clone();
    let left = async || {
        let view = seen(&test, &order).await.view;
        [view.items[0].files[0].downloads_left, view.items[1].files[0].downloads_left]
    };
    let add = async |file: Option<&str>, extra: i64, key: &str| {
        orders::add_downloads(&test.shop, &by(), &order.public_id, file, extra, Some(key)).await
    };
    add(Some(&file), 3, "a").await.unwrap();
    add(Some(&file), 3, "a").await.unwrap();
    assert_eq!(left().await, [3, 2], "a second click adds nothing");
    add(None, 1, "b").await.unwrap();
    assert_eq!(left().await, [4, 3]);
    for (extra, key) in [(0, "c"), (-1, "d"), (1_001, "e")] {
        assert_eq!(code(add(None, extra, key).await), "extra_invalid");
    }
    assert_eq!(code(add(Some("x.y"), 1, "f").await), "file_unknown");
    let strange = format!("{0}.{0}", uuid());
    assert_eq!(code(add(Some(&strange), 1, "g").await), "file_unknown");
    orders::reset_downloads(&test.shop, &by(), &order.public_id, Some(&file)).await.unwrap();
    assert_eq!(left().await, [6, 3]);
    orders::reset_downloads(&test.shop, &by(), &order.public_id, None).await.unwrap();
    let order = seen(&test, &order).await;
    let helped: Vec<&str> = steps(&order).into_iter().filter(|step| step.starts_with("downloads")).collect();
    assert_eq!(helped, ["downloads_added", "downloads_added", "downloads_reset"], "a reset of nothing is no step");
    assert_eq!(acts(&test).await.len(), 3);
}

fn uuid() -> String {
    shop::base::world::new_id().simple().to_string()
}

#[on_both_databases]
async fn an_old_link_works_again_and_a_license_lasts_longer(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let token = link(&test, &order, &order.access_key, 0).await.unwrap();
    test.run(&format!("UPDATE licenses SET expires_at = {}", test.shop.clock.now_ms() + DAY_MS)).await;
    test.advance(3 * DAY_MS);
    assert_eq!(fetch(&test, &token).await, Err(DownloadRefusal::Expired));
    assert_eq!(seen(&test, &order).await.view.items[1].licenses[0].status, LicenseStatus::Expired);
    for days in [0, -1, 3_651] {
        assert_eq!(code(orders::extend(&test.shop, &by(), &order.public_id, days, None).await), "days_invalid");
    }
    for _ in 0..2 {
        orders::extend(&test.shop, &by(), &order.public_id, 7, Some("once")).await.unwrap();
    }
    fetch(&test, &token).await.unwrap();
    let license = seen(&test, &order).await.view.items[1].licenses[0].clone();
    assert_eq!((license.status.as_str(), license.expires_at), ("inactive", Some(test.shop.clock.now_ms() + 7 * DAY_MS)));
}

#[on_both_databases]
async fn a_mistyped_address_is_corrected_and_the_old_one_is_told_nothing(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let old_link = link(&test, &order, &order.access_key, 0).await.unwrap();
    let n_before = test.mail.sent().iter().filter(|mail| mail.to == "reader@example.com").count();
    assert_eq!(code(orders::correct_email(&test.shop, &by(), &order.public_id, "reader@").await), "email_invalid");
    for _ in 0..2 {
        orders::correct_email(&test.shop, &by(), &order.public_id, "Reader@Example.org").await.unwrap();
    }
    test.work().await;
    let sent = test.mail.sent();
    assert_eq!(sent.iter().filter(|mail| mail.to == "reader@example.com").count(), n_before);
    assert_eq!(sent.iter().filter(|mail| mail.to == "Reader@Example.org").count(), 1);
    let known = seen(&test, &order).await;
    assert_eq!(known.view.email, "Reader@Example.org");
    let new_key = known.customer_url.split_once("key=").unwrap().1.to_owned();
    assert!(sent.last().unwrap().text.contains(&new_key), "the mail brings the new key");
    assert_eq!(code(orders::load(&test.shop, &order.public_id, &order.access_key).await), "not_found", "the old mail opens nothing");
    assert_eq!(fetch(&test, &old_link).await, Err(DownloadRefusal::Expired));
    let token = link(&test, &order, &new_key, 0).await.unwrap();
    fetch(&test, &token).await.unwrap();
    assert_eq!(test.count("entitlements WHERE email_normalized = 'reader@example.org'").await, 2);
    assert_eq!(test.count("customers").await, 1, "nobody is left of the mistyped address");
    let told = orders::timeline(&test.shop, &order.public_id, &new_key).await.unwrap();
    assert!(!told.iter().any(|step| step.detail.contains("helper@")), "its customer does not learn who helped");
    let step = known.timeline.iter().find(|step| step.step == Step::EmailCorrected).unwrap();
    assert_eq!(step.detail, "by helper@example.com");
    assert_eq!(test.count("audit_entries WHERE COALESCE(after_json, '') LIKE '%example.org%' OR object_name LIKE '%@%'").await, 0);
    assert_eq!(known.view.items[1].licenses[0].key, license_of(&test).await, "the key that was sold is the same");
}

async fn license_of(test: &TestShop) -> String {
    let query = LicenseQuery { email: Some("reader@example.org".into()), ..LicenseQuery::default() };
    let found = list(&test.shop, &query).await.unwrap().items;
    assert_eq!(found.len(), 1);
    let by_key = LicenseQuery { key: Some(found[0].key.to_lowercase()), ..LicenseQuery::default() };
    assert_eq!(list(&test.shop, &by_key).await.unwrap().items, found);
    found[0].key.clone()
}

#[on_both_databases]
async fn what_a_member_closes_stays_closed_and_opening_never_opens_what_was_given_back(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let rich = LineName::Goods(TierRef::parse("a-book/rich"));
    let token = link(&test, &order, &order.access_key, 1).await.unwrap();
    let states = async || {
        let known = seen(&test, &order).await;
        let lines: Vec<String> = known.access.iter().map(|line| format!("{} {}", line.state.as_str(), line.cause.as_str())).collect();
        (known.view.status.as_str().to_owned(), lines)
    };
    let ambiguous = LineName::Goods(TierRef::parse("a-book"));
    assert_eq!(code(orders::close_access(&test.shop, &by(), &order.public_id, Some(&ambiguous)).await), "item_ambiguous");
    let strange = LineName::Goods(TierRef::parse("a-film"));
    assert_eq!(code(orders::close_access(&test.shop, &by(), &order.public_id, Some(&strange)).await), "item_unknown");
    for _ in 0..2 {
        orders::close_access(&test.shop, &by(), &order.public_id, Some(&rich)).await.unwrap();
    }
    assert_eq!(states().await, ("paid".into(), vec!["active ".into(), "revoked member".into()]));
    assert_eq!(fetch(&test, &token).await, Err(DownloadRefusal::Closed));
    assert_eq!(seen(&test, &order).await.view.items[1].licenses[0].status, LicenseStatus::Disabled);

    // Money goes back and the ledger is computed anew: the member's word stands.
    let request =
        shop::payments::refunds::RefundRequest { order: order.public_id.clone(), amount: Some(100), by: Some(by()), ..Default::default() };
    shop::payments::refunds::request(&test.shop, request).await.unwrap();
    assert_eq!(states().await, ("partially_refunded".into(), vec!["active ".into(), "revoked member".into()]));
    for _ in 0..2 {
        orders::open_access(&test.shop, &by(), &order.public_id, None).await.unwrap();
    }
    assert_eq!(states().await, ("partially_refunded".into(), vec!["active ".into(), "active ".into()]));
    fetch(&test, &token).await.unwrap();

    orders::close_access(&test.shop, &by(), &order.public_id, None).await.unwrap();
    let view = orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert!(view.is_closed && !view.is_on_hold);
    let request = shop::payments::refunds::RefundRequest { order: order.public_id.clone(), by: Some(by()), ..Default::default() };
    shop::payments::refunds::request(&test.shop, request).await.unwrap();
    orders::open_access(&test.shop, &by(), &order.public_id, None).await.unwrap();
    assert_eq!(states().await, ("refunded".into(), vec!["revoked refund".into(), "revoked refund".into()]));
    assert_eq!(fetch(&test, &token).await, Err(DownloadRefusal::Revoked), "what was given back stays shut");
    let known = seen(&test, &order).await;
    let turned: Vec<&str> = steps(&known).into_iter().filter(|step| step.starts_with("access_")).collect();
    assert_eq!(turned, ["access_closed", "access_opened", "access_closed", "access_opened"]);
    assert_eq!(acts(&test).await.iter().filter(|act| act.ends_with("refunded order")).count(), 2, "refunds stand in the log");
}

#[on_both_databases]
async fn an_order_that_is_not_paid_has_nothing_to_open(engine: Engine) {
    let test = open(engine).await;
    let order = test.start("a-book", "plain", 1).await.public_id;
    assert_eq!(code(orders::close_access(&test.shop, &by(), &order, None).await), "order_not_paid");
    assert_eq!(code(orders::extend(&test.shop, &by(), &order, 1, None).await), "order_not_paid");
    assert_eq!(code(orders::add_downloads(&test.shop, &by(), &order, None, 1, None).await), "order_not_paid");
    assert_eq!(code(orders::correct_email(&test.shop, &by(), &order, "a@example.com").await), "order_not_paid");
    assert_eq!(code(orders::retry_delivery(&test.shop, &by(), &order).await), "nothing_failed");
    assert_eq!(test.count("audit_entries WHERE object_kind = 'order'").await, 0);
}

#[on_both_databases]
async fn a_delivery_that_failed_is_seen_and_tried_again(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().n_troubles() == 0, "all is well");
    test.run("UPDATE jobs SET state = 'dead', last_error = '550 no such user' WHERE kind = 'order_mail'").await;
    let known = seen(&test, &order).await;
    assert_eq!(
        (known.failures.len(), known.mails[0].state.as_str(), known.mails[0].error.as_deref()),
        (1, "failed", Some("550 no such user"))
    );
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert!(report.failures[0].is_mail() && report.failures[0].order_id.as_deref() == Some(&*order.public_id));
    let n = test.mail.sent().len();
    orders::retry_delivery(&test.shop, &by(), &order.public_id).await.unwrap();
    test.work().await;
    assert_eq!(test.mail.sent().len(), n + 1);
    assert_eq!(seen(&test, &order).await.mails[0].state.as_str(), "sent");
    assert_eq!(code(orders::retry_delivery(&test.shop, &by(), &order.public_id).await), "nothing_failed");

    // A piece that is missing is handed over.
    test.run("DELETE FROM licenses").await;
    test.run("DELETE FROM entitlements WHERE order_item_id IN (SELECT id FROM order_items WHERE variant_key = 'rich')").await;
    test.advance(DAY_MS / 24);
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert_eq!((report.undelivered.len(), report.undelivered[0].id.as_str()), (1, order.public_id.as_str()));
    orders::retry_delivery(&test.shop, &by(), &order.public_id).await.unwrap();
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().undelivered.is_empty());
    assert_eq!(seen(&test, &order).await.view.items[1].licenses.len(), 1);
}

#[on_both_databases]
async fn health_names_what_waits_and_what_was_seen_to(engine: Engine) {
    let test = open(engine).await;
    test.mail.fail(1);
    let order = bought(&test).await;
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert_eq!((report.mails.len(), report.mails[0].state.as_str()), (1, "retried"));
    assert!(report.signs.webhook_at.is_some() && !report.signs.is_late);
    assert_eq!(shop::jobs::hurry_mails(&test.shop, &by(), Some(&report.mails[0].id)).await.unwrap(), 1);
    test.work().await;
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().mails.is_empty());
    assert_eq!(code(shop::jobs::hurry_mails(&test.shop, &by(), Some("x")).await), "not_found");
    assert_eq!(shop::jobs::hurry_mails(&test.shop, &by(), None).await.unwrap(), 0);

    test.run(
        "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, attempts, next_at, last_error, failure_cause, received_at) \
         VALUES \
              ('evt_a', 'checkout.session.completed', FALSE, 'cs_a', 'x', 'dead', 1, 1, 'the amount does not fit the order', 'mismatch', \
              1), \
              ('evt_b', 'checkout.session.completed', FALSE, 'cs_b', 'x', 'dead', 1, 1, 'the order is not here yet', 'no_order', 2), \
              ('evt_c', 'refund.failed', FALSE, 're_c', 'x', 'dead', 1, 1, 'no luck', NULL, 3)",
    )
    .await;
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert_eq!(report.failures.iter().map(|failure| failure.is_mismatch).collect::<Vec<_>>(), [false, true, true]);
    shop::jobs::dismiss(&test.shop, &by(), "evt_a").await.unwrap();
    assert_eq!(code(shop::jobs::dismiss(&test.shop, &by(), "evt_a").await), "not_found");
    assert_eq!(code(shop::jobs::dismiss(&test.shop, &by(), "evt\0").await), "not_found");
    assert_eq!(shop::jobs::backlog(&test.shop).await.unwrap().n_dead, 2);
    assert_eq!(shop::jobs::retry_all(&test.shop, &by()).await.unwrap(), 2);
    assert_eq!(test.count("inbox_events WHERE state = 'received'").await, 2);
    assert_eq!(test.count("inbox_events WHERE state = 'dead'").await, 1, "what was seen to is left alone");
    test.advance(DAY_MS);
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().signs.is_late, "nobody works");
    test.work().await;

    test.run("UPDATE files SET size_bytes = size_bytes + 1 WHERE id = (SELECT file_id FROM release_files ORDER BY file_id LIMIT 1)").await;
    let missing = shop::jobs::health::report(&test.shop).await.unwrap().missing;
    assert_eq!((missing.len(), missing[0].is_cut), (1, true));
    assert!(shop::jobs::health::report_from(&test.shop, Some("x")).await.is_err());

    test.run(&format!(
        "INSERT INTO refunds (id, store_id, order_id, amount, state, idempotency_key, created_at, updated_at, failure) \
         SELECT id, store_id, id, 100, 'failed', 'k', {0}, {0}, 'expired_or_canceled_card' FROM orders",
        test.shop.clock.now_ms()
    ))
    .await;
    let refunds = shop::jobs::health::report(&test.shop).await.unwrap().refunds;
    assert_eq!((refunds.len(), refunds[0].order.0.as_str()), (1, order.public_id.as_str()));
    let acts = acts(&test).await;
    for act in ["hurried work", "dismissed work", "retried work"] {
        assert!(acts.iter().any(|line| line.ends_with(act)), "{act} is not in {acts:?}");
    }
}

fn key_of(order: &CompleteOrder) -> String {
    order.customer_url.split_once("key=").unwrap().1.to_owned()
}

#[on_both_databases]
async fn a_new_link_takes_the_place_of_the_old_one_and_is_mailed_on_request(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let file = link(&test, &order, &order.access_key, 0).await.unwrap();
    let n_mails = test.mail.sent().len();
    orders::renew_link(&test.shop, &by(), &order.public_id, false, Some("dashboard:one")).await.unwrap();
    test.work().await;
    assert_eq!(test.mail.sent().len(), n_mails, "nobody was to be mailed");
    let second = key_of(&seen(&test, &order).await);
    assert_ne!(second, order.access_key);
    assert_eq!(code(orders::load(&test.shop, &order.public_id, &order.access_key).await), "not_found");
    assert_eq!(fetch(&test, &file).await, Err(DownloadRefusal::Expired));
    assert_eq!(orders::load(&test.shop, &order.public_id, &second).await.unwrap().items[1].licenses[0].status, LicenseStatus::Inactive);

    // A second click is the same request; a request under its name that says something else is refused.
    for _ in 0..2 {
        orders::renew_link(&test.shop, &by(), &order.public_id, true, Some("dashboard:two")).await.unwrap();
    }
    assert_eq!(code(orders::renew_link(&test.shop, &by(), &order.public_id, false, Some("dashboard:two")).await), "idempotency_key_reused");
    test.work().await;
    let third = key_of(&seen(&test, &order).await);
    assert_ne!(third, second);
    let sent = test.mail.sent();
    assert_eq!(sent.len(), n_mails + 1);
    assert!(sent[n_mails].to == "reader@example.com" && sent[n_mails].text.contains(&third), "{}", sent[n_mails].text);

    let known = seen(&test, &order).await;
    let told: Vec<&str> = known.timeline.iter().filter(|step| step.step == Step::LinkRenewed).map(|step| step.detail.as_str()).collect();
    assert_eq!(told, ["not mailed, by helper@example.com", "mailed, by helper@example.com"]);
    let own = orders::timeline(&test.shop, &order.public_id, &third).await.unwrap();
    assert!(!own.iter().any(|step| step.step == Step::LinkRenewed), "its customer does not learn who helped");
    assert_eq!(acts(&test).await, ["helper@example.com renewed_link order", "helper@example.com renewed_link order"]);
}

#[on_both_databases]
async fn members_who_make_new_links_at_once_leave_one_that_works(engine: Engine) {
    let test = open(engine).await;
    let order = bought(&test).await;
    let n_mails = test.mail.sent().len();
    let runs = (0..8).map(|n| {
        let (shop, id, key) = (test.shop.clone(), order.public_id.clone(), format!("api:{}", n / 2));
        tokio::spawn(async move { orders::renew_link(&shop, &by(), &id, true, Some(&key)).await.unwrap() })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
    test.work().await;
    let key = key_of(&seen(&test, &order).await);
    orders::load(&test.shop, &order.public_id, &key).await.unwrap();
    assert_eq!(test.count("order_events WHERE kind = 'link_renewed'").await, 4, "one for each request");
    let sent = test.mail.sent();
    assert_eq!(sent.len(), n_mails + 4);
    assert!(sent[n_mails..].iter().all(|mail| mail.text.contains(&key)), "every mail has the link that works");
}

#[on_both_databases]
async fn no_new_link_is_made_for_an_unpaid_order_nor_mailed_to_who_was_erased(engine: Engine) {
    let test = open(engine).await;
    let unpaid = test.start("a-book", "plain", 1).await;
    assert_eq!(code(orders::renew_link(&test.shop, &by(), &unpaid.public_id, false, None).await), "order_not_paid");
    let order = bought(&test).await;
    let customer = seen(&test, &order).await.customer_id.unwrap().to_string();
    shop::customers::erase(&test.shop, &by(), &customer).await.unwrap();
    assert_eq!(code(orders::renew_link(&test.shop, &by(), &order.public_id, true, None).await), "customer_erased");
    assert_eq!(key_of(&seen(&test, &order).await), order.access_key);
    orders::renew_link(&test.shop, &by(), &order.public_id, false, None).await.unwrap();
    assert_ne!(key_of(&seen(&test, &order).await), order.access_key);
}
