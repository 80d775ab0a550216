//! Slugs that change hands: what was sold is found, and nothing is done to what took its name.

use crate::support::{Engine, TestShop, change};
use domain::catalog::ProductStatus;
use domain::tier::TierRef;
use shop::accounts::audit::Actor;
use shop::catalog::{self, CategoryChange, CategoryPlace, NewCategory, place_of_category};
use shop::checkout::CheckoutItem;
use shop::orders::{self, LineName, OrderQuery};
use shop::payments::refunds::{RefundRequest, request};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

fn by() -> Actor {
    Actor::operator()
}

fn named(slug: &str) -> LineName {
    LineName::Goods(TierRef::parse(slug))
}

async fn rename(test: &TestShop, from: &str, to: &str) {
    change(&test.shop, &by(), from, |draft| draft.slug = Some(to.to_owned())).await.unwrap();
}

/// A paid order of these products, by slug and tier.
async fn sold(test: &TestShop, goods: &[(&str, &str)]) -> (String, String) {
    let mut refund = test.request(goods[0].0, goods[0].1, 1);
    refund.items = goods
        .iter()
        .map(|(product, variant)| CheckoutItem { tier: TierRef::parse(&format!("{product}/{variant}")), quantity: 1, amount: None })
        .collect();
    let started = shop::checkout::start(&test.shop, refund).await.unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive(&format!("evt_{session}"), "checkout.session.completed", &session).await;
    test.work().await;
    (started.public_id, started.access_key)
}

async fn refund(test: &TestShop, order: &str, item: LineName, key: Option<&str>) -> Result<String, &'static str> {
    let refund = RefundRequest {
        order: order.to_owned(),
        amount: Some(100),
        item: Some(item),
        request_key: key.map(str::to_owned),
        ..RefundRequest::default()
    };
    match request(&test.shop, refund).await {
        Ok(refund) => Ok(refund.item.unwrap().0),
        Err(error) => Err(error.answer().1),
    }
}

/// What the order calls its first product, and where its customer and a member find it.
async fn places(test: &TestShop, order: &(String, String)) -> (String, Option<String>, Option<String>) {
    let seen = orders::load(&test.shop, &order.0, &order.1).await.unwrap().items.remove(0);
    let known = orders::find_for_member(&test.shop, &order.0).await.unwrap().view.items.remove(0);
    assert_eq!(seen.product, known.product);
    (seen.product, seen.product_now, known.product_now)
}

#[on_both_databases]
async fn an_order_leads_to_what_was_sold_and_never_to_what_took_its_slug(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = sold(&test, &[("a-book", "plain")]).await;
    let some = |slug: &str| Some(slug.to_owned());
    assert_eq!(places(&test, &order).await, ("a-book".into(), some("a-book"), some("a-book")));
    rename(&test, "a-book", "an-old-book").await;
    rename(&test, "a-gift", "a-book").await;
    assert_eq!(places(&test, &order).await, ("a-book".into(), some("an-old-book"), some("an-old-book")));
    catalog::set_status(&test.shop, &by(), "an-old-book", ProductStatus::Unlisted).await.unwrap();
    assert_eq!(places(&test, &order).await.1, some("an-old-book"), "who has the link finds it");
    for closed in [ProductStatus::Draft, ProductStatus::Archived] {
        catalog::set_status(&test.shop, &by(), "an-old-book", closed).await.unwrap();
        assert_eq!(places(&test, &order).await, ("a-book".into(), None, some("an-old-book")));
    }
    catalog::delete_product(&test.shop, &by(), "an-old-book").await.unwrap();
    assert_eq!(places(&test, &order).await, ("a-book".into(), None, None));
}

#[on_both_databases]
async fn a_line_is_named_by_its_slug_of_today_by_that_of_the_sale_or_by_its_id(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (order, key) = sold(&test, &[("a-book", "rich")]).await;
    let line = orders::load(&test.shop, &order, &key).await.unwrap().items[0].id;
    assert_eq!(refund(&test, &order, named("a-book"), Some("first")).await, Ok("a-book".into()));
    rename(&test, "a-book", "b-book").await;
    rename(&test, "b-book", "c-book").await;
    for slug in ["a-book", "b-book", "c-book"] {
        assert_eq!(refund(&test, &order, named(slug), None).await, Ok("a-book".into()), "{slug}");
    }
    rename(&test, "a-gift", "a-book").await;
    assert_eq!(refund(&test, &order, named("a-book"), None).await, Err("item_unknown"), "the name is another product's now");
    assert_eq!(orders::close_access(&test.shop, &by(), &order, Some(&named("a-book"))).await.unwrap_err().answer().1, "item_unknown");
    assert_eq!(refund(&test, &order, named("a-book"), Some("first")).await, Ok("a-book".into()), "the same refund is the same refund");
    assert_eq!(refund(&test, &order, named("c-book"), Some("first")).await, Ok("a-book".into()));
    assert_eq!(refund(&test, &order, LineName::Id(domain::id::Id::nil()), Some("first")).await, Err("idempotency_key_reused"));
    catalog::delete_product(&test.shop, &by(), "c-book").await.unwrap();
    assert_eq!(refund(&test, &order, named("c-book"), None).await, Err("item_unknown"));
    assert_eq!(refund(&test, &order, LineName::Id(line), None).await, Ok("a-book".into()));
    assert_eq!(refund(&test, &order, LineName::Id(domain::id::Id::nil()), None).await, Err("item_unknown"));
    for odd in ["", "\0", "a b", &"a".repeat(10_000)] {
        assert_eq!(refund(&test, &order, named(odd), None).await, Err("item_unknown"));
    }
    orders::close_access(&test.shop, &by(), &order, Some(&LineName::Id(line))).await.unwrap();
    assert_eq!(test.count("entitlements WHERE state = 'revoked'").await, 1);
    assert_eq!(test.count("refunds").await, 5);
}

#[on_both_databases]
async fn of_two_lines_that_a_slug_fits_the_product_that_has_it_now_is_meant(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let twin = catalog::duplicate_product(&test.shop, &by(), "a-book", None).await.unwrap();
    catalog::set_status(&test.shop, &by(), &twin, ProductStatus::Published).await.unwrap();
    let (order, key) = sold(&test, &[("a-book", "plain"), (&twin, "plain")]).await;
    let lines = orders::load(&test.shop, &order, &key).await.unwrap().items;
    assert_eq!((lines[0].product.as_str(), lines[1].product.as_str()), ("a-book", twin.as_str()));
    // They change their names: each slug fits one line by its sale, and the other by now.
    rename(&test, "a-book", "between").await;
    rename(&test, &twin, "a-book").await;
    rename(&test, "between", &twin).await;
    assert_eq!(refund(&test, &order, named("a-book"), None).await, Ok(twin.clone()));
    assert_eq!(refund(&test, &order, named(&twin), None).await, Ok("a-book".into()));
    orders::close_access(&test.shop, &by(), &order, Some(&named("a-book"))).await.unwrap();
    let known = orders::find_for_member(&test.shop, &order).await.unwrap();
    let closed: Vec<bool> = known.access.iter().map(|line| line.closed_at.is_some()).collect();
    assert_eq!(closed, [false, true]);
    let found = orders::list(&test.shop, &OrderQuery { product: Some("between".into()), ..OrderQuery::default() }).await.unwrap();
    assert_eq!(found.items.len(), 1, "a filter knows what a product was called");
}

#[on_both_databases]
async fn an_order_in_a_currency_that_is_none_is_refused_and_not_shown_in_another(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let (order, key) = sold(&test, &[("a-book", "plain")]).await;
    test.run("UPDATE orders SET currency = 'XXX'").await;
    let told = |error: shop::Error| match error {
        shop::Error::Unexpected(cause) => cause.to_string(),
        other => panic!("{other:?}"),
    };
    let refund = RefundRequest { order: order.clone(), ..RefundRequest::default() };
    for words in [told(request(&test.shop, refund).await.unwrap_err()), told(orders::load(&test.shop, &order, &key).await.unwrap_err())] {
        assert!(words.contains("orders.currency of ") && words.contains("XXX"), "{words}");
    }
    assert_eq!(test.count("refunds").await, 0);
}

#[on_both_databases]
async fn a_category_is_found_by_the_slugs_that_it_had_until_another_takes_them(engine: Engine) {
    let test = TestShop::open(engine).await;
    let shop = &test.shop;
    let make = async |name: &str| {
        catalog::create_category(shop, &by(), NewCategory { name: name.to_owned(), ..NewCategory::default() }, None).await.unwrap()
    };
    let rename = async |from: &str, to: &str| {
        catalog::update_category(shop, &by(), from, CategoryChange { slug: Some(to.to_owned()), ..CategoryChange::default() })
            .await
            .unwrap()
    };
    let leads = async |slug: &str| place_of_category(shop, slug).await.unwrap();
    let moved = |slug: &str| CategoryPlace::MovedTo(slug.to_owned());
    make("Books").await;
    assert_eq!(leads("books").await, CategoryPlace::Here);
    rename("books", "reading").await;
    rename("reading", "novels").await;
    for old in ["books", "reading"] {
        assert_eq!(leads(old).await, moved("novels"));
    }
    for nowhere in ["none", "", "\0", "a b"] {
        assert_eq!(leads(nowhere).await, CategoryPlace::Nowhere, "{nowhere:?}");
    }
    make("Books").await;
    assert_eq!(leads("books").await, CategoryPlace::Here, "who has a name goes before who had it");
    rename("novels", "reading").await;
    assert_eq!((leads("reading").await, leads("novels").await), (CategoryPlace::Here, moved("reading")));
    let hide = CategoryChange { is_active: Some(false), ..CategoryChange::default() };
    catalog::update_category(shop, &by(), "reading", hide).await.unwrap();
    assert_eq!((leads("reading").await, leads("novels").await), (CategoryPlace::Nowhere, CategoryPlace::Nowhere));
    catalog::delete_category(shop, &by(), "reading").await.unwrap();
    assert_eq!(test.count("old_category_slugs").await, 0);
}
