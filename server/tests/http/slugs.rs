//! Slugs that change hands, as browsers and software see it.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

async fn page(server: &TestServer, path: &str, cookie: &str) -> String {
    let answer = send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[on_both_databases]
async fn what_was_sold_is_linked_and_refunded_after_its_slug_is_anothers(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    assert_eq!(server.change("PATCH", "/api/v1/products/a-book", &json!({ "slug": "kit-classic" })).await.status, 200);
    let other = json!({
        "title": "Other", "slug": "a-book", "status": "published",
        "variants": [{ "key": "plain", "name": "P", "amount": 100, "currency": "USD" }],
    });
    assert_eq!(server.create("/api/v1/products", &other).await.status, 201);

    let seen = page(&server, &format!("/orders/{id}?key={key}"), "").await;
    assert!(seen.contains("href=\"/products/kit-classic\"") && !seen.contains("/products/a-book"), "{seen}");
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let known = page(&server, &format!("/dashboard/orders/{id}"), &cookie).await;
    assert!(known.contains("href=\"/dashboard/products/kit-classic\"") && !known.contains("/dashboard/products/a-book"), "{known}");
    let item = server.order(&id, &key).await.json()["items"][0].clone();
    assert_eq!((&item["product"], &item["product_now"]), (&json!("a-book"), &json!("kit-classic")));

    let refunds = format!("/api/v1/orders/{id}/refunds");
    let wrong = server.create(&refunds, &json!({ "amount": 100, "item": { "product": "a-book" } })).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "item_unknown"));
    for name in [json!({ "product": "kit-classic" }), json!({ "product": "kit-classic", "variant": "rich" }), json!({ "id": item["id"] })] {
        let made = server.create(&refunds, &json!({ "amount": 100, "item": name })).await;
        assert_eq!((made.status, &made.json()["item"]["product"]), (201, &json!("a-book")), "{}", made.text());
    }
    for odd in [json!({}), json!({ "id": item["id"], "product": "kit-classic" }), json!({ "id": "x" }), json!({ "variant": "rich" })] {
        assert_eq!(server.create(&refunds, &json!({ "item": odd })).await.status, 422, "{odd}");
    }
    let closed = server.create(&format!("/api/v1/orders/{id}/revoke"), &json!({ "item": { "id": item["id"] } })).await;
    assert_eq!((closed.status, &closed.json()["access"][0]["cause"]), (200, &json!("member")), "{}", closed.text());

    // The forms name the line itself.
    let line = format!("order={id}&item={}", item["id"].as_str().unwrap());
    let opened = server.form("/_fn/open_access", &line, &cookie).await;
    assert!(opened.header("location").ends_with("notice=access_opened"), "{}", opened.header("location"));
    let refunded = server.form("/_fn/refund_order", &format!("{line}&amount=1&reason=&attempt=1"), &cookie).await;
    assert!(refunded.header("location").ends_with("notice=refunded#refunds"), "{}", refunded.header("location"));
    let odd = server.form("/_fn/close_access", &format!("order={id}&item=nonsense"), &cookie).await;
    assert!(odd.header("location").ends_with("notice=item_unknown"), "what names no line does not close the whole order");

    assert_eq!(server.change("PATCH", "/api/v1/products/kit-classic", &json!({ "status": "draft" })).await.status, 200);
    let seen = page(&server, &format!("/orders/{id}?key={key}"), "").await;
    assert!(seen.contains("A book") && !seen.contains("href=\"/products/kit-classic\"") && !seen.contains("/products/a-book"), "{seen}");
    assert_eq!(server.order(&id, &key).await.json()["items"][0]["product_now"], Value::Null);
}

#[on_both_databases]
async fn a_renamed_category_leads_on_with_the_whole_query(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    assert_eq!(server.create("/api/v1/categories", &json!({ "name": "Books" })).await.status, 201);
    assert_eq!(server.change("PATCH", "/api/v1/products/a-book", &json!({ "category": "books" })).await.status, 200);
    let shown = page(&server, "/products?category=books&sort=price", "").await;
    assert!(shown.contains(&format!("href=\"{}/products?category=books\" rel=\"canonical\"", server.base)), "{shown}");
    assert_eq!(server.change("PATCH", "/api/v1/categories/books", &json!({ "slug": "reading" })).await.status, 200);

    let cookie = server.sign_in(OWNER, PASSWORD).await;
    for (asked, leads) in
        [("category=books", "category=reading"), ("utm_source=a&category=books&q=book+x", "utm_source=a&category=reading&q=book%20x")]
    {
        for _ in 0..2 {
            let moved = server.get(&format!("/products?{asked}")).await;
            assert_eq!((moved.status, moved.header("location")), (301, &*format!("/products?{leads}")));
        }
    }
    let for_member = send("GET", &format!("{}/products?category=books", server.base), &[("cookie", &cookie)], "").await;
    assert_eq!((for_member.status, for_member.header("location")), (301, "/products?category=reading"));
    let machine = server.get("/api/v1/products?category=books&q=book").await;
    assert_eq!((machine.status, machine.header("location")), (308, "/api/v1/products?q=book&category=reading"));
    assert_eq!(server.get(machine.header("location")).await.json()["items"].as_array().unwrap().len(), 1);
    assert!(page(&server, "/products?category=reading", "").await.contains("A book"));

    assert_eq!(server.change("PATCH", "/api/v1/categories/reading", &json!({ "is_active": false })).await.status, 200);
    for gone in ["books", "reading"] {
        assert_eq!(server.get(&format!("/products?category={gone}")).await.status, 404, "{gone}");
    }
}
