//! An emulator on a port of its own, and a client for it.

#![allow(dead_code, reason = "each test file uses a part")]

use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stripe_emulator::{Emulator, Options, WebhookTarget};

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn id(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["id"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub struct Server {
    pub base: String,
    task: tokio::task::JoinHandle<anyhow::Result<()>>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let shutdown = async move { drop(stopped.await) };
        let task = tokio::spawn(Emulator::new(options).unwrap().serve(listener, shutdown));
        Self { base, task, stop: Some(stop) }
    }
    pub async fn stop(mut self) {
        self.stop.take();
        (&mut self.task).await.unwrap().unwrap();
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let path = path.strip_prefix(&self.base).unwrap_or(path);
        let mut request = hyper::Request::builder().method(method).uri(format!("{}{path}", self.base)).header("connection", "close");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(bytes::Bytes::from(body.to_owned()))).unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<bytes::Bytes>>();
        let response = client.request(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status, headers, text }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", "Bearer sk_test_1")], "").await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, &[("authorization", "Bearer sk_test_1"), ("content-type", "application/x-www-form-urlencoded")], form).await
    }

    pub async fn post_with_key(&self, path: &str, key: &str, form: &str) -> Answer {
        let headers =
            [("authorization", "Bearer sk_test_1"), ("content-type", "application/x-www-form-urlencoded"), ("idempotency-key", key)];
        self.send("POST", path, &headers, form).await
    }

    /// Asks the control surface; panics unless it agrees.
    pub async fn control(&self, path: &str, json: &str) {
        let answer = self.send("POST", &format!("/_emulator/{path}"), &[("content-type", "application/json")], json).await;
        assert!(answer.status < 300, "{} {}", answer.status, answer.text);
    }

    /// Posts a form of the hosted page, which knows no keys.
    pub async fn browse(&self, path: &str, form: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/x-www-form-urlencoded")], form).await
    }

    pub async fn session(&self, more: &str) -> Value {
        let answer = self.post("/v1/checkout/sessions", &format!("{ORDER}{more}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The kinds of all events, oldest first.
    pub async fn event_kinds(&self) -> Vec<String> {
        let list = self.get("/v1/events?limit=100").await.json();
        list["data"].as_array().unwrap().iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

pub const ORDER: &str = "mode=payment&success_url=http://127.0.0.1:9/ok?s={CHECKOUT_SESSION_ID}&cancel_url=http://127.0.0.1:9/no\
&customer_email=ada@example.com&client_reference_id=order-1\
&metadata[order]=1&payment_intent_data[metadata][order]=2\
&line_items[0][quantity]=2&line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=600\
&line_items[0][price_data][product_data][name]=A+book";

pub const CARD: &str = "email=ada@example.com&expiry=12+/+40&cvc=123&name=Ada&card_number=";

/// What a webhook endpoint got: the signature and the body.
pub type Received = Arc<Mutex<Vec<(String, String)>>>;

/// An endpoint that refuses its first `refusals` events.
pub async fn endpoint(refusals: usize) -> (WebhookTarget, Received) {
    let received = Received::default();
    let state = (received.clone(), Arc::new(Mutex::new(refusals)));
    let take = |axum::extract::State((received, refusals)): axum::extract::State<(Received, Arc<Mutex<usize>>)>,
                headers: HeaderMap,
                body: String| async move {
        received.lock().unwrap().push((headers["stripe-signature"].to_str().unwrap().to_owned(), body));
        let mut left = refusals.lock().unwrap();
        let has_to_refuse = *left > 0;
        *left = left.saturating_sub(1);
        if has_to_refuse { axum::http::StatusCode::INTERNAL_SERVER_ERROR } else { axum::http::StatusCode::OK }
    };
    let router = axum::Router::new().route("/hook", axum::routing::post(take)).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (WebhookTarget { url, secret: "whsec_test".to_owned() }, received)
}
pub fn sending_to(webhook: WebhookTarget) -> Options {
    Options { webhook: Some(webhook), retry_base: Duration::from_millis(20), ..Options::default() }
}
