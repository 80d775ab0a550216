//! Helping a customer, by key and by form: the order, the person, the file for the accountant, the health of it all.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;

async fn get(server: &TestServer, path: &str) -> Value {
    let answer = server.change("GET", path, &Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn page(server: &TestServer, path: &str, cookie: &str) -> String {
    let answer = send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[on_both_databases]
async fn software_helps_a_customer_from_the_note_to_the_right_address(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let path = |rest: &str| format!("/api/v1/orders/{id}{rest}");
    let file = server.order(&id, &key).await.json()["items"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let link = server.mint(&id, &key, &file).await.json()["url"].as_str().unwrap().to_owned();

    let noted = server.create(&path("/notes"), &json!({ "text": "Called <b>twice</b>." })).await;
    assert_eq!((noted.status, noted.json()["notes"][0]["text"].as_str()), (201, Some("Called <b>twice</b>.")));
    assert!(server.order(&id, &key).await.json()["notes"].is_null(), "the customer's own view has no notes");
    let added = server.create(&path("/downloads/add"), &json!({ "extra": 4, "file_id": file })).await;
    assert_eq!(added.json()["items"][0]["files"][0]["downloads_left"], 9);
    assert_eq!(server.create(&path("/downloads/reset"), &json!({})).await.status, 200);
    assert_eq!(server.create(&path("/extend"), &json!({ "days": 30 })).await.status, 200);

    let closed = server.create(&path("/revoke"), &json!({ "item": { "product": "a-book" } })).await.json();
    assert_eq!((closed["access"][0]["state"].as_str(), closed["access"][0]["cause"].as_str()), (Some("revoked"), Some("member")));
    let dead = send("GET", &link, &[], "").await;
    assert!(dead.status == 403 && dead.text().contains("The shop has closed this purchase"), "{}", dead.text());
    assert_eq!(server.mint(&id, &key, &file).await.code(), "access_closed");
    assert_eq!(server.create(&path("/restore"), &json!({})).await.json()["access"][0]["state"], "active");
    assert_eq!(send("GET", &link, &[], "").await.status, 200);

    assert_eq!(server.change("PATCH", &path(""), &json!({ "email": "nobody" })).await.code(), "email_invalid");
    let corrected = server.change("PATCH", &path(""), &json!({ "email": "right@example.org" })).await;
    assert_eq!((corrected.status, corrected.json()["email"].as_str()), (200, Some("right@example.org")));
    assert_eq!(server.order(&id, &key).await.status, 404, "the mistyped address holds a key that opens nothing");
    assert_eq!(server.create(&path("/retry"), &Value::Null).await.code(), "nothing_failed");
    assert_eq!(server.create(&path("/resend"), &Value::Null).await.status, 202);

    let found = get(&server, "/api/v1/licenses?email=right@example.org").await;
    let license = found["items"][0]["key"].as_str().unwrap();
    assert_eq!(get(&server, &format!("/api/v1/licenses?key={license}")).await, found);
    for (query, status) in [("", 200), ("?email=x", 400), ("?status=gone", 400), ("?cursor=x", 400), ("?id=1", 422)] {
        assert_eq!(server.change("GET", &format!("/api/v1/licenses{query}"), &Value::Null).await.status, status, "{query}");
    }
    for (rest, body) in [
        ("/notes", json!({ "text": " " })),
        ("/downloads/add", json!({ "extra": 0 })),
        ("/downloads/add", json!({ "extra": 1, "file_id": "../x" })),
        ("/extend", json!({ "days": 100_000 })),
        ("/revoke", json!({ "item": { "product": "none\u{0}" } })),
    ] {
        let answer = server.create(&path(rest), &body).await;
        assert_eq!(answer.status, 400, "{rest} {body}: {}", answer.text());
    }
    assert_eq!(server.create("/api/v1/orders/none/revoke", &json!({})).await.status, 404);
}

#[on_both_databases]
async fn a_customer_is_found_told_and_forgotten(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (order, key) = server.buy("rich").await;
    let listed = get(&server, "/api/v1/customers?q=READER").await;
    assert_eq!(listed["items"][0]["spent"], json!([{ "currency": "USD", "paid": 900, "refunded": 0, "lost": 0 }]));
    let id = listed["items"][0]["id"].as_str().unwrap();
    let known = get(&server, &format!("/api/v1/customers/{id}")).await;
    assert_eq!((known["orders"][0]["id"].as_str(), known["goods"][0]["state"].as_str()), (Some(order.as_str()), Some("active")));
    let data = get(&server, &format!("/api/v1/customers/{id}/export")).await;
    assert_eq!(data["customer"]["email"], "reader@example.com");

    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let own = format!("/dashboard/customers/{id}");
    assert!(page(&server, "/dashboard/customers", &cookie).await.contains(&own));
    let refused = server.form("/_fn/erase_customer", &format!("customer={id}&confirmation=somebody@example.com"), &cookie).await;
    let back = refused.header("location").to_owned();
    assert!(refused.status == 303 && back.starts_with(&format!("{own}?draft=")), "{back}");
    let again = page(&server, &back, &cookie).await;
    assert!(again.contains("Nothing was erased") && again.contains("value=\"somebody@example.com\""), "{again}");
    let erased = server.form("/_fn/erase_customer", &format!("customer={id}&confirmation=Reader@example.com"), &cookie).await;
    assert_eq!(erased.header("location"), format!("{own}?notice=customer_erased_now"));
    let after = page(&server, &own, &cookie).await;
    assert!(after.contains("Erased customer") && !after.contains("reader@example.com"), "{after}");
    assert!(!page(&server, &format!("/dashboard/orders/{order}"), &cookie).await.contains("reader@example.com"));
    assert_eq!(server.order(&order, &key).await.json()["items"][0]["files"].as_array().unwrap().len(), 1);
    assert_eq!(server.change("DELETE", &format!("/api/v1/customers/{id}"), &Value::Null).await.status, 204);
    assert_eq!(server.change("DELETE", "/api/v1/customers/none", &Value::Null).await.status, 404);
    let strange = server.form("/_fn/erase_customer", "customer=//evil.example&confirmation=x", &cookie).await;
    assert!(strange.header("location").starts_with("/dashboard/customers?draft="), "{}", strange.header("location"));
}

#[on_both_databases]
async fn orders_are_taken_out_as_a_file_by_key_and_by_session(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, _) = server.buy("rich").await;
    server.shop.db.execute_unprepared("UPDATE orders SET email = '=1+1@example.com'").await.unwrap();
    let file = server.change("GET", "/api/v1/exports/orders.csv?status=paid&from=2020-01-01", &Value::Null).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"orders-20"), "{}", file.header("content-disposition"));
    let text = file.text();
    assert!(
        text.starts_with('\u{feff}') && text.contains(&id) && text.contains(",'=1+1@example.com,") && text.contains(",9.00,"),
        "{text}"
    );
    let lines = server.change("GET", "/api/v1/exports/order-lines.csv?product=a-book", &Value::Null).await.text();
    assert_eq!(lines.matches("\r\n").count(), 2, "{lines}");
    for (query, status) in [("status=gone", 400), ("to=soon", 400), ("cursor=x", 400), ("page=1", 422)] {
        let answer = server.change("GET", &format!("/api/v1/exports/orders.csv?{query}"), &Value::Null).await;
        assert_eq!(answer.status, status, "{query}");
    }
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let own = page(&server, "/dashboard/orders.csv?q=&status=&product=&promotion=&from=&to=&min=8&max=9.50", &cookie).await;
    assert_eq!(own.matches("\r\n").count(), 2, "{own}");
    let bad = send("GET", &format!("{}/dashboard/orders.csv?min=lots", server.base), &[("cookie", &cookie)], "").await;
    assert!(bad.status == 400 && bad.text().contains("Write the amount as a number"), "{}", bad.text());
    let strange = send("GET", &format!("{}/dashboard/orders.csv?status=paid", server.base), &[], "").await;
    assert_eq!((strange.status, strange.header("location")), (302, "/sign-in?next=/dashboard/orders.csv%3Fstatus%3Dpaid"));
    assert_eq!(server.count("audit_entries WHERE act = 'exported'").await, 3);
    // Who only asks about a file takes nothing out.
    for path in ["/api/v1/exports/orders.csv", "/api/v1/exports/order-lines.csv"] {
        let asked = server.change("HEAD", path, &Value::Null).await;
        assert_eq!((asked.status, asked.header("content-type"), asked.body.len()), (200, "text/csv; charset=utf-8", 0));
    }
    let asked = send("HEAD", &format!("{}/dashboard/orders.csv", server.base), &[("cookie", &cookie)], "").await;
    assert_eq!((asked.status, asked.body.len()), (200, 0));
    assert_eq!(server.count("audit_entries WHERE act = 'exported'").await, 3);
}

#[tokio::test]
async fn a_filter_that_is_none_comes_back_as_it_was_typed() {
    let server = TestServer::start().await;
    server.stock().await;
    server.buy("plain").await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let found = page(&server, "/dashboard/orders?product=a-book&min=5&max=5&from=2020-01-01", &cookie).await;
    assert!(found.contains("reader@example.com") && found.contains("/dashboard/orders.csv?product=a-book"), "{found}");
    assert!(!page(&server, "/dashboard/orders?min=5.01", &cookie).await.contains("reader@example.com"));
    let answer = send("GET", &format!("{}/dashboard/orders?min=lots&from=soon", server.base), &[("cookie", &cookie)], "").await;
    let text = answer.text();
    assert_eq!(answer.status, 400);
    assert!(text.contains("value=\"lots\"") && text.contains("Write the day as 2026-11-21."), "{text}");
}

#[tokio::test]
async fn a_form_of_an_order_that_is_refused_comes_back_filled_and_a_second_click_is_no_second_request() {
    let server = TestServer::start().await;
    server.stock().await;
    let (id, key) = server.buy("rich").await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let own = format!("/dashboard/orders/{id}");
    let refused = server.form("/_fn/correct_email", &format!("order={id}&email=nearly@"), &cookie).await;
    let back = page(&server, refused.header("location"), &cookie).await;
    assert!(back.contains("value=\"nearly@\"") && back.contains("Please enter an email address"), "{back}");
    let refused = server.form("/_fn/add_downloads", &format!("order={id}&file=&extra=many&attempt=a"), &cookie).await;
    assert!(page(&server, refused.header("location"), &cookie).await.contains("value=\"many\""));
    for _ in 0..2 {
        let added = server.form("/_fn/add_downloads", &format!("order={id}&file=&extra=2&attempt=b"), &cookie).await;
        assert_eq!(added.header("location"), format!("{own}?notice=downloads_added#help"));
        let noted = server.form("/_fn/add_note", &format!("order={id}&body=%3Cscript%3Ehi&attempt=c"), &cookie).await;
        assert_eq!(noted.header("location"), format!("{own}?notice=noted#notes"));
    }
    assert_eq!(server.order(&id, &key).await.json()["items"][0]["files"][0]["downloads_left"], 7);
    let text = page(&server, &own, &cookie).await;
    assert!(text.contains("&lt;script&gt;hi") && !text.contains("<script>hi") && text.contains(OWNER), "{text}");
    assert_eq!(server.count("order_notes").await, 1);
    let elsewhere = server.form("/_fn/close_access", "order=//evil.example&item=", &cookie).await;
    assert_eq!(elsewhere.header("location"), "/dashboard/orders?notice=not_found");
}

#[on_both_databases]
async fn health_is_told_and_mended_by_key_and_by_hand(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.buy("plain").await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    assert_eq!(get(&server, "/api/v1/health-report").await["is_well"], true);
    assert!(page(&server, "/dashboard/health", &cookie).await.contains("All is well."));
    let failed = "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, attempts, next_at, last_error, failure_cause, \
        received_at) VALUES \
                  ('evt_1', 'checkout.session.completed', FALSE, 'cs_gone', 'x', 'dead', 24, 1, 'the amount does not fit the order', \
                  'mismatch', 1), \
                  ('evt_2', 'checkout.session.expired', FALSE, 'cs_lost', 'x', 'dead', 24, 1, 'no <b>luck</b>', NULL, 1)";
    server.shop.db.execute_unprepared(failed).await.unwrap();
    let report = get(&server, "/api/v1/health-report").await;
    assert_eq!((report["is_well"].as_bool(), report["failures"].as_array().unwrap().len()), (Some(false), 2));
    let text = page(&server, "/dashboard/health", &cookie).await;
    for words in ["Payments that match no order", "Failed jobs", "2 things need your attention", "cs_gone", "Dismiss"] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert!(!text.contains("<b>luck"));
    let away = server.form("/_fn/dismiss_failure", "id=evt_1", &cookie).await;
    assert_eq!(away.header("location"), "/dashboard/health?notice=dismissed");
    assert_eq!(server.change("POST", "/api/v1/failures/evt_1/dismiss", &Value::Null).await.status, 404);
    let tried = server.form("/_fn/retry_failure", "id=evt_2&back=/dashboard/health", &cookie).await;
    assert_eq!(tried.header("location"), "/dashboard/health?notice=retried");
    let strange = server.form("/_fn/retry_failure", "id=none&back=//evil.example", &cookie).await;
    assert_eq!(strange.header("location"), "/dashboard?notice=not_found");
    assert_eq!(server.create("/api/v1/failures/retry", &Value::Null).await.status, 202);
    let all = server.form("/_fn/retry_all", "", &cookie).await;
    assert_eq!(all.header("location"), "/dashboard/health?notice=all_retried");
    let mails = server.form("/_fn/hurry_mails", "id=", &cookie).await;
    assert_eq!(mails.header("location"), "/dashboard/health?notice=hurried");
}
