//! What the owner says of refunds and of mails about sales.

use crate::support::TestServer;
use serde_json::json;

#[tokio::test]
async fn days_for_refunds_stand_beside_what_buys() {
    let server = TestServer::start().await;
    server.stock().await;
    let product = async || server.get("/products/a-book").await.text();
    let page = product().await;
    assert!(!page.contains("-day refunds") && !page.contains("Refund policy"), "{page}");
    for wrong in [0, -1, 366] {
        let refused = server.change("PATCH", "/api/v1/settings", &json!({ "refund_days": wrong })).await;
        assert_eq!((refused.status, refused.json()["error"]["field"].as_str()), (400, Some("refund_days")), "{wrong}");
    }
    let saved = server.change("PATCH", "/api/v1/settings", &json!({ "refund_days": 14 })).await.json();
    assert_eq!(saved["refund_days"], 14);
    let page = product().await;
    assert!(page.contains("14-day refunds") && !page.contains("/policies/refunds"), "{page}");
    server.change("PATCH", "/api/v1/settings", &json!({ "refund_text": "Write to us." })).await;
    assert!(product().await.contains("<a href=\"/policies/refunds\">14-day refunds"));
    // The order tells the buyer how.
    server.change("PATCH", "/api/v1/settings", &json!({ "support_email": "help@example.com" })).await;
    let (order, key) = server.buy("plain").await;
    let page = server.get(&format!("/orders/{order}?key={key}")).await.text();
    assert!(page.contains("Ask for a refund") && page.contains("%3A%20refund"), "{page}");
    server.change("PATCH", "/api/v1/settings", &json!({ "refund_days": null })).await;
    let page = product().await;
    assert!(page.contains("Refund policy") && !page.contains("14-day"), "{page}");
}

#[tokio::test]
async fn the_owner_chooses_when_sales_are_mailed() {
    let server = TestServer::start().await;
    let cookie = server.sign_in(crate::support::OWNER, crate::support::PASSWORD).await;
    let chosen = async || {
        let page = crate::support::send("GET", &format!("{}/dashboard/settings", server.base), &[("cookie", &cookie)], "").await.text();
        assert!(page.contains("Sent to owner@example.com, free orders included."), "{page}");
        let field = page.split_once("id=\"sale_mails\"").unwrap().1.split_once("</select>").unwrap().0.to_owned();
        field.split("<option").find(|option| option.contains("selected")).unwrap().to_owned()
    };
    assert!(chosen().await.contains("For each order"));
    let refused = server.change("PATCH", "/api/v1/settings", &json!({ "sale_mails": "hourly" })).await;
    assert_eq!((refused.code().as_str(), refused.json()["error"]["field"].as_str()), ("sale_mails_unknown", Some("sale_mails")));
    let saved = server.change("PATCH", "/api/v1/settings", &json!({ "sale_mails": "daily" })).await.json();
    assert_eq!(saved["sale_mails"], "daily");
    assert!(chosen().await.contains("Once a day"));
}
