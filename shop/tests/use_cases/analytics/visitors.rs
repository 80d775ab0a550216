//! Visits are counted without knowing anybody.

use super::{MINUTE, Office, wanted};
use crate::support::Engine;
use domain::pages::analytics::{By, Interval};
use shop::analytics::visits::{self, View};
use shop::stores::calendar::parse_day;
use shop_testing::on_both_databases;
use std::net::IpAddr;

#[on_both_databases]
async fn visits_are_counted_once_a_day_and_forgotten_with_it(engine: Engine) {
    let office = Office::open(engine, "Pacific/Auckland", "2026-09-27T09:00").await;
    let shop = &office.test.shop;
    let ada = office.visit(1, Some("a-book"), Some("https://www.news.example/item"), None).await;
    office.visit(1, Some("a-book"), Some("https://other.example/"), None).await;
    office.visit(2, None, None, Some("utm_source=Letter")).await;
    office.visit(3, Some("not-there"), Some("http://shop.test/"), None).await;
    let cart = shop::checkout::carts::add_for(shop, None, wanted("plain"), Some(&ada)).await.unwrap();
    shop::checkout::carts::add_for(shop, Some(cart.clone()), wanted("rich"), Some(&ada)).await.unwrap();
    visits::flush(shop).await.unwrap();
    // Another process with the same database knows who was here.
    let other = shop::Shop { visits: std::sync::Arc::default(), ..shop.clone() };
    let ask = || visits::visitor(&other, IpAddr::from(1u32.to_be_bytes()), "Mozilla/5.0");
    assert_eq!(ask(), None, "nobody waits for the day to be known");
    visits::refresh(&other).await.unwrap();
    let again = ask().unwrap();
    assert_eq!(again, ada);
    visits::note(&other, &again, View::default());
    visits::flush(&other).await.unwrap();

    let now = office.figures("2026-09-27", "2026-09-27", Interval::Day).await.now;
    assert_eq!((now.n_views, now.n_visitors, now.n_carts), (5, 3, 1));
    assert_eq!((now.cart_rate(), now.conversion()), (Some(3333), Some(0)));
    let referrers = office.parts("2026-09-27", "2026-09-27", By::Referrer).await;
    let came: Vec<_> = referrers.rows.iter().map(|row| (row.key.as_str(), row.n_visitors)).collect();
    assert_eq!(came.len(), 3);
    for from in ["", "letter", "news.example"] {
        assert!(came.contains(&(from, Some(1))), "{from}: {came:?}");
    }
    let products = office.parts("2026-09-27", "2026-09-27", By::Product).await;
    assert_eq!((products.rows[0].key.as_str(), products.rows[0].n_views, products.rows.len()), ("a-book", Some(2), 1));

    // The order keeps where its cart came from.
    // One over nothing, as Stripe knows no clock but its own.
    shop::checkout::carts::add(shop, Some(cart.clone()), "a-gift", None, 1).await.unwrap();
    let request = shop::checkout::StartCheckout { cart: Some(cart), ..office.test.request("a-gift", "free", 1) };
    shop::checkout::start(shop, request).await.unwrap();
    assert_eq!(office.test.count("orders WHERE referrer = 'news.example'").await, 1);

    // The day after nobody can be told from anybody.
    assert_eq!(office.test.count("visitors").await, 3);
    office.test.advance(15 * 60 * MINUTE);
    assert_ne!(office.visit(1, None, None, None).await, ada);
    office.test.reconcile().await;
    office.test.advance(2 * MINUTE);
    office.test.reconcile().await;
    for table in ["visitors", "visit_salts"] {
        let yesterday = parse_day("2026-09-27").unwrap();
        assert_eq!(office.test.count(&format!("{table} WHERE day <= {yesterday}")).await, 0, "{table}");
    }
    assert_eq!(office.figures("2026-09-27", "2026-09-27", Interval::Day).await.now.n_visitors, 3);
}

#[on_both_databases]
async fn one_address_is_no_crowd(engine: Engine) {
    let office = Office::open(engine, "UTC", "2026-05-10T12:00").await;
    visits::refresh(&office.test.shop).await.unwrap();
    for n in 0..200 {
        let visitor = visits::visitor(&office.test.shop, IpAddr::from([192, 0, 2, 1]), &format!("Mozilla/{n}")).unwrap();
        visits::note(&office.test.shop, &visitor, View::default());
    }
    visits::flush(&office.test.shop).await.unwrap();
    assert_eq!(office.figures("2026-05-10", "2026-05-10", Interval::Day).await.now.n_visitors, 30);
}
