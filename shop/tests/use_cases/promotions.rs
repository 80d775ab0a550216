//! Promotions: what applies to whom, what it takes off which line, that none is given more often than it may be, and what each has brought.

use crate::support::{Engine, TestShop};
use domain::order::OrderStatus;
use domain::promotion::{PromotionForm, PromotionState};
use domain::tier::TierRef;
use shop::accounts::audit::Actor;
use shop::checkout::carts;
use shop::checkout::promotions::{self, NewPromotion, PromotionChange, PromotionQuery};
use shop::checkout::{StartCheckout, start};
use shop_testing::on_both_databases;

const PAYS: &str = "4242424242424242";
const DAY: i64 = 24 * 60 * 60 * 1000;

fn by() -> Actor {
    Actor::operator()
}

fn code(error: shop::Error) -> &'static str {
    error.answer().1
}

fn automatic(name: &str, percent: i64) -> NewPromotion {
    NewPromotion { name: Some(name.to_owned()), percent_off: Some(percent), ..NewPromotion::default() }
}

fn with_code(name: &str, percent: i64) -> NewPromotion {
    NewPromotion { code: Some(name.to_owned()), percent_off: Some(percent), ..NewPromotion::default() }
}

fn goods(names: &[&str]) -> Option<Vec<TierRef>> {
    Some(names.iter().map(|name| TierRef::parse(name)).collect())
}

async fn make(test: &TestShop, new: NewPromotion) -> String {
    promotions::create(&test.shop, &by(), new, None).await.unwrap().id.to_string()
}

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

#[on_both_databases]
async fn the_best_automatic_promotion_applies_by_itself_in_cart_and_order(engine: Engine) {
    let test = open(engine).await;
    make(&test, automatic("Small", 10)).await;
    make(&test, automatic("Great", 20)).await;
    make(&test, automatic("As great, but younger", 20)).await;
    make(&test, NewPromotion { minimum_amount: Some(10_000), currency: Some("USD".to_owned()), ..automatic("For rich carts", 90) }).await;
    make(&test, NewPromotion { starts_at: Some(test.shop.clock.now_ms() + DAY), ..automatic("Tomorrow", 80) }).await;
    make(&test, NewPromotion { goods: goods(&["a-gift"]), ..automatic("For something else", 70) }).await;
    make(&test, automatic("Too much to be charged", 95)).await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 1).await.unwrap();
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.discount.amount, quote.total.amount), (100, 400));
    assert_eq!(quote.promotion.unwrap().name, "Great");
    let started = start(&test.shop, StartCheckout { cart: Some(cart), ..test.request("a-book", "plain", 1) }).await.unwrap();
    assert_eq!(started.amount_total, 400);
    assert_eq!(test.sum("amount_discount", "order_items").await, 100);
}

#[on_both_databases]
async fn a_promotion_takes_off_only_what_it_is_for(engine: Engine) {
    let test = open(engine).await;
    make(&test, NewPromotion { goods: goods(&["a-book/rich"]), ..with_code("RICH", 33) }).await;
    make(&test, NewPromotion { goods: goods(&["a-gift"]), ..with_code("GIFT", 33) }).await;
    let mut request = test.request("a-book", "plain", 3);
    request.items.extend(test.request("a-book", "rich", 1).items);
    request.promotion_code = Some("rich".to_owned());
    let started = start(&test.shop, request.clone()).await.unwrap();
    assert_eq!(started.amount_total, 1500 + 900 - 297);
    assert_eq!(test.sum("amount_discount", "order_items WHERE variant_key = 'rich'").await, 297);
    assert_eq!(test.sum("amount_discount", "order_items WHERE variant_key = 'plain'").await, 0);
    request.promotion_code = Some("GIFT".to_owned());
    assert_eq!(code(start(&test.shop, request).await.unwrap_err()), "promotion_invalid");
    // What it was for is gone from the catalog: it is for nothing now, and not for everything.
    test.run("DELETE FROM promotion_goods").await;
    let request = StartCheckout { promotion_code: Some("RICH".to_owned()), ..test.request("a-book", "rich", 1) };
    assert_eq!(code(start(&test.shop, request).await.unwrap_err()), "promotion_invalid");
}

#[on_both_databases]
async fn a_cart_keeps_its_code_and_says_when_it_does_not_work(engine: Engine) {
    let test = open(engine).await;
    make(&test, NewPromotion { minimum_amount: Some(900), currency: Some("USD".to_owned()), ..with_code("Ten", 10) }).await;
    let auto = make(&test, automatic("Twenty", 20)).await;
    let cart = carts::add(&test.shop, None, "a-book", Some("plain"), 1).await.unwrap();
    for bad in ["NONE", "ten", "\u{0}"] {
        assert_eq!(code(carts::set_promotion_code(&test.shop, &cart, bad).await.unwrap_err()), "promotion_invalid");
    }
    carts::add(&test.shop, Some(cart.clone()), "a-book", Some("plain"), 1).await.unwrap();
    carts::set_promotion_code(&test.shop, &cart, " ten ").await.unwrap();
    // Nobody pays more for having a code.
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.discount.amount, quote.promotion.unwrap().name.as_str(), quote.is_code_refused), (200, "Twenty", false));
    promotions::archive(&test.shop, &by(), &auto).await.unwrap();
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.discount.amount, quote.promotion.unwrap().code.as_deref()), (100, Some("Ten")));
    carts::set_quantity(&test.shop, &cart, "a-book", "plain", 1).await.unwrap();
    let quote = carts::quote(&test.shop, Some(&cart)).await.unwrap();
    assert_eq!((quote.discount.amount, quote.promotion, quote.code.as_deref(), quote.is_code_refused), (0, None, Some("ten"), true));
    carts::set_promotion_code(&test.shop, &cart, "").await.unwrap();
    assert_eq!(carts::quote(&test.shop, Some(&cart)).await.unwrap().code, None);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn an_automatic_promotion_for_the_first_three_is_theirs_and_the_others_pay_the_price(engine: Engine) {
    let test = open(engine).await;
    make(&test, NewPromotion { max_redemptions: Some(3), ..automatic("First three", 100) }).await;
    make(&test, automatic("For all", 10)).await;
    let buyers = (0..20).map(|n| {
        let shop = test.shop.clone();
        let request = StartCheckout { email: format!("reader{n}@example.com"), ..test.request("a-book", "plain", 1) };
        tokio::spawn(async move { start(&shop, request).await.map(|started| (started.status, started.amount_total)) })
    });
    let (mut n_first, mut n_others) = (0, 0);
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap().unwrap() {
            (OrderStatus::Paid, 0) => n_first += 1,
            (OrderStatus::Pending, 450) => n_others += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((n_first, n_others), (3, 17));
    assert_eq!(test.sum("n_redeemed", "promotions WHERE name = 'First three'").await, 3);
    assert_eq!(test.sum("n_reserved", "promotions WHERE name = 'For all'").await, 17);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 4)]
async fn once_per_customer_is_once_however_often_one_asks_at_once(engine: Engine) {
    let test = open(engine).await;
    let once = |new: NewPromotion| NewPromotion { once_per_customer: true, ..new };
    make(&test, once(automatic("Welcome", 20))).await;
    make(&test, once(with_code("HALF", 50))).await;
    let ask = |email: &'static str, promotion_code: Option<&str>| {
        let shop = test.shop.clone();
        let request = StartCheckout {
            email: email.to_owned(),
            promotion_code: promotion_code.map(str::to_owned),
            ..test.request("a-book", "plain", 1)
        };
        tokio::spawn(async move { start(&shop, request).await.map(|started| started.amount_total) })
    };
    let (mut reduced, mut full) = (0, 0);
    for asked in (0..10).map(|_| ask("Reader@example.com", None)).collect::<Vec<_>>() {
        match asked.await.unwrap().unwrap() {
            400 => reduced += 1,
            500 => full += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((reduced, full), (1, 9));
    let (mut given, mut refused) = (0, 0);
    for asked in (0..10).map(|_| ask("reader@example.com", Some("HALF"))).collect::<Vec<_>>() {
        match asked.await.unwrap() {
            Ok(250) => given += 1,
            Err(error) if code_of(&error) == "promotion_invalid" => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((given, refused), (1, 9));
    assert_eq!(ask("another@example.com", None).await.unwrap().unwrap(), 400);
    assert_eq!(test.sum("n_reserved", "promotions WHERE name = 'Welcome'").await, 2);
    assert_eq!(test.sum("n_reserved", "promotions WHERE name = 'HALF'").await, 1);
}

fn code_of(error: &shop::Error) -> &'static str {
    error.answer().1
}

#[on_both_databases]
async fn a_promotion_is_changed_put_away_and_brought_back_and_all_of_it_is_recorded(engine: Engine) {
    let test = open(engine).await;
    let id = make(&test, NewPromotion { max_redemptions: Some(5), ..with_code("Spring", 20) }).await;
    let request = StartCheckout { promotion_code: Some("SPRING".to_owned()), ..test.request("a-book", "plain", 1) };
    let started = start(&test.shop, request.clone()).await.unwrap();
    let other = StartCheckout { email: "other@example.com".to_owned(), ..request.clone() };
    start(&test.shop, other).await.unwrap();

    // An order keeps what it was promised.
    promotions::update(&test.shop, &by(), "spring", PromotionChange::default(), |new| {
        new.percent_off = None;
        new.amount_off = Some(150);
        new.currency = Some("USD".to_owned());
        new.goods = goods(&["a-book"]);
    })
    .await
    .unwrap();
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_1", "checkout.session.completed", &session).await;
    test.work().await;
    let seen = promotions::find(&test.shop, &id).await.unwrap();
    assert_eq!((seen.n_redeemed, seen.n_reserved, seen.sold.amount, seen.given.amount), (1, 1, 400, 100));
    assert_eq!(seen.reduction.to_string(), "$1.50");
    assert_eq!(seen.goods.as_ref().unwrap()[0].key(), "a-book");
    let next = StartCheckout { email: "third@example.com".to_owned(), ..request.clone() };
    assert_eq!(start(&test.shop, next).await.unwrap().amount_total, 350);

    let refused =
        promotions::update(&test.shop, &by(), &id, PromotionChange::default(), |new| new.max_redemptions = Some(2)).await.unwrap_err();
    assert_eq!(code(refused), "limit_invalid");
    let refused =
        promotions::update(&test.shop, &by(), &id, PromotionChange::default(), |new| new.percent_off = Some(10)).await.unwrap_err();
    assert_eq!(code(refused), "promotion_value_invalid");
    promotions::update(&test.shop, &by(), &id, PromotionChange::default(), |new| new.max_redemptions = Some(3)).await.unwrap();
    assert_eq!(promotions::find(&test.shop, &id).await.unwrap().state, PromotionState::UsedUp);

    promotions::archive(&test.shop, &by(), &id).await.unwrap();
    promotions::archive(&test.shop, &by(), &id).await.unwrap();
    let refused = promotions::create(&test.shop, &by(), with_code("SPRING", 5), None).await.unwrap_err();
    assert_eq!(code(refused), "promotion_code_taken");
    promotions::unarchive(&test.shop, &by(), &id).await.unwrap();
    assert!(matches!(promotions::archive(&test.shop, &by(), "nothing").await, Err(shop::Error::NotFound)));
    let recorded = |act: &str| format!("audit_entries WHERE object_kind = 'promotion' AND act = '{act}'");
    for (act, n) in [("created", 1), ("updated", 2), ("archived", 1), ("unarchived", 1)] {
        assert_eq!(test.count(&recorded(act)).await, n, "{act}");
    }
}

#[on_both_databases]
async fn the_list_is_filtered_searched_and_paged(engine: Engine) {
    let test = open(engine).await;
    let now = test.shop.clock.now_ms();
    make(&test, automatic("Launch week", 10)).await;
    make(&test, NewPromotion { starts_at: Some(now + DAY), ..with_code("LATER", 10) }).await;
    make(&test, NewPromotion { expires_at: Some(now + 1), ..with_code("SOON-OVER", 10) }).await;
    let put_away = make(&test, with_code("OLD_ONE", 10)).await;
    promotions::archive(&test.shop, &by(), &put_away).await.unwrap();
    test.advance(2);
    let names = async |query: PromotionQuery| -> Vec<String> {
        promotions::list(&test.shop, &query).await.unwrap().promotions.into_iter().map(|promotion| promotion.name).collect()
    };
    for (state, expected) in [
        (PromotionState::Active, vec!["Launch week"]),
        (PromotionState::Scheduled, vec!["LATER"]),
        (PromotionState::Expired, vec!["SOON-OVER"]),
        (PromotionState::UsedUp, vec![]),
        (PromotionState::Archived, vec!["OLD_ONE"]),
    ] {
        let query = PromotionQuery { state: Some(state), ..PromotionQuery::default() };
        assert_eq!(names(query.clone()).await, expected, "{state:?}");
        for promotion in promotions::list(&test.shop, &query).await.unwrap().promotions {
            assert_eq!(promotion.state, state);
        }
    }
    let search = |q: &str| PromotionQuery { q: Some(q.to_owned()), ..PromotionQuery::default() };
    assert_eq!(names(search("launch")).await, ["Launch week"]);
    assert_eq!(names(search("d_o")).await, ["OLD_ONE"], "an underscore is an underscore");
    for n in 0..60 {
        make(&test, with_code(&format!("C{n}"), 10)).await;
    }
    let first = promotions::list(&test.shop, &PromotionQuery::default()).await.unwrap();
    assert_eq!(first.promotions.len(), 50);
    let rest = PromotionQuery { cursor: first.next_cursor, ..PromotionQuery::default() };
    let rest = promotions::list(&test.shop, &rest).await.unwrap();
    assert_eq!((rest.promotions.len(), rest.next_cursor), (14, None));
}

#[on_both_databases]
async fn what_makes_no_sense_is_refused_and_leaves_nothing_behind(engine: Engine) {
    let test = open(engine).await;
    let now = test.shop.clock.now_ms();
    let many: Vec<String> = (0..501).map(|n| format!("p{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (new, expected) in [
        (automatic("A", 101), "promotion_value_invalid"),
        (automatic("A", -5), "promotion_value_invalid"),
        (automatic("", 10), "promotion_name_invalid"),
        (automatic(&"x".repeat(81), 10), "promotion_name_invalid"),
        (NewPromotion { starts_at: Some(now + DAY), expires_at: Some(now + DAY - 1), ..automatic("A", 10) }, "expires_at_invalid"),
        (NewPromotion { expires_at: Some(now), ..automatic("A", 10) }, "expires_at_invalid"),
        (NewPromotion { goods: goods(&["a-book/none"]), ..automatic("A", 10) }, "goods_unknown"),
        (NewPromotion { goods: goods(&["a-book", "none"]), ..automatic("A", 10) }, "goods_unknown"),
        (NewPromotion { goods: goods(&[]), ..automatic("A", 10) }, "goods_invalid"),
        (NewPromotion { goods: goods(&many), ..automatic("A", 10) }, "goods_invalid"),
        (NewPromotion { minimum_amount: Some(i64::MAX), currency: Some("USD".to_owned()), ..automatic("A", 10) }, "minimum_amount_invalid"),
        (
            NewPromotion { percent_off: None, amount_off: Some(5), currency: Some("KWD".to_owned()), ..automatic("A", 1) },
            "promotion_value_invalid",
        ),
    ] {
        assert_eq!(code(promotions::create(&test.shop, &by(), new, None).await.unwrap_err()), expected);
    }
    for table in ["promotions", "promotion_codes", "promotion_goods", "audit_entries WHERE object_kind = 'promotion'"] {
        assert_eq!(test.count(table).await, 0, "{table}");
    }
}

#[on_both_databases]
async fn a_form_is_told_all_that_is_wrong_at_once(engine: Engine) {
    use shop::checkout::promotions::form::{all_wrong, empty, read};
    let test = TestShop::open(engine).await;
    let typed = PromotionForm {
        value: "101".to_owned(),
        code: "NO SPACES".to_owned(),
        limit: "many".to_owned(),
        minimum: "a lot".to_owned(),
        ends: "2020-01-01T00:00".to_owned(),
        scope: "chosen".to_owned(),
        ..empty()
    };
    assert!(read(&test.shop, &typed).await.is_err());
    let mut wrong: Vec<String> = all_wrong(&test.shop, &typed).await.unwrap().into_iter().map(|(field, _)| field).collect();
    wrong.sort();
    assert_eq!(wrong, ["code", "ends", "goods", "limit", "minimum", "value"]);
    let right = PromotionForm { value: "10".to_owned(), code: "TEN".to_owned(), ..empty() };
    assert_eq!(all_wrong(&test.shop, &right).await.unwrap(), []);
}
