//! License keys: how they are made and found, what devices they work on, and when they end.

use crate::support::{Engine, TestShop};
use domain::entitlement::EntitlementState;
use domain::license::{LicenseCode, LicensePolicy, LicenseStatus, is_mistyped};
use license_verifier::{Challenge, PublicKey, verify_license_file, verify_machine_file};
use shop::checkout::StartedCheckout;
use shop::fulfillment::licenses::key_ring::{self, parse_signing_key};
use shop::fulfillment::licenses::{
    Activation, Change, CheckOut, LicenseQuery, Outcome, Question, Ttl, activate, change, check_out, deactivate, deactivate_seat,
    free_seat, list, offline_file, one, ping, replace, reset_seats, rotate, validate,
};
use shop::payments::refunds::RefundRequest;
use shop::{Error, Result, orders};
use shop_testing::on_both_databases;
use std::sync::Arc;

mod members;

const PAYS: &str = "4242424242424242";
const SECOND_MS: i64 = 1000;
const DAY_MS: i64 = 24 * 60 * 60 * SECOND_MS;

/// A shop whose rich tier has keys of this policy.
async fn open(engine: Engine, policy: &LicensePolicy) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let policy = serde_json::to_string(policy).unwrap();
    test.run(&format!("UPDATE variants SET license_policy = '{policy}' WHERE has_license")).await;
    test
}

async fn buy(test: &TestShop) -> StartedCheckout {
    let started = test.start("a-book", "rich", 1).await;
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started
}

async fn owned(test: &TestShop, order: &StartedCheckout) -> domain::order::OwnedLicense {
    let view = orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    view.items[0].licenses[0].clone()
}

/// What of a purchase the tests ask for most: the order and its key.
async fn sold(engine: Engine, policy: &LicensePolicy) -> (TestShop, StartedCheckout, String) {
    let test = open(engine, policy).await;
    let order = buy(&test).await;
    let key = owned(&test, &order).await.key;
    (test, order, key)
}

fn device(key: &str, fingerprint: &str) -> Activation {
    Activation {
        key: key.to_owned(),
        name: format!("Device {fingerprint}"),
        fingerprint: Some(fingerprint.to_owned()),
        ..Default::default()
    }
}

async fn take(test: &TestShop, key: &str, fingerprint: &str) -> Outcome {
    activate(&test.shop, device(key, fingerprint)).await.unwrap()
}

async fn asked(test: &TestShop, key: &str) -> LicenseCode {
    validate(&test.shop, Question { key, ..Question::default() }).await.unwrap().code
}

fn seat(outcome: &Outcome) -> String {
    outcome.instance.as_ref().unwrap().id.to_string()
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    match result.unwrap_err() {
        Error::Conflict(refusal) | Error::Refused(refusal) => refusal.code,
        Error::NotFound => "not_found",
        other => panic!("{other:?}"),
    }
}

#[on_both_databases]
async fn a_key_is_written_as_its_tier_says_and_kept_sealed(engine: Engine) {
    let policy = LicensePolicy { format: domain::license::KeyFormat::Readable, prefix: "TIDE".to_owned(), ..LicensePolicy::default() };
    let (test, order, key) = sold(engine, &policy).await;
    assert!(key.starts_with("TIDE-") && key.len() == 4 + 5 * 6 && !is_mistyped(&key), "{key}");
    assert_eq!(asked(&test, &key.to_lowercase().replace('-', " ")).await, LicenseCode::Valid);
    // The tier changes, what was sold does not.
    test.run("UPDATE variants SET license_policy = '{}'").await;
    assert_eq!(owned(&test, &order).await.key, key);
    assert!(owned(&test, &buy(&test).await).await.key.chars().all(|c| c.is_ascii_hexdigit() || c == '-'));
    let mail = test.mail.sent().iter().map(|mail| format!("{mail:?}")).collect::<String>();
    assert!(mail.contains(&key), "the mail carries the key");
    assert_eq!(test.count("licenses WHERE key_sealed IS NULL").await, 0);
}

#[on_both_databases]
async fn keys_of_earlier_releases_are_read_as_before(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    test.run("UPDATE licenses SET key_sealed = NULL").await;
    assert_eq!(owned(&test, &order).await.key, key);
    assert_eq!(asked(&test, &key).await, LicenseCode::Valid);
}

#[on_both_databases]
async fn a_key_ends_at_the_very_instant(engine: Engine) {
    let test = open(engine, &LicensePolicy { updates_days: Some(30), is_trial: true, ..LicensePolicy::default() }).await;
    test.run("UPDATE variants SET license_expires_after_days = 14 WHERE has_license").await;
    let order = buy(&test).await;
    let bought = owned(&test, &order).await;
    assert!(bought.is_trial);
    let (ends, updates) = (bought.expires_at.unwrap(), bought.updates_until.unwrap());
    assert_eq!(updates - ends, 16 * DAY_MS);
    let now = test.shop.clock.now_ms();
    test.advance(ends - now - 1);
    assert_eq!(asked(&test, &bought.key).await, LicenseCode::Valid);
    let held = take(&test, &bought.key, "a").await;
    test.advance(1);
    assert_eq!(asked(&test, &bought.key).await, LicenseCode::Expired);
    assert_eq!(owned(&test, &order).await.status, LicenseStatus::Expired);
    assert_eq!(take(&test, &bought.key, "b").await.code, LicenseCode::Expired);
    assert_eq!(ping(&test.shop, &bought.key, &seat(&held)).await.unwrap().code, LicenseCode::Expired);
    assert_eq!(check_out(&test.shop, CheckOut { key: &bought.key, ..CheckOut::default() }).await.unwrap().0.code, LicenseCode::Expired);
    assert_eq!(deactivate(&test.shop, &bought.key, &seat(&held)).await.unwrap().code, LicenseCode::Valid, "a seat is always given back");
    test.advance(-10 * DAY_MS);
    assert_eq!(asked(&test, &bought.key).await, LicenseCode::Valid, "a clock that was off and is mended");
}

#[on_both_databases]
async fn a_silent_device_loses_its_floating_seat(engine: Engine) {
    let (test, _, key) = sold(engine, &LicensePolicy { is_floating: true, ..LicensePolicy::default() }).await;
    let first = take(&test, &key, "1").await;
    let due = first.instance.as_ref().unwrap().lease_until.unwrap();
    assert_eq!(due - test.shop.clock.now_ms(), 630 * SECOND_MS);
    for fingerprint in ["2", "3"] {
        assert_eq!(take(&test, &key, fingerprint).await.code, LicenseCode::Valid);
    }
    assert_eq!(take(&test, &key, "4").await.code, LicenseCode::MachineLimitExceeded);
    test.advance(600 * SECOND_MS);
    assert_eq!(ping(&test.shop, &key, &seat(&first)).await.unwrap().code, LicenseCode::Valid);
    test.advance(31 * SECOND_MS);
    assert_eq!(take(&test, &key, "2").await.code, LicenseCode::Valid, "its own device finds the seat again");
    let third = validate(&test.shop, Question { key: &key, fingerprint: Some("3"), ..Question::default() }).await.unwrap();
    assert_eq!(third.code, LicenseCode::HeartbeatDead);
    assert_eq!(take(&test, &key, "4").await.code, LicenseCode::Valid, "the seat of the silent one");
    assert_eq!(take(&test, &key, "5").await.code, LicenseCode::MachineLimitExceeded);
    let third = validate(&test.shop, Question { key: &key, fingerprint: Some("3"), ..Question::default() }).await.unwrap();
    assert_eq!(third.code, LicenseCode::FingerprintScopeMismatch);
    assert_eq!(test.sum("activation_usage", "licenses").await, 3);
    assert_eq!(test.count("activations WHERE deactivated_at IS NULL").await, 3);
    assert_eq!(test.count("license_events WHERE kind = 'lease_ended'").await, 1);
    test.advance(631 * SECOND_MS);
    assert_eq!(ping(&test.shop, &key, &seat(&first)).await.unwrap().code, LicenseCode::HeartbeatDead);
    assert_eq!(ping(&test.shop, &key, "no id").await.unwrap().code, LicenseCode::InstanceNotFound);
}

#[on_both_databases]
async fn seats_of_one_key_are_none_of_another(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    let other = buy(&test).await;
    let other_key = owned(&test, &other).await.key;
    let held = take(&test, &key, "a").await;
    assert_eq!(deactivate(&test.shop, &other_key, &seat(&held)).await.unwrap().code, LicenseCode::InstanceNotFound);
    let question = Question { key: &other_key, instance_id: Some(&seat(&held)), ..Question::default() };
    assert_eq!(validate(&test.shop, question).await.unwrap().code, LicenseCode::InstanceNotFound);
    let license = owned(&test, &other).await.id.to_string();
    let freed = deactivate_seat(&test.shop, &other.public_id, &other.access_key, &license, &seat(&held)).await;
    assert_eq!(code(freed), "not_found");
    let own = owned(&test, &order).await;
    let freed = deactivate_seat(&test.shop, &other.public_id, &other.access_key, &own.id.to_string(), &seat(&held)).await;
    assert_eq!(code(freed), "not_found", "a license of another order");
    assert_eq!((own.activation_usage, own.seats[0].name.as_str()), (1, "Device a"));
    for _ in 0..2 {
        deactivate_seat(&test.shop, &order.public_id, &order.access_key, &own.id.to_string(), &seat(&held)).await.unwrap();
        assert_eq!(owned(&test, &order).await.activation_usage, 0);
    }
}

#[on_both_databases]
async fn a_key_is_replaced_once_and_devices_keep_their_seats(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    let held = take(&test, &key, "a").await;
    let id = owned(&test, &order).await.id.to_string();
    let again = || rotate(&test.shop, &order.public_id, &order.access_key, &id, &key);
    let (first, second) = tokio::join!(again(), again());
    assert_eq!([&first, &second].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{first:?} {second:?}");
    let new = owned(&test, &order).await;
    assert_ne!(new.key, key);
    assert_eq!((asked(&test, &key).await, asked(&test, &new.key).await), (LicenseCode::NotFound, LicenseCode::Valid));
    assert_eq!(take(&test, &new.key, "a").await.instance.unwrap().id, held.instance.unwrap().id);
    assert_eq!(code(again().await), "license_key_replaced");
    test.work().await;
    let mails = test.mail.sent();
    assert!(format!("{:?}", mails.last().unwrap()).contains(&new.key), "the new key is mailed");
    assert_eq!(code(rotate(&test.shop, &order.public_id, "wrong", &id, &new.key).await), "not_found");
    test.run("UPDATE licenses SET state = 'suspended'").await;
    assert_eq!(code(rotate(&test.shop, &order.public_id, &order.access_key, &id, &new.key).await), "license_inactive");
}

/// Whatever comes first, the counter is the number of seats, and what is over stays over.
#[on_both_databases]
async fn activations_race_against_a_rotation_and_a_refund(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    let id = owned(&test, &order).await.id.to_string();
    let shop = Arc::new(test.shop.clone());
    let many = (0..12).map(|n| {
        let (shop, activation) = (shop.clone(), device(&key, &n.to_string()));
        async move { activate(&shop, activation).await.unwrap().code }
    });
    let refund = async {
        let by = Some(shop::accounts::audit::Actor::operator());
        let wanted = RefundRequest { order: order.public_id.clone(), by, ..RefundRequest::default() };
        shop::payments::refunds::request(&test.shop, wanted).await.unwrap();
    };
    let turn = rotate(&test.shop, &order.public_id, &order.access_key, &id, &key);
    let (codes, _, _) = tokio::join!(futures::future::join_all(many), turn, refund);
    let n_taken = codes.iter().filter(|code| **code == LicenseCode::Valid).count() as i64;
    assert!(n_taken <= 3, "{codes:?}");
    assert_eq!(test.sum("activation_usage", "licenses").await, n_taken, "{codes:?}");
    assert_eq!(test.count("activations WHERE deactivated_at IS NULL").await, n_taken);
    test.work().await;
    let key = owned_after(&test).await;
    assert_eq!(asked(&test, &key).await, LicenseCode::Revoked);
    assert_eq!(take(&test, &key, "late").await.code, LicenseCode::Revoked);
}

/// The key of the one license, whatever became of its order.
async fn owned_after(test: &TestShop) -> String {
    let query = LicenseQuery { email: Some("reader@example.com".to_owned()), ..LicenseQuery::default() };
    list(&test.shop, &query).await.unwrap().items[0].key.clone()
}

#[on_both_databases]
async fn a_license_file_is_good_without_the_shop(engine: Engine) {
    let policy = LicensePolicy {
        features: vec!["export".to_owned()],
        max_version: Some("2".to_owned()),
        updates_days: Some(365),
        ..Default::default()
    };
    let (test, _, key) = sold(engine, &policy).await;
    let held = take(&test, &key, "a1b2").await;
    let wanted = CheckOut { key: &key, ..CheckOut::default() };
    let (outcome, file) = check_out(&test.shop, wanted).await.unwrap();
    assert_eq!(outcome.code, LicenseCode::Valid);
    let file = file.unwrap();
    let keys = public_keys(&test).await;
    let now = test.shop.clock.now_ms() / 1000;
    let license = verify_license_file(&file.certificate, &keys, now).unwrap();
    assert_eq!((license.key.as_str(), license.name.as_str(), license.max_machines), (key.as_str(), "a book, rich", Some(3)));
    assert!(license.has_feature("export") && license.covers_version("2.7") && !license.covers_version("3"));
    assert!(license.covers_release(now + 364 * 86_400) && !license.covers_release(now + 366 * 86_400));
    let month = 30 * 24 * 60 * 60;
    assert_eq!(file.ttl, Some(month));
    assert!(verify_license_file(&file.certificate, &keys, now + month).is_err());

    for wanted in [CheckOut { instance_id: Some(&seat(&held)), ..wanted }, CheckOut { fingerprint: Some("a1b2"), ..wanted }] {
        let (_, file) = check_out(&test.shop, wanted).await.unwrap();
        let machine = verify_machine_file(&file.unwrap().certificate, &keys, "a1b2", now).unwrap();
        assert_eq!((machine.id, machine.name.as_str()), (seat(&held), "Device a1b2"));
    }
    // A machine file without a fingerprint would be for no device, and no program would take it.
    let plain = Activation { fingerprint: None, ..device(&key, "plain") };
    let plain = seat(&activate(&test.shop, plain).await.unwrap());
    let (_, file) = check_out(&test.shop, CheckOut { instance_id: Some(&plain), ..wanted }).await.unwrap();
    verify_license_file(&file.unwrap().certificate, &keys, now).unwrap();
    let (outcome, file) = check_out(&test.shop, CheckOut { fingerprint: Some("other"), ..wanted }).await.unwrap();
    assert_eq!((outcome.code, file), (LicenseCode::FingerprintScopeMismatch, None));
}

async fn public_keys(test: &TestShop) -> Vec<PublicKey> {
    let keys = key_ring::public_keys(&test.shop).await.unwrap();
    keys.iter().map(|key| PublicKey::from_hex(&key.public_key).unwrap()).collect()
}

#[on_both_databases]
async fn how_long_a_file_is_good_has_its_bounds(engine: Engine) {
    let test = open(engine, &LicensePolicy::default()).await;
    test.run("UPDATE variants SET license_expires_after_days = 60 WHERE has_license").await;
    let key = owned(&test, &buy(&test).await).await.key;
    let ttl = async |ttl| {
        let (outcome, file) = check_out(&test.shop, CheckOut { key: &key, ttl, ..CheckOut::default() }).await.unwrap();
        (outcome.code, file.and_then(|file| file.ttl))
    };
    let day = 24 * 60 * 60;
    assert_eq!(ttl(Ttl::Secs(3600)).await, (LicenseCode::Valid, Some(3600)));
    for bad in [Ttl::Secs(3599), Ttl::Secs(0), Ttl::Secs(i64::MIN), Ttl::Endless] {
        assert_eq!(ttl(bad).await, (LicenseCode::CheckoutTtlInvalid, None), "{bad:?}");
    }
    for long in [i64::MAX, 1_000_000_000_000, 365 * day] {
        let (code, ttl) = ttl(Ttl::Secs(long)).await;
        assert!(code == LicenseCode::Valid && ttl.unwrap() <= 60 * day, "no file is good for longer than its license: {ttl:?}");
    }
    test.run("UPDATE licenses SET expires_at = NULL").await;
    assert_eq!(ttl(Ttl::Secs(i64::MAX)).await.1, Some(366 * day));
    test.run("UPDATE licenses SET policy = '{\"endless_files\":true}'").await;
    assert_eq!(ttl(Ttl::Endless).await, (LicenseCode::Valid, None));
}

#[on_both_databases]
async fn a_device_without_a_network_gets_its_file_on_the_page_of_the_order(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    let id = owned(&test, &order).await.id.to_string();
    let file = async |challenge: &str| offline_file(&test.shop, &order.public_id, &order.access_key, &id, challenge).await;
    let challenge = Challenge::new("lab-7", "Lab computer").unwrap().to_text();
    let (first, again) = (file(&challenge).await.unwrap(), file(&challenge).await.unwrap());
    let now = test.shop.clock.now_ms() / 1000;
    for file in [first, again] {
        let machine = verify_machine_file(&file, &public_keys(&test).await, "lab-7", now + 300 * 86_400).unwrap();
        assert_eq!((machine.name.as_str(), machine.license.key.as_str()), ("Lab computer", key.as_str()));
    }
    assert_eq!(owned(&test, &order).await.activation_usage, 1, "one device, one seat");
    for bad in ["", "challenge/", "challenge/AAAA", &"x".repeat(20_000), "license/x"] {
        assert_eq!(code(file(bad).await), "challenge_invalid");
    }
    take(&test, &key, "b").await;
    take(&test, &key, "c").await;
    assert_eq!(code(file(&Challenge::new("lab-8", "Another").unwrap().to_text()).await), "seats_taken");
    assert!(file(&challenge).await.is_ok());
}

#[on_both_databases]
async fn files_of_an_old_key_are_good_until_they_end(engine: Engine) {
    let (test, _, key) = sold(engine, &LicensePolicy::default()).await;
    let signed = async || check_out(&test.shop, CheckOut { key: &key, ..CheckOut::default() }).await.unwrap().1.unwrap().certificate;
    // Several replicas need a key for the first time at once: they agree on one.
    let (a, b, c) = tokio::join!(key_ring::public_keys(&test.shop), key_ring::public_keys(&test.shop), key_ring::public_keys(&test.shop));
    assert_eq!((a.unwrap().len(), b.unwrap().len(), c.unwrap().len()), (1, 1, 1));
    let old = signed().await;
    let kid = key_ring::rotate(&test.shop).await.unwrap();
    let new = signed().await;
    let keys = key_ring::public_keys(&test.shop).await.unwrap();
    assert_eq!((keys.len(), keys[0].kid == kid, keys[0].retired_at, keys[1].retired_at.is_some()), (2, true, None, true));
    let now = test.shop.clock.now_ms() / 1000;
    for file in [&old, &new] {
        verify_license_file(file, &public_keys(&test).await, now).unwrap();
    }
    let only = |i: usize| [PublicKey::from_hex(&keys[i].public_key).unwrap()];
    assert!(verify_license_file(&old, &only(0), now).is_err() && verify_license_file(&new, &only(0), now).is_ok());
    assert!(verify_license_file(&old, &only(1), now).is_ok());
    assert_eq!(test.count("signing_keys WHERE retired_at IS NULL").await, 1);
}

#[on_both_databases]
async fn the_environment_may_say_which_key_signs(engine: Engine) {
    let (mut test, _, key) = sold(engine, &LicensePolicy::default()).await;
    let own = key_ring::public_keys(&test.shop).await.unwrap()[0].kid.clone();
    let given = parse_signing_key(&"07".repeat(32)).unwrap();
    let settings = |test: &mut TestShop, key| {
        let old = &test.shop.settings;
        test.shop.settings = Arc::new(shop::Settings {
            store_id: old.store_id,
            base_url: old.base_url.clone(),
            alert_email: old.alert_email.clone(),
            secret_key: shop::base::secret::SecretKey::new("0123456789abcdef0123456789abcdef").unwrap(),
            delivery: old.delivery,
            stripe_webhook_secret: old.stripe_webhook_secret.clone(),
            livemode: old.livemode,
            license_signing_key: key,
        });
    };
    settings(&mut test, Some(given.clone()));
    let keys = key_ring::public_keys(&test.shop).await.unwrap();
    assert_eq!((keys.len(), keys[0].kid.clone(), keys[0].retired_at), (2, given.kid(), None));
    let file = check_out(&test.shop, CheckOut { key: &key, ..CheckOut::default() }).await.unwrap().1.unwrap();
    verify_license_file(&file.certificate, &[given.public_key()], test.shop.clock.now_ms() / 1000).unwrap();
    assert_eq!(code(key_ring::rotate(&test.shop).await), "signing_key_fixed");
    assert_eq!(test.count("signing_keys WHERE sealed IS NULL").await, 1, "what the environment has is kept nowhere");
    // Without it the shop's own key signs again, and with it once more; while replicas of both kinds run, none makes another key.
    let signing = async |test: &TestShop| {
        let keys = key_ring::public_keys(&test.shop).await.unwrap();
        assert_eq!(keys.len(), 2);
        keys.into_iter().filter(|key| key.retired_at.is_none()).map(|key| key.kid).collect::<Vec<_>>()
    };
    for _ in 0..3 {
        settings(&mut test, None);
        assert_eq!(signing(&test).await, std::slice::from_ref(&own));
        settings(&mut test, Some(given.clone()));
        assert_eq!(signing(&test).await, [given.kid()]);
    }
    settings(&mut test, None);
    let new = key_ring::rotate(&test.shop).await.unwrap();
    assert!(new != own && new != given.kid());
}
