//! Orders, refunds and failures, as creators' software sees them.

use crate::support::{Engine, FIREFOX, OWNER, PASSWORD, TestServer, send};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;

async fn seen_by_creator(server: &TestServer, path: &str) -> Value {
    let answer = server.change("GET", path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn steps(order: &Value) -> Vec<&str> {
    order["timeline"].as_array().unwrap().iter().map(|step| step["event"].as_str().unwrap()).collect()
}

#[on_both_databases]
async fn an_order_is_refunded_in_part_then_whole_and_its_link_is_dead(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let bought = server.order(&id, &key).await.json();
    let link = server.mint(&id, &key, bought["items"][0]["files"][0]["id"].as_str().unwrap()).await.json();
    let url = link["url"].as_str().unwrap().to_owned();

    let page = format!("{}/orders/{id}?key={key}", server.base);
    assert_eq!(send("GET", &page, &[("user-agent", FIREFOX)], "").await.status, 200);
    let part = server.create(&format!("/api/v1/orders/{id}/refunds"), &json!({ "amount": 360, "reason": "requested_by_customer" })).await;
    assert_eq!((part.status, part.json()["status"].as_str(), part.json()["amount"].as_i64()), (201, Some("succeeded"), Some(360)));
    assert_eq!(server.order(&id, &key).await.json()["status"], "partially_refunded");
    assert_eq!(send("GET", &url, &[], "").await.status, 200);
    shop::fulfillment::downloads::flush(&server.shop).await.unwrap();

    let rest = server.create(&format!("/api/v1/orders/{id}/refunds"), &json!({})).await.json();
    assert_eq!(rest["amount"], 540);
    let order = server.order(&id, &key).await.json();
    assert_eq!((order["status"].as_str(), order["amount_refunded"].as_i64()), (Some("refunded"), Some(900)));
    assert_eq!(order["items"][0]["licenses"][0]["status"], "disabled");
    assert_eq!(order["items"][0]["files"], json!([]));
    assert_eq!(send("GET", &url, &[], "").await.status, 403, "the link is dead at once");
    let again = server.create(&format!("/api/v1/orders/{id}/refunds"), &json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "already_refunded"));

    let file = seen_by_creator(&server, &format!("/api/v1/orders/{id}")).await;
    assert_eq!(file["refunds"].as_array().unwrap().len(), 2);
    assert!(order["refunds"].is_null(), "the customer's own view is the order");
    for step in ["created", "paid", "entitled", "seen", "fetched", "refund_requested", "refund_made", "refunded"] {
        assert!(steps(&file).contains(&step), "{step} is not in {:?}", steps(&file));
    }
}

#[on_both_databases]
async fn an_order_is_seen_when_a_person_opens_its_page_and_by_nothing_else(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let page = format!("{}/orders/{id}?key={key}", server.base);
    let member = server.sign_in(OWNER, PASSWORD).await;
    let person = ("user-agent", FIREFOX);
    for (method, headers) in [
        ("HEAD", vec![person]),
        ("GET", vec![]),
        ("GET", vec![("user-agent", "curl/8.5.0")]),
        ("GET", vec![("user-agent", "Barracuda Sentinel (EE)")]),
        ("GET", vec![("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)")]),
        ("GET", vec![person, ("sec-purpose", "prefetch;prerender")]),
        ("GET", vec![person, ("cookie", &member)]),
    ] {
        assert_eq!(send(method, &page, &headers, "").await.status, 200, "{method} {headers:?}");
    }
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("origin", &server.base), ("sec-fetch-site", "same-origin"), person];
    let fields = format!("id={id}&key={key}");
    assert_eq!(send("POST", &format!("{}/_fn/get_order_status", server.base), &headers, fields).await.status, 200);
    let bearer = format!("Bearer {key}");
    let by_api = send("GET", &format!("{}/api/v1/orders/{id}", server.base), &[person, ("authorization", &bearer)], "").await;
    assert_eq!(by_api.status, 200);
    let wrong = send("GET", &format!("{}/orders/{id}?key=x{key}", server.base), &[person], "").await;
    assert_eq!(wrong.status, 404);
    let file = seen_by_creator(&server, &format!("/api/v1/orders/{id}")).await;
    assert!(!steps(&file).contains(&"seen"), "{:?}", steps(&file));

    for _ in 0..2 {
        assert_eq!(send("GET", &page, &[person], "").await.status, 200);
    }
    let file = seen_by_creator(&server, &format!("/api/v1/orders/{id}")).await;
    assert_eq!(steps(&file).into_iter().filter(|step| *step == "seen").count(), 1, "{:?}", steps(&file));
}

#[tokio::test]
async fn a_stranger_refunds_and_sees_nothing() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    for bearer in ["", "Bearer wl_none", &format!("Bearer {key}")] {
        for (method, path) in [
            ("POST", format!("/api/v1/orders/{id}/refunds")),
            ("GET", "/api/v1/orders".to_owned()),
            ("GET", "/api/v1/failures".to_owned()),
            ("POST", "/api/v1/failures/evt_1/retry".to_owned()),
        ] {
            let headers = [("authorization", bearer), ("content-type", "application/json")];
            let answer = send(method, &format!("{}{path}", server.base), &headers, "{}").await;
            assert_eq!(answer.status, 401, "{method} {path} as {bearer}: {}", answer.text());
        }
    }
    assert_eq!(send("GET", &format!("{}/api/v1/orders/{id}", server.base), &[("authorization", "Bearer wl_none")], "").await.status, 401);
    assert_eq!(server.count("refunds").await, 0);
}

#[tokio::test]
async fn a_refund_that_makes_no_sense_is_refused() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, _) = server.buy("rich").await;
    let path = format!("/api/v1/orders/{id}/refunds");
    for (body, status) in [
        (json!({ "amount": 0 }), 400),
        (json!({ "amount": -1 }), 400),
        (json!({ "amount": 901 }), 409),
        (json!({ "amount": "1" }), 422),
        (json!({ "amount": 1.5 }), 422),
        (json!({ "sum": 1 }), 422),
        (json!({ "reason": "a\nb" }), 400),
        (json!({ "item": { "product": "none" } }), 400),
        (json!({ "item": { "product": "a\u{0}" } }), 400),
    ] {
        let answer = server.create(&path, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        answer.code();
    }
    assert_eq!(server.create("/api/v1/orders/none/refunds", &json!({})).await.status, 404);
    assert_eq!(server.count("refunds").await, 0);
}

#[on_both_databases]
async fn orders_are_found_by_state_number_address_and_page(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, _) = server.buy("rich").await;
    for n in 0..60 {
        let email = format!("{}{n}@example.com", if n % 2 == 0 { "anna" } else { "otto" });
        let request = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": email });
        assert_eq!(server.post("/api/v1/checkouts", &request).await.status, 201);
    }
    let first = seen_by_creator(&server, "/api/v1/orders").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = seen_by_creator(&server, &format!("/api/v1/orders?cursor={cursor}")).await;
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next_cursor"]), (11, &Value::Null));
    let number = seen_by_creator(&server, &format!("/api/v1/orders/{id}")).await["number"].as_str().unwrap().to_owned();
    for (query, n) in [
        ("status=paid".to_owned(), 1),
        ("q=anna1".to_owned(), 5),
        ("q=ANNA12@example.com".to_owned(), 1),
        (format!("q={id}"), 1),
        (format!("q={number}"), 1),
        ("q=pi_none".to_owned(), 0),
        ("q=%25".to_owned(), 0),
        ("q=x%00".to_owned(), 0),
        ("status=paid&q=otto".to_owned(), 0),
    ] {
        let found = seen_by_creator(&server, &format!("/api/v1/orders?{query}")).await;
        assert_eq!(found["items"].as_array().unwrap().len(), n, "{query}");
    }
    for bad in ["status=gone", "cursor=1", "limit=1", "from=soon", "to=2026-02-30", "amount_from=1.5"] {
        let answer = server.change("GET", &format!("/api/v1/orders?{bad}"), &Value::Null).await;
        assert!((400..500).contains(&answer.status), "{bad}: {}", answer.status);
    }
}

#[on_both_databases]
async fn what_was_given_up_is_shown_and_tried_again_by_key_and_by_hand(engine: Engine) {
    let server = TestServer::on(engine).await;
    let failed = "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, attempts, next_at, last_error, received_at) \
                  VALUES ('evt_1', 'checkout.session.expired', FALSE, 'cs_gone', 'x', 'dead', 24, 1, 'no <b>luck</b>', 1)";
    server.shop.db.execute_unprepared(failed).await.unwrap();
    let listed = seen_by_creator(&server, "/api/v1/failures").await;
    assert_eq!((listed["items"][0]["id"].as_str(), listed["items"][0]["error"].as_str()), (Some("evt_1"), Some("no <b>luck</b>")));
    for none in ["evt_none", "%00", "01a1fe366da174809e93d6047d3c1419"] {
        assert_eq!(server.create(&format!("/api/v1/failures/{none}/retry"), &Value::Null).await.status, 404, "{none}");
    }
    assert_eq!(server.create("/api/v1/failures/evt_1/retry", &Value::Null).await.status, 202);
    // Stripe knows no such session, so it is given up again.
    for _ in 0..200 {
        if server.count("inbox_events WHERE state = 'dead' AND attempts = 1").await == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let page = send("GET", &format!("{}/dashboard", server.base), &[("cookie", &cookie)], "").await.text();
    assert!(page.contains("Needs attention") && page.contains("cs_gone") && !page.contains("<b>luck"), "{page}");
    let tried = server.form("/_fn/retry_failure", "id=evt_1", &cookie).await;
    assert_eq!((tried.status, tried.header("location")), (303, "/dashboard?notice=retried"));
    let stranger = server.form("/_fn/retry_failure", "id=evt_1", "").await;
    assert!(stranger.header("location") != "/dashboard?notice=retried", "{}", stranger.status);
    server.shop.db.execute_unprepared("UPDATE members SET role = 'analyst'").await.unwrap();
    let analyst = server.form("/_fn/retry_failure", "id=evt_1", &cookie).await;
    assert_eq!(analyst.header("location"), "/dashboard?notice=forbidden");
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let server = TestServer::start().await;
    let (one, other) = (server.get("/api/v1/products").await, server.get("/api/v1/products").await);
    assert_eq!(one.header("x-request-id").len(), 16);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}
