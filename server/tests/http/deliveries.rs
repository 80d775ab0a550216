//! What delivers nothing, as pages, forms and software see it.

use crate::support::{Engine, OWNER, PASSWORD, TestServer};
use crate::two_tabs::open;
use serde_json::json;
use shop::accounts::audit::Actor;
use shop::catalog::releases;
use shop_testing::on_both_databases;

const FORM: &str = "product=a-map&variant=plain&quantity=1";

/// A published map without files.
async fn announced(server: &TestServer) {
    let map = json!({
        "title": "A map", "slug": "a-map", "status": "published",
        "variants": [
            { "key": "plain", "name": "Plain", "amount": 500, "currency": "USD" },
            { "key": "rich", "name": "Rich", "amount": 900, "currency": "USD" },
        ],
    });
    assert_eq!(server.create("/api/v1/products", &map).await.status, 201);
}

#[on_both_databases]
async fn a_product_without_files_is_coming_soon_until_they_arrive(engine: Engine) {
    let server = TestServer::on(engine).await;
    announced(&server).await;
    let page = server.get("/products/a-map").await.text();
    assert!(page.contains("Coming soon") && page.contains("schema.org/OutOfStock"), "{page}");
    assert!(!page.contains("Add to cart") && !page.contains("schema.org/InStock"), "{page}");
    assert!(server.get("/products").await.text().contains("Coming soon"));
    let listed = server.get("/api/v1/products").await.json();
    assert_eq!(listed["items"][0]["delivers"], false);
    let request = json!({ "items": [{ "product": "a-map", "variant": "plain", "quantity": 1 }], "email": "reader@example.com" });
    let refused = server.post("/api/v1/checkouts", &request).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "nothing_to_deliver"), "{}", refused.text());
    assert_eq!(refused.json()["error"]["field"], "items.0.product");
    assert!(refused.text().contains("A map"), "{}", refused.text());
    let added = server.form("/_fn/add_to_cart", FORM, "cart_count=0").await;
    assert_eq!((added.status, added.header("location")), (303, "/products/a-map?notice=nothing_to_deliver"));
    assert!(open(&server, added.header("location"), "").await.text().contains("be bought yet"));

    // One tier gets its file: the page changes, and the other one stays as it is.
    let fields: [(&str, &[u8]); 2] = [("variant", b"rich"), ("file\"; filename=\"map.pdf", b"%PDF-1.7")];
    assert_eq!(server.upload_form("a-map", &fields).await.status, 201);
    let page = server.get("/products/a-map").await.text();
    assert!(page.contains("Add to cart") && page.contains("Coming soon"), "{page}");
    assert!(page.contains("schema.org/InStock") && page.contains("schema.org/OutOfStock"), "{page}");
    let product = server.get("/api/v1/products/a-map").await.json();
    assert_eq!((&product["variants"][0]["delivers"], &product["variants"][1]["delivers"]), (&json!(false), &json!(true)));
    assert_eq!(server.post("/api/v1/checkouts", &request).await.code(), "nothing_to_deliver");
    assert!(!server.get("/products").await.text().contains("Coming soon"), "one of its tiers is for sale");
    assert_eq!(server.upload("a-map", "all.pdf", b"%PDF-1.7").await.status, 201);
    assert_eq!(server.post("/api/v1/checkouts", &request).await.status, 201);
    assert!(!server.get("/products/a-map").await.text().contains("Coming soon"));
}

#[tokio::test]
async fn what_is_known_of_a_product_that_is_coming_is_told_of_every_tier() {
    let server = TestServer::start().await;
    announced(&server).await;
    let tier = |key: &str, name: &str, includes: &[&str]| {
        let includes: Vec<_> = includes.iter().map(|variant| json!({ "product": "a-map", "variant": variant })).collect();
        json!({ "key": key, "name": name, "amount": 500, "currency": "USD", "includes": includes })
    };
    let tiers = json!([tier("one", "One", &["plain"]), tier("two", "Two", &["plain", "rich"])]);
    let maps = json!({ "title": "Maps", "slug": "maps", "status": "published", "variants": tiers });
    assert_eq!(server.create("/api/v1/products", &maps).await.status, 201);
    let page = server.get("/products/maps").await.text();
    assert!(page.contains("Coming soon") && page.contains("One: 1 product · Two: 2 products"), "{page}");
    assert!(!page.contains("of-tier"), "nothing waits for a choice that can't be made");
}

#[on_both_databases]
async fn health_the_list_and_the_editor_say_what_is_missing(engine: Engine) {
    let server = TestServer::on(engine).await;
    announced(&server).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let page = open(&server, "/dashboard/health", &cookie).await.text();
    assert!(page.contains("Published with nothing to deliver") && page.contains("/dashboard/products/a-map/files"), "{page}");
    let report = server.change("GET", "/api/v1/health-report", &json!(null)).await.json();
    assert_eq!((&report["is_well"], &report["empty_variants"][0]), (&json!(true), &json!({ "product": "a-map", "variant": "plain" })));
    let editor = open(&server, "/dashboard/products/a-map", &cookie).await.text();
    assert!(editor.contains("Before it sells") && editor.contains("none for Plain, Rich"), "{editor}");
    assert!(editor.contains("/dashboard/products/a-map/files#cover"), "{editor}");
    assert!(open(&server, "/dashboard/products", &cookie).await.text().contains("coming soon: no files"));
    assert_eq!(server.upload("a-map", "all.pdf", b"%PDF-1.7").await.status, 201);
    assert!(!open(&server, "/dashboard/health", &cookie).await.text().contains("Published with nothing to deliver"));
}

#[on_both_databases]
async fn an_order_without_files_says_so_until_they_are_there(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let (id, key) = server.buy("plain").await;
    let page = format!("/orders/{id}?key={key}");
    let release = releases::list(&server.shop, "a-book").await.unwrap().remove(0);
    releases::remove_file(&server.shop, &Actor::operator(), "a-book", &release.id, &release.goods[0].file.id).await.unwrap();
    let without = server.get(&page).await.text();
    assert!(without.contains("There are no files of \u{201c}A book\u{201d} (Plain) at the moment."), "{without}");
    assert_eq!(server.upload("a-book", "again.pdf", b"%PDF-1.7").await.status, 201);
    let with = server.get(&page).await.text();
    assert!(!with.contains("There are no files of") && with.contains("again.pdf"), "{with}");
}
