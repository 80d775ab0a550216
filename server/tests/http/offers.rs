//! Prices that customers name, bundles, and the logo, from outside.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

/// A song from $3.00 on, and a bundle of it with the book.
async fn stocked(engine: Engine) -> TestServer {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let song = json!({
        "title": "A song", "slug": "a-song", "status": "published",
        "variants": [{
            "key": "album", "name": "Album", "amount": 300, "currency": "USD", "pay_what_you_want": { "suggested_amount": 800 }
        }],
    });
    assert_eq!(server.create("/api/v1/products", &song).await.status, 201);
    assert_eq!(server.upload("a-song", "song.ogg", b"OggS").await.status, 201);
    let bundle = json!({
        "title": "A bundle", "slug": "a-bundle", "status": "published",
        "variants": [{
            "key": "all", "name": "All", "amount": 1000, "currency": "USD",
            "includes": [{ "product": "a-book", "variant": "rich" }, { "product": "a-song" }]
        }],
    });
    assert_eq!(server.create("/api/v1/products", &bundle).await.status, 201);
    server
}

fn request(product: &str, amount: Option<i64>) -> Value {
    let mut item = json!({ "product": product, "quantity": 1 });
    if let Some(amount) = amount {
        item["amount"] = amount.into();
    }
    json!({ "items": [item], "email": "reader@example.com" })
}

#[on_both_databases]
async fn software_reads_writes_and_buys_them(engine: Engine) {
    let server = stocked(engine).await;
    let song = server.get("/api/v1/products/a-song").await.json();
    assert_eq!(song["variants"][0]["pay_what_you_want"], json!({ "suggested_amount": 800 }));
    let bundle = server.get("/api/v1/products/a-bundle").await.json();
    let included = json!([{ "product": "a-book", "variant": "rich" }, { "product": "a-song", "variant": "album" }]);
    assert_eq!((&bundle["variants"][0]["includes"], &bundle["variants"][0]["pay_what_you_want"]), (&included, &Value::Null));

    let made = server.post("/api/v1/checkouts", &request("a-song", Some(1_234))).await;
    assert_eq!((made.status, made.json()["order"]["amount_total"].as_i64()), (201, Some(1_234)));
    for (body, code) in [
        (request("a-song", Some(299)), "price_too_low"),
        (request("a-song", Some(-1)), "price_too_low"),
        (request("a-book", Some(1)), "price_fixed"),
    ] {
        let refused = server.post("/api/v1/checkouts", &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, code), "{body}");
    }
    assert_eq!(
        server
            .post("/api/v1/checkouts", &json!({ "items": [{ "product": "a-song", "amount": "free" }], "email": "a@example.com" }))
            .await
            .status,
        422
    );

    let fixed = json!({ "variants": [{ "key": "album", "pay_what_you_want": null }] });
    let changed = server.change("PATCH", "/api/v1/products/a-song", &fixed).await;
    assert_eq!((changed.status, &changed.json()["variants"][0]["pay_what_you_want"]), (200, &Value::Null));
    let emptied = json!({ "variants": [{ "key": "all", "includes": [] }] });
    let changed = server.change("PATCH", "/api/v1/products/a-bundle", &emptied).await;
    assert_eq!((changed.status, &changed.json()["variants"][0]["includes"]), (200, &json!([])));
    for bad in [
        json!({ "variants": [{ "key": "all", "includes": [{ "product": "a-bundle" }] }] }),
        json!({ "variants": [{ "key": "all", "includes": [{ "product": "nothing" }] }] }),
        json!({ "variants": [{ "key": "all", "pay_what_you_want": { "suggested_amount": 1 } }] }),
    ] {
        assert_eq!(server.change("PATCH", "/api/v1/products/a-bundle", &bad).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_form_names_the_price_and_comes_back_with_what_was_typed() {
    let server = stocked(Engine::Sqlite).await;
    let add = |price: &'static str| server.form("/_fn/add_to_cart", price, "cart_count=0");
    let refused = add("product=a-song&variant=album&quantity=1&prices%5Balbum%5D=1%22%3E").await;
    assert_eq!(refused.status, 303);
    let page = refused.header("location").to_owned();
    assert!(page.starts_with("/products/a-song?") && page.contains("notice=price_unreadable"), "{page}");
    let page = open(&server, &page, "").await.text();
    assert!(page.contains("value=\"1&quot;&gt;\"") || page.contains("value=\"1&quot;>\""), "what was typed is there: {page}");
    let added = add("product=a-song&variant=album&quantity=1&prices%5Balbum%5D=7%2C50&prices%5Bother%5D=1").await;
    assert_eq!((added.status, added.header("location")), (303, "/cart"));
    let cookie = added.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(open(&server, "/cart", &cookie).await.text().contains("$7.50"));
    let lowered = server.form("/_fn/set_cart_price", "product=a-song&variant=album&price=2", &cookie).await;
    assert!(lowered.header("location").contains("notice=price_too_low"));
    assert!(open(&server, lowered.header("location"), &cookie).await.text().contains("below the minimum price of $3.00"));
    // A fixed price that somebody sends along is refused, not charged.
    let cheap = add("product=a-book&variant=plain&quantity=1&prices%5Bplain%5D=0.01").await;
    assert!(cheap.header("location").contains("notice=price_fixed"), "{}", cheap.header("location"));
}

/// A form with one file, as a browser sends it.
async fn send_logo(server: &TestServer, cookie: &str, content: &[u8]) -> Answer {
    let mut body = b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\n\r\n".to_vec();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let headers = [
        ("content-type", "multipart/form-data; boundary=b"),
        ("origin", server.base.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("cookie", cookie),
    ];
    send("POST", &format!("{}/dashboard/settings/logo", server.base), &headers, body).await
}

fn picture() -> Vec<u8> {
    include_bytes!("../../../sample/covers/tidy-names.webp").to_vec()
}

#[on_both_databases]
async fn a_logo_stands_in_place_of_the_name(engine: Engine) {
    let server = TestServer::on(engine).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    assert!(!open(&server, "/", "").await.text().contains("store-logo"));
    for (content, code) in [(&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], "picture_format"), (b"", "file_empty")] {
        let refused = send_logo(&server, &cookie, content).await;
        assert_eq!((refused.status, refused.header("location")), (303, format!("/dashboard/settings?notice={code}").as_str()));
    }
    assert_eq!(server.count("files").await, 0);
    assert!(send_logo(&server, "", &picture()).await.header("location").starts_with("/sign-in"), "who is nobody signs in first");
    assert_eq!(send_logo(&server, &cookie, &picture()).await.header("location"), "/dashboard/settings?notice=saved");
    let page = open(&server, "/", "").await.text();
    let at = page.find("class=\"store-logo\"").expect("the logo stands there at once");
    let src = page[..at].rsplit("src=\"").next().unwrap().split('"').next().unwrap().to_owned();
    let shown = open(&server, &src, "").await;
    assert_eq!((shown.status, shown.header("content-type").split('/').next()), (200, Some("image")));
    let settings = server.change("GET", "/api/v1/settings", &Value::Null).await.json();
    assert!(settings["logo_url"].as_str().unwrap().starts_with("/media/"));
    assert_eq!(settings["logo_warning"], Value::Null);

    let removed = server.form("/_fn/remove_logo", "", &cookie).await;
    assert_eq!(removed.header("location"), "/dashboard/settings?notice=saved");
    assert!(!open(&server, "/", "").await.text().contains("store-logo"));
    assert_eq!(open(&server, &src, "").await.status, 404, "what nothing shows is nobody's to fetch");

    let bearer = format!("Bearer {}", server.api_key);
    let url = format!("{}/api/v1/settings/logo", server.base);
    let put = |content: Vec<u8>| {
        let (url, bearer) = (url.clone(), bearer.clone());
        async move { send("PUT", &url, &[("authorization", bearer.as_str())], content).await }
    };
    assert_eq!(put(b"no picture".to_vec()).await.code(), "picture_format");
    assert_eq!(put(vec![0; 30 << 20]).await.status, 413);
    assert_eq!(put(picture()).await.status, 200);
    assert_eq!(send("DELETE", &url, &[("authorization", bearer.as_str())], "").await.status, 204);
    assert_eq!(server.change("GET", "/api/v1/settings", &Value::Null).await.json()["logo_url"], Value::Null);
}
