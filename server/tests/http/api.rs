//! The JSON API: what it does, and what it refuses without leaving a trace.

use crate::support::{Engine, TestServer, send};
use rstest::rstest;
use serde_json::{Value, json};
use shop_testing::on_both_databases;

#[on_both_databases]
async fn software_can_sell_buy_and_fetch(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let list = server.get("/api/v1/products?q=book").await.json();
    assert_eq!(list["items"][0]["slug"], "a-book");
    assert_eq!(list["next_cursor"], Value::Null);
    let (id, key) = server.buy("rich").await;
    let order = server.order(&id, &key).await.json();
    assert_eq!(order["amount_total"], 900);
    let item = &order["items"][0];
    assert_eq!(item["licenses"][0]["status"], "inactive");
    let link = server.mint(&id, &key, item["files"][0]["id"].as_str().unwrap()).await;
    assert_eq!(link.status, 201);
    let url = link.json()["url"].as_str().unwrap().to_owned();
    let file = send("GET", &url, &[], "").await;
    assert_eq!((file.status, file.body.as_slice()), (200, b"%PDF-1.7 the whole book".as_slice()));
}

fn request(product: &str, quantity: Value) -> Value {
    json!({ "items": [{ "product": product, "variant": "plain", "quantity": quantity }], "email": "reader@example.com" })
}

#[on_both_databases]
async fn a_request_that_makes_no_sense_is_refused_and_leaves_nothing(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server
        .create(
            "/api/v1/products",
            &json!({ "title": "Draft", "slug": "draft", "variants": [{ "key": "plain", "name": "P", "amount": 100, "currency": "USD" }] }),
        )
        .await;
    let mut deep = String::from(r#"{"items":"#);
    deep.push_str(&"[".repeat(1000));
    deep.push_str(&"]".repeat(1000));
    deep.push('}');
    let refused = [
        (json!([[["a-book", "plain", 1]], "reader@example.com", null]).to_string(), 422),
        (
            format!(r#"{{"items":[{{"product":"a-book"}}],"email":"reader@example.com","note":{}{}}}"#, "[".repeat(1000), "]".repeat(1000)),
            422,
        ),
        (json!({ "items": [{ "product": "a-book", "quantity": 1, "amount": 1 }], "email": "reader@example.com" }).to_string(), 400),
        (json!({ "items": [{ "product": "a-book", "quantity": 1, "unit_amount": 1 }], "email": "reader@example.com" }).to_string(), 422),
        (json!({ "items": [{ "product": "a-book", "quantity": 1 }], "email": "reader@example.com", "amount_total": 1 }).to_string(), 422),
        (request("a-book", json!(0)).to_string(), 400),
        (request("a-book", json!(-1)).to_string(), 400),
        (request("a-book", json!(1_000_000_000)).to_string(), 400),
        (request("a-book", json!(1e300)).to_string(), 422),
        (request("a-book", json!("1")).to_string(), 422),
        (request("nothing", json!(1)).to_string(), 404),
        (request("draft", json!(1)).to_string(), 404),
        (json!({ "items": [], "email": "reader@example.com" }).to_string(), 400),
        (json!({ "items": [{ "product": "a-book", "quantity": 1 }], "email": "nobody" }).to_string(), 400),
        (json!({ "items": [{ "product": "a-book", "variant": "none", "quantity": 1 }], "email": "r@example.com" }).to_string(), 404),
        (json!({ "items": [{ "product": "a-book", "quantity": 1 }], "email": "r@example.com", "promotion_code": "NONE" }).to_string(), 400),
        (json!({ "items": [{ "product": "a-book\u{0}", "quantity": 1 }], "email": "r@example.com" }).to_string(), 404),
        (json!({ "items": vec![json!({ "product": "a-book", "quantity": 1 }); 51], "email": "r@example.com" }).to_string(), 400),
        ("{".to_owned(), 422),
        ("null".to_owned(), 422),
        (deep, 422),
    ];
    for (body, status) in refused {
        let answer =
            send("POST", &format!("{}/api/v1/checkouts", server.base), &[("content-type", "application/json")], body.clone()).await;
        assert_eq!(answer.status, status, "{} for {}", answer.text(), &body[..body.len().min(120)]);
        answer.code();
    }
    let broken = send(
        "POST",
        &format!("{}/api/v1/checkouts", server.base),
        &[("content-type", "application/json")],
        b"{\"email\":\"\xff\xfe\"}".to_vec(),
    )
    .await;
    assert_eq!(broken.status, 422);
    let large = send(
        "POST",
        &format!("{}/api/v1/checkouts", server.base),
        &[("content-type", "application/json")],
        format!("{{\"email\":\"{}\"}}", "a".repeat(1 << 20)),
    )
    .await;
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));
    let form =
        send("POST", &format!("{}/api/v1/checkouts", server.base), &[("content-type", "application/x-www-form-urlencoded")], "a=b").await;
    assert_eq!(form.status, 415);
    assert_eq!(server.count("orders").await, 0);
}

#[tokio::test]
async fn the_same_key_is_the_same_order() {
    let server = TestServer::start().await;
    server.stock().await;
    let send_request = |quantity: i64| {
        let (url, body) = (format!("{}/api/v1/checkouts", server.base), request("a-book", json!(quantity)).to_string());
        async move { send("POST", &url, &[("content-type", "application/json"), ("idempotency-key", "k1")], body).await }
    };
    let (first, again) = (send_request(1).await, send_request(1).await);
    assert_eq!(first.json(), again.json());
    assert_eq!(server.count("orders").await, 1);
    let other = send_request(2).await;
    assert_eq!((other.status, other.code().as_str()), (409, "idempotency_key_reused"));
}

#[tokio::test]
async fn orders_open_for_their_key_alone() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let (other_id, other_key) = server.buy("plain").await;
    assert_eq!(server.order(&id, &other_key).await.status, 404);
    assert_eq!(server.order("nothing", &key).await.status, 404);
    assert_eq!(server.get(&format!("/api/v1/orders/{id}")).await.status, 401);
    let files = server.order(&other_id, &other_key).await.json();
    let stolen = server.mint(&id, &key, files["items"][0]["files"][0]["id"].as_str().unwrap()).await;
    assert_eq!(stolen.status, 404, "a file of somebody else's order");
}

#[tokio::test]
async fn creators_need_their_key() {
    let server = TestServer::start().await;
    let product = json!({ "title": "X", "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }] });
    assert_eq!(server.post("/api/v1/products", &product).await.status, 401);
    let wrong = send(
        "POST",
        &format!("{}/api/v1/products", server.base),
        &[("content-type", "application/json"), ("authorization", "Bearer wl_wrong")],
        product.to_string(),
    )
    .await;
    assert_eq!((wrong.status, wrong.header("www-authenticate")), (401, "Bearer"));
    assert_eq!(server.count("products").await, 0);
}

#[rstest]
#[case::negative(json!({ "key": "a", "name": "A", "amount": -1, "currency": "USD" }), 400)]
#[case::too_dear(json!({ "key": "a", "name": "A", "amount": 9_223_372_036_854_775_807i64, "currency": "USD" }), 400)]
#[case::beyond_numbers(json!({ "key": "a", "name": "A", "amount": 9_223_372_036_854_775_808u64, "currency": "USD" }), 422)]
#[case::half_a_cent(json!({ "key": "a", "name": "A", "amount": 1.5, "currency": "USD" }), 422)]
#[case::no_currency(json!({ "key": "a", "name": "A", "amount": 100, "currency": "XYZ" }), 400)]
#[case::no_name(json!({ "key": "a", "name": " ", "amount": 100, "currency": "USD" }), 400)]
#[case::limit_of_zero(json!({ "key": "a", "name": "A", "amount": 100, "currency": "USD", "download_limit": 0 }), 400)]
#[tokio::test]
async fn a_product_that_could_not_be_sold_is_refused(#[case] variant: Value, #[case] status: u16) {
    let server = TestServer::start().await;
    let answer = server.create("/api/v1/products", &json!({ "title": "X", "variants": [variant] })).await;
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.code();
    assert_eq!(server.count("products").await + server.count("variants").await, 0);
}

#[tokio::test]
async fn resending_has_a_limit() {
    let server = TestServer::with(Engine::Sqlite, 1.0).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let mut seen = Vec::new();
    for _ in 0..6 {
        let bearer = format!("Bearer {key}");
        seen.push(send("POST", &format!("{}/api/v1/orders/{id}/resend", server.base), &[("authorization", &bearer)], "").await);
    }
    assert_eq!(seen[0].status, 202);
    let last = seen.last().unwrap();
    assert_eq!((last.status, last.code().as_str()), (429, "rate_limited"));
    assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn what_is_not_there_answers_in_json() {
    let server = TestServer::start().await;
    let missing = server.get("/api/v1/nothing").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
    let wrong = send("DELETE", &format!("{}/api/v1/checkouts", server.base), &[], "").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (405, "method_not_allowed"));
    assert_eq!(server.get("/api/v1/products/none").await.status, 404);
    for path in ["/api/v1/orders/%ff", "/api/v1/products/%ff"] {
        let unreadable = server.get(path).await;
        assert_eq!((unreadable.status, unreadable.code().as_str()), (404, "not_found"), "{path}");
    }
}

#[on_both_databases]
async fn a_product_changes_its_price_its_words_and_its_status(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let change = json!({
        "title": "A better book", "variants": [{ "key": "plain", "amount": 700 }, { "key": "gold", "name": "Gold", "amount": 9900 }],
    });
    let changed = server.change("PATCH", "/api/v1/products/a-book", &change).await;
    assert_eq!((changed.status, changed.json()["title"].as_str()), (200, Some("A better book")), "{}", changed.text());
    let shown = server.get("/api/v1/products/a-book").await.json();
    let prices: Vec<_> = shown["variants"].as_array().unwrap().iter().map(|variant| variant["amount"].as_i64().unwrap()).collect();
    assert_eq!(prices, [700, 900, 9900]);
    assert_eq!(server.get("/api/v1/products").await.json()["items"][0]["amount_from"], 700);
    assert_eq!(server.change("PATCH", "/api/v1/products/a-book", &json!({ "status": "archived" })).await.status, 200);
    assert_eq!(server.get("/api/v1/products/a-book").await.status, 404);
    assert_eq!(server.get("/products/a-book").await.status, 404);
    assert_eq!(server.post("/api/v1/checkouts", &request("a-book", json!(1))).await.status, 404);
    assert_eq!(server.change("GET", "/api/v1/products/a-book", &Value::Null).await.json()["status"], "archived");
    for (change, status) in [
        (json!({ "status": "sold" }), 400),
        (json!({ "title": "" }), 400),
        (json!({ "price": 1 }), 422),
        (json!({ "variants": [{ "key": "plain", "amount": -1 }] }), 400),
        (json!({ "variants": [{ "key": "new" }] }), 400),
        (json!({ "variants": [{ "key": "plain", "currency": "EUR" }] }), 400),
    ] {
        let answer = server.change("PATCH", "/api/v1/products/a-book", &change).await;
        assert_eq!(answer.status, status, "{change}: {}", answer.text());
    }
    assert_eq!(server.change("DELETE", "/api/v1/products/a-book", &Value::Null).await.status, 204);
    assert_eq!(server.change("DELETE", "/api/v1/products/a-book", &Value::Null).await.status, 404);
    let again = json!({ "title": "B", "slug": "a-book", "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }] });
    assert_eq!(server.create("/api/v1/products", &again).await.status, 201, "the slug is free again");
    assert_eq!(send("DELETE", &format!("{}/api/v1/products/a-book", server.base), &[], "").await.status, 401);
}

#[on_both_databases]
async fn a_promotion_takes_off_what_it_says(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let promotion = json!({ "code": "SPRING", "percent_off": 20, "max_redemptions": 1, "expires_at": "2099-01-01T00:00:00Z" });
    assert_eq!(server.create("/api/v1/promotions", &promotion).await.status, 201);
    assert_eq!(server.create("/api/v1/promotions", &promotion).await.status, 409);
    assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "X", "percent_off": 101 })).await.status, 400);
    assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "X", "percent_off": 10, "expires_at": "soon" })).await.status, 422);
    assert_eq!(server.post("/api/v1/promotions", &promotion).await.status, 401);
    let mut request = request("a-book", json!(1));
    request["promotion_code"] = json!("spring");
    let started = server.post("/api/v1/checkouts", &request).await.json();
    assert_eq!(started["order"]["amount_total"], 400);
    assert_eq!(server.post("/api/v1/checkouts", &request).await.status, 400, "the only use is held");
}

#[tokio::test]
async fn who_may_not_ask_is_told_before_what_would_fit() {
    let server = TestServer::start().await;
    for path in ["/api/v1/products", "/api/v1/promotions", "/api/v1/orders/none/downloads"] {
        assert_eq!(server.post(path, &json!({})).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn an_idempotency_key_has_up_to_255_characters_and_is_never_empty() {
    let server = TestServer::start().await;
    server.stock().await;
    let url = format!("{}/api/v1/checkouts", server.base);
    let body = request("a-book", json!(1)).to_string();
    let send_with =
        async |key: &str| send("POST", &url, &[("content-type", "application/json"), ("idempotency-key", key)], body.as_str()).await.status;
    assert_eq!(send_with(&"a".repeat(255)).await, 201);
    assert_eq!(send_with(&"a".repeat(256)).await, 400);
    assert_eq!(send_with("").await, 400);
}

#[tokio::test]
async fn an_instant_is_text_or_seconds_in_every_field() {
    let server = TestServer::start().await;
    for (n, at) in [json!("2100-01-01T01:00:00+01:00"), json!(4_102_444_800_i64)].into_iter().enumerate() {
        let variants = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
        let product = json!({ "title": format!("Later {n}"), "status": "published", "published_at": at, "variants": variants });
        let made = server.create("/api/v1/products", &product).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let path = format!("/api/v1/products/later-{n}");
        assert_eq!(server.change("GET", &path, &Value::Null).await.json()["published_at"], "2100-01-01T00:00:00Z", "{at}");
        let changed = server.change("PATCH", &path, &json!({ "published_at": at })).await;
        assert_eq!(changed.json()["published_at"], "2100-01-01T00:00:00Z", "{at}");
        let promotion = json!({ "code": format!("LATER{n}"), "percent_off": 10, "starts_at": at });
        let made = server.create("/api/v1/promotions", &promotion).await;
        assert_eq!(made.json()["starts_at"], "2100-01-01T00:00:00Z", "{at}: {}", made.text());
    }
    let refused = server.create("/api/v1/promotions", &json!({ "code": "NEVER", "percent_off": 10, "starts_at": "tomorrow" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "malformed"));
    assert!(refused.text().contains("starts_at: an instant is written as"), "{}", refused.text());
}

#[tokio::test]
async fn every_refusal_is_json() {
    let server = TestServer::start().await;
    for (path, status) in [("/api/v1/", 404), ("/api/v1/nothing", 404), ("/api/v1/products?cursor=1&cursor=2", 422)] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.json()["error"]["message"].is_string(), "{path}");
    }
}

#[on_both_databases]
async fn what_support_copies_out_of_a_mail_is_found(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    for email in ["lena+shop@mail.test", "cs_lab@uni.test", "anna-lena@mail.test"] {
        let request = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": email });
        assert_eq!(server.post("/api/v1/checkouts", &request).await.status, 201);
    }
    for (q, email) in [
        ("lena%2Bshop@mail.test", "lena+shop@mail.test"),
        ("lena%2Bsh", "lena+shop@mail.test"),
        ("cs_lab@uni.test", "cs_lab@uni.test"),
        ("anna-lena", "anna-lena@mail.test"),
    ] {
        let found = server.change("GET", &format!("/api/v1/orders?q={q}"), &Value::Null).await.json();
        let emails: Vec<&str> = found["items"].as_array().unwrap().iter().map(|order| order["email"].as_str().unwrap()).collect();
        assert_eq!(emails, [email], "{q}");
    }
    let new = json!({
        "title": "静かな庭の設計", "kind": "book", "status": "published",
        "variants": [{ "key": "one", "name": "One", "amount": 100, "currency": "USD" }],
    });
    assert_eq!(server.create("/api/v1/products", &new).await.status, 201);
    for q in ["%E5%BA%AD", "%E8%A8%AD%E8%A8%88"] {
        assert_eq!(server.get(&format!("/api/v1/products?q={q}")).await.json()["items"][0]["title"], "静かな庭の設計");
        assert!(server.get(&format!("/products?q={q}")).await.text().contains("静かな庭の設計"));
    }
    for signs in ["%22", "*", "-", "AND", "NOT", "%2B%2B"] {
        let found = server.get(&format!("/api/v1/products?q={signs}")).await;
        assert_eq!((found.status, found.json()["items"].as_array().unwrap().len()), (200, 0), "{signs}");
    }
    let page = server.get("/products?q=book").await.text();
    assert!(page.contains("Best match") && page.contains("value=\"newest\""), "{page}");
    let all = server.get("/products").await.text();
    assert!(!all.contains("Best match") && all.contains(">Newest<"), "{all}");
}
