//! A paid order whose goods are not in the database, as the shop's pages and its API tell it.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;

#[on_both_databases]
async fn its_customer_is_told_that_the_payment_arrived_and_its_creator_what_to_do(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let page = format!("/orders/{id}?key={key}");
    // As it stands after a backup was restored that knows neither the order nor its product.
    let lost = json!({
        "order": id, "order_id": "018f0000-0000-7000-8000-000000000000", "payment": "pi_1",
        "goods": [{ "variant_id": "018f0000-0000-7000-8000-000000000001", "name": ["a-kit", "basic"] }],
    });
    let sql = format!(
        "INSERT INTO inbox_events (id, kind, livemode, object_id, raw, state, next_at, received_at, last_error, lost_goods) \
         VALUES ('evt_lost', 'checkout.session.completed', FALSE, 'cs_1', 'x', 'dead', 1, 1, 'x', '{lost}')"
    );
    server.shop.db.execute_unprepared(&sql).await.unwrap();
    assert_eq!(server.get(&page).await.status, 200, "an order that is there is shown");
    // The worker writes the order's timeline once its mail is sent.
    while server.count("jobs WHERE state <> 'done'").await + server.count("inbox_events WHERE state = 'received'").await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    for table in ["entitlements", "payments", "order_events", "order_items", "jobs"] {
        server.shop.db.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    server.shop.db.execute_unprepared("DELETE FROM orders").await.unwrap();

    let told = server.get(&page).await;
    assert_eq!(told.status, 503);
    let text = told.text();
    assert!(text.contains("Your payment has arrived") && text.contains("t need to pay again") && !text.contains("a-kit"), "{text}");
    assert_eq!(server.get(&format!("/orders/{}?key={key}", id.replace(char::is_alphanumeric, "a"))).await.status, 404);

    let failures = server.change("GET", "/api/v1/failures", &Value::Null).await.json();
    let failure = &failures["items"][0];
    assert_eq!((&failure["lost_order"], &failure["lost_goods"]), (&json!(id), &json!(["a-kit/basic"])));
    assert!(failure["error"].as_str().unwrap().contains("Make the product again"), "{failure}");
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let health = send("GET", &format!("{}/dashboard/health", server.base), &[("cookie", &cookie)], "").await.text();
    assert!(
        health.contains("A paid order whose goods are not here") && health.contains("a-kit/basic") && health.contains("pi_1"),
        "{health}"
    );
    assert!(!health.contains("All is well"));
}
