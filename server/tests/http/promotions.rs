//! Promotions through the API and as plain forms.

use crate::support::{Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

#[on_both_databases]
async fn a_promotion_is_made_found_changed_and_put_away(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let made = server
        .create(
            "/api/v1/promotions",
            &json!({ "name": "Launch week", "percent_off": 20, "goods": [{ "product": "a-book", "variant": "rich" }] }),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["code"], &made["status"], &made["goods"][0]["variant"]), (&Value::Null, &json!("active"), &json!("rich")));
    let path = format!("/api/v1/promotions/{}", made["id"].as_str().unwrap());
    let change = async |body: Value| server.change("PATCH", &path, &body).await;

    let changed =
        change(json!({ "code": "LAUNCH", "percent_off": null, "amount_off": 300, "currency": "USD", "goods": null, "max_redemptions": 9 }))
            .await
            .json();
    assert_eq!((&changed["amount_off"], &changed["percent_off"], &changed["goods"]), (&json!(300), &Value::Null, &Value::Null));
    assert_eq!(server.change("GET", "/api/v1/promotions/launch", &Value::Null).await.json(), changed);
    for (body, status, code) in [
        (json!({ "percent_off": 101, "amount_off": null }), 400, "promotion_value_invalid"),
        (json!({ "amount_off": -1 }), 400, "promotion_value_invalid"),
        (json!({ "starts_at": "2099-01-02T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z" }), 400, "expires_at_invalid"),
        (json!({ "goods": [{ "product": "none" }] }), 400, "goods_unknown"),
        (json!({ "status": "gone" }), 400, "status_invalid"),
        (json!({ "nonsense": 1 }), 422, "malformed"),
    ] {
        let refused = change(body.clone()).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code), "{body}");
    }
    assert_eq!(server.change("GET", "/api/v1/promotions/launch", &Value::Null).await.json(), changed, "what is refused changes nothing");

    assert_eq!(server.change("DELETE", "/api/v1/promotions/launch", &Value::Null).await.status, 204);
    let archived = server.change("GET", "/api/v1/promotions?status=archived", &Value::Null).await.json();
    assert_eq!(archived["items"][0]["name"], "Launch week");
    assert_eq!(change(json!({ "status": "active" })).await.json()["status"], "active");
    assert_eq!(server.change("GET", "/api/v1/promotions?status=lost", &Value::Null).await.code(), "status_unknown");
    assert_eq!(server.change("GET", "/api/v1/promotions/none", &Value::Null).await.status, 404);
    assert_eq!(send("GET", &format!("{}/api/v1/promotions", server.base), &[], "").await.status, 401);
}

#[tokio::test]
async fn a_form_that_is_refused_comes_back_as_it_was_typed() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let open = async |path: &str| send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie)], "").await;
    let fields = |value: &str, ends: &str| {
        format!(
            "id=&way=code&code=SPRING&name=Spring+%3Cb%3E&unit=percent&value={value}&scope=chosen&goods%5B%5D=a-book%2Frich&minimum=\
             &limit=50&once_per_customer=on&starts=2090-01-02T09%3A00&ends={ends}"
        )
    };
    let page = open("/dashboard/promotions/new").await;
    assert!(page.status == 200 && page.text().contains("a-book/rich"), "{}", page.text());
    for (value, ends, sentence) in [
        ("101", "", "A percentage is a whole number from 1 to 100."),
        ("-5", "", "A percentage is a whole number from 1 to 100."),
        ("20", "2090-01-01T09%3A00", "A promotion ends after it begins."),
    ] {
        let refused = server.form("/_fn/save_promotion", &fields(value, ends), &cookie).await;
        assert_eq!(refused.status, 303);
        assert!(refused.header("location").starts_with("/dashboard/promotions/new?draft="), "{}", refused.header("location"));
        let page = open(refused.header("location")).await.text();
        // Above the form and beside the field.
        assert_eq!(page.matches(sentence).count(), 2, "{page}");
        assert!(page.contains("value=\"SPRING\"") && page.contains("value=\"Spring &lt;b&gt;\""), "{page}");
    }
    let made = server.form("/_fn/save_promotion", &fields("20", ""), &cookie).await;
    assert!(made.header("location").ends_with("?notice=promotion_made"), "{}", made.header("location"));
    let path = made.header("location").split('?').next().unwrap().to_owned();
    let page = open(&path).await.text();
    assert!(page.contains("of 50") && page.contains("Scheduled") && page.contains("2090-01-02T09:00"), "{page}");
    let again = server.form("/_fn/save_promotion", &fields("20", ""), &cookie).await;
    assert!(open(again.header("location")).await.text().contains("There is a promotion with this code already"));

    let id = path.rsplit('/').next().unwrap();
    let archived = server.form("/_fn/archive_promotion", &format!("id={id}"), &cookie).await;
    let page = open(archived.header("location")).await.text();
    assert!(page.contains("The promotion is archived") && page.contains("/_fn/unarchive_promotion"), "{page}");
    let back = server.form("/_fn/unarchive_promotion", &format!("id={id}"), &cookie).await;
    assert_eq!(back.header("location"), format!("{path}?notice=promotion_unarchived"));
    assert_eq!(open("/dashboard/promotions/none").await.status, 404);
}

#[tokio::test]
async fn a_code_is_applied_to_the_cart_without_a_script() {
    let server = TestServer::start().await;
    server.stock().await;
    assert_eq!(server.create("/api/v1/promotions", &json!({ "code": "TEN", "percent_off": 10 })).await.status, 201);
    let added = server.form("/_fn/add_to_cart", "product=a-book&variant=plain&quantity=1", "").await;
    let cookies = added.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let cookie = cookies.collect::<Vec<_>>().join("; ");
    let open = async |path: &str| send("GET", &format!("{}{path}", server.base), &[("cookie", &cookie)], "").await.text();
    // Beside the code stand the other fields of the form that it was typed into.
    let refused = server.form("/_fn/apply_promotion", "attempt=x&email=&promotion_code=N%3COPE", &cookie).await;
    assert_eq!((refused.status, refused.header("location")), (303, "/cart?code=N%3COPE&notice=promotion_invalid"));
    let page = open(refused.header("location")).await;
    assert!(page.contains("value=\"N&lt;OPE\"") && page.contains("doesn't work for this order"), "{page}");
    let applied = server.form("/_fn/apply_promotion", "promotion_code=ten", &cookie).await;
    assert_eq!(applied.header("location"), "/cart");
    let page = open("/cart").await;
    assert!(page.contains("TEN, −10") && page.contains("$4.50"), "{page}");
    let started = server.form("/_fn/start_checkout", "email=reader%40example.com&attempt=one", &cookie).await;
    assert!(started.header("location").starts_with("http"), "{}", started.header("location"));
    assert_eq!(server.change("GET", "/api/v1/promotions/TEN", &Value::Null).await.json()["n_reserved"], 1);
}
