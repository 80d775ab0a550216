//! What is typed on the cart's page, and what the cart says of its lines.

use crate::support::{Engine, TestShop, tier, titled};
use domain::draft::{ProductDraft, TierDraft};
use domain::tier::TierRef;
use shop::accounts::audit::Actor;
use shop::catalog;
use shop::checkout::carts::{self, CartToken, Typed};
use shop::checkout::{StartCheckout, start};
use shop_testing::on_both_databases;

/// A product whose tiers come with a license key.
async fn make(test: &TestShop, slug: &str, tiers: Vec<TierDraft>) {
    let tiers = tiers.into_iter().map(|tier| TierDraft { has_license: true, ..tier }).collect();
    catalog::create_product(&test.shop, &Actor::operator(), ProductDraft { tiers, ..titled(slug) }, None).await.unwrap();
}

fn address(email: &str) -> Typed {
    Typed { email: Some(email.to_owned()), ..Typed::default() }
}

async fn keep(test: &TestShop, cart: &CartToken, typed: &Typed) -> Result<bool, carts::RefusedChange> {
    let quote = carts::quote(&test.shop, Some(cart)).await.unwrap();
    carts::keep_typed(&test.shop, cart, &quote, typed).await
}

#[on_both_databases]
async fn an_address_stays_with_the_cart_as_it_was_typed_until_something_is_bought(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let cart = carts::add(&test.shop, None, "a-gift", Some("free"), 1).await.unwrap();
    let email = async || carts::quote(&test.shop, Some(&cart)).await.unwrap().email;
    assert_eq!(email().await, None);
    for (typed, kept) in [(" ada@exa\0mple ", Some("ada@example")), ("ada@example.com", Some("ada@example.com")), ("", None)] {
        assert!(!keep(&test, &cart, &address(typed)).await.unwrap(), "no line changed");
        assert_eq!(email().await.as_deref(), kept, "{typed:?}");
    }
    keep(&test, &cart, &address("ada@example.com")).await.unwrap();
    keep(&test, &cart, &Typed::default()).await.unwrap();
    assert_eq!(email().await.as_deref(), Some("ada@example.com"), "a form without the field says nothing of it");
    keep(&test, &cart, &address(&"a".repeat(255))).await.unwrap();
    assert_eq!(email().await, None, "no address is so long");
    keep(&test, &cart, &address("ada@example.com")).await.unwrap();
    let request = StartCheckout { cart: Some(cart.clone()), ..test.request("a-gift", "free", 1) };
    start(&test.shop, request).await.unwrap();
    assert_eq!(test.count("carts WHERE email IS NOT NULL").await, 0);
}

#[on_both_databases]
async fn other_quantities_and_prices_are_taken_over_and_the_first_bad_one_is_named(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let fixed = tier("album", 300);
    let open = TierDraft { price: domain::draft::TierPrice { pay_what_you_want: true, ..fixed.price }, ..fixed };
    make(&test, "a-song", vec![open]).await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 1).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-song", None, 1).await.unwrap();
    let fields = |pieces: &str, price: &str| Typed {
        quantities: [("a-book/plain".to_owned(), pieces.to_owned()), ("not/there".to_owned(), "9".to_owned())].into(),
        // A fixed price is nobody's to name.
        prices: [("a-song/album".to_owned(), price.to_owned()), ("a-book/plain".to_owned(), "0.01".to_owned())].into(),
        ..Typed::default()
    };
    assert!(!keep(&test, &cart, &fields("1", "3")).await.unwrap(), "the same in other words changes nothing");
    assert!(keep(&test, &cart, &fields("2", "4,50")).await.unwrap());
    let total = async || carts::quote(&test.shop, Some(&cart)).await.unwrap().total.amount;
    assert_eq!(total().await, 1_450);
    let refused = keep(&test, &cart, &fields("two", "1")).await.unwrap_err();
    assert_eq!((refused.line.as_str(), refused.typed.as_str()), ("a-book/plain", "two"));
    let refused = keep(&test, &cart, &fields("2", "1")).await.unwrap_err();
    assert_eq!((refused.line.as_str(), refused.why.answer().1), ("a-song/album", "price_too_low"));
    assert_eq!(total().await, 1_450);
}

#[on_both_databases]
async fn a_line_says_that_a_bundle_beside_it_has_it_too(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    make(&test, "a-bundle", vec![TierDraft { includes: vec![TierRef::parse("a-book/rich")], ..tier("all", 1_000) }]).await;
    let cart = carts::add(&test.shop, None, "a-book", Some("rich"), 1).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("plain"), 1).await.unwrap();
    let twice = async || {
        let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
        quote.lines.into_iter().filter_map(|line| Some((line.name(), line.also_in?))).collect::<Vec<_>>()
    };
    assert_eq!(twice().await, []);
    carts::add(&test.shop, Some(cart.clone()), "a-bundle", None, 1).await.unwrap();
    let title = carts::quote(&test.shop, Some(&cart)).await.unwrap().lines[2].title.clone();
    assert_eq!(twice().await, [("a-book/rich".to_owned(), title)], "another tier is another thing");
}
