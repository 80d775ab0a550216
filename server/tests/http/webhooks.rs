//! The door for Stripe: only what is signed comes in, and twice is once.

use crate::support::{Answer, Engine, TestServer, WEBHOOK_SECRET, send};
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;
use shop_testing::on_both_databases;
use std::time::Duration;

fn signature(body: &str, secs: i64) -> String {
    let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[secs.to_string().as_bytes(), b".", body.as_bytes()]);
    format!("t={secs},v1={}", data_encoding::HEXLOWER.encode(&mac))
}

#[tokio::test]
async fn an_event_is_kept_once_and_only_when_it_is_signed() {
    let server = TestServer::start().await;
    let url = format!("{}/webhooks/stripe", server.base);
    let body = r#"{"id":"evt_1","type":"some.event","livemode":false,"data":{"object":{"id":"x"}}}"#;
    let now = server.shop.clock.now_ms() / 1000;
    for bad in [String::new(), "t=1,v1=00".to_owned(), signature(body, now - 3600), signature("{}", now)] {
        assert_eq!(send("POST", &url, &[("stripe-signature", &bad)], body).await.status, 400, "{bad}");
    }
    assert_eq!(server.count("inbox_events").await, 0);
    for _ in 0..3 {
        assert_eq!(send("POST", &url, &[("stripe-signature", &signature(body, now))], body).await.status, 200);
    }
    assert_eq!(server.count("inbox_events").await, 1);
    let large = "x".repeat(2 << 20);
    assert_eq!(send("POST", &url, &[("stripe-signature", &signature(&large, now))], large.clone()).await.status, 413);
}

/// Brings an event as Stripe does.
async fn bring(server: &TestServer, body: &str) -> Answer {
    let signature = signature(body, server.shop.clock.now_ms() / 1000);
    send("POST", &format!("{}/webhooks/stripe", server.base), &[("stripe-signature", &signature)], body).await
}

async fn eventually(server: &TestServer, rows: &str, n: i64) {
    for _ in 0..400 {
        if server.count(rows).await == n {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(server.count(rows).await, n, "{rows}");
}

/// An order that is paid at Stripe and of which the shop has heard nothing; tells the event that would tell it.
async fn unheard(server: &TestServer) -> String {
    server.stock().await;
    let webhooks = format!("{}/_emulator/webhooks", server.stripe);
    assert_eq!(send("POST", &webhooks, &[("content-type", "application/json")], r#"{"drop":99}"#).await.status, 204);
    let request = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": "reader@example.com" });
    let made = server.post("/api/v1/checkouts", &request).await.json();
    let session = made["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let pay = format!("{}/_emulator/sessions/{session}/pay", server.stripe);
    assert_eq!(send("POST", &pay, &[("content-type", "application/json")], r#"{"card":"4242424242424242"}"#).await.status, 200);
    json!({ "id": "evt_mine", "type": "checkout.session.completed", "livemode": false, "data": { "object": { "id": session } } })
        .to_string()
}

/// Delivered, and once.
async fn expect_delivered(server: &TestServer) {
    eventually(server, "inbox_events WHERE id = 'evt_mine' AND state = 'done'", 1).await;
    for rows in ["orders WHERE status = 'paid'", "payments", "entitlements", "jobs WHERE kind = 'order_mail'"] {
        assert_eq!(server.count(rows).await, 1, "{rows}");
    }
}

#[on_both_databases]
async fn an_event_of_another_shape_is_kept_and_harms_nothing(engine: Engine) {
    let server = TestServer::on(engine).await;
    // Thin events of Stripe's second API: no data, and the time as text. https://docs.stripe.com/event-destinations#thin-events
    let thin = json!({
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "livemode": false,
        "created": "2026-09-26T22:46:22.134Z",
        "related_object": { "id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1" },
    });
    let thin = thin.to_string();
    // Kinds that we know, without what they should have.
    let empty = r#"{"id":"evt_empty","object":"v2.core.event","type":"checkout.session.completed","livemode":false,"related_object":null}"#;
    for event in [&thin, empty, &thin] {
        let answer = bring(&server, event).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    eventually(&server, "inbox_events WHERE id = 'evt_thin' AND state = 'ignored'", 1).await;
    assert_eq!(server.count("inbox_events").await, 2);
    assert_eq!(server.count("orders").await, 0);
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_while_the_database_is_locked_is_not_lost(engine: Engine) {
    let server = TestServer::on(engine).await;
    let event = unheard(&server).await;
    // By another program, as a backup or a person with a prompt does.
    let other = match engine {
        Engine::Sqlite => {
            let url = format!("sqlite://{}", server.folder().join("shop.db").display());
            shop::base::database::begin_write(&shop::base::database::connect(&url).await.unwrap()).await.unwrap()
        }
        Engine::Postgres => {
            let tx = server.shop.db.writer().begin().await.unwrap();
            tx.execute_unprepared("LOCK TABLE inbox_events IN ACCESS EXCLUSIVE MODE").await.unwrap();
            tx
        }
    };
    let unlocking = async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        other.rollback().await.unwrap();
    };
    let (answer, ()) = tokio::join!(bring(&server, &event), unlocking);
    assert!(matches!(answer.status, 200 | 503), "{}: {}", answer.status, answer.text());
    // What was not acknowledged comes again; what was, may.
    assert_eq!(bring(&server, &event).await.status, 200);
    expect_delivered(&server).await;
}

#[on_both_databases]
async fn an_event_that_could_not_be_kept_is_delivered_when_stripe_sends_it_again(engine: Engine) {
    let server = TestServer::on(engine).await;
    let event = unheard(&server).await;
    let (close, open) = match engine {
        Engine::Sqlite => ("PRAGMA query_only = on", "PRAGMA query_only = off"),
        Engine::Postgres => (
            "ALTER TABLE inbox_events ADD CONSTRAINT closed CHECK (received_at < 0) NOT VALID",
            "ALTER TABLE inbox_events DROP CONSTRAINT closed",
        ),
    };
    server.shop.db.execute_unprepared(close).await.unwrap();
    for _ in 0..3 {
        assert_eq!(bring(&server, &event).await.status, 503);
    }
    assert_eq!(server.count("inbox_events WHERE id = 'evt_mine'").await, 0);
    server.shop.db.execute_unprepared(open).await.unwrap();
    for _ in 0..3 {
        assert_eq!(bring(&server, &event).await.status, 200);
    }
    expect_delivered(&server).await;
}

#[on_both_databases]
async fn signatures_of_odd_shape_and_time_are_refused_in_words(engine: Engine) {
    let server = TestServer::on(engine).await;
    let url = format!("{}/webhooks/stripe", server.base);
    let body = r#"{"id":"evt_1","type":"some.event","livemode":false,"data":{"object":{"id":"x"}}}"#;
    let now = server.shop.clock.now_ms() / 1000;
    let right = signature(body, now);
    for bad in [
        format!("t={now}"),
        format!("t={now},v0={}", right.split("v1=").nth(1).unwrap()),
        format!("t={now},v1=zz"),
        format!("t={},v1=00", i64::MIN),
        format!("t={now},v1={}", "a".repeat(10_000)),
        right.replace("v1=", "v1=0"),
    ] {
        let answer = send("POST", &url, &[("stripe-signature", &bad)], body).await;
        assert_eq!((answer.status, answer.text().as_str()), (400, "the signature is missing or wrong"), "{bad}");
    }
    for (secs, words) in [(now - 310, "behind the clock of this shop"), (now + 600, "ahead of the clock of this shop")] {
        let answer = send("POST", &url, &[("stripe-signature", &signature(body, secs))], body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().starts_with("the signature is right") && answer.text().ends_with(words), "{}", answer.text());
    }
    assert_eq!(server.count("inbox_events").await, 0);
    assert_eq!(send("POST", &url, &[("stripe-signature", &signature(body, now - 280))], body).await.status, 200);
}
