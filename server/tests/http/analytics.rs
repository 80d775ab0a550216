//! Figures through the API and on their page; visits on their way.

use crate::support::{Engine, FIREFOX, OWNER, PASSWORD, TestServer, send};
use serde_json::Value;
use shop_testing::on_both_databases;

#[on_both_databases]
async fn what_was_sold_is_told_by_the_api_and_on_the_page(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.buy("rich").await;
    let get = async |path: &str| server.change("GET", path, &Value::Null).await;
    let summary = get("/api/v1/analytics/summary?range=7d&interval=day&compare=true").await.json();
    assert_eq!(
        (&summary["figures"]["revenue"], &summary["figures"]["orders"], &summary["figures"]["new_customers"]),
        (&900.into(), &1.into(), &1.into())
    );
    assert_eq!((summary["series"].as_array().unwrap().len(), &summary["previous"]["figures"]["orders"]), (7, &0.into()));
    for (by, key) in [("product", "a-book"), ("country", "US"), ("promotion", ""), ("referrer", "")] {
        let parts = get(&format!("/api/v1/analytics/breakdown?by={by}")).await.json();
        assert_eq!((&parts["items"][0]["key"], &parts["items"][0]["revenue"]), (&key.into(), &900.into()), "{by}");
    }
    for (path, status, code) in [
        ("summary?from=2026-02-01&to=2026-01-01", 400, "range_invalid"),
        ("summary?from=yesterday", 400, "date_invalid"),
        ("summary?interval=hour", 400, "interval_invalid"),
        ("breakdown?by=shoe", 400, "by_invalid"),
        ("breakdown?nonsense=1", 422, "malformed"),
    ] {
        let refused = get(&format!("/api/v1/analytics/{path}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{path}");
    }

    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let open = async |path: &str| send("GET", &format!("{}/dashboard/analytics{path}", server.base), &[("cookie", &cookie)], "").await;
    let page = open("?range=7d&by=country").await;
    assert!(page.status == 200 && page.text().contains("$9.00") && page.text().contains("United States"), "{}", page.text());
    assert!(page.text().contains("<svg") && !page.text().contains("style="), "{}", page.text());
    let refused = open("?from=2026-02-01&to=2026-01-01").await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("The last day comes before the first") && refused.text().contains("value=\"2026-02-01\""));
    assert!(open("?from=%3Cscript%3E").await.text().contains("value=\"&lt;script&gt;\""));
}

#[on_both_databases]
async fn people_are_counted_on_kept_pages_too_and_nobody_who_asks_not_to_be(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    shop::analytics::visits::refresh(&server.shop).await.unwrap();
    let look = async |path: &str, headers: &[(&str, &str)]| {
        let answer = send("GET", &format!("{}{path}", server.base), headers, "").await;
        assert!(!answer.headers.contains_key("set-cookie"), "nobody is followed");
        answer.status
    };
    let person = ("user-agent", FIREFOX);
    for _ in 0..3 {
        assert_eq!(look("/products/a-book", &[person, ("referer", "https://news.example/a")]).await, 200);
    }
    look("/products/none", &[person]).await;
    look("/products/a-book", &[person, ("dnt", "1")]).await;
    look("/products/a-book", &[person, ("sec-gpc", "1")]).await;
    look("/products/a-book", &[("user-agent", "Googlebot/2.1")]).await;
    look("/products/a-book", &[]).await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("origin", server.base.as_str()),
        ("sec-fetch-site", "same-origin"),
        person,
    ];
    let added = send("POST", &format!("{}/_fn/add_to_cart", server.base), &headers, "product=a-book&variant=plain&quantity=1").await;
    assert_eq!(added.status, 303);
    shop::analytics::visits::flush(&server.shop).await.unwrap();
    let summary = server.change("GET", "/api/v1/analytics/summary?range=7d", &Value::Null).await.json();
    let figures = &summary["figures"];
    assert_eq!((&figures["page_views"], &figures["visitors"], &figures["carts"]), (&3.into(), &1.into(), &1.into()));
    let parts = server.change("GET", "/api/v1/analytics/breakdown?by=referrer", &Value::Null).await.json();
    assert_eq!((&parts["items"][0]["key"], &parts["items"][0]["visitors"]), (&"news.example".into(), &1.into()));
    let cart = "SELECT referrer FROM carts";
    let row =
        sea_orm::ConnectionTrait::query_one_raw(&server.shop.db, shop::base::database::statement(&server.shop.db, cart, [])).await.unwrap();
    assert_eq!(row.unwrap().try_get::<String>("", "referrer").unwrap(), "news.example");
}
