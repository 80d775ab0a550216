//! What the description of the API says is so.

use crate::support::{TestServer, send};
use serde_json::{Value, json};

/// Whether a body is what the document promises for this answer.
fn expect_described(document: &Value, operation: (&str, &str), status: u16, body: &Value) {
    let pointer = format!("/paths/{}/{}/responses/{status}/content/application~1json/schema", operation.1.replace('/', "~1"), operation.0);
    let mut schema = document.pointer(&pointer).unwrap_or_else(|| panic!("{operation:?} does not describe {status}")).clone();
    schema["components"] = document["components"].clone();
    if let Err(error) = jsonschema::validate(&strict(schema), body) {
        panic!("{operation:?} {status}: {error} in {body}");
    }
}

/// The same schema, with nothing allowed that it does not name.
fn strict(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        if object.contains_key("properties") {
            object.insert("additionalProperties".to_owned(), json!(false));
        }
        for value in object.values_mut() {
            *value = strict(value.take());
        }
    } else if let Some(list) = schema.as_array_mut() {
        for value in list {
            *value = strict(value.take());
        }
    }
    schema
}

#[tokio::test]
async fn what_it_promises_is_what_comes() {
    let server = TestServer::start().await;
    let document = server.get("/api/openapi.json").await.json();
    let product = json!({ "title": "B", "slug": "b", "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }] });
    let created = server.create("/api/v1/products", &product).await;
    expect_described(&document, ("post", "/api/v1/products"), 201, &created.json());
    let taken = server.create("/api/v1/products", &product).await;
    expect_described(&document, ("post", "/api/v1/products"), 409, &taken.json());
    expect_described(&document, ("post", "/api/v1/products"), 401, &server.post("/api/v1/products", &product).await.json());
    server.stock().await;
    expect_described(&document, ("get", "/api/v1/products"), 200, &server.get("/api/v1/products").await.json());
    expect_described(&document, ("get", "/api/v1/products/{slug}"), 200, &server.get("/api/v1/products/a-book").await.json());
    expect_described(&document, ("get", "/api/v1/products/{slug}"), 404, &server.get("/api/v1/products/none").await.json());
    expect_described(&document, ("post", "/api/v1/products/{slug}/files"), 201, &server.upload("a-book", "more.txt", b"more").await.json());
    let promotion = json!({ "code": "TEN", "percent_off": 10, "goods": [{ "product": "a-book" }] });
    expect_described(&document, ("post", "/api/v1/promotions"), 201, &server.create("/api/v1/promotions", &promotion).await.json());
    let asked = async |path: &str| server.change("GET", path, &Value::Null).await.json();
    expect_described(&document, ("get", "/api/v1/promotions"), 200, &asked("/api/v1/promotions").await);
    expect_described(&document, ("get", "/api/v1/promotions/{id}"), 200, &asked("/api/v1/promotions/TEN").await);
    expect_described(&document, ("get", "/api/v1/promotions/{id}"), 404, &asked("/api/v1/promotions/NONE").await);
    let changed = server.change("PATCH", "/api/v1/promotions/TEN", &json!({ "status": "archived", "percent_off": 20 })).await.json();
    expect_described(&document, ("patch", "/api/v1/promotions/{id}"), 200, &changed);
    let summary = asked("/api/v1/analytics/summary?compare=true").await;
    expect_described(&document, ("get", "/api/v1/analytics/summary"), 200, &summary);
    expect_described(&document, ("get", "/api/v1/analytics/breakdown"), 200, &asked("/api/v1/analytics/breakdown").await);
    let request = json!({ "items": [{ "product": "a-book", "quantity": 1 }], "email": "reader@example.com" });
    expect_described(&document, ("post", "/api/v1/checkouts"), 201, &server.post("/api/v1/checkouts", &request).await.json());
    expect_described(&document, ("post", "/api/v1/checkouts"), 422, &server.post("/api/v1/checkouts", &json!({})).await.json());
    let (id, key) = server.buy("rich").await;
    let order = server.order(&id, &key).await.json();
    expect_described(&document, ("get", "/api/v1/orders/{id}"), 200, &order);
    expect_described(&document, ("get", "/api/v1/orders/{id}"), 404, &server.order("none", &key).await.json());
    let link = server.mint(&id, &key, order["items"][0]["files"][0]["id"].as_str().unwrap()).await;
    expect_described(&document, ("post", "/api/v1/orders/{id}/downloads"), 201, &link.json());
    let bearer = format!("Bearer {key}");
    let resent = send("POST", &format!("{}/api/v1/orders/{id}/resend", server.base), &[("authorization", &bearer)], "").await;
    expect_described(&document, ("post", "/api/v1/orders/{id}/resend"), 202, &resent.json());
}
