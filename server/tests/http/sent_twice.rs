//! Forms and requests that make something, sent twice: a double click, a reload, another try after a lost answer.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use crate::two_tabs::{encode, hidden, open};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

/// A form as a browser sends it, with the name of the attempt that its page carries.
async fn filled(server: &TestServer, cookie: &str, page: &str, fields: &[(&str, &str)]) -> String {
    let page = open(server, page, cookie).await.text();
    let attempt = hidden(&page, "attempt");
    assert!(attempt.len() >= 20, "{attempt}");
    let attempt = [("attempt", attempt.as_str())];
    fields.iter().chain(&attempt).map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Page, act, fields, and the rows that it makes one of.
type Sent<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

#[on_both_databases]
async fn a_double_click_makes_one_thing_and_both_lead_to_it(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let product = [
        ("form[title]", "Größe"),
        ("form[kind]", "book"),
        ("form[status]", "published"),
        ("form[tiers][0][name]", "Plain"),
        ("form[tiers][0][price]", "5"),
        ("act", "publish_anyway"),
    ];
    let promotion = [
        ("id", ""),
        ("way", "automatic"),
        ("code", ""),
        ("name", "Sale"),
        ("unit", "percent"),
        ("value", "10"),
        ("scope", "everything"),
        ("minimum", ""),
        ("limit", ""),
        ("starts", ""),
        ("ends", ""),
    ];
    let release = [("slug", "a-book"), ("version", "2.0"), ("notes", "")];
    let forms: [Sent; 7] = [
        ("/dashboard/products/new", "save_product", &product, "products WHERE title = 'Größe'"),
        ("/dashboard/products/a-book", "duplicate_product", &[("product", "a-book")], "products WHERE title LIKE '%(copy)'"),
        ("/dashboard/promotions/new", "save_promotion", &promotion, "promotions"),
        ("/dashboard/categories", "save_category", &[("form[name]", "Größe"), ("form[parent]", "")], "categories"),
        ("/dashboard/settings/keys", "create_key", &[("name", "Build"), ("access", "full")], "api_keys WHERE name = 'Build'"),
        (
            "/dashboard/settings/members",
            "invite_member",
            &[("email", "bob@example.com"), ("role", "support")],
            "members WHERE email LIKE 'bob%'",
        ),
        ("/dashboard/products/a-book/files", "prepare_release", &release, "releases WHERE version = '2.0'"),
    ];
    for (page, act, fields, rows) in forms {
        let (path, body) = (format!("/_fn/{act}"), filled(&server, &cookie, page, fields).await);
        let (first, second) = tokio::join!(server.form(&path, &body, &cookie), server.form(&path, &body, &cookie));
        let third = server.form(&path, &body, &cookie).await;
        assert_eq!((first.status, first.header("location")), (303, second.header("location")), "{act}");
        assert_eq!(first.header("location"), third.header("location"), "{act}");
        assert!(!first.header("location").contains("draft="), "{act}: {}", first.header("location"));
        assert_eq!(server.count(rows).await, 1, "{act}");
        if act == "create_key" {
            let shown = open(&server, second.header("location"), &cookie).await.text();
            assert!(shown.contains("shown this once"), "whichever answer the browser follows shows the key: {shown}");
            assert!(!open(&server, first.header("location"), &cookie).await.text().contains("shown this once"));
        }
    }
    let again = filled(&server, &cookie, "/dashboard/promotions/new", &promotion).await;
    server.form("/_fn/save_promotion", &again, &cookie).await;
    assert_eq!(server.count("promotions").await, 2, "who opens the form again and means it gets another");
}

#[on_both_databases]
async fn other_words_under_the_same_attempt_are_kept_and_not_dropped(engine: Engine) {
    let server = TestServer::on(engine).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let body = filled(&server, &cookie, "/dashboard/categories", &[("form[name]", "Maps"), ("form[parent]", "")]).await;
    server.form("/_fn/save_category", &body, &cookie).await;
    let told = server.form("/_fn/save_category", &body.replace("Maps", "Charts"), &cookie).await;
    let page = open(&server, told.header("location"), &cookie).await.text();
    assert!(page.contains("This form was sent before with other values") && page.contains("value=\"Charts\""), "{page}");
    let fresh = hidden(&page, "attempt");
    let attempt = body.rsplit('=').next().unwrap();
    let made = server.form("/_fn/save_category", &body.replace("Maps", "Charts").replace(attempt, &fresh), &cookie).await;
    assert_eq!(made.header("location"), "/dashboard/categories?notice=category_saved");
    assert_eq!(server.count("categories").await, 2);
}

#[on_both_databases]
async fn a_double_click_on_save_is_nobodys_conflict(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let encoded = |fields: &[(&str, &str)]| {
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
    };
    let product = encoded(&[
        ("form[product]", "a-book"),
        ("form[revision]", "1"),
        ("form[title]", "Other"),
        ("form[slug]", "other-book"),
        ("form[status]", "published"),
        ("form[kind]", "book"),
        ("form[tiers][0][known]", "plain"),
        ("form[tiers][0][name]", "Plain"),
        ("form[tiers][0][price]", "7"),
        ("act", "save"),
    ]);
    let promotion = server.create("/api/v1/promotions", &json!({ "code": "SPRING", "percent_off": 10 })).await.json();
    let promotion = encoded(&[
        ("id", promotion["id"].as_str().unwrap()),
        ("revision", "1"),
        ("way", "code"),
        ("code", "spring"),
        ("name", ""),
        ("unit", "percent"),
        ("value", "20"),
        ("scope", "everything"),
        ("minimum", ""),
        ("limit", ""),
        ("starts", ""),
        ("ends", ""),
    ]);
    let terms = encoded(&[("kind", "personal"), ("label", "Home"), ("summary", "At home"), ("body", ""), ("revision", "0")]);
    for (path, body) in [("/_fn/save_product", product), ("/_fn/save_promotion", promotion), ("/_fn/write_terms", terms)] {
        let (first, second) = tokio::join!(server.form(path, &body, &cookie), server.form(path, &body, &cookie));
        for answer in [first, second] {
            assert!(answer.header("location").contains("notice="), "{path}: {}", answer.header("location"));
        }
    }
}

#[on_both_databases]
async fn a_refund_that_is_sent_twice_goes_back_once(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let (order, _) = server.buy("plain").await;
    let fields = [("order", &*order), ("amount", "1"), ("item", ""), ("reason", "")];
    let body = filled(&server, &cookie, &format!("/dashboard/orders/{order}"), &fields).await;
    let (first, second) = tokio::join!(server.form("/_fn/refund_order", &body, &cookie), server.form("/_fn/refund_order", &body, &cookie));
    for answer in [first, second] {
        assert!(answer.header("location").contains("notice=refund"), "{}", answer.header("location"));
    }
    assert_eq!(server.count("refunds").await, 1);
}

#[on_both_databases]
async fn an_idempotency_key_adds_one_file(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let add = async |key: &str, content: &[u8]| {
        server.upload_under(Some(key), "a-book", &[("variant", b"plain"), ("file\"; filename=\"more.txt", content)]).await
    };
    let (first, second) = tokio::join!(add("one", b"more"), add("one", b"more"));
    assert_eq!((first.status, second.status), (201, 201), "{} {}", first.text(), second.text());
    assert_eq!(first.json(), second.json());
    let large = vec![b'a'; 9 * 1024 * 1024];
    let (first, second) = (add("two", &large).await, add("two", &large).await);
    assert_eq!((first.status, first.json()), (201, second.json()), "and one that is on its way before its form is read");
    assert_eq!(server.count("files WHERE name LIKE 'more%'").await, 2);
    let reused = add("one", b"other").await;
    assert_eq!((reused.status, reused.code().as_str()), (409, "idempotency_key_reused"));
    let invalid = add("a b", b"more").await;
    assert_eq!((invalid.status, invalid.code().as_str()), (400, "idempotency_key_invalid"));
    assert_eq!(add("three", b"more").await.status, 201, "another key is another file");
    assert_eq!(server.count("files WHERE name LIKE 'more%'").await, 3);
}

#[on_both_databases]
async fn an_idempotency_key_makes_one_thing_of_each_kind(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let keyed = async |path: &str, key: &str, body: &Value| {
        let headers =
            [("authorization", &*format!("Bearer {}", server.api_key)), ("content-type", "application/json"), ("idempotency-key", key)];
        send("POST", &format!("{}/api/v1{path}", server.base), &headers, body.to_string()).await
    };
    let product = json!({ "title": "Größe", "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }] });
    for (path, body, other, rows) in [
        ("/products", &product, json!({ "title": "Other", "variants": product["variants"] }), "products WHERE title = 'Größe'"),
        ("/promotions", &json!({ "name": "Sale", "percent_off": 10 }), json!({ "name": "Sale", "percent_off": 20 }), "promotions"),
        ("/categories", &json!({ "name": "Größe" }), json!({ "name": "Other" }), "categories"),
        (
            "/members",
            &json!({ "email": "bob@example.com", "role": "support" }),
            json!({ "email": "eve@example.com", "role": "support" }),
            "members WHERE email LIKE 'bob%'",
        ),
        ("/products/a-book/releases", &json!({ "version": "2.0" }), json!({ "version": "3.0" }), "releases WHERE version = '2.0'"),
    ] {
        let (first, second) = tokio::join!(keyed(path, path, body), keyed(path, path, body));
        assert_eq!((first.status, second.status), (201, 201), "{path}: {} {}", first.text(), second.text());
        assert_eq!(first.json(), second.json(), "{path}");
        assert_eq!(server.count(rows).await, 1, "{path}");
        let reused = keyed(path, path, &other).await;
        assert_eq!((reused.status, reused.code().as_str()), (409, "idempotency_key_reused"), "{path}");
    }
    let key = json!({ "name": "Build" });
    let told = keyed("/api-keys", "key-1", &key).await;
    assert!(told.status == 201 && told.json()["key"].as_str().unwrap().starts_with("wl_"));
    let again = keyed("/api-keys", "key-1", &key).await;
    assert_eq!((again.status, again.code().as_str()), (409, "key_told"), "told once, and made once");
    assert!(again.text().contains(told.json()["id"].as_str().unwrap()));
    assert_eq!(server.count("api_keys WHERE name = 'Build'").await, 1);
    for bad in ["a b", &"x".repeat(251), "\u{e4}"] {
        let refused = keyed("/categories", bad, &json!({ "name": "Bad" })).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "idempotency_key_invalid"), "{bad}");
    }
}
