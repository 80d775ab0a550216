//! What strangers may send: the largest of each kind costs about what a page costs, and what is larger is refused in words.

use crate::support::{Engine, TestServer, say, send};
use serde_json::json;
use shop_testing::on_both_databases;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What this whole process has computed, in the clock's ticks of 10 ms; everything of a test runs in one process.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // The name before may hold anything but ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn get(target: &str, head: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{head}\r\n")
}

fn post(target: &str, media_type: &str, body: &str) -> String {
    let n = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept: text/html\r\ncontent-type: {media_type}\r\ncontent-length: \
         {n}\r\n\r\n{body}"
    )
}

/// So many plain pages may the largest input cost. Before there were bounds, the worst cost thousands; in this build, without
/// optimizations, a description of the longest kind costs sixty.
const MANY: u64 = 200;
const ROUNDS: u64 = 4;
const PLAIN_ROUNDS: u64 = 80;

#[on_both_databases]
async fn the_largest_of_each_kind_costs_what_its_size_deserves(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let words = |text: &str| json!({ "description": text });
    let long = [
        (">".repeat(49_000), "quotes"),
        ((0..220).map(|n| format!("{}- x\n", "  ".repeat(n))).collect(), "lists"),
        ("<b a=1>".repeat(2_000) + &"\n\nx".repeat(10_000), "elements"),
        ("|a".repeat(300) + "\n" + &"|-".repeat(300) + "\n" + &"|\n".repeat(20_000), "cells"),
        ("ann@example.com https://example.com ".repeat(1_300), "addresses"),
    ];
    for (text, slug) in &long {
        let variants = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
        let product = json!({ "title": slug, "slug": slug, "status": "published", "variants": variants });
        assert_eq!(server.create("/api/v1/products", &product).await.status, 201);
        let changed = server.change("PATCH", &format!("/api/v1/products/{slug}"), &words(text)).await;
        assert_eq!(changed.status, 200, "{slug}: {}", changed.text());
    }
    let fields = (0..100).map(|n| format!("f{n}=")).collect::<Vec<_>>().join("&");
    let query = format!("{fields}{}", "a".repeat(4 * 1024 - fields.len()));
    let form_fields = (0..3_000).map(|n| format!("f{n}=a")).collect::<Vec<_>>().join("&");
    let deep_form = format!("product{}=a", "[a]".repeat(20_000));
    let deep_json = "[".repeat(100_000);
    let long_json = format!("{{\"items\":[],\"email\":\"{}\"}}", "a".repeat(250_000));
    let lines = (0..90).map(|n| format!("x-{n}: {}\r\n", "a".repeat(150))).collect::<String>();
    const FORM: &str = "application/x-www-form-urlencoded";
    let now = server.shop.clock.now_ms() / 1000;
    let signed = format!("application/json\r\nstripe-signature: t={now},v1={}", "00".repeat(32));
    let mut kinds = vec![
        ("query of a page", get(&format!("/cart?{query}"), "")),
        ("query of the catalog", get(&format!("/products?{query}"), "")),
        ("query of the API", get(&format!("/api/v1/products?{query}"), "")),
        ("search", get(&format!("/products?q={}", "ab+".repeat(300)), "")),
        ("head", get("/cart", &lines)),
        ("form of many fields", post("/_fn/add_to_cart", FORM, &form_fields)),
        ("form of one long field", post("/_fn/apply_promotion", FORM, &format!("promotion_code={}", "%41".repeat(170_000)))),
        ("deep form", post("/_fn/add_to_cart", FORM, &deep_form)),
        ("sign-in", post("/_fn/sign_in", FORM, &format!("email={}&password=x&next={}", "a".repeat(200_000), "b".repeat(200_000)))),
        ("JSON of many levels", post("/api/v1/checkouts", "application/json", &deep_json)),
        ("JSON with a long text", post("/api/v1/checkouts", "application/json", &long_json)),
        ("webhook", post("/webhooks/stripe", &signed, &"x".repeat(256 * 1024 - 1))),
        ("openapi.json", get("/api/openapi.json", "")),
        ("readyz", get("/readyz", "")),
    ];
    for (_, slug) in &long {
        // Each time under another name of the visitor, so that nothing is kept: a member's session is nobody else's page.
        kinds.push((slug, get(&format!("/products/{slug}"), "cookie: session=none\r\n")));
    }
    // Whatever is made once is made.
    for (_, request) in &kinds {
        say(&server, request).await;
    }
    let before = ticks();
    for _ in 0..PLAIN_ROUNDS {
        assert!(say(&server, get("/cart", "")).await.starts_with("HTTP/1.1 200"));
    }
    let plain = (ticks() - before).max(1);
    for (kind, request) in &kinds {
        let before = ticks();
        for _ in 0..ROUNDS {
            let answer = say(&server, request).await;
            let status = answer.get(9..12).unwrap_or_default();
            assert!(status.starts_with(['2', '3', '4']) && status != "408", "{kind}: {answer}");
        }
        let cost = ticks() - before;
        assert!(
            cost * PLAIN_ROUNDS <= plain * ROUNDS * MANY,
            "{ROUNDS} times {kind} cost {cost} ticks, {PLAIN_ROUNDS} plain pages {plain}"
        );
    }
}

#[tokio::test]
async fn what_is_too_long_is_refused_in_words() {
    let server = TestServer::start().await;
    let fields = "a=1&".repeat(100);
    let many = (0..3_001).map(|n| format!("f{n}=a")).collect::<Vec<_>>().join("&");
    const FORM: &str = "application/x-www-form-urlencoded";
    for (request, status) in [
        (get(&format!("/cart?{fields}"), ""), "414"),
        (get(&format!("/products?q={}", "a".repeat(4 * 1024)), ""), "414"),
        (get(&format!("/{}", "a".repeat(3 * 1024)), ""), "414"),
        (get(&format!("/api/v1/products?q={}", "a".repeat(4 * 1024)), ""), "414"),
        (get("/cart", &format!("x: {}\r\n", "a".repeat(16 * 1024))), "431"),
        (get("/cart", &"x: a\r\n".repeat(120)), "431"),
        (post("/_fn/add_to_cart", FORM, &many), "422"),
        (post("/_fn/add_to_cart", FORM, &"a".repeat(513 * 1024)), "413"),
    ] {
        let answer = say(&server, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
        if status == "431" {
            continue;
        }
        let is_api = request.starts_with("GET /api");
        assert!(answer.contains(if is_api { "\"code\":\"uri_too_long\"" } else { "<h1>This" }), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff") && answer.contains("no-store"), "{answer}");
        assert!(is_api || answer.contains("content-security-policy"), "{answer}");
    }
    assert_eq!(server.get("/cart").await.status, 200);
}

#[tokio::test]
async fn a_target_is_one_path_of_one_host() {
    let server = TestServer::start().await;
    for request in [
        "CONNECT a:443 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "CONNECT /cart HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "GET a:443 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "GET /cart HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET /cart HTTP/1.1\r\nhost: a\r\nhost: a\r\nconnection: close\r\n\r\n",
        "GET /api/v1/products HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
    ] {
        let answer = say(&server, request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{request}: {answer}");
        assert!(answer.len() > 200, "says why: {answer}");
    }
    for request in ["GET /cart HTTP/1.0\r\n\r\n", "GET http://a/cart HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"] {
        assert!(say(&server, request).await.contains(" 200 OK"), "{request}");
    }
}

#[tokio::test]
async fn a_path_in_another_spelling_is_no_page() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = format!("cookie: {}\r\n", server.sign_in(crate::support::OWNER, crate::support::PASSWORD).await);
    for path in [
        "/products/%2e%2e/dashboard/customers",
        "/products/../dashboard/customers",
        "/products/.%2E/dashboard",
        "/products/..%5cdashboard",
        "/products/..\\dashboard",
        "/products/%252e%252e/dashboard",
        "/./products",
        "//products",
        "/dashboard//customers",
        "/dashboard%2fcustomers",
        "/products/a-book%00",
        "/products/a-book%0a",
        "/api/v1/%2e%2e/products",
    ] {
        for cookie in [&*cookie, ""] {
            let answer = say(&server, get(path, cookie)).await;
            assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("public"), "{path}: {answer}");
        }
    }
    assert_eq!(server.get("/products/a-book").await.status, 200);
}

#[tokio::test]
async fn searches_and_small_questions_have_limits() {
    let server = TestServer::with(Engine::Sqlite, 0.05).await;
    server.stock().await;
    let mut statuses = Vec::new();
    for n in 0..12 {
        statuses.push(server.get(&format!("/products?q=word{n}")).await.status);
    }
    assert_eq!((statuses[0], statuses[11]), (200, 429), "{statuses:?}");
    assert_eq!(server.get("/products?q=word0").await.status, 200, "what is kept costs nothing");
    assert_eq!(server.get("/products").await.status, 200);
    let refused = server.get("/api/v1/products?q=word").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(server.get("/api/v1/products").await.status, 200);
    for (path, fields) in [
        ("/_fn/set_cart_price", "product=a-book&variant=plain&price=5"),
        ("/_fn/get_order_status", "id=none&key=none"),
        ("/_fn/get_entry", "token=none"),
    ] {
        let mut last = 0;
        for _ in 0..30 {
            last = server.form(path, fields, "").await.status;
        }
        assert_eq!(last, 429, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_the_catalog_is_kept_by_what_it_reads() {
    let server = TestServer::start().await;
    server.stock().await;
    let plain = server.get("/products/a-book").await;
    for query in ["fbclid=1", "utm_source=mail&gclid=2", "ref=x", "q=1"] {
        let page = server.get(&format!("/products/a-book?{query}")).await;
        assert_eq!((page.header("etag"), page.body == plain.body), (plain.header("etag"), true), "{query}");
    }
    assert_ne!(server.get("/products/a-book?variant=rich").await.body, plain.body);
    let (one, two) = (server.get("/products?sort=title&q=book").await, server.get("/products?q=book&x=1&sort=title").await);
    assert_eq!(one.header("etag"), two.header("etag"));
    for path in ["/", "/products", "/products/a-book", "/products?q=book"] {
        let head = send("HEAD", &format!("{}{path}", server.base), &[], "").await;
        let get = server.get(path).await;
        assert!(head.header("cache-control").starts_with("public") && head.body.is_empty(), "{path}");
        for name in ["etag", "cache-control", "vary", "content-type", "content-length", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
    assert!(!plain.headers.contains_key("x-page-in-catalog"));
}

#[tokio::test]
async fn a_product_that_moved_is_found_with_the_query_of_its_link() {
    let server = TestServer::start().await;
    server.stock().await;
    assert_eq!(server.change("PATCH", "/api/v1/products/a-book", &json!({ "slug": "the-book" })).await.status, 200);
    let moved = server.get("/products/a-book?utm_source=mail&variant=rich").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/products/the-book?utm_source=mail&variant=rich"));
}

#[tokio::test]
async fn what_a_member_sees_is_kept_for_nobody() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(crate::support::OWNER, crate::support::PASSWORD).await;
    for path in ["/", "/products", "/products/a-book", "/dashboard/customers", "/cart"] {
        let page = send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie)], "").await;
        assert_eq!((page.status, page.header("cache-control")), (200, "private, no-store"), "{path}");
        assert!(!page.headers.contains_key("x-page-in-catalog"), "{path}");
    }
    // A cart is no secret of the catalog's: its pages are the same with it and without.
    let page = send("GET", &format!("{}/products", server.base), &[("cookie", "cart=abc; cart_count=1")], "").await;
    assert!(page.header("cache-control").starts_with("public"));
}

/// Sends these bytes and goes away with the connection open.
async fn leave(server: &TestServer, text: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap();
    socket.write_all(text.as_bytes()).await.unwrap();
    socket
}

/// The first bytes that come back.
async fn first_line(socket: &mut TcpStream) -> String {
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn unfinished(path: &str, n_bytes: usize, client: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\naccept: text/html\r\nx-forwarded-for: {client}\r\ncontent-type: \
         application/x-www-form-urlencoded\r\ncontent-length: {n_bytes}\r\n\r\na"
    )
}

#[tokio::test]
async fn one_client_behind_a_proxy_does_not_take_the_place_of_others() {
    let proxy = |config: &mut server::config::Config| config.web.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = TestServer::changed(Engine::Sqlite, proxy, |_| {}).await;
    let mut held = Vec::new();
    for (n_bytes, n_places) in [(1000, 32), (500_000, 8)] {
        for _ in 0..n_places {
            held.push(leave(&server, &unfinished("/_fn/add_to_cart", n_bytes, "203.0.113.1")).await);
        }
        // Those before may still be on their way in: one more is refused as soon as all are there.
        let refused = loop {
            let mut more = leave(&server, &unfinished("/_fn/add_to_cart", n_bytes, "203.0.113.1")).await;
            match tokio::time::timeout(std::time::Duration::from_millis(200), first_line(&mut more)).await {
                Ok(line) => break line,
                Err(_) => held.push(more),
            }
            assert!(held.len() < 60, "nobody is refused");
        };
        assert_eq!(refused, "HTTP/1.1 429");
    }
    let headers = [("x-forwarded-for", "203.0.113.2"), ("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded")];
    let ours = send("POST", &format!("{}/_fn/add_to_cart", server.base), &headers, "product=none&quantity=1").await;
    assert_eq!(ours.status, 303);
    drop(held);
    for _ in 0..400 {
        let again = post("/_fn/add_to_cart", "application/x-www-form-urlencoded", "product=none&quantity=1");
        if say(&server, again.replace("host: a", "host: a\r\nx-forwarded-for: 203.0.113.1")).await.starts_with("HTTP/1.1 303") {
            return;
        }
    }
    panic!("places are not given back");
}

#[tokio::test]
async fn a_webhook_that_nobody_signed_is_not_read() {
    let server = TestServer::start().await;
    let now = server.shop.clock.now_ms() / 1000;
    for signature in ["", "stripe-signature: v1=00\r\n", "stripe-signature: t=now,v1=00\r\n", &format!("stripe-signature: t={now}\r\n")] {
        let head = format!("POST /webhooks/stripe HTTP/1.1\r\nhost: a\r\n{signature}content-length: 100000\r\n\r\n");
        assert_eq!(first_line(&mut leave(&server, &head).await).await, "HTTP/1.1 400", "{signature}");
    }
    let large = format!("POST /webhooks/stripe HTTP/1.1\r\nhost: a\r\nstripe-signature: t={now},v1=00\r\ncontent-length: 300000\r\n\r\n");
    assert_eq!(first_line(&mut leave(&server, &large).await).await, "HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_is_as_long_as_its_head_says() {
    let server = TestServer::start().await;
    server.stock().await;
    const FORM: &str = "product=a-book&variant=plain&quantity=1";
    let head = |lines: &str| {
        format!(
            "POST /_fn/add_to_cart HTTP/1.1\r\nhost: a\r\naccept: text/html\r\ncontent-type: \
             application/x-www-form-urlencoded\r\n{lines}\r\n"
        )
    };
    // Shorter than it says: whoever hangs up has sent nothing.
    let mut socket = leave(&server, &format!("{}{FORM}", head(&format!("content-length: {}\r\n", FORM.len() + 1)))).await;
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    let _reset = socket.read_to_string(&mut answer).await;
    assert!(!answer.contains(" 303 "), "{answer}");
    // Longer than it says: the rest begins the next request, which is not valid.
    let longer = say(&server, format!("{}{FORM}&quantity=2\r\n\r\n", head(&format!("content-length: {}\r\n", FORM.len() - 20)))).await;
    assert!(longer.contains("HTTP/1.1 400"), "{longer}");
    for lines in [
        "content-length: 5\r\ncontent-length: 6\r\n",
        "content-length: +5\r\n",
        "content-length: -5\r\n",
        "content-length: 0x5\r\n",
        "content-length: 99999999999999999999\r\n",
        "transfer-encoding: gzip\r\n",
        "transfer-encoding: chunked, gzip\r\n",
        "content-length : 5\r\n",
        "x: a\r\n b\r\ncontent-length: 5\r\n",
        "x: a\rb\r\ncontent-length: 5\r\n",
        "x\0: a\r\ncontent-length: 5\r\n",
    ] {
        let answer = say(&server, format!("{}{FORM}", head(lines))).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{lines:?}: {answer}");
    }
    for chunks in [
        "5;\nprodu\r\n0\r\n\r\n",
        "5\nprodu\n0\n\n",
        "ffffffffffffffffff\r\nprodu",
        "-1\r\nprodu\r\n0\r\n\r\n",
        "5\r\nproduct=\r\n0\r\n\r\n",
    ] {
        let answer = say(&server, format!("{}{chunks}", head("connection: close\r\ntransfer-encoding: chunked\r\n"))).await;
        assert!(!answer.contains(" 303 "), "{chunks:?}: {answer}");
    }
    assert_eq!(server.count("cart_items").await, 0);
}

/// RFC 9112 §2.2 lets a server end lines by LF alone, and hyper does. What matters is that such a request means nothing else.
#[tokio::test]
async fn lines_that_end_without_a_carriage_return_hide_nothing() {
    let server = TestServer::start().await;
    assert!(say(&server, "GET /cart HTTP/1.1\nhost: a\nconnection: close\n\n").await.starts_with("HTTP/1.1 200"));
    for two in [
        "GET /cart HTTP/1.1\nhost: a\nhost: b\nconnection: close\n\n",
        "GET /cart HTTP/1.1\r\nx: a\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
    ] {
        assert!(say(&server, two).await.starts_with("HTTP/1.1 400"), "{two:?}");
    }
    // A head that is over for one reader and not for another: the rest is a request of its own, which nobody may read as ours.
    let answer = say(&server, "GET /cart HTTP/1.1\r\nhost: a\n\nGET /dashboard HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert_eq!((answer.matches("HTTP/1.1 200").count(), answer.matches("HTTP/1.1 302").count()), (1, 1), "{answer}");
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_what_is_missing() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookies = |answer: &crate::support::Answer| {
        let pairs = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().split(';').next().unwrap().to_owned());
        pairs.collect::<Vec<_>>().join("; ")
    };
    let see = async |page: &str, cookie: &str| send("GET", &format!("{}{page}", server.base), &[("cookie", cookie)], "").await;
    let added = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await;
    assert_eq!(added.header("location"), "/cart?added=1");
    assert!(see("/cart?added=1", "").await.text().contains("browser blocked the"));
    assert!(!see("/cart", "").await.text().contains("browser blocked the"), "an empty cart is an empty cart");
    let kept = see("/cart?added=1", &cookies(&added)).await;
    assert_eq!((kept.status, kept.header("location")), (302, "/cart"));
    assert!(see("/cart", &cookies(&added)).await.text().contains("A book"));

    let fields = format!("email={}&password={}&next=/dashboard/orders", crate::support::OWNER, crate::support::PASSWORD.replace(' ', "+"));
    let signed_in = server.form("/_fn/sign_in", &fields, "").await;
    let page = "/sign-in?entered=1&next=/dashboard/orders";
    assert_eq!(signed_in.header("location"), page);
    assert!(see(page, "").await.text().contains("browser blocked the"));
    let kept = see(page, &cookies(&signed_in)).await;
    assert_eq!((kept.status, kept.header("location")), (302, "/dashboard/orders"));
    assert!(!see("/sign-in", "").await.text().contains("browser blocked the"));
}

/// Browsers tell where a form comes from by its origin alone where a shop is reached over plain http.
#[tokio::test]
async fn forms_work_over_plain_http_and_strangers_forms_say_why_not() {
    let server = TestServer::start().await;
    for page in ["/setup", "/dashboard", "/orders/none?key=a", "/sign-in"] {
        let policy = server.get(page).await.header("referrer-policy").to_owned();
        assert!(policy.starts_with("strict-origin"), "{page}: browsers name the origin of a form, and no address: {policy}");
    }
    let url = format!("{}/_fn/sign_in", server.base);
    let form = |origin: &'static str, accept: &'static str| {
        let (url, media_type) = (url.clone(), "application/x-www-form-urlencoded");
        async move {
            send("POST", &url, &[("content-type", media_type), ("accept", accept), ("origin", origin)], "email=a&password=b&next=").await
        }
    };
    for origin in ["null", "http://elsewhere.example"] {
        let refused = form(origin, "text/html").await;
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("This form came from elsewhere") && refused.text().contains(&server.base), "{}", refused.text());
        let refused = form(origin, "application/json").await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "cross_origin"));
    }
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), ("origin", server.base.as_str())];
    assert_eq!(send("POST", &url, &headers, "email=a&password=b&next=").await.status, 303);
}
