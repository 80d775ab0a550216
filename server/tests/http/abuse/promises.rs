//! What holds beside the table: behind https, in the log, with another clock, against whoever guesses.

use super::crowd::Ask;
use crate::support::{Engine, OWNER, PASSWORD, TestServer, WEBHOOK_SECRET, send};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;
use std::io::Write;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

/// An event that Stripe signed so many seconds from now.
pub fn signed(body: &str, shift_secs: i64, what: String) -> Ask {
    let time = shop::Clock::System.now_ms() / 1000 + shift_secs;
    let mac = shop::base::secret::hmac_sha256(WEBHOOK_SECRET.as_bytes(), &[time.to_string().as_bytes(), b".", body.as_bytes()]);
    let hex: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut ask = Ask::get("/webhooks/stripe", what).with("stripe-signature", format!("t={time},v1={hex}"));
    (ask.method, ask.body) = ("POST", body.as_bytes().to_vec());
    ask
}

#[on_both_databases]
async fn behind_https_every_answer_says_so_and_no_cookie_is_anybody_elses(engine: Engine) {
    const BASE: &str = "https://shop.example.com";
    let server = TestServer::changed(engine, |config| config.web.base_url = BASE.to_owned(), |_| {}).await;
    server.stock().await;
    for path in [
        "/",
        "/products/a-book",
        "/cart",
        "/dashboard",
        "/nothing",
        "/api/v1/products",
        "/api/v1/nothing",
        "/healthz",
        "/robots.txt",
        "/downloads/none",
    ] {
        let answer = server.get(path).await;
        let age = answer.header("strict-transport-security").split(['=', ';']).nth(1).and_then(|secs| secs.parse::<u64>().ok());
        assert!(age.is_some_and(|secs| secs >= 31_536_000), "{path}: {:?}", answer.header("strict-transport-security"));
    }
    let post = async |path: &str, fields: &str, cookie: &str| {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), ("origin", BASE), ("cookie", cookie)];
        send("POST", &format!("{}{path}", server.base), &headers, fields).await
    };
    let sign_in = format!("email={OWNER}&password={}&next=/dashboard", PASSWORD.replace(' ', "+"));
    let mut n_named = 0;
    let signed_in = post("/_fn/sign_in", &sign_in, "a=b").await;
    let mut cookies = signed_in.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let session = cookies.find(|cookie| cookie.starts_with("__Host-session=")).unwrap().split(';').next().unwrap().to_owned();
    let signed_out = post("/_fn/sign_out", "", &session).await;
    assert!(signed_out.headers.get_all("set-cookie").iter().any(|cookie| cookie.as_bytes().starts_with(b"__Host-session=;")));
    for answer in [signed_in, signed_out, post("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "a=b").await] {
        for cookie in answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()) {
            assert!(cookie.contains("; Secure") && cookie.contains("SameSite=Lax") && !cookie.contains("Domain"), "{cookie}");
            if cookie.starts_with("__Host-") {
                assert!(cookie.contains("HttpOnly") && cookie.contains("Path=/;") || cookie.ends_with("Path=/"), "{cookie}");
                n_named += 1;
            }
        }
    }
    assert!(n_named >= 3, "a session that begins and ends, and a cart");
    // A cookie without the prefix could be another host's of the same domain.
    let answer = send("GET", &format!("{}/dashboard", server.base), &[("cookie", "session=abc")], "").await;
    assert_eq!(answer.status, 302);
}

/// All that this process logs, kept for a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

#[tokio::test]
async fn neither_log_nor_metrics_know_a_secret_or_a_person() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter("debug,hyper=info").with_ansi(false).with_writer(move || written.clone());
    tracing_subscriber::util::SubscriberInitExt::try_init(subscriber.finish()).expect("no other test of this process logs");
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = TestServer::changed(Engine::Sqlite, |config| config.metrics_listen = Some(listen), |_| {}).await;
    server.stock().await;
    let (order, key) = server.buy("plain").await;
    let file = server.order(&order, &key).await.json()["items"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let link = server.mint(&order, &key, &file).await.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(send("GET", &link, &[], "").await.status, 200);
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    send("GET", &format!("{}/dashboard", server.base), &[("cookie", &cookie)], "").await;
    // Refusals, which tell more than what goes well.
    server.form("/_fn/sign_in", &format!("email={OWNER}&password=hunter2+hunter2&next=/"), "").await;
    server.form("/_fn/request_sign_in_link", &format!("email={OWNER}&next=/"), "").await;
    server.get(&format!("/orders/{order}?key={key}x")).await;
    server.get(&format!("{}x", link.strip_prefix(&server.base).unwrap())).await;
    send("GET", &format!("{}/api/v1/orders", server.base), &[("authorization", "Bearer wl_a-mistyped-key")], "").await;
    let odd = json!({ "email": "reader@example.com", "items": [{ "product": "none", "quantity": 1 }] });
    server.post("/api/v1/checkouts", &odd).await;
    let metrics = send("GET", &format!("http://{listen}/metrics"), &[], "").await.text();
    let (told, token) = (log.text(), link.rsplit('/').next().unwrap());
    assert!(told.contains("order paid") || told.contains("event handled"), "the log was kept: {told}");
    assert!(metrics.contains("orders_paid_total 1"), "{metrics}");
    let secrets = [
        ("the API key", server.api_key.as_str()),
        ("the order's key", key.as_str()),
        ("a download link", token),
        ("a session", cookie.split_once('=').unwrap().1),
        ("the password", PASSWORD),
        ("a mistyped password", "hunter2"),
        ("a mistyped key", "wl_a-mistyped-key"),
        ("the webhook's secret", WEBHOOK_SECRET),
        ("Stripe's key", "sk_test_1"),
        ("the secret key", "0123456789abcdef0123456789abcdef"),
        ("the customer", "reader@example.com"),
        ("the owner", OWNER),
    ];
    for (what, secret) in secrets {
        let line = told.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "the log knows {what}");
        assert!(!metrics.contains(secret), "the metrics know {what}");
    }
}

const HOUR_MS: i64 = 60 * 60 * 1000;

async fn with_clock(engine: Engine, shift_ms: i64) -> TestServer {
    let now = Arc::new(AtomicI64::new(shop::Clock::System.now_ms() + shift_ms));
    let server = TestServer::changed(engine, |_| {}, |shop| shop.clock = shop::Clock::Fixed(now)).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    assert_eq!(send("GET", &format!("{}/dashboard", server.base), &[("cookie", &cookie)], "").await.status, 200);
    // Stripe's news is signed at the right time, so this shop takes it for too old, or too new.
    let event = json!({ "id": "evt_1", "type": "charge.refunded", "data": { "object": { "id": "ch_1" } } }).to_string();
    let news = signed(&event, 0, String::new());
    let headers: Vec<(&str, &str)> = news.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = send("POST", &format!("{}/webhooks/stripe", server.base), &headers, event).await;
    assert!(refused.status == 400 && refused.text().starts_with("the signature is right"), "{}", refused.text());
    // And the owner is told why.
    let words = if shift_ms > 0 { "ahead of Stripe&#x27;s" } else { "behind Stripe&#x27;s" };
    for _ in 0..400 {
        let report = server.change("GET", "/api/v1/health-report", &Value::Null).await.json();
        if report["wrong_clocks"][0]["to_do"].as_str().is_some_and(|to_do| to_do.contains("NTP")) {
            let page = send("GET", &format!("{}/dashboard/health", server.base), &[("cookie", &cookie)], "").await.text();
            assert!(page.contains("A clock is wrong") && page.replace('\'', "&#x27;").contains(words), "{page}");
            let check = server.create("/api/v1/settings/stripe-check", &Value::Null).await.json();
            assert!(check["clock_trouble"].as_str().unwrap().contains("NTP"), "{check}");
            return server;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("nobody is told of the clock");
}

#[on_both_databases]
async fn a_clock_that_is_an_hour_ahead_sells_all_the_same(engine: Engine) {
    let server = with_clock(engine, HOUR_MS).await;
    // The order asks Stripe by itself.
    let (order, key) = server.buy("plain").await;
    let file = server.order(&order, &key).await.json()["items"][0]["files"][0]["id"].as_str().unwrap().to_owned();
    let link = server.mint(&order, &key, &file).await.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(send("GET", &link, &[], "").await.status, 200);
    assert_eq!(server.count("orders WHERE status = 'paid'").await, 1);
    assert_eq!(server.count("jobs WHERE kind = 'order_mail'").await, 1);
}

#[on_both_databases]
async fn a_clock_that_is_an_hour_behind_charges_nobody(engine: Engine) {
    let server = with_clock(engine, -HOUR_MS).await;
    // A session must not end within the next half hour, and this one is over by Stripe's clock.
    let body = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": "reader@example.com" });
    let refused = server.post("/api/v1/checkouts", &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "payment_refused"));
    assert!(refused.text().contains("Nothing was charged"));
    assert_eq!(server.count("entitlements").await, 0);
}

#[on_both_databases]
async fn who_guesses_codes_learns_nothing_and_is_held_up(engine: Engine) {
    let server = TestServer::with(engine, 1.0).await;
    server.stock().await;
    let made = async |body: Value| assert_eq!(server.create("/api/v1/promotions", &body).await.status, 201, "{body}");
    made(json!({ "code": "OVER", "percent_off": 10, "expires_at": "2999-01-01T00:00:00Z" })).await;
    server.shop.db.execute_unprepared("UPDATE promotions SET expires_at = 1 WHERE expires_at IS NOT NULL").await.unwrap();
    made(json!({ "code": "LATER", "percent_off": 10, "starts_at": "2999-01-01T00:00:00Z" })).await;
    made(json!({ "code": "USED", "percent_off": 10, "max_redemptions": 1 })).await;
    made(json!({ "code": "AWAY", "percent_off": 10 })).await;
    assert_eq!(server.change("PATCH", "/api/v1/promotions/AWAY", &json!({ "status": "archived" })).await.status, 200);
    let buy = async |code: &str, email: &str| {
        let body = json!({ "items": [{ "product": "a-book", "variant": "plain", "quantity": 1 }], "email": email, "promotion_code": code });
        server.post("/api/v1/checkouts", &body).await
    };
    assert_eq!(buy("USED", "first@example.com").await.status, 201);
    let mut told = Vec::new();
    for code in ["OVER", "LATER", "USED", "AWAY", "NOBODY", "' OR 1=1;--", "%"] {
        let answer = buy(code, "guess@example.com").await;
        told.push((answer.status, answer.text()));
    }
    assert!((400..500).contains(&told[0].0) && told[0].1.contains("promotion_invalid"), "{told:?}");
    assert!(told.iter().all(|answer| *answer == told[0]), "each is the same answer: {told:#?}");
    let mut n_held = 0;
    for n in 0..60 {
        n_held += usize::from(buy(&format!("GUESS{n}"), "guess@example.com").await.status == 429);
    }
    assert!(n_held >= 60 - 30, "only {n_held} of 60 guesses were held up");
    // The same door, as the cart's form.
    let cart = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await;
    assert!(cart.status < 400, "{}", cart.status);
    assert_eq!(server.form("/_fn/apply_promotion", "promotion_code=GUESS", "").await.status, 429);
}
