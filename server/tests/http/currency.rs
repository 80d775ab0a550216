//! The store's currency changes, as browsers and software see it.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

fn settings(currency: &str, old_prices: &str) -> String {
    format!(
        "form[name]=Mine&form[tagline]=&form[legal_name]=&form[address]=&form[tax_id]=&form[currency]={currency}&form[time_zone]=UTC\
         &form[support_email]=\
         &form[sender_name]=&form[download_limit]=&form[activation_limit]=&form[terms_text]=&form[privacy_text]=&form[refund_text]=\
         &form[old_prices]={old_prices}"
    )
}

fn cookie_of(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    cookies.filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
}

#[on_both_databases]
async fn the_settings_tell_what_a_change_of_the_currency_leaves_behind(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let off = json!({ "code": "OFF", "amount_off": 100, "currency": "USD" });
    assert_eq!(server.create("/api/v1/promotions", &off).await.status, 201);
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let page = open(&server, "/dashboard/settings", &owner).await.text();
    assert!(page.contains("1 product and 1 promotion would be affected") && page.contains("Take the same numbers"), "{page}");

    let cart = cookie_of(&server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await);
    let before = open(&server, "/cart", &cart).await.text();
    let field = |page: &str, name: &str| {
        let rest = page.split_once(&format!("name=\"{name}\"")).unwrap().1;
        rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
    };
    let saved = server.form("/_fn/save_settings", &settings("EUR", "leave"), &owner).await;
    assert_eq!(saved.header("location"), "/dashboard/settings?notice=saved");
    let page = open(&server, "/dashboard/settings", &owner).await.text();
    assert!(page.contains("not for sale: 1 product and 1 promotion"), "{page}");

    let shelf = server.get("/products").await.text();
    assert!(shelf.contains("Not for sale at the moment") && !shelf.contains("$5.00"), "{shelf}");
    assert!(server.get("/products/a-book").await.text().contains("can't be bought at the moment"), "its page says so");
    let shown = open(&server, "/cart", &cart).await.text();
    assert!(shown.contains("Not charged, because the shop now sells in another currency: A book"), "{shown}");
    let request = json!({ "items": [{ "product": "a-book" }], "email": "reader@example.com" });
    let refused = server.post("/api/v1/checkouts", &request).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "currency_not_sold"));
    let editor = open(&server, "/dashboard/products/a-book", &owner).await.text();
    assert!(editor.contains("priced in USD, and the shop sells in EUR") && editor.contains("EUR, as the shop"), "{editor}");
    assert!(open(&server, "/dashboard/products", &owner).await.text().contains("not for sale: another currency"));
    let promotion = server.change("GET", "/api/v1/promotions/OFF", &Value::Null).await.json()["id"].as_str().unwrap().to_owned();
    let promotion = open(&server, &format!("/dashboard/promotions/{promotion}"), &owner).await.text();
    assert!(promotion.contains("This promotion is in USD"), "{promotion}");

    // Software is told, and fixes it.
    let left = server.change("PATCH", "/api/v1/settings", &json!({ "currency": "EUR" })).await.json();
    assert_eq!(left["left_behind"], json!({ "products": 1, "promotions": 1 }));
    assert_eq!(server.change("PATCH", "/api/v1/settings", &json!({ "old_prices": "burn" })).await.code(), "old_prices_invalid");
    let fixed = server.change("PATCH", "/api/v1/settings", &json!({ "old_prices": "same_numbers" })).await.json();
    assert_eq!((&fixed["currency"], &fixed["left_behind"]), (&json!("EUR"), &json!({ "products": 0, "promotions": 0 })));
    assert!(server.get("/products").await.text().contains("€5.00"));

    // The tab that was open shows dollars.
    let (attempt, seen) = (field(&before, "attempt"), field(&before, "shown"));
    let form = format!("email=reader%40example.com&attempt={attempt}&promotion_code=&shown={seen}");
    let told = server.form("/_fn/start_checkout", &form, &cart).await;
    let text = open(&server, told.header("location"), &cart).await.text();
    assert!(text.contains("The total was $5.00 and is now €5.00"), "{}: {text}", told.header("location"));
    let request =
        json!({ "items": [{ "product": "a-book" }], "email": "reader@example.com", "expected_total": 500, "expected_currency": "USD" });
    assert_eq!(server.post("/api/v1/checkouts", &request).await.code(), "currency_changed");
    let request =
        json!({ "items": [{ "product": "a-book" }], "email": "reader@example.com", "expected_total": 500, "expected_currency": "eur" });
    let made = server.post("/api/v1/checkouts", &request).await;
    assert_eq!((made.status, &made.json()["order"]["currency"]), (201, &json!("EUR")));
}

#[on_both_databases]
async fn a_form_takes_the_same_numbers_over_unless_something_else_is_chosen(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let page = open(&server, "/dashboard/settings", &owner).await.text();
    let chosen = page.split_once("id=\"old_prices\"").unwrap().1.split_once("</select>").unwrap().0.to_owned();
    assert!(chosen.contains("value=\"same_numbers\" selected"), "{chosen}");
    server.form("/_fn/save_settings", &settings("JPY", "same_numbers"), &owner).await;
    let product = server.get("/api/v1/products/a-book").await.json();
    assert_eq!((&product["variants"][0]["amount"], &product["variants"][0]["currency"]), (&json!(5), &json!("JPY")));
    let (_, key) = {
        let request = json!({ "items": [{ "product": "a-book", "variant": "rich", "quantity": 6 }], "email": "reader@example.com" });
        let made = server.post("/api/v1/checkouts", &request).await.json();
        (made["order"]["id"].as_str().unwrap().to_owned(), made["order"]["access_key"].as_str().unwrap().to_owned())
    };
    assert!(!key.is_empty());
    // Whoever saves other fields changes no price.
    server.form("/_fn/save_settings", &settings("JPY", "draft"), &owner).await;
    assert_eq!(server.get("/api/v1/products/a-book").await.json()["variants"][0]["amount"], json!(5));
    // The payment page that is open is closed with the change.
    server.form("/_fn/save_settings", &settings("USD", "draft"), &owner).await;
    assert_eq!(server.get("/products/a-book").await.status, 404);
    assert_eq!(server.change("GET", "/api/v1/products/a-book", &Value::Null).await.json()["status"], "draft");
    let refused = server.change("PATCH", "/api/v1/products/a-book", &json!({ "status": "published" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "currency_not_sold"));
    let variants = json!([{ "key": "plain", "currency": "USD", "amount": 500 }, { "key": "rich", "currency": "USD", "amount": 900 }]);
    let changed = server.change("PATCH", "/api/v1/products/a-book", &json!({ "status": "published", "variants": variants })).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert!(server.get("/products/a-book").await.text().contains("$5.00"));
}
