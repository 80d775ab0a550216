//! Events on their way to an endpoint.

#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use stripe_emulator::{Emulator, Options};
use support::{Received, Server, endpoint, sending_to};

fn kinds(received: &Received) -> Vec<String> {
    received
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| serde_json::from_str::<Value>(body).unwrap()["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn an_event_is_signed_over_its_time_and_body() {
    let (target, received) = endpoint(0).await;
    let server = Server::with(sending_to(target)).await;
    server.post_with_key("/v1/customers", "key-1", "name=A").await;
    server.control("webhooks/flush", "").await;
    let (signature, body) = received.lock().unwrap()[0].clone();
    let part = |name: &str| signature.split(',').find_map(|part| part.strip_prefix(name)).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"whsec_test").unwrap();
    mac.update(format!("{}.{body}", part("t=")).as_bytes());
    assert_eq!(part("v1="), data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()));
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((event["request"]["idempotency_key"].as_str(), event["pending_webhooks"].as_i64()), (Some("key-1"), Some(1)));
}

#[tokio::test]
async fn an_event_is_sent_again_until_it_is_taken() {
    let (target, received) = endpoint(2).await;
    let server = Server::with(sending_to(target)).await;
    server.post("/v1/customers", "name=A").await;
    assert_eq!(server.get("/v1/events?delivery_success=true").await.json()["data"].as_array().unwrap().len(), 0);
    server.control("webhooks/flush", "").await;
    assert_eq!(kinds(&received), ["customer.created"; 3]);
    assert_eq!(server.get("/v1/events?delivery_success=true").await.json()["data"][0]["pending_webhooks"], 0);
}

#[tokio::test]
async fn events_are_dropped_doubled_and_turned_around_on_request() {
    let (target, received) = endpoint(0).await;
    let server = Server::with(sending_to(target)).await;
    server.control("webhooks", r#"{"drop":1}"#).await;
    server.post("/v1/customers", "name=A").await;
    server.control("webhooks", r#"{"duplicate":1}"#).await;
    server.post("/v1/products", "name=B").await;
    server.control("webhooks/flush", "").await;
    assert_eq!(kinds(&received), ["product.created"; 2]);
    assert_eq!(server.get("/v1/events?delivery_success=false").await.json()["data"][0]["type"], "customer.created");
    received.lock().unwrap().clear();
    server.control("webhooks", r#"{"reorder":9}"#).await;
    server.post("/v1/customers", "name=C").await;
    server.control("webhooks/flush", "").await;
    assert_eq!(kinds(&received), ["customer.created"]);
}

#[tokio::test]
async fn the_state_survives_a_restart_with_what_was_not_delivered() {
    let folder = std::env::temp_dir().join(format!("stripe-emulator-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("state.json");
    let (target, received) = endpoint(1).await;
    let options = Options { state_file: Some(file.clone()), retry_base: std::time::Duration::from_secs(600), ..sending_to(target.clone()) };
    let server = Server::with(options).await;
    let session = server.session("").await;
    let answer = server.post_with_key("/v1/customers", "k", "name=A").await;
    while received.lock().unwrap().is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    server.stop().await;
    let server = Server::with(Options { state_file: Some(file), ..sending_to(target) }).await;
    assert_eq!(server.get(&format!("/v1/checkout/sessions/{}", session["id"].as_str().unwrap())).await.status, 200);
    assert_eq!(server.post_with_key("/v1/customers", "k", "name=A").await.text, answer.text);
    server.control("webhooks/flush", "").await;
    assert_eq!(kinds(&received), ["customer.created"; 2]);
    server.stop().await;
    // What it wrote last may still be on its way.
    while std::fs::remove_dir_all(&folder).is_err() && folder.exists() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(Emulator::new(Options::default()).unwrap().serve(listener, std::future::ready(())).await.is_err());
}
