//! The door for Stripe: only what is signed comes in, and twice is once.

use crate::support::{TestServer, WEBHOOK_SECRET, send};

fn signature(body: &str, secs: i64) -> String {
    let mac = shop::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[secs.to_string().as_bytes(), b".", body.as_bytes()]);
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
