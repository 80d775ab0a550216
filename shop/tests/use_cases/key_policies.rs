//! What a tier says of its license keys: as a form has it, what it can't be, and where it is kept.

use crate::goods::{anna, change, code, form};
use crate::support::{Engine, TestShop};
use domain::license::{KeyFormat, LicensePolicy};
use domain::pages::goods::ProductForm;
use domain::pages::license::KeyForm;
use shop::accounts::audit::AuditQuery;
use shop::catalog;
use shop_testing::on_both_databases;

/// The form of a product whose first tier has license keys.
fn with(change: impl FnOnce(&mut KeyForm)) -> ProductForm {
    let mut form = form();
    form.tiers[0].license = "on".to_owned();
    change(&mut form.tiers[0].keys);
    form
}

fn all_said(keys: &mut KeyForm) {
    *keys = KeyForm {
        format: "readable".to_owned(),
        prefix: " acme ".to_owned(),
        updates_days: "365".to_owned(),
        floating: "on".to_owned(),
        features: "export\r\n\r\n  batch mode \r\n".to_owned(),
        max_version: " 2.4 ".to_owned(),
        endless_files: "on".to_owned(),
        ..KeyForm::default()
    };
}

#[on_both_databases]
async fn a_policy_comes_back_as_it_was_typed(engine: Engine) {
    let test = TestShop::open(engine).await;
    let mut typed = with(all_said);
    typed.tiers[0].activation_limit = "3".to_owned();
    let slug = catalog::save_form(&test.shop, &anna(), &typed, None).await.unwrap();
    let offer = catalog::find_product(&test.shop, &slug).await.unwrap().unwrap().variants.remove(0);
    let policy = LicensePolicy {
        format: KeyFormat::Readable,
        prefix: "ACME".to_owned(),
        updates_days: Some(365),
        is_floating: true,
        features: vec!["export".to_owned(), "batch mode".to_owned()],
        max_version: Some("2.4".to_owned()),
        endless_files: true,
        ..LicensePolicy::default()
    };
    assert_eq!((offer.license_policy, offer.activation_limit), (policy, Some(3)));

    let mut form = catalog::edited(&test.shop, &slug).await.unwrap().form;
    let keys = &form.tiers[0].keys;
    assert_eq!((keys.prefix.as_str(), keys.features.as_str(), keys.updates_days.as_str()), ("ACME", "export\nbatch mode", "365"));
    assert_eq!(form.tiers[1].keys, LicensePolicy::default().into(), "a tier without keys says nothing of them");

    // Without keys nothing is left of what they were.
    form.tiers[0].license = String::new();
    catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap();
    let offer = catalog::find_product(&test.shop, &slug).await.unwrap().unwrap().variants.remove(0);
    assert_eq!((offer.license_policy, offer.activation_limit), (LicensePolicy::default(), None));
}

#[on_both_databases]
async fn what_keys_can_not_be_is_told_beside_its_field(engine: Engine) {
    let test = TestShop::open(engine).await;
    let many = (0..51).map(|i| format!("f{i}")).collect::<Vec<_>>().join("\n");
    for (form, field) in [
        (with(|keys| keys.prefix = "ABCDEFGHIJKLM".to_owned()), "prefix"),
        (with(|keys| keys.prefix = "ACME-1".to_owned()), "prefix"),
        (with(|keys| keys.prefix = "ÄCME".to_owned()), "prefix"),
        (with(|keys| keys.features = many.clone()), "features"),
        (with(|keys| keys.features = "x".repeat(61)), "features"),
        (with(|keys| keys.features = "export\nexport".to_owned()), "features"),
        (with(|keys| keys.max_version = "2.x".to_owned()), "max_version"),
        (with(|keys| keys.max_version = "2..1".to_owned()), "max_version"),
        (with(|keys| keys.updates_days = "0".to_owned()), "updates_days"),
        (with(|keys| keys.updates_days = "a year".to_owned()), "updates_days"),
        (with(|keys| keys.trial = "on".to_owned()), "trial"),
    ] {
        let refused = catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap_err();
        assert_eq!(refused.field(), Some(format!("tiers.0.keys.{field}").as_str()), "{refused:?}");
        assert_eq!(code(&refused).0, 400, "{field}");
    }
    let mut trial = with(|keys| keys.trial = "on".to_owned());
    trial.tiers[0].expires_after_days = "14".to_owned();
    catalog::save_form(&test.shop, &anna(), &trial, None).await.unwrap();
    assert_eq!(test.count("products").await, 1);
}

#[on_both_databases]
async fn a_copy_has_the_policy_and_the_log_tells_what_of_it_changed(engine: Engine) {
    let test = TestShop::open(engine).await;
    let slug = catalog::save_form(&test.shop, &anna(), &with(all_said), None).await.unwrap();
    let copy = catalog::duplicate_product(&test.shop, &anna(), &slug, None).await.unwrap();
    let policy = async |slug: &str| catalog::find_any_product(&test.shop, slug).await.unwrap().unwrap().variants[0].license_policy.clone();
    assert_eq!(policy(&copy).await, policy(&slug).await);
    assert_eq!(policy(&copy).await.prefix, "ACME");

    change(&test, &slug, |draft| draft.tiers[0].license_policy.prefix = "NEXT".to_owned()).await;
    let query = AuditQuery { kind: Some("product".to_owned()), object: Some(slug), ..AuditQuery::default() };
    let entry = shop::accounts::audit::list(&test.shop, &query).await.unwrap().items.remove(0);
    let (before, after) = (entry.before_json.unwrap(), entry.after_json.unwrap());
    assert!(before.contains("\"prefix\":\"ACME\"") && after.contains("\"prefix\":\"NEXT\""), "{before} {after}");
}

#[on_both_databases]
async fn an_order_keeps_the_policy_that_it_was_made_under(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    change(&test, "a-book", |draft| draft.tier("rich").unwrap().license_policy.prefix = "OLD".to_owned()).await;
    let order = test.start("a-book", "rich", 1).await;
    change(&test, "a-book", |draft| draft.tier("rich").unwrap().license_policy.prefix = "NEW".to_owned()).await;
    let session = test.pay(&order, "4242424242424242").await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert!(view.items[0].licenses[0].key.starts_with("OLD-"), "what was frozen with the order");
}
