//! Nothing is sold that delivers nothing: no file, no license key, nothing that comes with it.

use crate::goods::{anna, code};
use crate::support::{Engine, TestShop, tier, titled};
use domain::catalog::ProductStatus;
use domain::draft::{ProductDraft, TierDraft};
use domain::order::OrderStatus;
use domain::pages::goods::{ProductForm, TierForm};
use domain::pages::storefront::ProductQuery;
use domain::tier::TierRef;
use shop::checkout::carts;
use shop::checkout::{CheckoutItem, StartCheckout, start};
use shop::{Error, catalog, orders};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";
const REFUSED: (u16, &str) = (409, "nothing_to_deliver");

/// A published product without files.
async fn announce(test: &TestShop, slug: &str, tiers: Vec<TierDraft>) {
    catalog::create_product(&test.shop, &anna(), ProductDraft { tiers, ..titled(slug) }, None).await.unwrap();
}

/// Takes the files of what customers have away.
async fn take_files(test: &TestShop, slug: &str) {
    for release in catalog::releases::list(&test.shop, slug).await.unwrap() {
        for good in release.goods {
            catalog::releases::remove_file(&test.shop, &anna(), slug, &release.id, &good.file.id).await.unwrap();
        }
    }
}

/// What the page of a product says of its tiers: key, and whether it delivers something.
async fn offered(test: &TestShop, slug: &str) -> Vec<(String, bool)> {
    let product = catalog::find_product(&test.shop, slug).await.unwrap().unwrap();
    product.variants.iter().map(|offer| (offer.key.clone(), offer.delivers())).collect()
}

async fn price_line(test: &TestShop, slug: &str) -> String {
    let cards = catalog::list(&test.shop, &ProductQuery::default(), 100).await.unwrap().items;
    cards.into_iter().find(|card| card.slug == slug).unwrap().price_line()
}

async fn refusal(test: &TestShop, product: &str, variant: &str) -> Option<Error> {
    start(&test.shop, test.request(product, variant, 1)).await.err()
}

#[on_both_databases]
async fn what_delivers_nothing_is_shown_and_not_sold_until_its_files_are_there(engine: Engine) {
    let test = TestShop::open(engine).await;
    announce(&test, "a-map", vec![tier("plain", 500)]).await;
    assert_eq!(
        (offered(&test, "a-map").await, price_line(&test, "a-map").await.as_str()),
        (vec![("plain".to_owned(), false)], "Coming soon")
    );
    let refused = carts::add(&test.shop, None, "a-map", None, 1).await.unwrap_err();
    assert_eq!((code(&refused), refused.field()), (REFUSED, Some("product")));
    let refused = refusal(&test, "a-map", "plain").await.unwrap();
    assert_eq!((code(&refused), refused.field()), (REFUSED, Some("items.0.product")));
    assert!(refused.answer().2.contains("“a map”"), "it names the product: {}", refused.answer().2);
    assert_eq!(test.count("orders").await, 0);

    let version = shop::stores::catalog_version(&test.shop).await.unwrap();
    test.give_file("a-map", &[]).await;
    assert!(shop::stores::catalog_version(&test.shop).await.unwrap() > version, "kept pages are made anew");
    assert_eq!((offered(&test, "a-map").await[0].1, price_line(&test, "a-map").await.as_str()), (true, "$5.00"));
    carts::add(&test.shop, None, "a-map", None, 1).await.unwrap();
    assert!(refusal(&test, "a-map", "plain").await.is_none());

    let version = shop::stores::catalog_version(&test.shop).await.unwrap();
    take_files(&test, "a-map").await;
    assert!(shop::stores::catalog_version(&test.shop).await.unwrap() > version);
    assert_eq!(price_line(&test, "a-map").await, "Coming soon");
    assert_eq!(code(&refusal(&test, "a-map", "plain").await.unwrap()), REFUSED);
}

#[on_both_databases]
async fn a_tier_delivers_by_its_own_files_by_keys_or_by_what_comes_with_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    let keyed = TierDraft { has_license: true, ..tier("key", 700) };
    announce(&test, "a-map", vec![tier("plain", 500), tier("rich", 900), keyed]).await;
    let all = |plain, rich, key| vec![("plain".to_owned(), plain), ("rich".to_owned(), rich), ("key".to_owned(), key)];
    assert_eq!(offered(&test, "a-map").await, all(false, false, true));
    assert_eq!(price_line(&test, "a-map").await, "from $5.00", "one of its tiers is for sale");
    test.give_file("a-map", &["rich".to_owned()]).await;
    assert_eq!(offered(&test, "a-map").await, all(false, true, true));
    assert_eq!(code(&refusal(&test, "a-map", "plain").await.unwrap()), REFUSED);
    for sold in ["rich", "key"] {
        assert!(refusal(&test, "a-map", sold).await.is_none(), "{sold}");
    }

    announce(&test, "an-atlas", vec![tier("one", 300)]).await;
    let bundle = TierDraft { includes: vec![TierRef::parse("an-atlas/one")], ..tier("all", 1_000) };
    announce(&test, "a-bundle", vec![bundle]).await;
    assert_eq!(offered(&test, "a-bundle").await, [("all".to_owned(), false)]);
    assert_eq!(code(&refusal(&test, "a-bundle", "all").await.unwrap()), REFUSED, "its only part has nothing");
    test.give_file("an-atlas", &[]).await;
    assert_eq!((offered(&test, "a-bundle").await[0].1, price_line(&test, "a-bundle").await.as_str()), (true, "$10.00"));
    assert!(refusal(&test, "a-bundle", "all").await.is_none());
}

#[on_both_databases]
async fn only_files_that_customers_have_count(engine: Engine) {
    let test = TestShop::open(engine).await;
    announce(&test, "a-map", vec![tier("plain", 500)]).await;
    test.give_file("a-map", &[]).await;
    let draft = catalog::releases::NewRelease { version: "2.0".to_owned(), notes: String::new(), is_draft: true };
    catalog::releases::create(&test.shop, &anna(), "a-map", draft, None).await.unwrap();
    let newest = catalog::releases::list(&test.shop, "a-map").await.unwrap().into_iter().find(|release| release.is_newest).unwrap();
    catalog::releases::remove_file(&test.shop, &anna(), "a-map", &newest.id, &newest.goods[0].file.id).await.unwrap();
    assert_eq!(code(&refusal(&test, "a-map", "plain").await.unwrap()), REFUSED, "the draft has a file, and customers don't");
    let drafts = catalog::releases::list(&test.shop, "a-map").await.unwrap();
    catalog::releases::publish(&test.shop, &anna(), "a-map", &drafts[0].id).await.unwrap();
    assert!(refusal(&test, "a-map", "plain").await.is_none());
}

#[on_both_databases]
async fn a_cart_says_what_it_does_not_charge_and_sells_the_rest(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    announce(&test, "a-map", vec![tier("plain", 300)]).await;
    test.give_file("a-map", &[]).await;
    let cart = carts::add(&test.shop, None, "a-map", None, 1).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("plain"), 1).await.unwrap();
    take_files(&test, "a-map").await;
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.total.amount, quote.lines.len(), quote.coming.as_slice()), (500, 1, &["a map".to_owned()][..]));
    assert!(quote.gone.is_empty() && quote.unpriced.is_empty());
    let request = StartCheckout { cart: Some(cart.clone()), ..test.request("a-book", "plain", 1) };
    assert_eq!(start(&test.shop, request).await.unwrap().amount_total, 500);
    test.give_file("a-map", &[]).await;
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.total.amount, quote.coming.len()), (800, 0));
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_file_that_goes_between_cart_and_order_is_seen_by_the_order(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 1).await.unwrap();
    let attempt = |name: &str| StartCheckout {
        cart: Some(cart.clone()),
        idempotency_key: Some(format!("page:{name}")),
        ..test.request("a-book", "plain", 1)
    };
    let first = start(&test.shop, attempt("1")).await.unwrap();
    // The second has read the prices, and waits for Stripe to close the page of the first.
    let fault = r#"{"route":"POST /v1/checkout/sessions/","kind":"delay","millis":2000,"times":1}"#;
    assert_eq!(test.ask_emulator("/_emulator/faults", fault).await, 204);
    let n_asked = async || test.get_stripe("/_emulator/state").await["requests"].to_string();
    let before = n_asked().await;
    let second = {
        let (shop, request) = (test.shop.clone(), attempt("2"));
        tokio::spawn(async move { start(&shop, request).await })
    };
    while n_asked().await == before {
        tokio::task::yield_now().await;
    }
    take_files(&test, "a-book").await;
    assert_eq!(code(&second.await.unwrap().unwrap_err()), REFUSED);
    assert_eq!(test.count("orders").await, 1, "no second order was placed");
    test.advance(5_000);
    let first = orders::load(&test.shop, &first.public_id, &first.access_key).await.unwrap();
    assert_eq!(first.status, OrderStatus::Expired, "it was on its way to the order, not refused before");
}

#[on_both_databases]
async fn a_payment_page_is_not_opened_again_for_what_delivers_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-book", "plain", 1).await;
    let session = test.session_of(&order);
    assert_eq!(test.ask_emulator(&format!("/_emulator/sessions/{session}/expire"), "{}").await, 200);
    test.advance(5_000);
    take_files(&test, "a-book").await;
    let refused = shop::checkout::resume(&test.shop, &order.public_id, &order.access_key).await.unwrap_err();
    assert_eq!(code(&refused), REFUSED);
    test.give_file("a-book", &[]).await;
    let resumed = shop::checkout::resume(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert!(resumed.checkout_url.is_some());
}

#[on_both_databases]
async fn an_order_that_has_nothing_all_the_same_is_told_to_its_customer_and_once_to_the_owner(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-book", "plain", 1).await;
    take_files(&test, "a-book").await;
    let session = test.pay(&order, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let told = || test.mail.sent().into_iter().filter(|mail| mail.to == "owner@example.com").map(|mail| mail.text).collect::<Vec<_>>();
    assert_eq!(told().len(), 1, "{:?}", told());
    assert!(told()[0].contains("“a book” (plain)") && told()[0].contains("What to do"), "{}", told()[0]);
    let view = async || orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view().await.status, view().await.items[0].is_awaited), (OrderStatus::Paid, true));
    test.receive("evt_2", "checkout.session.completed", &session).await;
    test.work().await;
    assert_eq!(told().len(), 1);
    test.give_file("a-book", &[]).await;
    assert_eq!((view().await.items[0].is_awaited, view().await.items[0].files.len()), (false, 1));
}

#[on_both_databases]
async fn what_is_closed_or_has_a_key_is_not_awaited(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (book, gift) = (test.start("a-book", "rich", 1).await, test.start("a-gift", "free", 1).await);
    let session = test.pay(&book, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    take_files(&test, "a-book").await;
    take_files(&test, "a-gift").await;
    let view = async |order: &shop::checkout::StartedCheckout| orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert!(!view(&book).await.items[0].is_awaited, "its key is there");
    assert!(view(&gift).await.items[0].is_awaited);
    orders::close_access(&test.shop, &anna(), &gift.public_id, None).await.unwrap();
    assert!(!view(&gift).await.items[0].is_awaited, "nobody waits for what is closed");
}

#[on_both_databases]
async fn health_lists_what_is_published_and_delivers_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    announce(&test, "a-map", vec![tier("plain", 500), tier("rich", 900)]).await;
    test.give_file("a-map", &["rich".to_owned()]).await;
    let draft = ProductDraft { status: ProductStatus::Draft, tiers: vec![tier("plain", 500)], ..titled("a-plan") };
    catalog::create_product(&test.shop, &anna(), draft, None).await.unwrap();
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    let listed: Vec<_> = report.empty_tiers.iter().map(|tier| (tier.product.as_str(), tier.variant.as_str())).collect();
    assert_eq!((listed, report.n_troubles()), (vec![("a-map", "plain")], 0));
    assert_eq!(report.empty_tiers[0].title, "a map");
    test.give_file("a-map", &[]).await;
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().empty_tiers.is_empty());
}

fn form(status: &str, license: &str) -> ProductForm {
    let tier = TierForm { name: "Standard".to_owned(), price: "5".to_owned(), license: license.to_owned(), ..TierForm::default() };
    let mut form = ProductForm { kind: "book".to_owned(), status: status.to_owned(), tiers: vec![tier], ..ProductForm::default() };
    form.texts.title = "A map".to_owned();
    form
}

#[on_both_databases]
async fn the_editor_asks_before_it_publishes_what_delivers_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    let save = async |form: &ProductForm| catalog::save_form(&test.shop, &anna(), form, None).await;
    let asked = save(&form("published", "")).await.unwrap_err();
    assert_eq!((code(&asked), asked.field()), (REFUSED, Some("status")));
    let untitled = ProductForm { texts: Default::default(), ..form("published", "") };
    assert_eq!(code(&save(&untitled).await.unwrap_err()).1, "title_invalid", "what is wrong is told before the question");
    assert_eq!(test.count("products").await, 0);
    let keyed = save(&form("published", "on")).await.unwrap();
    assert!(offered(&test, &keyed).await[0].1);

    let slug = save(&form("draft", "")).await.unwrap();
    let edited = async || catalog::edited(&test.shop, &slug).await.unwrap();
    let list = edited().await.checklist;
    assert_eq!((list.has_price, list.has_cover, list.has_sample, list.empty_tiers), (true, false, false, vec!["Standard".to_owned()]));
    let publish = ProductForm { status: "published".to_owned(), ..edited().await.form };
    assert_eq!(code(&save(&publish).await.unwrap_err()), REFUSED);
    let anyway = ProductForm { publish_anyway: "on".to_owned(), ..publish };
    save(&anyway).await.unwrap();
    assert!(!offered(&test, &slug).await[0].1);
    save(&edited().await.form).await.expect("what is on sale is not asked about again");

    let draft = ProductForm { status: "draft".to_owned(), ..edited().await.form };
    save(&draft).await.unwrap();
    test.give_file(&slug, &[]).await;
    assert!(edited().await.checklist.empty_tiers.is_empty());
    let publish = ProductForm { status: "published".to_owned(), ..edited().await.form };
    save(&publish).await.unwrap();
    assert!(offered(&test, &slug).await[0].1);
}

#[on_both_databases]
async fn an_order_of_several_names_the_one_that_delivers_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    announce(&test, "a-map", vec![tier("plain", 300)]).await;
    let item = |name: &str| CheckoutItem { tier: TierRef::parse(name), quantity: 1, amount: None };
    let request = StartCheckout { items: vec![item("a-book/plain"), item("a-map")], ..test.request("a-book", "plain", 1) };
    let refused = start(&test.shop, request).await.unwrap_err();
    assert_eq!((code(&refused), refused.field()), (REFUSED, Some("items.1.product")));
}
