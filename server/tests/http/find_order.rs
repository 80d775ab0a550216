//! The page that finds orders, and the pages that lead there.

use crate::support::{Engine, TestServer, send};
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn the_answer_is_the_same_for_every_address() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    server.buy("plain").await;
    let ask = async |email: &str| server.form("/_fn/find_order", &format!("email={email}"), "").await;
    let (known, unknown) = (ask("reader%40example.com").await, ask("nobody%40example.com").await);
    assert_eq!((known.status, known.header("location")), (303, "/find-order?notice=orders_mailed"));
    assert_eq!((known.status, known.header("location")), (unknown.status, unknown.header("location")));
    let page = server.get(known.header("location")).await;
    assert!(page.text().contains("If there are orders with this address"), "{}", page.text());
    let refused = ask("nobody").await;
    assert_eq!(refused.header("location"), "/find-order?notice=email_invalid");
    assert!(server.get(refused.header("location")).await.text().contains("aria-invalid=\"true\""));
    let long = ask(&"a".repeat(300)).await;
    assert_eq!(long.header("location"), "/find-order?notice=email_invalid");
}

#[tokio::test]
async fn pages_without_an_order_lead_there() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    server.shop.db.execute_unprepared("UPDATE stores SET name = 'Papier', support_email = 'help@papier.example'").await.unwrap();
    for path in ["/orders/none", "/nothing-here", "/downloads/none", "/sign-in"] {
        let page = send("GET", &format!("{}{path}", server.base), &[("accept", "text/html")], "").await.text();
        assert!(page.contains("href=\"/find-order\""), "{path}: {page}");
    }
    assert_eq!(server.get("/orders/find").await.header("location"), "/find-order");
    let page = server.get("/downloads/none").await;
    let text = page.text();
    assert_eq!(page.status, 404);
    assert!(text.contains(">Papier</a>") && text.contains("mailto:help@papier.example"), "the shop is around it: {text}");
    assert_eq!(text.matches("doesn't work").count() + text.matches("doesn&#39;t work").count(), 2, "the title, and once: {text}");
}
