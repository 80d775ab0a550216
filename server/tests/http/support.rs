//! A shop on a port of its own, with a Stripe emulator beside it, and a client that follows nothing by itself.

pub use shop_testing::Engine;

use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use server::application;
use server::config::{Config, MailConfig, StripeConfig, WebConfig};
use shop::{Delivery, Shop};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use stripe_emulator::{Emulator, Options, WebhookTarget};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const WEBHOOK_SECRET: &str = "whsec_test";
pub const OWNER: &str = "owner@example.com";
pub const PASSWORD: &str = "correct horse battery";
/// The browser of a person.
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of an API error.
    pub fn code(&self) -> String {
        let error = self.json();
        assert!(!error["error"]["message"].as_str().unwrap().is_empty());
        error["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Sends these very bytes and hears all that comes back.
pub async fn say(server: &TestServer, text: impl AsRef<[u8]>) -> String {
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
    // Whoever is refused early may find the other side closed.
    let _refused = socket.write_all(text.as_ref()).await;
    let mut answer = Vec::new();
    let _reset = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// What comes of an act, and by how many bytes this process grew at most meanwhile; everything of a test runs in one process.
pub async fn with_growth<T>(act: impl Future<Output = T>) -> (T, u64) {
    let before = anonymous_bytes();
    let (running, is_over) = mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let mut most = before;
        while is_over.recv_timeout(Duration::from_millis(2)) == Err(RecvTimeoutError::Timeout) {
            most = most.max(anonymous_bytes());
        }
        most
    });
    let outcome = act.await;
    drop(running);
    (outcome, watch.join().unwrap().max(anonymous_bytes()) - before)
}

/// The memory of this process that no file stands behind: which pages of a large debug build are loaded says nothing of the shop.
fn anonymous_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Sends one request.
pub async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut request = hyper::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = client.request(request.body(Full::new(bytes::Bytes::from(body.into()))).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await.unwrap().to_bytes().to_vec() }
}

/// Every route of the API, as its description has them: method, and path below `/api/v1`.
pub fn routes(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths.filter_map(|(path, methods)| {
        // The others are those of software with license keys, which anybody may send.
        let path = path.strip_prefix("/api/v1")?;
        Some(methods.as_object().unwrap().keys().map(move |method| (method.clone(), path.to_owned())))
    });
    routes.flatten().collect()
}

/// A running shop.
pub struct TestServer {
    pub base: String,
    pub stripe: String,
    pub shop: Shop,
    pub api_key: String,
    folder: tempfile::TempDir,
}

impl TestServer {
    pub async fn start() -> Self {
        Self::on(Engine::Sqlite).await
    }

    pub async fn on(engine: Engine) -> Self {
        Self::changed(engine, |_| {}, |_| {}).await
    }

    pub async fn with(engine: Engine, rate_limit_scale: f64) -> Self {
        Self::changed(engine, |config| config.web.rate_limit_scale = rate_limit_scale, |_| {}).await
    }

    /// With another configuration or another world than most tests need.
    pub async fn changed(engine: Engine, configure: impl FnOnce(&mut Config), equip: impl FnOnce(&mut Shop)) -> Self {
        Self::open(engine, configure, equip, axum::Router::new()).await
    }

    /// With routes of a test's own.
    pub async fn beside(extra: axum::Router) -> Self {
        Self::open(Engine::Sqlite, |_| {}, |_| {}, extra).await
    }

    async fn open(engine: Engine, configure: impl FnOnce(&mut Config), equip: impl FnOnce(&mut Shop), extra: axum::Router) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stripe_listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let stripe = format!("http://{}", stripe_listener.local_addr().unwrap());
        let mut config = Config {
            web: WebConfig {
                listen: listener.local_addr().unwrap(),
                base_url: base.clone(),
                trusted_proxies: Vec::new(),
                rate_limit_scale: 1000.0,
                drain: Duration::ZERO,
            },
            database_url: engine.shop_database(folder.path()).await,
            files_url: format!("file://{}", path("files")),
            mail: MailConfig { url: format!("dir://{}", path("mail")), from: "Shop <shop@example.com>".to_owned(), alert_email: None },
            stripe: StripeConfig {
                secret_key: "sk_test_1".to_owned().into(),
                webhook_secret: WEBHOOK_SECRET.to_owned().into(),
                api_base: stripe.clone(),
            },
            secret_key: "0123456789abcdef0123456789abcdef".to_owned().into(),
            license_signing_key: None,
            delivery: Delivery::Stream,
            metrics_listen: None,
        };
        configure(&mut config);
        let mut shop = application::open(&config).await.unwrap();
        equip(&mut shop);
        shop::accounts::create_owner(&shop, OWNER, PASSWORD).await.unwrap();
        let api_key = shop::accounts::create_api_key(&shop, OWNER).await.unwrap();
        let webhook = WebhookTarget { url: format!("{base}/webhooks/stripe"), secret: WEBHOOK_SECRET.to_owned() };
        let emulator = Emulator::new(Options { webhook: Some(webhook), ..Options::default() }).unwrap();
        tokio::spawn(emulator.serve(stripe_listener, std::future::pending()));
        let served = shop.clone();
        tokio::spawn(async move { application::serve(served, &config, listener, extra, std::future::pending()).await });
        Self { base, stripe, shop, api_key, folder }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send("GET", &format!("{}{path}", self.base), &[], "").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        send("POST", &format!("{}{path}", self.base), &[("content-type", "application/json")], body.to_string()).await
    }

    /// As the creator.
    pub async fn create(&self, path: &str, body: &Value) -> Answer {
        self.change("POST", path, body).await
    }

    /// As the creator, by any method.
    pub async fn change(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.api_key);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        send(method, &format!("{}{path}", self.base), &headers, body).await
    }

    /// As a browser sends a form of ours.
    pub async fn form(&self, path: &str, fields: &str, cookie: &str) -> Answer {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "text/html"),
            ("origin", self.base.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("cookie", cookie),
        ];
        send("POST", &format!("{}{path}", self.base), &headers, fields).await
    }

    /// A published book in two tiers with one file.
    pub async fn stock(&self) {
        let book = json!({
            "title": "A book", "slug": "a-book", "description": "Words about *things* <script>alert(1)</script>", "status": "published",
            "variants": [
                { "key": "plain", "name": "Plain", "amount": 500, "currency": "USD", "download_limit": 2 },
                { "key": "rich", "name": "Rich", "amount": 900, "currency": "USD", "license": { "activation_limit": 3 } },
            ],
        });
        assert_eq!(self.create("/api/v1/products", &book).await.status, 201);
        assert_eq!(self.upload("a-book", "book.pdf", b"%PDF-1.7 the whole book").await.status, 201);
    }

    pub async fn upload(&self, slug: &str, name: &str, content: &[u8]) -> Answer {
        self.upload_form(slug, &[(&format!("file\"; filename=\"{name}"), content)]).await
    }

    /// A form with these fields in this order.
    pub async fn upload_form(&self, slug: &str, fields: &[(&str, &[u8])]) -> Answer {
        self.upload_under(None, slug, fields).await
    }

    /// The same under this `Idempotency-Key`.
    pub async fn upload_under(&self, key: Option<&str>, slug: &str, fields: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, content) in fields {
            body.extend_from_slice(format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        let bearer = format!("Bearer {}", self.api_key);
        let mut headers = vec![("content-type", "multipart/form-data; boundary=b"), ("authorization", bearer.as_str())];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        send("POST", &format!("{}/api/v1/products/{slug}/files", self.base), &headers, body).await
    }

    /// A paid order: its id and its access key.
    pub async fn buy(&self, variant: &str) -> (String, String) {
        let request = json!({ "items": [{ "product": "a-book", "variant": variant, "quantity": 1 }], "email": "reader@example.com" });
        let made = self.post("/api/v1/checkouts", &request).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let session = made["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let paid = send(
            "POST",
            &format!("{}/_emulator/sessions/{session}/pay", self.stripe),
            &[("content-type", "application/json")],
            "{\"card\":\"4242424242424242\"}",
        )
        .await;
        assert_eq!(paid.status, 200, "{}", paid.text());
        let (id, key) = (made["order"]["id"].as_str().unwrap().to_owned(), made["order"]["access_key"].as_str().unwrap().to_owned());
        for _ in 0..400 {
            if self.order(&id, &key).await.json()["status"] == "paid" {
                return (id, key);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the order was never paid");
    }

    pub async fn order(&self, id: &str, key: &str) -> Answer {
        send("GET", &format!("{}/api/v1/orders/{id}", self.base), &[("authorization", &format!("Bearer {key}"))], "").await
    }

    pub async fn mint(&self, id: &str, key: &str, file_id: &str) -> Answer {
        let headers = [("authorization", &*format!("Bearer {key}")), ("content-type", "application/json")];
        send("POST", &format!("{}/api/v1/orders/{id}/downloads", self.base), &headers, json!({ "file_id": file_id }).to_string()).await
    }

    pub async fn count(&self, table: &str) -> i64 {
        let row =
            self.shop.db.query_one_raw(shop::base::database::statement(&self.shop.db, format!("SELECT COUNT(*) AS n FROM {table}"), []));
        row.await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// The cookie of a member who signed in.
    pub async fn sign_in(&self, email: &str, password: &str) -> String {
        let fields = format!("email={email}&password={}&next=/dashboard", password.replace(' ', "+"));
        let answer = self.form("/_fn/sign_in", &fields, "").await;
        let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let cookie = cookies.into_iter().find(|value| value.starts_with("session=")).expect("no session");
        cookie.split(';').next().unwrap().to_owned()
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
