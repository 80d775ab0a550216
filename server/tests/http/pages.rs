//! Pages: what every answer carries, what is kept, and forms that come from elsewhere.

use crate::support::{Engine, TestServer, send};
use serde_json::json;
use shop::Delivery;
use shop::files::{S3FileStore, S3Options};
use shop_testing::on_both_databases;
use std::sync::Arc;

#[tokio::test]
async fn every_page_carries_its_guards() {
    let server = TestServer::start().await;
    server.stock().await;
    for path in ["/", "/products", "/products/a-book", "/cart", "/sign-in", "/nothing"] {
        let page = server.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert!(!page.header("referrer-policy").is_empty());
    }
    assert_eq!(server.get("/nothing").await.status, 404);
    assert_eq!(server.get("/products/none").await.status, 404);
    for path in ["/products/%ff", "/media/%ff/a", "/pkg/%ff/a"] {
        let unreadable = server.get(path).await;
        assert!(unreadable.status == 404 && !unreadable.text().contains("UTF-8"), "{path}: {}", unreadable.text());
    }
}

#[tokio::test]
async fn a_panic_is_an_accident_like_any_other() {
    let break_down = || axum::routing::get(async || -> String { panic!("the innermost secret") });
    let server = TestServer::beside(axum::Router::new().route("/breaks", break_down()).route("/api/v1x/breaks", break_down())).await;
    for path in ["/breaks", "/api/v1x/breaks"] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, 500, "{path}");
        assert!(answer.text().contains("Something went wrong on our side"), "{path}: {}", answer.text());
        assert!(!answer.text().contains("secret"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    assert_eq!(server.get("/api/v1x/breaks").await.json()["error"]["code"], "internal");
    assert_eq!(server.get("/products").await.status, 200);
}

#[tokio::test]
async fn a_form_may_lead_to_the_bucket_that_downloads_are_redirected_to() {
    let bucket = || {
        Arc::new(S3FileStore::new(S3Options {
            bucket: "goods".to_owned(),
            prefix: "shop".to_owned(),
            endpoint: Some("https://s3.example.net:9000".to_owned()),
            region: "us-east-1".to_owned(),
            access_key_id: "AKIATEST".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        }))
    };
    for (delivery, is_named) in [(Delivery::Redirect, true), (Delivery::Stream, false)] {
        let server = TestServer::changed(Engine::Sqlite, |config| config.delivery = delivery, |shop| shop.files = bucket()).await;
        let policy = server.get("/cart").await.header("content-security-policy").to_owned();
        let forms = policy.split("; ").find(|rule| rule.starts_with("form-action")).unwrap();
        assert!(forms.contains(&server.stripe), "{forms}");
        assert_eq!(forms.split(' ').any(|source| source == "https://s3.example.net:9000"), is_named, "{forms}");
    }
}

#[tokio::test]
async fn what_a_creator_writes_runs_nothing() {
    let server = TestServer::start().await;
    server.stock().await;
    let page = server.get("/products/a-book").await.text();
    assert!(page.contains("<em>things</em>") && !page.contains("alert(1)"), "the description is not sanitized");
}

#[tokio::test]
async fn a_kept_page_changes_with_the_catalog() {
    let server = TestServer::start().await;
    server.stock().await;
    let first = server.get("/products").await;
    let again = send("GET", &format!("{}/products", server.base), &[("if-none-match", first.header("etag"))], "").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    let second =
        json!({ "title": "Second", "status": "published", "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }] });
    assert_eq!(server.create("/api/v1/products", &second).await.status, 201);
    let changed = send("GET", &format!("{}/products", server.base), &[("if-none-match", first.header("etag"))], "").await;
    assert_eq!(changed.status, 200);
    assert!(changed.text().contains("Second"));
}

#[tokio::test]
async fn a_page_that_lacks_something_is_not_kept() {
    let server = TestServer::start().await;
    server.stock().await;
    let store = server.shop.settings.store_id;
    let sql = "INSERT INTO categories (id, store_id, slug, name) VALUES ($1, $1, 'poems', 'Poems')";
    shop::base::database::execute(&server.shop.db, sql, [store.into()]).await.unwrap();
    // What names the store, and what lists the categories, can't be read for a while: bytes stand where text belongs.
    for (table, column, missing) in [("stores", "tagline", "· Weightless"), ("categories", "description", "Poems")] {
        let page = format!("/products?q={table}");
        // As when somebody has changed something: what was read before is read again.
        let forget = || server.shop.catalog_changes.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        forget();
        let set = |value: &str| format!("UPDATE {table} SET {column} = {value}");
        shop::base::database::execute(&server.shop.db, &set("x'ff'"), []).await.unwrap();
        let hiccup = server.get(&page).await;
        assert_eq!((hiccup.status, hiccup.header("cache-control")), (200, "private, no-store"), "{table}");
        assert!(!hiccup.headers.contains_key("x-page-incomplete") && !hiccup.text().contains(missing), "{}", hiccup.text());
        shop::base::database::execute(&server.shop.db, &set("''"), []).await.unwrap();
        forget();
        let whole = server.get(&page).await;
        assert!(whole.text().contains(missing) && whole.header("cache-control").starts_with("public"), "{table}: {}", whole.text());
    }
}

#[tokio::test]
async fn only_what_is_the_same_for_everybody_may_be_kept() {
    let server = TestServer::start().await;
    server.stock().await;
    let paths = [
        "/cart",
        "/sign-in",
        "/dashboard",
        "/nothing",
        "/orders/none",
        "/_fn/none",
        "/api/v1/products",
        "/media/none/a",
        "/healthz",
        "/cart?notice=canceled",
    ];
    for path in paths {
        assert_eq!(server.get(path).await.header("cache-control"), "private, no-store", "{path}");
    }
    let form = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await;
    assert_eq!(form.header("cache-control"), "private, no-store");
    for path in ["/", "/products", "/products/a-book", "/favicon.svg"] {
        assert!(server.get(path).await.header("cache-control").starts_with("public"), "{path}");
    }
}

#[tokio::test]
async fn carts_are_not_made_by_the_thousand() {
    let server = TestServer::with(Engine::Sqlite, 0.05).await;
    for path in ["/_fn/add_to_cart", "/_fn/set_cart_quantity"] {
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(server.form(path, "product=none&variant=plain&quantity=1", "").await.status);
        }
        assert_eq!(statuses.last(), Some(&429), "{path}: {statuses:?}");
    }
}

#[tokio::test]
async fn a_form_from_another_site_is_refused() {
    let server = TestServer::start().await;
    server.stock().await;
    let url = format!("{}/_fn/add_to_cart", server.base);
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "text/html"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(send("POST", &url, &headers, "product=a-book&quantity=1").await.status, 403);
    assert_eq!(server.count("carts").await, 0);
    let ours = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "cart_count=0").await;
    assert_eq!((ours.status, ours.header("location")), (303, "/cart"));
    let cookie =
        ours.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).find(|value| value.starts_with("cart=")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn a_form_that_makes_no_sense_leads_back_with_a_sentence() {
    let server = TestServer::start().await;
    server.stock().await;
    for (fields, notice) in [
        ("product=a-book&variant=plain&quantity=0", "quantity_invalid"),
        ("product=a-book&variant=plain&quantity=-1", "quantity_invalid"),
        ("product=a-book&variant=plain&quantity=1000000000", "quantity_invalid"),
        ("product=a-book&variant=plain&quantity=many", "quantity_invalid"),
        ("product=none&quantity=1", "product_not_found"),
    ] {
        let answer = server.form("/_fn/add_to_cart", fields, "").await;
        assert_eq!((answer.status, answer.header("location")), (303, format!("/cart?notice={notice}").as_str()), "{fields}");
    }
    assert_eq!(server.count("cart_items").await, 0);
    for bad in ["product", "%ff=%fe", ""] {
        let status = server.form("/_fn/add_to_cart", bad, "").await.status;
        assert!((300..500).contains(&status), "{bad}: {status}");
    }
    let large = server.form("/_fn/add_to_cart", &format!("product={}", "a".repeat(1 << 20)), "").await.status;
    assert!((400..500).contains(&large), "{large}");
}

#[on_both_databases]
async fn odd_queries_are_pages_not_accidents(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    for query in ["q=%22", "q=*", "q=%25_%27%3B--", "q=NEAR(", "q=%F0%9F%92%A9", "q=%ff", "page=nonsense", "sort=none", "tag=%00", "q=%00"]
    {
        let status = server.get(&format!("/products?{query}")).await.status;
        assert_eq!(status, 200, "{query}");
        assert_eq!(server.get(&format!("/api/v1/products?{query}")).await.status, 200, "{query}");
    }
    for query in ["category=none", "category=%00", "category=%2e%2e&q=a"] {
        let page = server.get(&format!("/products?{query}")).await;
        assert_eq!(page.status, 404, "{query}");
        let text = page.text();
        assert!(
            text.contains("There is no such category") && text.contains("content=\"noindex\"") && text.contains("browse all products"),
            "{text}"
        );
        assert!(text.contains("class=\"filters\"") && text.contains("New on the shelf"), "a search and what is new lead on: {text}");
        let answer = server.get(&format!("/api/v1/products?{query}")).await;
        assert_eq!((answer.status, answer.json()["items"].as_array().map(Vec::len)), (200, Some(0)), "{query}");
    }
}

#[tokio::test]
async fn a_title_is_text_wherever_it_stands() {
    let server = TestServer::start().await;
    let title = "</title><h1 id=pwn>x</h1><script>alert(1)</script>";
    let variants = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
    let product = json!({ "title": title, "slug": "odd", "status": "published", "variants": variants });
    assert_eq!(server.create("/api/v1/products", &product).await.status, 201);
    for path in ["/products/odd", "/products", "/"] {
        let page = server.get(path).await.text();
        assert!(!page.contains("<h1 id=pwn>") && !page.contains("<script>alert"), "{path}");
    }
}

#[tokio::test]
async fn a_broken_form_is_refused_and_leads_nowhere_else() {
    let server = TestServer::start().await;
    for path in ["/_fn/sign_in", "/_fn/add_to_cart", "/_fn/start_checkout"] {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("referer", "http://evil.example/x"), ("accept", "text/html")];
        let answer = send("POST", &format!("{}{path}", server.base), &headers, "x=1").await;
        assert_eq!(answer.status, 422, "{path}");
        assert!(!answer.header("location").contains("evil"), "{path}: {}", answer.header("location"));
    }
}

#[tokio::test]
async fn a_page_that_is_kept_is_the_page_that_was_made_in_every_encoding() {
    let server = TestServer::start().await;
    server.stock().await;
    let url = format!("{}/products/a-book", server.base);
    let head = send("HEAD", &url, &[], "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let plain = send("GET", &url, &[], "").await;
    assert!(plain.text().contains("</html>"), "a HEAD that came first leaves no empty page");
    for encoding in ["br", "gzip"] {
        let ask = async |known: &str| send("GET", &url, &[("accept-encoding", encoding), ("if-none-match", known)], "").await;
        let (first, second) = (ask("").await, ask("").await);
        assert_eq!((first.header("content-encoding"), second.header("content-encoding")), (encoding, encoding));
        assert!(first.body == second.body && first.body.len() < plain.body.len() / 2);
        assert_ne!(first.header("etag"), plain.header("etag"), "other bytes have another name");
        assert!(second.header("content-security-policy").contains("default-src 'none'"));
        let known = ask(first.header("etag")).await;
        assert_eq!((known.status, known.body.len(), known.header("content-encoding")), (304, 0, ""));
    }
}

#[on_both_databases(flavor = "multi_thread", worker_threads = 2)]
async fn many_pages_at_once_do_not_stop_each_other(engine: Engine) {
    let server = std::sync::Arc::new(TestServer::on(engine).await);
    server.stock().await;
    let visitors = (0..64).map(|n| {
        let server = server.clone();
        tokio::spawn(async move {
            for page in ["/products?notice=", "/cart", "/products/a-book?notice=", "/?notice="] {
                let answer = tokio::time::timeout(std::time::Duration::from_secs(30), server.get(page)).await;
                assert_eq!(answer.unwrap_or_else(|_| panic!("visitor {n} waits for {page}")).status, 200);
            }
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.unwrap();
    }
}

#[on_both_databases]
async fn what_another_replica_changes_is_seen_on_pages_that_are_never_kept(engine: Engine) {
    let server = TestServer::on(engine).await;
    let store = server.shop.settings.store_id;
    assert!(!server.get("/cart").await.text().contains("Elsewhere"));
    // As another replica writes it.
    let sql = "UPDATE stores SET name = 'Elsewhere', catalog_version = catalog_version + 1 WHERE id = $1";
    shop::base::database::execute(&server.shop.db, sql, [store.into()]).await.unwrap();
    for _ in 0..400 {
        if server.get("/cart").await.text().contains("Elsewhere") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the cart's page has the old name");
}
