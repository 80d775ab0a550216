//! Two people with one thing open: nothing that somebody saved is undone by who saves after.

use crate::support::{Engine, TestShop};
use domain::terms::LicenseTerms;
use shop::accounts::audit::Actor;
use shop::catalog::releases::{self, ReleaseChange};
use shop::catalog::{self, CategoryChange, NewCategory, TermsChange};
use shop::checkout::promotions::{self, NewPromotion, PromotionChange};
use shop::{Error, stores::settings};
use shop_testing::on_both_databases;

fn anna() -> Actor {
    Actor { member_id: None, name: "anna@example.com".to_owned() }
}

fn told(error: &Error) -> (u16, &'static str, bool) {
    let (status, code, text) = error.answer();
    (status, code, text.starts_with("anna@example.com saved ") && text.contains("Nothing of yours was saved yet."))
}

const N_PAIRS: i64 = 25;

async fn both(one: impl Future<Output = shop::Result<()>>, other: impl Future<Output = shop::Result<()>>) {
    let (one, other) = tokio::join!(one, other);
    one.unwrap();
    other.unwrap();
}

async fn category(test: &TestShop) -> String {
    let new = NewCategory { name: "Maps".to_owned(), slug: None, parent: String::new() };
    catalog::create_category(&test.shop, &anna(), new, None).await.unwrap()
}

async fn promotion(test: &TestShop) -> String {
    let new = NewPromotion { code: Some("SPRING".to_owned()), percent_off: Some(10), ..NewPromotion::default() };
    promotions::create(&test.shop, &anna(), new, None).await.unwrap().id.to_string()
}

#[on_both_databases]
async fn of_two_changes_at_once_of_different_fields_both_stay(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (shop, by) = (&test.shop, anna());
    let (promotion, category) = (promotion(&test).await, category(&test).await);
    let release = releases::list(shop, "a-gift").await.unwrap().remove(0).id;
    for n in 1..=N_PAIRS {
        let text = format!("Text {n}");
        both(
            settings::change(shop, &by, None, |settings| settings.tagline = text.clone()),
            settings::change(shop, &by, None, |settings| settings.legal_name = text.clone()),
        )
        .await;
        both(
            promotions::update(shop, &by, &promotion, PromotionChange::default(), |new| new.name = Some(text.clone())),
            promotions::update(shop, &by, &promotion, PromotionChange::default(), |new| new.max_redemptions = Some(n)),
        )
        .await;
        let named = CategoryChange { name: Some(text.clone()), ..CategoryChange::default() };
        let shown = CategoryChange { is_active: Some(n % 2 == 0), ..CategoryChange::default() };
        both(async { catalog::update_category(shop, &by, &category, named).await.map(drop) }, async {
            catalog::update_category(shop, &by, &category, shown).await.map(drop)
        })
        .await;
        let label = TermsChange { label: Some(text.clone()), ..TermsChange::default() };
        let body = TermsChange { body: Some(text.clone()), ..TermsChange::default() };
        let kind = LicenseTerms::Personal;
        both(catalog::write_terms(shop, &by, kind, label), catalog::write_terms(shop, &by, kind, body)).await;
        let version = ReleaseChange { version: Some(text.clone()), ..ReleaseChange::default() };
        let notes = ReleaseChange { notes: Some(text.clone()), ..ReleaseChange::default() };
        both(async { releases::update(shop, &by, "a-gift", &release, version).await.map(drop) }, async {
            releases::update(shop, &by, "a-gift", &release, notes).await.map(drop)
        })
        .await;

        let (settings, revision) = settings::load_revision(shop).await.unwrap();
        assert_eq!((settings.tagline, settings.legal_name, revision), (text.clone(), text.clone(), 1 + 2 * n));
        let promotion = promotions::find(shop, &promotion).await.unwrap();
        assert_eq!((promotion.name, promotion.max_redemptions, promotion.revision), (text.clone(), Some(n), 1 + 2 * n));
        let category = catalog::all_categories(shop).await.unwrap().remove(0);
        assert_eq!((category.name, category.is_active, category.revision), (text.clone(), n % 2 == 0, 1 + n));
        let (terms, revision) = catalog::terms_revisions(shop).await.unwrap().remove(0);
        assert_eq!((terms.label, terms.body, revision), (text.clone(), text.clone(), 2 * n));
        let release = releases::list(shop, "a-gift").await.unwrap().remove(0);
        assert_eq!((release.version, release.notes, release.revision), (text.clone(), text, 1 + 2 * n));
    }
}

#[on_both_databases]
async fn a_change_from_an_older_revision_is_refused_with_who_was_faster(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (shop, by) = (&test.shop, anna());
    let (promotion, category) = (promotion(&test).await, category(&test).await);
    let release = releases::list(shop, "a-gift").await.unwrap().remove(0).id;
    let setting = async |revision, text: &str| settings::change(shop, &by, Some(revision), |s| s.tagline = text.to_owned()).await;
    let promoted = async |revision, text: &str| {
        let change = PromotionChange { revision: Some(revision), ..PromotionChange::default() };
        promotions::update(shop, &by, &promotion, change, |new| new.name = Some(text.to_owned())).await
    };
    let sorted = async |revision, text: &str| {
        let change = CategoryChange { revision: Some(revision), name: Some(text.to_owned()), ..CategoryChange::default() };
        catalog::update_category(shop, &by, &category, change).await.map(drop)
    };
    let written = async |revision, text: &str| {
        let change = TermsChange { revision: Some(revision), label: Some(text.to_owned()), ..TermsChange::default() };
        catalog::write_terms(shop, &by, LicenseTerms::Personal, change).await
    };
    let released = async |revision, text: &str| {
        let change = ReleaseChange { revision: Some(revision), notes: Some(text.to_owned()), ..ReleaseChange::default() };
        releases::update(shop, &by, "a-gift", &release, change).await.map(drop)
    };
    setting(1, "First").await.unwrap();
    promoted(1, "First").await.unwrap();
    sorted(1, "First").await.unwrap();
    written(0, "First").await.unwrap();
    released(1, "First").await.unwrap();
    for (error, code) in [
        (setting(1, "Second").await.unwrap_err(), "settings_changed"),
        (promoted(1, "Second").await.unwrap_err(), "promotion_changed"),
        (sorted(1, "Second").await.unwrap_err(), "category_changed"),
        (written(0, "Second").await.unwrap_err(), "terms_changed"),
        (released(1, "Second").await.unwrap_err(), "release_changed"),
    ] {
        assert_eq!(told(&error), (409, code, true), "{error}");
        assert!(domain::pages::form::OUTDATED.contains(&code));
    }
    // Acts that write one thing alone are nobody's conflict.
    promotions::archive(shop, &by, &promotion).await.unwrap();
    promotions::unarchive(shop, &by, &promotion).await.unwrap();
    catalog::move_category(shop, &by, &category, true).await.unwrap();
    setting(2, "Third").await.unwrap();
    promoted(2, "Third").await.unwrap();
    sorted(2, "Third").await.unwrap();
    written(1, "Third").await.unwrap();
    released(2, "Third").await.unwrap();
    assert_eq!(settings::load(shop).await.unwrap().tagline, "Third");
}

#[on_both_databases]
async fn a_change_that_is_refused_in_one_part_changes_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (shop, by) = (&test.shop, anna());
    let promotion = promotion(&test).await;
    let away = PromotionChange { is_archived: Some(true), ..PromotionChange::default() };
    promotions::update(shop, &by, &promotion, away, |new| new.percent_off = Some(500)).await.unwrap_err();
    promotions::update(shop, &by, &promotion, away, |new| new.percent_off = Some(50)).await.unwrap();
    assert_eq!(test.count("promotions WHERE status = 'archived' AND percent_off = 50 AND revision = 2").await, 1);
    let release = releases::list(shop, "a-gift").await.unwrap().remove(0).id;
    let back = ReleaseChange { notes: Some("Never mind".to_owned()), is_published: Some(false), ..ReleaseChange::default() };
    let refused = releases::update(shop, &by, "a-gift", &release, back).await.unwrap_err();
    assert_eq!(refused.answer().1, "release_is_published");
    assert_eq!(test.count("releases WHERE notes = 'Never mind'").await, 0);
}
