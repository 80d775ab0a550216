//! Prices that the customer names, and tiers that come with tiers of other products.

use crate::support::{self, Engine, TestShop, tier, titled};
use domain::draft::{ProductDraft, TierDraft, TierPrice};
use domain::license::LicenseStatus;
use domain::money::{Currency, Money};
use domain::tier::TierRef;
use domain::word::Word;
use shop::accounts::audit::Actor;
use shop::catalog;
use shop::checkout::carts::{self, Wanted};
use shop::checkout::{CheckoutItem, StartCheckout, StartedCheckout};
use shop::orders::LineName;
use shop::payments::refunds::RefundRequest;
use shop::{Error, Result, Shop};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

fn code<T: std::fmt::Debug>(result: Result<T>) -> (u16, &'static str) {
    let error = result.unwrap_err();
    let (status, code, _) = error.answer();
    (status, code)
}

fn name(text: &str) -> TierRef {
    TierRef::parse(text)
}

/// A tier whose price the customer names.
fn open(key: &str, amount: i64, suggested_amount: Option<i64>) -> TierDraft {
    let fixed = tier(key, amount);
    TierDraft { price: TierPrice { pay_what_you_want: true, suggested_amount, ..fixed.price }, ..fixed }
}

/// A product with a file, unless other tiers come with it.
async fn make(test: &TestShop, slug: &str, tiers: Vec<TierDraft>) -> Result<()> {
    let is_bundle = tiers.iter().any(|tier| !tier.includes.is_empty());
    catalog::create_product(&test.shop, &Actor::operator(), ProductDraft { tiers, ..titled(slug) }, None).await?;
    if !is_bundle {
        test.give_file(slug, &[]).await;
    }
    Ok(())
}

async fn change_tier(shop: &Shop, product: &str, key: &str, change: impl Fn(&mut TierDraft)) -> Result<String> {
    support::change(shop, &Actor::operator(), product, |draft| change(draft.tier(key).unwrap())).await
}

/// A shop with a song whose price is the customer's to name, from $3.00 on.
async fn with_song(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    make(&test, "a-song", vec![open("album", 300, Some(800))]).await.unwrap();
    test
}

/// A shop with a bundle of both tiers' product and a gift, for $10.00.
async fn with_bundle(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let bundle = TierDraft { includes: vec![name("a-book/rich"), name("a-gift")], ..tier("all", 1_000) };
    make(&test, "a-bundle", vec![bundle]).await.unwrap();
    test
}

fn of_song(test: &TestShop, amount: Option<i64>) -> StartCheckout {
    let mut request = test.request("a-song", "album", 2);
    request.items[0].amount = amount;
    request
}

async fn paid(test: &TestShop, request: StartCheckout) -> StartedCheckout {
    let started = shop::checkout::start(&test.shop, request).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    started
}

/// Titles of what can be fetched, and the keys that work.
async fn open_goods(test: &TestShop, order: &StartedCheckout) -> (Vec<String>, Vec<String>) {
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    let titles = view.items.iter().filter(|line| !line.files.is_empty()).map(|line| line.title.clone()).collect();
    let keys = view.items.iter().flat_map(|line| &line.licenses).filter(|license| license.status != LicenseStatus::Disabled);
    (titles, keys.map(|license| license.key.clone()).collect())
}

#[on_both_databases]
async fn the_customer_names_the_price_and_pays_it(engine: Engine) {
    let test = with_song(engine).await;
    let start = |amount| shop::checkout::start(&test.shop, of_song(&test, amount));
    assert_eq!(start(Some(1_200)).await.unwrap().amount_total, 2_400);
    assert_eq!(start(None).await.unwrap().amount_total, 600, "the least, where nothing is named");
    for (amount, expected) in
        [(299, "price_too_low"), (0, "price_too_low"), (-5, "price_too_low"), (i64::MAX, "price_too_high"), (100_000_000, "price_too_high")]
    {
        assert_eq!(code(start(Some(amount)).await), (400, expected), "{amount}");
    }
    let mut fixed = test.request("a-book", "plain", 1);
    fixed.items[0].amount = Some(1);
    assert_eq!(code(shop::checkout::start(&test.shop, fixed).await), (400, "price_fixed"), "nobody names the price of what has one");
    let mut twice = of_song(&test, Some(500));
    twice.items.push(CheckoutItem { amount: Some(600), ..twice.items[0].clone() });
    assert_eq!(code(shop::checkout::start(&test.shop, twice).await), (400, "price_ambiguous"));
    let order = paid(&test, of_song(&test, Some(1_500))).await;
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view.amount_total, view.items[0].unit_price.amount), (3_000, 1_500));
}

#[on_both_databases]
async fn another_price_under_the_same_key_is_another_order(engine: Engine) {
    let test = with_song(engine).await;
    let with_key = |amount| StartCheckout { idempotency_key: Some("k".to_owned()), ..of_song(&test, Some(amount)) };
    let first = shop::checkout::start(&test.shop, with_key(500)).await.unwrap();
    assert_eq!(shop::checkout::start(&test.shop, with_key(500)).await.unwrap().public_id, first.public_id);
    assert_eq!(code(shop::checkout::start(&test.shop, with_key(700)).await), (409, "idempotency_key_reused"));
}

#[on_both_databases]
async fn a_cart_keeps_the_price_that_was_named(engine: Engine) {
    let test = with_song(engine).await;
    let add = |cart, price: &'static str| {
        let wanted = Wanted { product: "a-song", variant: Some("album"), quantity: 1, price };
        carts::add_for(&test.shop, cart, wanted, None)
    };
    assert_eq!(code(add(None, "2.99").await), (400, "price_too_low"));
    assert_eq!(code(add(None, "a lot").await), (400, "price_unreadable"));
    let cart = add(None, "7,50").await.unwrap();
    let total = async || carts::quote(&test.shop, Some(&cart)).await.unwrap().total.amount;
    assert_eq!(total().await, 750);
    add(Some(cart.clone()), "10").await.unwrap();
    assert_eq!(total().await, 2_000, "the price that was named last counts for both");
    carts::set_price(&test.shop, &cart, "a-song", "album", "4").await.unwrap();
    assert_eq!(total().await, 800);
    // As it is pasted from elsewhere, and as we print it ourselves.
    for (typed, amount) in [("$ 1,200.50", 120_050), ("1.200,50 USD", 120_050), ("1\u{202f}200", 120_000), ("５", 500)] {
        carts::set_price(&test.shop, &cart, "a-song", "album", typed).await.unwrap();
        assert_eq!(total().await, 2 * amount, "{typed}");
    }
    let refusal = carts::set_price(&test.shop, &cart, "a-song", "album", "1.200").await.unwrap_err();
    assert_eq!(refusal.answer().2, "Write the price as a number, such as $5.00.");
    assert_eq!(code(carts::set_price(&test.shop, &cart, "a-song", "album", "1").await), (400, "price_too_low"));
    let reprice = async |is_open: bool| {
        let change = |album: &mut TierDraft| album.price.change(Money::new(600, Currency::USD), is_open);
        change_tier(&test.shop, "a-song", "album", change).await.unwrap();
    };
    reprice(true).await;
    assert_eq!(total().await, 1_200, "a price that rose lifts what waits");
    reprice(false).await;
    carts::set_price(&test.shop, &cart, "a-song", "album", "").await.unwrap();
    assert_eq!(total().await, 1_200, "what is fixed again is sold at its price");
}

#[on_both_databases]
async fn a_price_of_nothing_is_delivered_at_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    make(&test, "a-tip", vec![open("jar", 0, None)]).await.unwrap();
    let start = |amount| {
        let mut request = test.request("a-tip", "jar", 1);
        request.items[0].amount = Some(amount);
        async { shop::checkout::start(&test.shop, request).await }
    };
    let free = start(0).await.unwrap();
    assert_eq!((free.status.as_str(), free.checkout_url), ("paid", None));
    assert_eq!(code(start(20).await), (400, "price_uncharged"), "Stripe charges no twenty cents");
    assert_eq!(start(50).await.unwrap().amount_total, 50);
    let card = &catalog::list(&test.shop, &Default::default(), 10).await.unwrap().items[0];
    assert_eq!(card.price_line(), "Pay what you want");
}

#[on_both_databases]
async fn prices_that_make_no_sense_are_refused(engine: Engine) {
    let test = TestShop::open(engine).await;
    let priced = |price: TierPrice| TierDraft { price, ..tier("t", 0) };
    for (bad, expected) in [
        (open("t", 500, Some(400)), "suggested_amount_invalid"),
        (open("t", 0, Some(20)), "suggested_amount_invalid"),
        (open("t", 0, Some(i64::MAX)), "suggested_amount_invalid"),
        (priced(TierPrice { suggested_amount: Some(900), ..tier("t", 500).price }), "suggested_amount_invalid"),
        (priced(TierPrice { compare_at: Some(900), ..open("t", 500, None).price }), "suggested_amount_invalid"),
        (open("t", -1, None), "amount_invalid"),
    ] {
        assert_eq!(code(make(&test, "x", vec![bad]).await), (400, expected));
    }
    assert_eq!(test.count("products").await, 0);
}

#[on_both_databases]
async fn a_bundle_hands_over_all_that_is_in_it_for_one_price(engine: Engine) {
    let test = with_bundle(engine).await;
    let mut request = test.request("a-bundle", "all", 2);
    request.items.push(CheckoutItem { tier: TierRef::parse("a-gift"), quantity: 1, ..CheckoutItem::default() });
    let order = paid(&test, request).await;
    let view = shop::orders::load(&test.shop, &order.public_id, &order.access_key).await.unwrap();
    assert_eq!((view.amount_total, view.status.as_str()), (2_000, "paid"));
    let lines: Vec<_> = view.items.iter().map(|line| (line.title.as_str(), line.quantity, line.part_of.as_deref())).collect();
    assert_eq!(lines, [("a bundle", 2, None), ("a book", 2, Some("a bundle")), ("a gift", 2, Some("a bundle")), ("a gift", 1, None)]);
    assert_eq!(view.sold().len(), 2);
    let (titles, keys) = open_goods(&test, &order).await;
    assert_eq!(titles, ["a book", "a gift", "a gift"]);
    assert_eq!(keys.len(), 2, "each piece of what comes with it has its own key");
    let n_sold = async |slug: &str| test.sum("n_sold", &format!("products WHERE slug = '{slug}'")).await;
    assert_eq!(n_sold("a-bundle").await, 2);
    assert_eq!(n_sold("a-book").await, 0, "it was not sold by itself");
    assert_eq!(n_sold("a-gift").await, 1);
    // Whatever took a piece away, it is handed over again.
    test.run("DELETE FROM licenses").await;
    test.run("DELETE FROM entitlements WHERE unit_no = 2").await;
    test.reconcile().await;
    test.reconcile().await;
    assert_eq!(test.count("entitlements").await, 7);
}

#[on_both_databases]
async fn what_came_with_a_bundle_follows_its_money(engine: Engine) {
    let test = with_bundle(engine).await;
    let mut request = test.request("a-bundle", "all", 1);
    request.items.push(test.request("a-book", "plain", 1).items.remove(0));
    let order = paid(&test, request).await;
    let refund = |product: &str| {
        let item = LineName::Goods(TierRef::parse(if product == "a-bundle" { "a-bundle/all" } else { "a-book/rich" }));
        let request = RefundRequest { order: order.public_id.clone(), item: Some(item), ..RefundRequest::default() };
        async { shop::payments::refunds::request(&test.shop, request).await }
    };
    assert_eq!(code(refund("a-book").await), (409, "item_in_bundle"));
    let close = |line: &'static str| {
        let name = LineName::Goods(TierRef::parse(line));
        let (shop, id) = (test.shop.clone(), order.public_id.clone());
        async move { shop::orders::close_access(&shop, &Actor::operator(), &id, Some(&name)).await.unwrap() }
    };
    close("a-bundle").await;
    assert_eq!(open_goods(&test, &order).await, (vec!["a book".to_owned()], Vec::new()), "all that came with the line is closed");
    let name = LineName::Goods(TierRef::parse("a-bundle"));
    shop::orders::open_access(&test.shop, &Actor::operator(), &order.public_id, Some(&name)).await.unwrap();
    assert_eq!(open_goods(&test, &order).await.0, ["a book", "a gift", "a book"]);
    refund("a-bundle").await.unwrap();
    test.work().await;
    assert_eq!(open_goods(&test, &order).await, (vec!["a book".to_owned()], Vec::new()), "what was bought by itself stays");
}

#[on_both_databases]
async fn a_bundle_that_was_lost_is_made_again_with_the_same_keys(engine: Engine) {
    let test = with_bundle(engine).await;
    let order = paid(&test, test.request("a-bundle", "all", 1)).await;
    let before = open_goods(&test, &order).await;
    for table in ["licenses", "entitlements", "payments", "order_events", "jobs", "inbox_events"] {
        test.run(&format!("DELETE FROM {table}")).await;
    }
    test.run("DELETE FROM order_items WHERE part_of_id IS NOT NULL").await;
    test.run("DELETE FROM order_items").await;
    test.run("DELETE FROM orders").await;
    shop::jobs::read_events(&test.shop).await.unwrap();
    test.work().await;
    assert_eq!(open_goods(&test, &order).await, before);
    assert_eq!(test.count("order_items WHERE part_of_id IS NOT NULL").await, 2);
}

#[on_both_databases]
async fn a_cart_is_emptied_by_what_was_in_it(engine: Engine) {
    let test = with_bundle(engine).await;
    let cart = carts::add(&test.shop, None, "a-bundle", Some("all"), 1).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("rich"), 3).await.unwrap();
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    let bundle = quote.lines.iter().find(|line| line.product == "a-bundle").unwrap();
    assert_eq!((quote.total.amount, bundle.includes.join(" ")), (3_700, "a book a gift".to_owned()));
    let request = StartCheckout { cart: Some(cart.clone()), ..test.request("a-bundle", "all", 1) };
    paid(&test, request).await;
    let left = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((left.lines.len(), left.n_pieces()), (1, 3), "the book was not in that order by itself");
}

#[on_both_databases]
async fn bundles_are_one_level_deep_and_of_what_is_there(engine: Engine) {
    let test = with_bundle(engine).await;
    for (bad, why) in [
        ("not-there", "an unknown product"),
        ("a-book/not-there", "an unknown tier"),
        ("a-bundle", "a bundle in a bundle"),
        ("' OR 1=1", "no name at all"),
        ("", "nothing"),
    ] {
        let tier = TierDraft { includes: vec![name(bad)], ..tier("t", 100) };
        assert_eq!(code(make(&test, "other", vec![tier]).await), (400, "bundle_invalid"), "{why}");
    }
    let include = |product: &'static str, tier: &'static str, included: &[&str]| {
        let includes: Vec<TierRef> = included.iter().map(|text| name(text)).collect();
        let shop = test.shop.clone();
        async move { change_tier(&shop, product, tier, |tier| tier.includes = includes.clone()).await }
    };
    assert_eq!(code(include("a-book", "rich", &["a-gift"]).await), (400, "bundle_invalid"), "it is in a bundle itself");
    assert_eq!(code(include("a-book", "plain", &["a-book/rich"]).await), (400, "bundle_invalid"), "its own product");
    let many: Vec<TierDraft> = (0..21).map(|n| tier(&format!("t{n}"), 100)).collect();
    make(&test, "many", many).await.unwrap();
    let all: Vec<String> = (0..21).map(|n| format!("many/t{n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(code(include("a-bundle", "all", &all).await), (400, "bundle_invalid"), "too many");
    include("a-bundle", "all", &["a-gift", "a-gift/free", "many/t3"]).await.unwrap();
    let offer = catalog::find_product(&test.shop, "a-bundle").await.unwrap().unwrap().variants.remove(0);
    assert_eq!(offer.includes.iter().map(|tier| tier.product.as_str()).collect::<Vec<_>>(), ["a-gift", "many"], "each once");
    let deleted = catalog::delete_product(&test.shop, &Actor::operator(), "a-gift").await;
    assert_eq!(code(deleted), (409, "in_bundle"));
    assert_eq!(code(change_tier(&test.shop, "many", "t3", |tier| tier.is_archived = true).await), (409, "in_bundle"));
    let copy = catalog::duplicate_product(&test.shop, &Actor::operator(), "a-bundle", None).await.unwrap();
    assert_eq!(catalog::find_any_product(&test.shop, &copy).await.unwrap().unwrap().variants[0].includes, offer.includes);
    catalog::delete_product(&test.shop, &Actor::operator(), "a-bundle").await.unwrap();
    catalog::delete_product(&test.shop, &Actor::operator(), &copy).await.unwrap();
    change_tier(&test.shop, "many", "t3", |tier| tier.is_archived = true).await.unwrap();
    catalog::restore_product(&test.shop, &Actor::operator(), "a-bundle").await.unwrap();
    let copy = catalog::duplicate_product(&test.shop, &Actor::operator(), "a-bundle", None).await.unwrap();
    let of_copy = catalog::find_any_product(&test.shop, &copy).await.unwrap().unwrap().variants.remove(0).includes;
    assert_eq!(of_copy.len(), 2, "a copy comes with what is not sold any more, as its original does");
    for slug in ["a-bundle", copy.as_str(), "a-gift"] {
        catalog::delete_product(&test.shop, &Actor::operator(), slug).await.unwrap();
    }
}

#[on_both_databases(flavor = "multi_thread")]
async fn two_products_never_come_with_each_other(engine: Engine) {
    let test = TestShop::open(engine).await;
    make(&test, "left", vec![tier("t", 100)]).await.unwrap();
    make(&test, "right", vec![tier("t", 100)]).await.unwrap();
    let include = |product: &'static str, other: &'static str| {
        let shop = test.shop.clone();
        tokio::spawn(async move { change_tier(&shop, product, "t", |tier| tier.includes = vec![name(other)]).await })
    };
    let (a, b) = tokio::join!(include("left", "right"), include("right", "left"));
    let outcomes = [a.unwrap(), b.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert_eq!(test.count("bundle_items").await, 1);
}

#[on_both_databases]
async fn a_piece_that_comes_late_is_as_closed_as_its_line(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = paid(&test, test.request("a-book", "rich", 3)).await;
    shop::orders::close_access(&test.shop, &Actor::operator(), &order.public_id, None).await.unwrap();
    test.run("DELETE FROM licenses").await;
    test.run("DELETE FROM entitlements WHERE unit_no > 1").await;
    test.reconcile().await;
    test.reconcile().await;
    assert_eq!(test.count("entitlements").await, 3, "they are handed over");
    assert_eq!(test.count("entitlements WHERE state = 'active'").await, 0, "and closed");
    shop::orders::open_access(&test.shop, &Actor::operator(), &order.public_id, None).await.unwrap();
    assert_eq!(test.count("entitlements WHERE state = 'active'").await, 3);
    assert!(matches!(shop::orders::open_access(&test.shop, &Actor::operator(), "nope", None).await, Err(Error::NotFound)));
}
