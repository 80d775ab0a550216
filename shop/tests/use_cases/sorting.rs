//! The lists of the dashboard in each of their orders: everything once, whatever the page.

use crate::support::{Engine, TestShop};
use domain::pages::customer::CustomerColumn;
use domain::pages::dashboard::OrderColumn;
use domain::pages::goods::{GoodsColumn, GoodsQuery};
use domain::sorting::{Column, Sorting};
use shop::catalog;
use shop::customers::{self, CustomerQuery};
use shop::orders::{self, OrderQuery};
use shop_testing::on_both_databases;
use std::collections::HashSet;

/// Whether values go up, or down.
fn are_sorted<T: Ord>(values: &[T], is_descending: bool) -> bool {
    values.windows(2).all(|pair| if is_descending { pair[0] >= pair[1] } else { pair[0] <= pair[1] })
}

#[on_both_databases]
async fn products_come_in_each_order_and_each_of_them_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    catalog::sample::generate(&test.shop, 120).await.unwrap();
    test.run("UPDATE products SET updated_at = updated_at + n_sold % 5, status = CASE WHEN n_sold % 3 = 0 THEN 'draft' ELSE status END")
        .await;
    for sorting in GoodsColumn::choices() {
        for (q, status) in [("", ""), ("", "draft"), ("", "published"), ("a", "")] {
            let mut query = GoodsQuery { q: q.to_owned(), status: status.to_owned(), sort: sorting.text(), ..GoodsQuery::default() };
            let (mut rows, mut n_pages) = (Vec::new(), 0);
            loop {
                let page = catalog::list_goods(&test.shop, &query).await.unwrap();
                rows.extend(page.products);
                n_pages += 1;
                match page.next_cursor {
                    Some(next) => query.cursor = next,
                    None => break,
                }
            }
            let slugs: HashSet<_> = rows.iter().map(|row| &row.slug).collect();
            let what = format!("{sorting:?} {q:?} {status:?}");
            assert_eq!(slugs.len(), rows.len(), "{what}");
            if q.is_empty() && status.is_empty() {
                assert_eq!((rows.len(), n_pages), (122, 3), "{what}");
            }
            let values: Vec<i64> = match sorting.by {
                GoodsColumn::Made => continue,
                GoodsColumn::Title => {
                    let titles: Vec<String> = rows.iter().map(|row| row.title.to_lowercase()).collect();
                    // How signs compare is the database's own.
                    let letters: Vec<char> = titles.iter().filter_map(|title| title.chars().next()).collect();
                    assert!(are_sorted(&letters, sorting.is_descending), "{what}: {titles:?}");
                    continue;
                }
                GoodsColumn::Price => rows.iter().map(|row| row.price_from.amount).collect(),
                GoodsColumn::Sold => rows.iter().map(|row| row.n_sold).collect(),
                GoodsColumn::Updated => rows.iter().map(|row| row.updated_at).collect(),
            };
            assert!(are_sorted(&values, sorting.is_descending), "{what}: {values:?}");
        }
    }
    let nonsense = GoodsQuery { sort: "';--".to_owned(), ..GoodsQuery::default() };
    let default = catalog::list_goods(&test.shop, &GoodsQuery::default()).await.unwrap();
    assert_eq!(catalog::list_goods(&test.shop, &nonsense).await.unwrap(), default);
}

/// Orders of as many customers, one each, whose totals and days repeat; all of them are paid.
async fn sell(test: &TestShop, n: i64) {
    let is_sqlite = shop::base::database::is_sqlite(&test.shop.db);
    let (id, text, series) = if is_sqlite {
        let series = format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n})");
        ("randomblob(16)", "printf('%018d%08d', 0, n)", series)
    } else {
        ("gen_random_uuid()", "lpad(n::text, 26, '0')", format!("WITH s AS (SELECT n FROM generate_series(1, {n}) AS n)"))
    };
    test.run(&format!(
        "{series} INSERT INTO customers (id, store_id, email, email_normalized, created_at) \
         SELECT {id}, stores.id, 'c' || n || '@example.com', 'c' || n || '@example.com', n FROM s, stores"
    ))
    .await;
    test.run(&format!(
        "{series} INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, currency, \
         amount_subtotal, amount_total, created_at, paid_at, customer_id) \
         SELECT {id}, c.store_id, {text}, '', 'paid', FALSE, c.email, c.email, 'USD', n % 7, n % 7, 1000 + n % 11, 1000 + n % 11, c.id \
         FROM s JOIN customers c ON c.created_at = s.n"
    ))
    .await;
}

#[on_both_databases]
async fn orders_come_by_age_and_total_and_each_of_them_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    sell(&test, 120).await;
    for sort in OrderColumn::choices() {
        for q in [None, Some("c".to_owned())] {
            let mut query = OrderQuery { sort, q, ..OrderQuery::default() };
            let mut rows = Vec::new();
            loop {
                let page = orders::list(&test.shop, &query).await.unwrap();
                rows.extend(page.items);
                match page.next_cursor {
                    Some(next) => query.cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len(), 120, "{sort:?}");
            let by = |row: &orders::ListedOrder| if sort.by == OrderColumn::Total { row.amount_total } else { row.created_at };
            let values: Vec<i64> = rows.iter().map(by).collect();
            assert!(rows.len() == 120 && are_sorted(&values, sort.is_descending), "{sort:?}: {values:?}");
        }
    }
}

#[on_both_databases]
async fn customers_come_by_their_last_order_and_each_of_them_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    sell(&test, 120).await;
    // Everybody buys once more: the second order counts alone.
    let id = if engine == Engine::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
    test.run(&format!(
        "INSERT INTO orders (id, store_id, public_id, access_nonce, status, livemode, email, email_normalized, currency, amount_subtotal, \
         amount_total, created_at, paid_at, customer_id) \
         SELECT {id}, store_id, 'x' || SUBSTR(public_id, 2), '', 'paid', FALSE, email, email_normalized, 'USD', 1, 1, 5000 - created_at, \
         5000 - created_at, customer_id FROM orders"
    ))
    .await;
    for sort in CustomerColumn::choices() {
        let mut query = CustomerQuery { sort, ..CustomerQuery::default() };
        let mut rows = Vec::new();
        loop {
            let page = customers::list(&test.shop, &query).await.unwrap();
            rows.extend(page.customers);
            match page.next_cursor {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert_eq!(rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len(), 120, "{sort:?}");
        assert_eq!(rows.len(), 120, "{sort:?}");
        if sort.by == CustomerColumn::LastOrder {
            let days: Vec<i64> = rows.iter().map(|row| row.last_order_at.unwrap()).collect();
            assert!(are_sorted(&days, sort.is_descending), "{sort:?}: {days:?}");
        }
    }
    let late = CustomerQuery { sort: Sorting::parse("-last_order"), cursor: Some("1".to_owned()), ..CustomerQuery::default() };
    assert!(customers::list(&test.shop, &late).await.is_err());
}
