//! The cart over HTTP, as browsers without scripts and clients of the API use it: what was shown is what is charged.

use crate::support::{Answer, Engine, TestServer, send};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use shop_testing::on_both_databases;

/// A browser that keeps its cart.
struct Shopper<'a> {
    server: &'a TestServer,
    cookie: String,
}

impl<'a> Shopper<'a> {
    async fn with_a_book(server: &'a TestServer) -> Self {
        let answer = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await;
        let mut cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        let cookie = cookies.find(|value| value.starts_with("cart=")).unwrap();
        Self { server, cookie: cookie.split(';').next().unwrap().to_owned() }
    }

    async fn page(&self, path: &str) -> String {
        let answer = send("GET", &format!("{}{path}", self.server.base), &[("cookie", &self.cookie)], "").await;
        assert_eq!(answer.status, 200);
        answer.text()
    }

    /// The fields of the form that the cart's page shows now.
    async fn fields(&self) -> String {
        let page = self.page("/cart").await;
        let field = |name: &str| {
            let start = page.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}"));
            let tag = &page[page[..start].rfind('<').unwrap()..];
            let value = tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
            format!("{name}={value}")
        };
        format!("email=reader%40example.com&{}&{}", field("attempt"), field("shown"))
    }

    async fn send(&self, fields: &str) -> Answer {
        self.server.form("/_fn/start_checkout", fields, &self.cookie).await
    }
}

async fn pay(server: &TestServer, page: &str) {
    let session = page.rsplit('/').next().unwrap();
    let url = format!("{}/_emulator/sessions/{session}/pay", server.stripe);
    let paid = send("POST", &url, &[("content-type", "application/json")], r#"{"card":"4242424242424242"}"#).await;
    assert_eq!(paid.status, 200, "{}", paid.text());
}

#[on_both_databases]
async fn a_price_that_rose_and_a_code_that_ended_are_told_before_anything_is_ordered(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let shopper = Shopper::with_a_book(&server).await;
    let before = shopper.fields().await;
    let dearer = json!({
        "variants": [
            { "key": "plain", "name": "Plain", "amount": 600, "currency": "USD" },
            { "key": "rich", "name": "Rich", "amount": 900, "currency": "USD" },
        ],
    });
    assert_eq!(server.change("PATCH", "/api/v1/products/a-book", &dearer).await.status, 200);
    let answer = shopper.send(&before).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/cart?was=500&notice=total_changed"));
    assert!(shopper.page(answer.header("location")).await.contains("The total was $5.00 and is now $6.00."));
    assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "SPRING", "percent_off": 50 })).await.status, 201);
    server.form("/_fn/apply_promotion", "promotion_code=SPRING", &shopper.cookie).await;
    let with_code = shopper.fields().await;
    assert_eq!(server.change("DELETE", "/api/v1/promotions/SPRING", &Value::Null).await.status, 204);
    let answer = shopper.send(&with_code).await;
    assert_eq!(answer.header("location"), "/cart?was=300&notice=total_changed");
    assert_eq!(server.count("orders").await, 0);
    assert!(shopper.send(&shopper.fields().await).await.header("location").contains("/c/pay/"), "what is shown now can be bought");
}

#[on_both_databases]
async fn an_old_tab_leads_to_the_order_when_its_cart_was_paid(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let shopper = Shopper::with_a_book(&server).await;
    let (sent, unsent) = (shopper.fields().await, shopper.fields().await);
    pay(&server, shopper.send(&sent).await.header("location")).await;
    for fields in [&unsent, &sent, &unsent] {
        let answer = shopper.send(fields).await;
        assert!(answer.header("location").starts_with("/orders/"), "{}", answer.header("location"));
    }
    assert_eq!(server.count("orders").await, 1);
    let stranger = Shopper::with_a_book(&server).await;
    let theirs = stranger.send(&sent).await;
    assert!(!theirs.header("location").starts_with("/orders/"), "the name of an attempt opens nothing to another browser");
}

#[on_both_databases]
async fn software_can_say_what_the_buyer_was_shown(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let body = |expected: i64| {
        json!({
            "items": [{ "product": "a-book", "variant": "plain" }], "email": "reader@example.com", "expected_total": expected,
        })
    };
    let refused = server.post("/api/v1/checkouts", &body(499)).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "total_changed"));
    assert_eq!(server.post("/api/v1/checkouts", &body(500)).await.status, 201);
}

#[on_both_databases]
async fn who_asks_for_something_free_again_gets_a_mail_and_no_key(engine: Engine) {
    let server = TestServer::on(engine).await;
    let gift = json!({
        "title": "A gift", "slug": "a-gift", "status": "published",
        "variants": [{ "key": "free", "name": "Free", "amount": 0, "currency": "USD" }],
    });
    assert_eq!(server.create("/api/v1/products", &gift).await.status, 201);
    assert_eq!(server.upload("a-gift", "gift.pdf", b"%PDF-1.7").await.status, 201);
    let body = json!({ "items": [{ "product": "a-gift", "quantity": 99 }], "email": "victim@example.com" });
    let first = server.post("/api/v1/checkouts", &body).await.json();
    assert!(first["order"]["access_key"].is_string());
    for _ in 0..5 {
        let again = server.post("/api/v1/checkouts", &body).await;
        assert_eq!(again.status, 201);
        let again = again.json();
        assert_eq!((&again["order"]["id"], &again["order"]["access_key"]), (&first["order"]["id"], &Value::Null));
    }
    assert_eq!(server.count("entitlements").await, 1);
    assert_eq!(server.count("jobs WHERE kind <> 'sale_mail'").await, 2, "the order's mail, and one for those who asked again");
    let form = server.form("/_fn/add_to_cart", "product=a-gift&variant=free&quantity=3", "").await;
    let mut cookies = form.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let cookie = cookies.find(|value| value.starts_with("cart=")).unwrap().split(';').next().unwrap().to_owned();
    let shopper = Shopper { server: &server, cookie };
    let fields = shopper.fields().await.replace("reader", "victim");
    let answer = shopper.send(&fields).await;
    assert_eq!(answer.header("location"), "/cart?notice=ordered_before");
    assert!(shopper.page(answer.header("location")).await.contains("sent it to you again"));
}

#[tokio::test]
async fn whatever_button_sends_the_cart_what_was_typed_beside_it_stays() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "HALF", "percent_off": 50 })).await.status, 201);
    let shopper = Shopper::with_a_book(&server).await;
    let send = async |path: &str, fields: &str| server.form(path, fields, &shopper.cookie).await.header("location").to_owned();
    let shown = async || shopper.page("/cart").await;
    assert_eq!(send("/_fn/change_cart", "email=ada%40example.com&quantities%5Ba-book%2Fplain%5D=2").await, "/cart");
    let page = shown().await;
    assert!(page.contains("value=\"ada@example.com\"") && page.contains("$10.00"), "{page}");
    assert_eq!(send("/_fn/apply_promotion", "email=bob%40example.com&promotion_code=HALF").await, "/cart");
    assert_eq!(send("/_fn/apply_promotion", "promotion_code=").await, "/cart");
    assert!(shown().await.contains("value=\"bob@example.com\""));
    let refused = send("/_fn/change_cart", "email=bob%40example.com&quantities%5Ba-book%2Fplain%5D=100").await;
    assert_eq!(refused, "/cart?line=a-book/plain&typed=100&notice=quantity_invalid");
    assert!(shopper.page(&refused).await.contains("The quantity must be between 1 and 99."));
    // The enter key shows what a code and another quantity do before anybody pays; the button goes on to pay.
    let changed = send("/_fn/start_checkout", "email=nobody&attempt=one&quantities%5Ba-book%2Fplain%5D=1").await;
    assert_eq!(changed, "/cart?was=1000");
    assert!(shopper.page(&changed).await.contains("The total was $10.00 and is now $5.00."));
    assert_eq!(send("/_fn/start_checkout", "email=nobody&attempt=one&enter=1&promotion_code=HALF").await, "/cart");
    let page = shown().await;
    assert!(page.contains("$2.50") && page.contains("value=\"nobody\""), "{page}");
    let told = send("/_fn/start_checkout", "email=nobody&attempt=one&enter=1").await;
    assert_eq!(told, "/cart?notice=email_invalid");
    assert!(shopper.page(&told).await.contains("aria-invalid=\"true\""));
    assert_eq!(server.count("orders").await, 0);
    assert!(send("/_fn/start_checkout", "email=ada%40example.com&attempt=one&enter=1").await.contains("/c/pay/"));
    assert!(shown().await.contains("value=\"ada@example.com\""), "it is there after the way back");
    assert_eq!(send("/_fn/change_cart", "remove=a-book%2Fplain").await, "/cart");
    assert!(shown().await.contains("Your cart is empty."));
}

#[tokio::test]
async fn the_cart_says_who_is_paid_and_by_which_terms() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    let shopper = Shopper::with_a_book(&server).await;
    let page = shopper.page("/cart").await;
    assert!(page.contains("pay $5.00 to ") && page.contains("Secure payment by Stripe"), "{page}");
    assert!(!page.contains("/policies/"), "what the shop has no words for is not promised");
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    server.shop.db.execute_unprepared("UPDATE stores SET terms_text = 'Terms', refund_text = 'Fourteen days'").await.unwrap();
    let page = Shopper::with_a_book(&server).await.page("/cart").await;
    assert!(page.contains("href=\"/policies/terms\"") && page.contains("href=\"/policies/refunds\""), "{page}");
}
