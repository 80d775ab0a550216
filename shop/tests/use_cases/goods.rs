//! What creators do with their goods.

use crate::support::{self, Engine, TestShop};
use domain::draft::{ProductDraft, ProductTexts};
use domain::pages::goods::{GoodsQuery, ProductForm, TierForm};
use domain::terms::LicenseTerms;
use domain::{catalog::ProductStatus, pages::storefront::ProductQuery};
use shop::Error;
use shop::accounts::audit::{Actor, AuditQuery};
use shop::catalog::{self, TermsChange};
use shop_testing::on_both_databases;
use std::sync::atomic::Ordering;

pub(super) fn anna() -> Actor {
    Actor { member_id: None, name: "anna@example.com".to_owned() }
}

pub(super) fn code(error: &Error) -> (u16, &'static str) {
    let (status, code, _) = error.answer();
    (status, code)
}

async fn shelves(test: &TestShop) -> Vec<String> {
    catalog::list(&test.shop, &ProductQuery::default(), 100).await.unwrap().items.into_iter().map(|card| card.slug).collect()
}

pub(super) async fn change(test: &TestShop, slug: &str, change: impl Fn(&mut ProductDraft)) -> String {
    support::change(&test.shop, &anna(), slug, change).await.unwrap()
}

pub(super) fn form() -> ProductForm {
    let tier = |name: &str, price: &str| TierForm {
        name: name.to_owned(),
        price: price.to_owned(),
        terms: "personal".to_owned(),
        ..TierForm::default()
    };
    ProductForm {
        texts: ProductTexts {
            title: "Sea maps".to_owned(),
            promise: "Old maps of the sea".to_owned(),
            description: "Maps\r\n\r\n*old* ones".to_owned(),
            ..ProductTexts::default()
        },
        kind: "image".to_owned(),
        tags: "maps, The Sea, MAPS".to_owned(),
        metadata: "origin = Lisbon".to_owned(),
        status: "published".to_owned(),
        publish_anyway: "on".to_owned(),
        tiers: vec![tier("Personal", "2,99"), TierForm { compare_at: "15".to_owned(), ..tier("Commercial", "$9.99") }],
        ..ProductForm::default()
    }
}

#[on_both_databases]
async fn a_product_is_made_from_a_form_and_comes_back_as_it_was_typed(engine: Engine) {
    let test = TestShop::open(engine).await;
    let slug = catalog::save_form(&test.shop, &anna(), &form(), None).await.unwrap();
    assert_eq!(slug, "sea-maps");
    let product = catalog::find_product(&test.shop, &slug).await.unwrap().unwrap();
    let prices: Vec<_> = product.variants.iter().map(|offer| (offer.key.as_str(), offer.price.amount, offer.compare_at)).collect();
    assert_eq!(prices, [("personal", 299, None), ("commercial", 999, Some(1500))]);
    assert_eq!(product.tags, [("maps".to_owned(), "maps".to_owned()), ("the-sea".to_owned(), "The Sea".to_owned())]);
    assert_eq!(product.metadata, [("origin".to_owned(), "Lisbon".to_owned())]);
    assert_eq!(
        catalog::save_form(&test.shop, &anna(), &form(), None).await.unwrap(),
        "sea-maps-2",
        "a slug that nobody typed is made free"
    );

    let mut typed = catalog::edited(&test.shop, &slug).await.unwrap().form;
    assert_eq!((typed.tiers[1].price.as_str(), typed.tiers[1].compare_at.as_str()), ("9.99", "15.00"));
    typed.tiers.swap(0, 1);
    typed.tiers[1].name = "For me".to_owned();
    typed.tiers.push(TierForm { name: "For me".to_owned(), price: "0".to_owned(), license: "on".to_owned(), ..TierForm::default() });
    catalog::save_form(&test.shop, &anna(), &typed, None).await.unwrap();
    let product = catalog::find_product(&test.shop, &slug).await.unwrap().unwrap();
    let tiers: Vec<_> = product.variants.iter().map(|offer| (offer.key.as_str(), offer.name.as_str())).collect();
    assert_eq!(tiers, [("commercial", "Commercial"), ("personal", "For me"), ("for-me", "For me")]);
    let saved = catalog::edited(&test.shop, &slug).await.unwrap();
    assert_eq!((saved.revision, saved.updated_by.as_str()), (2, "anna@example.com"));
}

#[on_both_databases]
async fn what_can_not_be_sold_is_told_beside_its_field_and_leaves_nothing_behind(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let with = |change: fn(&mut ProductForm)| {
        let mut form = form();
        change(&mut form);
        form
    };
    for (form, field) in [
        (with(|form| form.texts.title = "  ".to_owned()), "title"),
        (with(|form| form.slug = "a-book".to_owned()), "slug"),
        (with(|form| form.slug = "new".to_owned()), "slug"),
        (with(|form| form.slug = "Not a slug".to_owned()), "slug"),
        (with(|form| form.texts.description = "x".repeat(50_001)), "description"),
        (with(|form| form.texts.seo_title = "two\nlines".to_owned()), "seo_title"),
        (with(|form| form.tags = "!?".to_owned()), "tags"),
        (with(|form| form.metadata = "no pair".to_owned()), "metadata"),
        (with(|form| form.category = "none".to_owned()), "category"),
        (with(|form| form.status = "sold".to_owned()), "status"),
        (with(|form| form.publish_at = "tomorrow".to_owned()), "publish_at"),
        (with(|form| form.publish_at = "2001-01-01T00:00".to_owned()), "publish_at"),
        (with(|form| form.tiers = Vec::new()), "tiers"),
        (with(|form| form.tiers = vec![form.tiers[0].clone(); 51]), "tiers"),
        (with(|form| form.tiers[1].price = "9223372036854775808".to_owned()), "tiers.1.price"),
        (with(|form| form.tiers[1].price = "1000000".to_owned()), "tiers.1.price"),
        (with(|form| form.tiers[1].price = "a lot".to_owned()), "tiers.1.price"),
        (with(|form| form.tiers[1].price = String::new()), "tiers.1.price"),
        (with(|form| form.tiers[1].compare_at = "9.99".to_owned()), "tiers.1.compare_at"),
        (with(|form| form.tiers[0].name = String::new()), "tiers.0.name"),
        (with(|form| form.tiers[1].key = "personal".to_owned()), "tiers.1.key"),
        (with(|form| form.tiers[1].attributes = "A4".to_owned()), "tiers.1.attributes"),
        (with(|form| form.tiers[0].download_limit = "0".to_owned()), "tiers.0.download_limit"),
    ] {
        let refused = catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap_err();
        assert_eq!(refused.field(), Some(field), "{refused:?}");
        assert!((400..500).contains(&code(&refused).0), "{field}: {refused:?}");
    }
    assert_eq!(test.count("products").await, 2);
    assert_eq!(test.count("tags").await, 0);
}

#[on_both_databases]
async fn changes_at_once_are_all_kept(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..8i64 {
        let shop = test.shop.clone();
        tasks.spawn(async move {
            let tag_and_price = |draft: &mut ProductDraft| {
                draft.tags = vec![format!("tag {i}")];
                draft.tier("plain").unwrap().price.amount = 600 + i;
            };
            support::change(&shop, &anna(), "a-book", tag_and_price).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let product = catalog::find_product(&test.shop, "a-book").await.unwrap().unwrap();
    assert_eq!((product.revision, product.tags.len()), (9, 1), "each saw what the one before had written");
    let prices = "prices pr JOIN variants v ON v.id = pr.variant_id WHERE v.key = 'plain'";
    assert_eq!(test.count(&format!("{prices} AND pr.is_active")).await, 1);
    assert_eq!(test.count(prices).await, 9, "a price that changes is a new one");
}

#[on_both_databases]
async fn of_editors_who_began_alike_one_saves_and_the_others_are_told(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..6 {
        let shop = test.shop.clone();
        tasks.spawn(async move {
            let promise = |draft: &mut ProductDraft| {
                draft.texts.promise = format!("Promise {i}");
                Ok(())
            };
            catalog::update_product(&shop, &anna(), "a-book", Some(1), promise).await
        });
    }
    let (mut n_saved, mut told) = (0, Vec::new());
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => n_saved += 1,
            Err(error) => told.push(error),
        }
    }
    assert_eq!((n_saved, told.len()), (1, 5));
    for error in told {
        assert_eq!(code(&error), (409, "product_changed"));
        assert!(error.answer().2.starts_with("anna@example.com saved this product on "), "{error}");
    }
    let untitled = |draft: &mut ProductDraft| {
        draft.texts.title = String::new();
        Ok(())
    };
    let refused = catalog::update_product(&test.shop, &anna(), "a-book", Some(1), untitled).await.unwrap_err();
    assert_eq!(code(&refused), (409, "product_changed"), "whatever else is wrong");
    let mut form = catalog::edited(&test.shop, "a-book").await.unwrap().form;
    form.revision = "1".to_owned();
    catalog::save_form(&test.shop, &anna(), &form, None).await.expect("nothing differs, as after a second click");
    form.texts.promise = "Mine".to_owned();
    assert_eq!(catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap_err().answer().1, "product_changed");
    form.on_top = "on".to_owned();
    catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap();
}

#[on_both_databases]
async fn an_old_slug_leads_on_until_another_product_takes_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let rename = async |from: &str, to: &str| support::change(&test.shop, &anna(), from, |draft| draft.slug = Some(to.to_owned())).await;
    rename("a-book", "b-book").await.unwrap();
    rename("b-book", "c-book").await.unwrap();
    for old in ["a-book", "b-book"] {
        assert_eq!(catalog::moved_to(&test.shop, old).await.unwrap().as_deref(), Some("c-book"));
        assert_eq!(catalog::find_product(&test.shop, old).await.unwrap(), None);
    }
    assert_eq!(code(&rename("c-book", "a-gift").await.unwrap_err()), (409, "slug_taken"));
    rename("a-gift", "b-book").await.unwrap();
    assert_eq!(catalog::moved_to(&test.shop, "b-book").await.unwrap(), None, "who has a name goes before who had it");
    rename("c-book", "a-book").await.unwrap();
    assert_eq!(catalog::moved_to(&test.shop, "a-book").await.unwrap(), None);
    assert_eq!(catalog::moved_to(&test.shop, "c-book").await.unwrap().as_deref(), Some("a-book"));
    catalog::set_status(&test.shop, &anna(), "a-book", ProductStatus::Draft).await.unwrap();
    assert_eq!(catalog::moved_to(&test.shop, "c-book").await.unwrap(), None, "a draft is told to nobody");
    assert_eq!(catalog::moved_to_for_member(&test.shop, "c-book").await.unwrap().as_deref(), Some("a-book"));
}

#[on_both_databases]
async fn unlisted_goods_are_for_who_has_the_link_and_scheduled_ones_for_later(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    catalog::set_status(&test.shop, &anna(), "a-book", ProductStatus::Unlisted).await.unwrap();
    assert_eq!(shelves(&test).await, ["a-gift"]);
    let found = catalog::list(&test.shop, &ProductQuery { q: "book".to_owned(), ..ProductQuery::default() }, 24).await.unwrap();
    assert!(found.items.is_empty());
    assert!(catalog::find_product(&test.shop, "a-book").await.unwrap().is_some());
    test.start("a-book", "plain", 1).await;

    let soon = test.shop.clock.now_ms() + 60_000;
    let schedule = |draft: &mut ProductDraft| (draft.status, draft.published_at) = (ProductStatus::Published, Some(soon));
    change(&test, "a-book", schedule).await;
    assert_eq!(catalog::find_product(&test.shop, "a-book").await.unwrap(), None);
    assert_eq!(shelves(&test).await, ["a-gift"]);
    let refused = shop::checkout::start(&test.shop, test.request("a-book", "plain", 1)).await.unwrap_err();
    assert_eq!(code(&refused), (404, "product_not_found"));
    let scheduled = GoodsQuery { status: "scheduled".to_owned(), ..GoodsQuery::default() };
    assert_eq!(catalog::list_goods(&test.shop, &scheduled).await.unwrap().products[0].appears_at, Some(soon));
    test.clock.fetch_add(60_000, Ordering::SeqCst);
    assert_eq!(shelves(&test).await, ["a-book", "a-gift"], "by itself, and the newest");
    test.start("a-book", "plain", 1).await;
    assert!(catalog::list_goods(&test.shop, &scheduled).await.unwrap().products.is_empty());

    let archived = catalog::set_status(&test.shop, &anna(), "a-book", ProductStatus::Archived).await.unwrap();
    assert_eq!((archived, shelves(&test).await), (ProductStatus::Published, vec!["a-gift".to_owned()]));
    catalog::set_status(&test.shop, &anna(), "a-book", archived).await.unwrap();
    assert_eq!(shelves(&test).await.len(), 2);
}

#[on_both_databases]
async fn what_is_deleted_stays_for_its_orders_and_comes_back(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-gift", "free", 1).await;
    let id = catalog::delete_product(&test.shop, &anna(), "a-gift").await.unwrap();
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view.items[0].title.as_str(), view.items[0].files.len()), ("a gift", 1));
    assert_eq!(shelves(&test).await, ["a-book"]);
    let again = catalog::delete_product(&test.shop, &anna(), "a-gift").await.unwrap_err();
    assert_eq!(code(&again).0, 404);
    assert_eq!(catalog::list_goods(&test.shop, &GoodsQuery::default()).await.unwrap().products.len(), 1);
    let mut other = form();
    other.slug = "a-gift".to_owned();
    catalog::save_form(&test.shop, &anna(), &other, None).await.unwrap();
    assert_eq!(catalog::restore_product(&test.shop, &anna(), &id.to_string()).await.unwrap(), "a-gift-2", "its slug was taken meanwhile");
    assert!(catalog::find_product(&test.shop, "a-gift-2").await.unwrap().is_some());
    let nothing = catalog::restore_product(&test.shop, &anna(), "a-gift").await.unwrap_err();
    assert_eq!(code(&nothing).0, 404);
}

#[on_both_databases]
async fn a_copy_is_a_draft_of_its_own(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let slug = catalog::duplicate_product(&test.shop, &anna(), "a-book", None).await.unwrap();
    assert_eq!(
        (slug.as_str(), catalog::duplicate_product(&test.shop, &anna(), "a-book", None).await.unwrap().as_str()),
        ("a-book-copy", "a-book-copy-2")
    );
    let copy = catalog::find_any_product(&test.shop, &slug).await.unwrap().unwrap();
    let original = catalog::find_any_product(&test.shop, "a-book").await.unwrap().unwrap();
    assert_eq!((copy.status, copy.texts.title.as_str()), (ProductStatus::Draft, "a book (copy)"));
    assert_eq!(copy.variants, original.variants, "tiers, prices and files");
    change(&test, &slug, |draft| draft.status = ProductStatus::Published).await;
    test.start(&slug, "rich", 1).await;
}

#[on_both_databases]
async fn a_tier_that_goes_stays_for_old_orders_and_can_come_back(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-book", "rich", 1).await;
    let mut form = catalog::edited(&test.shop, "a-book").await.unwrap().form;
    let rich = form.tiers.remove(1);
    form.tiers[0].price = "7".to_owned();
    catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap();
    let product = catalog::find_product(&test.shop, "a-book").await.unwrap().unwrap();
    assert_eq!(product.variants.iter().map(|offer| offer.price.amount).collect::<Vec<_>>(), [700]);
    test.pay(&order, "4242424242424242").await;
    let session = test.session_of(&order);
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view.items[0].unit_price.amount, view.items[0].licenses.len()), (900, 1), "the order keeps what it froze");
    let mut form = catalog::edited(&test.shop, "a-book").await.unwrap().form;
    form.tiers.push(TierForm { known: String::new(), ..rich });
    catalog::save_form(&test.shop, &anna(), &form, None).await.unwrap();
    assert_eq!(test.count("variants WHERE key = 'rich'").await, 1);
    let all_gone = |draft: &mut ProductDraft| draft.tiers.iter_mut().for_each(|tier| tier.is_archived = true);
    let refused = support::change(&test.shop, &anna(), "a-book", all_gone).await.unwrap_err();
    assert_eq!(code(&refused), (400, "variants_invalid"), "something must be left to buy");
}

#[on_both_databases]
async fn an_order_keeps_the_license_terms_that_it_was_made_under(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let write = async |label: &str| {
        let change = TermsChange {
            label: Some(label.to_owned()),
            summary: Some("For you.".to_owned()),
            body: Some("All of it.\r\nReally.".to_owned()),
            ..TermsChange::default()
        };
        catalog::write_terms(&test.shop, &anna(), LicenseTerms::Personal, change).await.unwrap();
    };
    let first = test.start("a-gift", "free", 1).await;
    write("Home license").await;
    let second = test.start_for("other@example.com", "a-gift", "free").await;
    write("House license").await;
    write("House license").await;
    let label = async |order: &shop::checkout::StartedCheckout| {
        shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap().items[0].terms_words.label.clone()
    };
    assert_eq!(label(&first).await, LicenseTerms::Personal.label());
    assert_eq!(label(&second).await, "Home license");
    let product = catalog::find_product(&test.shop, "a-gift").await.unwrap().unwrap();
    assert_eq!((product.terms[0].label.as_str(), product.terms[0].body.as_str()), ("House license", "All of it.\nReally."));
    assert_eq!(test.count("license_terms").await, 2, "the same words are written once");
    let empty = TermsChange { label: Some(" ".to_owned()), ..TermsChange::default() };
    let refused = catalog::write_terms(&test.shop, &anna(), LicenseTerms::Personal, empty).await.unwrap_err();
    assert_eq!(code(&refused), (400, "label_invalid"));
}

#[on_both_databases]
async fn the_log_tells_who_changed_what_from_what(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    change(&test, "a-book", |draft| draft.tier("plain").unwrap().price.amount = 700).await;
    catalog::delete_product(&test.shop, &anna(), "a-book").await.unwrap();
    let query = AuditQuery { kind: Some("product".to_owned()), object: Some("a-book".to_owned()), ..AuditQuery::default() };
    let entries = shop::accounts::audit::list(&test.shop, &query).await.unwrap().items;
    assert_eq!(entries.iter().map(|entry| entry.act.as_str()).collect::<Vec<_>>(), ["deleted", "updated", "created"]);
    let (before, after) = (entries[1].before_json.clone().unwrap(), entries[1].after_json.clone().unwrap());
    assert!(before.contains("\"amount\":500") && after.contains("\"amount\":700"), "{before} {after}");
    assert!(!after.contains("a-book") && !after.contains("description"), "only what differs: {after}");
    assert_eq!(entries[1].actor, "anna@example.com");
}

#[on_both_databases]
async fn creators_find_their_goods_by_title_slug_and_sku(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    shop::catalog::sample::generate(&test.shop, 120).await.unwrap();
    change(&test, "a-gift", |draft| draft.texts.sku = Some("GIFT_01".to_owned())).await;
    catalog::set_status(&test.shop, &anna(), "a-book", ProductStatus::Archived).await.unwrap();
    let slugs = async |q: &str, status: &str| {
        let query = GoodsQuery { q: q.to_owned(), status: status.to_owned(), ..GoodsQuery::default() };
        catalog::list_goods(&test.shop, &query).await.unwrap().products.into_iter().map(|row| row.slug).collect::<Vec<_>>()
    };
    assert_eq!(slugs("BOOK", "").await, ["a-book"]);
    assert_eq!(slugs("a-g", "").await, ["a-gift"]);
    assert_eq!(slugs("gift_0", "published").await, ["a-gift"]);
    assert_eq!(slugs("book", "published").await, Vec::<String>::new());
    for odd in ["%", "_", "\\", "'", "\"", "title : x", "a OR b", "NEAR(", "\u{0}", &"x".repeat(5000)] {
        slugs(odd, "nothing").await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = catalog::list_goods(&test.shop, &GoodsQuery { cursor, ..GoodsQuery::default() }).await.unwrap();
        seen.extend(page.products.into_iter().map(|row| row.slug));
        match page.next_cursor {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let n = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((n, seen.len()), (122, 122));
    let bad = catalog::list_goods(&test.shop, &GoodsQuery { cursor: "x".to_owned(), ..GoodsQuery::default() }).await.unwrap_err();
    assert_eq!(code(&bad), (400, "cursor_invalid"));
}
