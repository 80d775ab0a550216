//! A text that no database can keep is refused wherever it comes in, and is nobody's accident.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::json;
use shop_testing::on_both_databases;

#[on_both_databases]
async fn a_nul_in_any_field_is_refused(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let nul = "a\0b";
    let tier = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
    for (method, path, body) in [
        ("POST", "/api/v1/categories", json!({ "name": "Books", "parent": nul })),
        ("POST", "/api/v1/categories", json!({ "name": nul })),
        ("POST", "/api/v1/products", json!({ "title": "T", "category": nul, "variants": tier })),
        ("POST", "/api/v1/products", json!({ "title": nul, "variants": tier })),
        ("POST", "/api/v1/products", json!({ "title": "T", "tags": [nul], "variants": tier })),
        ("PATCH", "/api/v1/products/a-book", json!({ "category": nul })),
        ("PATCH", "/api/v1/products/a-book", json!({ "description": nul })),
        ("POST", "/api/v1/products/a%00b/restore", json!({})),
        ("POST", "/api/v1/promotions", json!({ "name": "P", "percent_off": 10, "goods": [{ "product": nul }] })),
        ("POST", "/api/v1/promotions", json!({ "name": "P", "percent_off": 10, "goods": [{ "product": "a-book", "variant": nul }] })),
        ("POST", "/api/v1/promotions", json!({ "code": nul, "percent_off": 10 })),
        ("DELETE", "/api/v1/tags/a%00b", json!({})),
        ("PATCH", "/api/v1/tags/a%00b", json!({ "name": "x" })),
        ("POST", "/api/v1/tags/a%00b/merge", json!({ "into": "x" })),
        ("POST", "/api/v1/checkouts", json!({ "items": [{ "product": nul, "quantity": 1 }], "email": "a@mail.test" })),
        ("POST", "/api/v1/checkouts", json!({ "items": [{ "product": "a-book", "variant": nul, "quantity": 1 }], "email": "a@mail.test" })),
        ("POST", "/api/v1/uploads", json!({ "product": "a-book", "role": "good", "name": "a.txt", "size_bytes": 1, "variants": [nul] })),
        ("GET", "/api/v1/orders/a%00b", json!(null)),
    ] {
        let status = server.change(method, path, &body).await.status;
        assert!((400..500).contains(&status), "{method} {path} {body}: {status}");
    }
    // What looks for it finds nothing, or says why not.
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    for path in [
        "/api/v1/audit?kind=%00",
        "/api/v1/audit?actor=%00",
        "/api/v1/audit?object=%00",
        "/api/v1/customers?q=%00",
        "/api/v1/promotions?q=%00",
        "/api/v1/orders?product=%00",
        "/dashboard/settings/audit?actor=%00",
        "/dashboard/settings/audit?kind=%00",
        "/dashboard/products?q=%00",
        "/dashboard/customers?q=%00",
        "/products/%00",
        "/orders/%00?key=%00",
    ] {
        let status = match path.starts_with("/api") {
            true => server.change("GET", path, &json!(null)).await.status,
            false => send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie), ("accept", "text/html")], "").await.status,
        };
        assert!(status < 500, "{path}: {status}");
    }
    let cart = server.form("/_fn/add_to_cart", "product=a-book&variant=rich&quantity=1", "").await;
    let cart = cart.headers.get("set-cookie").unwrap().to_str().unwrap().split(';').next().unwrap().to_owned();
    for (path, fields) in [
        ("/_fn/set_cart_quantity", "product=a%00&variant=x&quantity=1"),
        ("/_fn/set_cart_quantity", "product=a-book&variant=%00&quantity=1"),
        ("/_fn/set_cart_price", "product=a%00&variant=x&price=1"),
        ("/_fn/apply_promotion", "promotion_code=%00"),
        ("/_fn/add_to_cart", "product=%00&quantity=1"),
    ] {
        let status = server.form(path, fields, &cart).await.status;
        assert!(status < 500, "{path} {fields}: {status}");
    }
}
