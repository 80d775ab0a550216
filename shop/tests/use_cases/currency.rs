//! The store's currency changes: nothing is added up or sold in two currencies, and what stays behind is told.

use crate::support::{self, Engine, TestShop, titled};
use domain::draft::{ProductDraft, TierDraft, TierPrice};
use domain::money::{Currency, Money};
use domain::pages::goods::GoodsQuery;
use domain::pages::settings::{OldPrices, PricedGoods};
use domain::{catalog::ProductStatus, pages::storefront::ProductQuery};
use shop::accounts::audit::Actor;
use shop::catalog;
use shop::checkout::carts::{self, Wanted};
use shop::checkout::promotions::NewPromotion;
use shop::checkout::{StartCheckout, resume, start};
use shop::{Error, stores::settings};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";

fn by() -> Actor {
    Actor::operator()
}

fn code(error: Error) -> (u16, &'static str) {
    let (status, code, _) = error.answer();
    (status, code)
}

async fn change(test: &TestShop, currency: &str, old_prices: Option<OldPrices>) -> shop::Result<PricedGoods> {
    settings::change_with(&test.shop, &by(), None, old_prices, |settings| settings.currency = currency.to_owned()).await?;
    settings::priced_otherwise(&test.shop).await
}

async fn product(test: &TestShop, slug: &str, amount: i64, currency: &str, alter: impl FnOnce(&mut TierPrice)) -> shop::Result<String> {
    let mut one = TierDraft::new("one", "One", Money::new(amount, Currency::parse(currency).unwrap()));
    alter(&mut one.price);
    let new = ProductDraft { tiers: vec![one], ..titled(slug) };
    let made = catalog::create_product(&test.shop, &by(), new, None).await?;
    test.give_file(&made.slug, &[]).await;
    Ok(made.slug)
}

/// What a product's tiers cost, as its page shows it.
async fn prices(test: &TestShop, slug: &str) -> Vec<Money> {
    let product = catalog::find_product(&test.shop, slug).await.unwrap().unwrap();
    product.variants.into_iter().map(|offer| offer.price).collect()
}

fn shown(prices: &[Money]) -> Vec<String> {
    prices.iter().map(Money::to_string).collect()
}

#[on_both_databases]
async fn the_same_numbers_count_in_the_new_currency(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    product(&test, "a-song", 300, "USD", |tier| {
        tier.pay_what_you_want = true;
        tier.suggested_amount = Some(1_050);
    })
    .await
    .unwrap();
    product(&test, "a-map", 1_999, "USD", |tier| tier.compare_at = Some(2_010)).await.unwrap();
    product(&test, "a-house", 99_999_999, "USD", |_| {}).await.unwrap();
    let off = NewPromotion {
        code: Some("OFF".into()),
        amount_off: Some(250),
        minimum_amount: Some(400),
        currency: Some("USD".into()),
        ..NewPromotion::default()
    };
    shop::checkout::promotions::create(&test.shop, &by(), off, None).await.unwrap();
    assert_eq!(settings::priced_now(&test.shop).await.unwrap(), PricedGoods { n_products: 5, n_promotions: 1 });

    let left = change(&test, "EUR", Some(OldPrices::SameNumbers)).await.unwrap();
    assert!(left.is_empty());
    assert_eq!(shown(&prices(&test, "a-book").await), ["€5.00", "€9.00"]);
    let list = catalog::list(&test.shop, &ProductQuery::default(), 24).await.unwrap();
    assert!(list.items.iter().all(|card| card.is_for_sale && card.price_from.currency.code() == "EUR"));
    let mut request = test.request("a-book", "plain", 1);
    request.promotion_code = Some("off".into());
    let order = start(&test.shop, request).await.unwrap();
    assert_eq!((order.amount_total, order.currency.code()), (250, "EUR"), "the promotion counts in it too");

    // What has more digits than the next currency is rounded, and what can't be charged so becomes a draft.
    let left = change(&test, "KWD", Some(OldPrices::SameNumbers)).await.unwrap();
    assert_eq!(left, PricedGoods { n_products: 1, n_promotions: 0 }, "99,999,999 fils are the most");
    assert_eq!(catalog::find_any_product(&test.shop, "a-house").await.unwrap().unwrap().status, ProductStatus::Draft);
    assert_eq!(shown(&prices(&test, "a-map").await), ["KWD\u{a0}19.990"]);
    change(&test, "JPY", Some(OldPrices::SameNumbers)).await.unwrap();
    let song = catalog::find_product(&test.shop, "a-song").await.unwrap().unwrap();
    assert_eq!((song.variants[0].price.to_string(), song.variants[0].suggested_amount), ("¥3".to_owned(), None), "¥11 can't be charged");
    let map = catalog::find_product(&test.shop, "a-map").await.unwrap().unwrap();
    assert_eq!((map.variants[0].price.amount, map.variants[0].compare_at), (20, None), "a price before is higher, or is none");
    let acts = shop::accounts::audit::page(&test.shop, &shop::accounts::audit::AuditQuery::default()).await.unwrap();
    assert!(acts.entries.iter().any(|entry| entry.object_kind == "promotion" && entry.act == "updated"), "who did it stands in the log");
}

#[on_both_databases]
async fn what_is_left_behind_is_not_for_sale_and_is_added_to_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 4).await.unwrap();
    let left = change(&test, "EUR", None).await.unwrap();
    assert_eq!(left, PricedGoods { n_products: 2, n_promotions: 0 });
    product(&test, "a-map", 1_000, "EUR", |_| {}).await.unwrap();
    carts::add(&test.shop, Some(cart.clone()), "a-map", None, 1).await.unwrap();

    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.total.to_string().as_str(), quote.lines.len()), ("€10.00", 1));
    assert_eq!((quote.unpriced.as_slice(), quote.gone.as_slice()), (&["a book".to_owned()][..], &[][..]));
    assert_eq!(code(start(&test.shop, test.request("a-book", "plain", 1)).await.unwrap_err()), (409, "currency_not_sold"));
    assert_eq!(code(start(&test.shop, test.request("a-gift", "free", 1)).await.unwrap_err()), (409, "currency_not_sold"));
    assert_eq!(code(carts::add(&test.shop, None, "a-book", None, 1).await.unwrap_err()), (409, "currency_not_sold"));
    assert!(prices(&test, "a-book").await.is_empty(), "its page offers nothing");
    let list = catalog::list(&test.shop, &ProductQuery::default(), 24).await.unwrap();
    let book = list.items.iter().find(|card| card.slug == "a-book").unwrap();
    assert_eq!((book.is_for_sale, book.price_line().as_str()), (false, "Not for sale at the moment"));
    let goods = catalog::list_goods(&test.shop, &GoodsQuery::default()).await.unwrap().products;
    assert_eq!(goods.iter().filter(|row| !row.is_for_sale).count(), 2);
    assert_eq!(code(product(&test, "a-film", 100, "USD", |_| {}).await.unwrap_err()), (400, "currency_not_sold"));

    // Its price changes to the store's currency as a whole.
    let update = async |prices: &[(&str, &str, i64)]| {
        let reprice = |draft: &mut ProductDraft| {
            for (key, currency, amount) in prices {
                draft.tier(key).unwrap().price.change(Money::new(*amount, Currency::parse(currency).unwrap()), false);
            }
        };
        support::change(&test.shop, &by(), "a-book", reprice).await.map_err(|error| code(error).1)
    };
    assert_eq!(update(&[("plain", "EUR", 500)]).await, Err("currency_mixed"));
    assert_eq!(update(&[("plain", "GBP", 500), ("rich", "GBP", 900)]).await, Err("currency_not_sold"));
    support::change(&test.shop, &by(), "a-book", |draft| draft.texts.title = "The book".into()).await.unwrap();
    assert!(prices(&test, "a-book").await.is_empty(), "other words change no price");
    update(&[("plain", "EUR", 450), ("rich", "EUR", 900)]).await.unwrap();
    assert_eq!(shown(&prices(&test, "a-book").await), ["€4.50", "€9.00"]);
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.total.to_string().as_str(), quote.unpriced.len()), ("€28.00", 0));
    assert_eq!(test.start("a-book", "rich", 1).await.currency.code(), "EUR");

    // The editor's form has the choice.
    let mut form = catalog::edited(&test.shop, "a-gift").await.unwrap().form;
    assert_eq!(form.currency, "USD");
    form.texts.title = "The gift".into();
    catalog::save_form(&test.shop, &by(), &form, None).await.unwrap();
    let mut form = catalog::edited(&test.shop, "a-gift").await.unwrap().form;
    assert_eq!((form.texts.title.as_str(), form.currency.as_str()), ("The gift", "USD"));
    form.currency = "EUR".into();
    catalog::save_form(&test.shop, &by(), &form, None).await.unwrap();
    assert_eq!(shown(&prices(&test, "a-gift").await), ["€0.00"]);
    assert!(settings::priced_otherwise(&test.shop).await.unwrap().is_empty());
}

#[on_both_databases]
async fn drafts_wait_until_they_are_priced_anew(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    assert_eq!(change(&test, "EUR", Some(OldPrices::Draft)).await.unwrap().n_products, 2);
    for slug in ["a-book", "a-gift"] {
        let product = catalog::find_any_product(&test.shop, slug).await.unwrap().unwrap();
        assert_eq!((product.status, product.variants[0].price.currency.code()), (ProductStatus::Draft, "USD"));
        let publish = catalog::set_status(&test.shop, &by(), slug, ProductStatus::Published).await;
        assert_eq!(code(publish.unwrap_err()), (400, "currency_not_sold"));
    }
    // What an earlier change left behind can be taken over later as well.
    assert!(change(&test, "EUR", Some(OldPrices::SameNumbers)).await.unwrap().is_empty());
    catalog::set_status(&test.shop, &by(), "a-book", ProductStatus::Published).await.unwrap();
    assert_eq!(shown(&prices(&test, "a-book").await), ["€5.00", "€9.00"]);
}

#[on_both_databases]
async fn a_price_that_was_named_in_the_old_currency_counts_no_more(engine: Engine) {
    let test = TestShop::open(engine).await;
    product(&test, "a-song", 300, "USD", |tier| tier.pay_what_you_want = true).await.unwrap();
    let wanted = Wanted { product: "a-song", variant: None, quantity: 1, price: "20" };
    let cart = carts::add_for(&test.shop, None, wanted, None).await.unwrap();
    assert_eq!(carts::quote(&test.shop, Some(&cart)).await.unwrap().total.to_string(), "$20.00");
    change(&test, "JPY", Some(OldPrices::SameNumbers)).await.unwrap();
    assert_eq!(carts::quote(&test.shop, Some(&cart)).await.unwrap().total.to_string(), "¥3", "and not ¥2,000");
    // The buyer was shown dollars.
    let dollars = domain::money::Currency::parse("USD").unwrap();
    let mut request = StartCheckout { currency: Some(dollars), ..test.request("a-song", "one", 1) };
    request.items[0].amount = Some(2_000);
    assert_eq!(code(start(&test.shop, request).await.unwrap_err()), (409, "currency_changed"));
    assert_eq!(test.count("orders").await, 0);
}

#[on_both_databases]
async fn payment_pages_in_the_old_currency_are_closed_first(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let order = test.start("a-book", "plain", 1).await;
    change(&test, "EUR", Some(OldPrices::SameNumbers)).await.unwrap();
    let session = test.session_of(&order);
    assert_eq!(test.get_stripe(&format!("/v1/checkout/sessions/{session}")).await["status"], "expired");
    assert_eq!(code(resume(&test.shop, &order.public_id, &order.access_key).await.unwrap_err()), (409, "currency_changed"));
    assert_eq!(test.count("orders WHERE status = 'expired'").await, 1);

    // One that was paid a moment ago has sold something.
    let order = test.start("a-book", "plain", 1).await;
    test.pay(&order, PAYS).await;
    assert_eq!(code(change(&test, "GBP", Some(OldPrices::SameNumbers)).await.unwrap_err()), (409, "currency_in_use"));
    assert_eq!(settings::load(&test.shop).await.unwrap().currency, "EUR");
    assert_eq!(test.count("orders WHERE status = 'paid' AND currency = 'EUR'").await, 1);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn an_order_that_is_placed_while_the_currency_changes_is_in_one_currency_and_the_stores(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    for currency in ["EUR", "GBP", "USD"] {
        let orders = (0..8).map(|n| {
            let request = StartCheckout { email: format!("reader{n}@example.com"), ..test.request("a-book", "plain", 1) };
            let shop = test.shop.clone();
            tokio::spawn(async move { start(&shop, request).await.map_err(|error| error.answer().1) })
        });
        let orders: Vec<_> = orders.collect();
        let outcome = change(&test, currency, Some(OldPrices::SameNumbers)).await;
        for order in futures::future::join_all(orders).await {
            if let Err(code) = order.unwrap() {
                assert!(["currency_changed", "currency_not_sold", "checkout_superseded", "payment_unavailable"].contains(&code), "{code}");
            }
        }
        if let Err(error) = outcome {
            assert_eq!(code(error), (409, "orders_open"));
        }
        let sold_in = settings::load(&test.shop).await.unwrap().currency;
        let rows = format!("orders WHERE status IN ('pending', 'processing') AND currency <> '{sold_in}'");
        assert_eq!(test.count(&rows).await, 0, "{sold_in}");
        let mixed = "orders o JOIN order_items i ON i.order_id = o.id WHERE i.unit_amount <> 500";
        assert_eq!(test.count(mixed).await, 0);
    }
}
