//! The page of an order: its address is a secret, and whoever reloads it costs little.

use crate::support::{Engine, TestServer, send};
use serde_json::json;
use shop_testing::on_both_databases;

#[on_both_databases]
async fn pages_with_a_secret_in_their_address_are_kept_and_found_by_nobody(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let file = server.order(&id, &key).await.json()["items"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let link = server.mint(&id, &key, &file).await.json()["url"].as_str().unwrap().to_owned();
    let link = link.strip_prefix(&server.base).unwrap().to_owned();
    for path in [
        format!("/orders/{id}?key={key}"),
        format!("/orders/{id}?key=wrong"),
        "/orders/none".to_owned(),
        link,
        "/downloads/none".to_owned(),
        "/sign-in/none".to_owned(),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = send(method, &format!("{}{path}", server.base), &[("accept", "text/html")], "").await;
            assert_eq!(answer.header("referrer-policy"), "strict-origin", "{method} {path}");
            assert!(answer.header("x-robots-tag").contains("noindex"), "{method} {path}");
            let cache = answer.header("cache-control");
            assert!(cache.contains("private") && cache.contains("no-store"), "{method} {path}: {cache}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
        }
    }
    // Nothing on the page is asked of anybody else, who would learn of it.
    let page = server.get(&format!("/orders/{id}?key={key}")).await.text();
    for place in ["src=\"http", "src=\"//", "href=\"//"] {
        assert!(!page.contains(place), "{place}");
    }
}

#[on_both_databases]
async fn who_reloads_an_order_a_hundred_times_asks_stripe_now_and_then_and_gets_one_mail(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let asked = async || {
        let state = send("GET", &format!("{}/_emulator/state", server.stripe), &[], "").await.json();
        let requests = state["requests"].as_object().unwrap().clone();
        requests.iter().filter(|(route, _)| route.starts_with("GET /v1/checkout/sessions")).map(|(_, n)| n.as_u64().unwrap()).sum::<u64>()
    };
    let request = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": "reader@example.com" });
    let order = server.post("/api/v1/checkouts", &request).await.json()["order"].clone();
    let page = format!("/orders/{}?key={}", order["id"].as_str().unwrap(), order["access_key"].as_str().unwrap());
    let (before, began) = (asked().await, server.shop.clock.now_ms());
    for _ in 0..100 {
        assert_eq!(server.get(&page).await.status, 200);
    }
    // Once in three seconds, however often it is reloaded; the worker may have asked as well.
    let (n, most) = (asked().await - before, (server.shop.clock.now_ms() - began) as u64 / 3_000 + 2);
    assert!(n > 0 && n <= most, "{n} of {most}");
    let (id, key) = server.buy("rich").await;
    let paid = format!("/orders/{id}?key={key}");
    let before = asked().await;
    for _ in 0..100 {
        assert_eq!(server.get(&paid).await.status, 200);
    }
    let of_the_other = (server.shop.clock.now_ms() - began) as u64 / 3_000 + 2;
    assert!(asked().await - before <= of_the_other, "an order that is paid is not asked after");
    assert_eq!(server.count("jobs WHERE kind = 'order_mail'").await, 1);
}
