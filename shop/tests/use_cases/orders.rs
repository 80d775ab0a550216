//! Orders in lists and files: found by anything, paged by key, safe to open in a spreadsheet.

use crate::support::{Engine, TestShop};
use domain::order::OrderStatus;
use domain::sorting::Sorting;
use futures::TryStreamExt;
use shop::accounts::audit::Actor;
use shop::analytics::exports::{Sheet, begin};
use shop::checkout::promotions::NewPromotion;
use shop::orders::{OrderQuery, list};
use shop_testing::on_both_databases;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn open(engine: Engine) -> TestShop {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test
}

/// So many orders of a book on so many days, the newest today, in totals of 1, 2, 3, …; every tenth is paid.
async fn fill(test: &TestShop, n: i64) {
    let now = test.shop.clock.now_ms();
    let (id, series) = if shop::base::database::is_sqlite(&test.shop.db) {
        ("randomblob(16)", format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n})"))
    } else {
        ("gen_random_uuid()", format!("WITH s AS (SELECT n FROM generate_series(1, {n}) AS n)"))
    };
    let text = if shop::base::database::is_sqlite(&test.shop.db) { "printf('%018d%08d', 0, n)" } else { "lpad(n::text, 26, '0')" };
    test.run(&format!(
        "{series} INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, currency, \
         amount_subtotal, amount_total, created_at) \
         SELECT {id}, stores.id, {text}, '', CASE WHEN n % 10 = 0 THEN 'paid' ELSE 'expired' END, FALSE, 'r' || n || '@example.com', 'r' \
         || n || '@example.com', 'USD', n, n, \
         {now} - n * CAST({DAY_MS} AS BIGINT) FROM s, stores"
    ))
    .await;
    test.run(&format!(
        "INSERT INTO order_items (id, store_id, order_id, product_id, variant_id, product_slug, product_title, variant_key, variant_name, \
         terms, quantity, unit_amount, position) \
         SELECT {id}, o.store_id, o.id, p.id, v.id, p.slug, p.title, v.key, v.name, 'personal', 1, o.amount_total, v.position \
         FROM orders o, products p JOIN variants v ON v.product_id = p.id WHERE p.slug = 'a-book'"
    ))
    .await;
}

/// The totals of all orders that fit, page by page, and how many pages that took.
async fn all(test: &TestShop, query: OrderQuery) -> (Vec<i64>, usize) {
    let (mut totals, mut n_pages, mut query) = (Vec::new(), 0, query);
    loop {
        let page = list(&test.shop, &query).await.unwrap();
        totals.extend(page.items.into_iter().map(|order| order.amount_total));
        n_pages += 1;
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return (totals, n_pages),
        }
    }
}

#[on_both_databases]
async fn each_filter_alone_and_all_together_find_the_same_on_every_page(engine: Engine) {
    let test = open(engine).await;
    fill(&test, 300).await;
    let now = test.shop.clock.now_ms();
    let any = OrderQuery::default;
    let numbers = |from: i64, to: i64, step: usize| (from..=to).step_by(step).collect::<Vec<i64>>();
    assert_eq!(all(&test, any()).await, (numbers(1, 300, 1), 6));
    assert_eq!(all(&test, OrderQuery { status: Some(OrderStatus::Paid), ..any() }).await.0, numbers(10, 300, 10));
    let (mut of_product, _) = all(&test, OrderQuery { product: Some("a-book".into()), ..any() }).await;
    of_product.sort_unstable();
    assert_eq!(of_product, numbers(1, 300, 1), "an order with two tiers of a product is one order");
    assert_eq!(all(&test, OrderQuery { product: Some("none\0".into()), ..any() }).await.0, Vec::<i64>::new());
    let window = OrderQuery { from: Some(now - 20 * DAY_MS), to: Some(now - 9 * DAY_MS), ..any() };
    assert_eq!(all(&test, window.clone()).await.0, numbers(10, 20, 1));
    assert_eq!(all(&test, OrderQuery { amount_from: Some(298), ..any() }).await.0, [298, 299, 300]);
    assert_eq!(all(&test, OrderQuery { amount_to: Some(3), amount_from: Some(2), ..any() }).await.0, [2, 3]);
    let together = OrderQuery {
        status: Some(OrderStatus::Paid),
        product: Some("a-book".into()),
        amount_from: Some(15),
        q: Some("r".into()),
        ..window
    };
    assert_eq!(all(&test, together).await.0, [20]);
    assert_eq!(all(&test, OrderQuery { q: Some("r30".into()), amount_from: Some(31), ..any() }).await.0, [300]);
    for cursor in ["", "1", "1.2", ".", "x.y"] {
        assert!(list(&test.shop, &OrderQuery { cursor: Some(cursor.into()), ..any() }).await.is_err(), "{cursor}");
    }
}

#[on_both_databases]
async fn orders_are_found_by_their_promotion(engine: Engine) {
    let test = open(engine).await;
    let code = NewPromotion { code: Some("TEN".into()), percent_off: Some(10), ..NewPromotion::default() };
    let promotion = shop::checkout::promotions::create(&test.shop, &Actor::operator(), code, None).await.unwrap().id;
    let request = shop::checkout::StartCheckout { promotion_code: Some("ten".into()), ..test.request("a-book", "rich", 1) };
    shop::checkout::start(&test.shop, request).await.unwrap();
    test.start("a-book", "rich", 1).await;
    let with = |code: &str| OrderQuery { promotion: Some(code.into()), ..OrderQuery::default() };
    assert_eq!(all(&test, with(" ten ")).await.0, [810]);
    assert_eq!(all(&test, with(&promotion.simple().to_string())).await.0, [810]);
    assert_eq!(all(&test, OrderQuery { product: Some("a-book".into()), ..with("TEN") }).await.0, [810]);
    for none in ["eleven", "\u{0}"] {
        assert!(all(&test, with(none)).await.0.is_empty());
    }
}

#[on_both_databases]
async fn what_fits_few_orders_is_looked_for_a_window_at_a_time(engine: Engine) {
    let test = open(engine).await;
    fill(&test, 21_000).await;
    let (totals, n_pages) = all(&test, OrderQuery { amount_from: Some(20_999), ..OrderQuery::default() }).await;
    assert_eq!((totals, n_pages), (vec![20_999, 21_000], 3));
    let first = list(&test.shop, &OrderQuery { amount_from: Some(20_999), ..OrderQuery::default() }).await.unwrap();
    assert!(first.items.is_empty() && first.next_cursor.is_some());
    let rare = OrderQuery { product: Some("a-book".into()), amount_from: Some(20_999), ..OrderQuery::default() };
    let (mut totals, n_pages) = all(&test, rare).await;
    totals.sort_unstable();
    assert_eq!((totals, n_pages), (vec![20_999, 21_000], 5), "two lines an order");
    let by_total =
        OrderQuery { sort: Sorting::parse("-total"), product: Some("a-book".into()), amount_to: Some(2), ..OrderQuery::default() };
    assert_eq!(all(&test, by_total).await, (vec![2, 1], 3), "by total as well");
    // Many begin so, and one begins so.
    assert_eq!(all(&test, OrderQuery { q: Some("r2".into()), amount_from: Some(20_999), ..OrderQuery::default() }).await.0.len(), 2);
    assert_eq!(list(&test.shop, &OrderQuery { q: Some("r20999@".into()), ..OrderQuery::default() }).await.unwrap().items.len(), 1);
}

pub(super) async fn file(test: &TestShop, sheet: Sheet, query: OrderQuery) -> String {
    let stream = begin(&test.shop, &Actor::operator(), sheet, query, true).await.unwrap();
    let chunks: Vec<bytes::Bytes> = stream.try_collect().await.unwrap();
    String::from_utf8(chunks.concat()).unwrap()
}

#[on_both_databases]
async fn a_file_holds_every_order_once_and_no_formula(engine: Engine) {
    let test = open(engine).await;
    fill(&test, 1_200).await;
    test.run("UPDATE orders SET email = '=HYPERLINK(\"http://evil\")@example.com' WHERE amount_total = 7").await;
    test.run(
        "UPDATE order_items SET product_title = '+cmd, \"quoted\"' || CAST('' AS TEXT) WHERE order_id = (SELECT id FROM orders WHERE \
        amount_total = 8)",
    )
    .await;
    let orders = file(&test, Sheet::Orders, OrderQuery::default()).await;
    assert!(orders.starts_with("\u{feff}Order,Number,Status,"), "{}", &orders[..60]);
    assert_eq!(orders.matches("\r\n").count(), 1_201);
    assert!(!orders.replace("\r\n", "").contains(['\r', '\n']));
    assert!(orders.contains("\"'=HYPERLINK(\"\"http://evil\"\")@example.com\""));
    assert!(orders.contains("\"'+cmd, \"\"quoted\"\"; +cmd"), "only the beginning of a cell is read as a formula");
    assert!(orders.contains(",0.07,") && orders.contains(",7,"));
    let lines = file(&test, Sheet::Lines, OrderQuery { status: Some(OrderStatus::Paid), ..OrderQuery::default() }).await;
    assert_eq!(lines.matches("\r\n").count(), 1 + 2 * 120);
    let empty = file(&test, Sheet::Orders, OrderQuery { product: Some("none".into()), ..OrderQuery::default() }).await;
    assert_eq!(empty.matches("\r\n").count(), 1);
    let bad = OrderQuery { cursor: Some("x".into()), ..OrderQuery::default() };
    assert!(begin(&test.shop, &Actor::operator(), Sheet::Orders, bad, true).await.is_err());
    assert_eq!(test.count("audit_entries WHERE act = 'exported'").await, 3);
}

#[on_both_databases]
async fn the_rows_behind_a_figure_are_those_that_were_paid_in_its_days(engine: Engine) {
    let test = open(engine).await;
    fill(&test, 60).await;
    let now = test.shop.clock.now_ms();
    let ago = |days: i64| now - days * DAY_MS;
    // Order n was begun n days ago and paid a day and an hour later; the fiftieth from Germany, by a letter.
    test.run(&format!("UPDATE orders SET paid_at = created_at + {DAY_MS} + 3600000 WHERE status = 'paid'")).await;
    test.run("UPDATE orders SET country = 'DE', referrer = 'letter' WHERE amount_total = 50").await;
    let by_payment = |from, to| OrderQuery { from: Some(from), to: Some(to), is_by_payment: true, ..OrderQuery::default() };
    assert_eq!(all(&test, by_payment(ago(29), ago(18))).await.0, [20, 30], "one was begun before these days and paid in them");
    assert_eq!(all(&test, by_payment(ago(28), ago(18))).await.0, [20]);
    let begun = OrderQuery { is_by_payment: false, status: Some(OrderStatus::Paid), ..by_payment(ago(29), ago(18)) };
    assert_eq!(all(&test, begun).await.0, [20]);
    let ever = || by_payment(0, now);
    let of = |country: Option<&str>, referrer: Option<&str>| OrderQuery {
        country: country.map(str::to_owned),
        referrer: referrer.map(str::to_owned),
        ..ever()
    };
    assert_eq!(all(&test, ever()).await.0, [10, 20, 30, 40, 50, 60]);
    assert_eq!(all(&test, of(Some("de"), None)).await.0, [50]);
    assert_eq!(all(&test, of(None, Some("letter"))).await.0, [50]);
    assert_eq!(all(&test, of(Some("FR"), Some("letter"))).await.0, [0; 0]);
    assert_eq!(all(&test, of(Some("\u{0}"), None)).await.0.len(), 6, "what is left of nothing narrows nothing");
}
