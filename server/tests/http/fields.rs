//! A refusal names its field: pages mark that one and no other and keep what was typed, and the API says which it is.

use crate::support::{Answer, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};

/// A page as the owner sees it.
async fn open(server: &TestServer, path: &str, cookie: &str) -> String {
    let path = path.split('#').next().unwrap();
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await.text()
}

/// The ids of the fields that a page marks as wrong.
fn marked(page: &str) -> Vec<&str> {
    let places = page.match_indices("aria-invalid=\"true\"").map(|(at, _)| at);
    places.map(|at| page[page[..at].rfind('<').unwrap()..].split(" id=\"").nth(1).unwrap().split('"').next().unwrap()).collect()
}

/// What stands beside a field.
fn beside(page: &str, id: &str) -> String {
    let (_, after) = page.split_once(&format!("id=\"{id}-error\"")).unwrap_or_else(|| panic!("{id} has no place for an error"));
    let (text, _) = after.split_once('>').unwrap().1.split_once("</p>").unwrap();
    text.replace("<!>", "").replace("<!---->", "")
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&")
}

/// Fields of a form that is right, with one of them as somebody typed it.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let rest = fields.iter().filter(|(known, _)| *known != name).copied();
    rest.chain([(name, value)]).collect()
}

/// Sends a form that is refused, and holds what its page says of it.
async fn expect_marked(server: &TestServer, cookie: &str, act: &str, fields: &[(&str, &str)], field: (&str, &str)) {
    let answer = server.form(&format!("/_fn/{act}"), &encoded(fields), cookie).await;
    assert_eq!(answer.status, 303, "{act}: {}", answer.text());
    let page = open(server, answer.header("location"), cookie).await;
    let (id, value) = field;
    assert_eq!(marked(&page), [id], "{act}");
    assert!(!beside(&page, id).is_empty(), "{act}: nothing is said beside {id}");
    assert!(page.contains(value), "{act}: {value} is gone");
}

const SETTINGS: [(&str, &str); 14] = [
    ("form[name]", "Mine"),
    ("form[tagline]", ""),
    ("form[legal_name]", ""),
    ("form[address]", ""),
    ("form[tax_id]", ""),
    ("form[currency]", "USD"),
    ("form[time_zone]", "UTC"),
    ("form[support_email]", ""),
    ("form[sender_name]", ""),
    ("form[download_limit]", ""),
    ("form[activation_limit]", ""),
    ("form[terms_text]", ""),
    ("form[privacy_text]", ""),
    ("form[refund_text]", ""),
];

#[tokio::test]
async fn a_field_of_the_settings_that_is_wrong_is_marked_alone() {
    let server = TestServer::start().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let (long, very_long) = ("x".repeat(201), "x".repeat(50_001));
    for (field, value) in [
        ("name", "  "),
        ("tagline", &long),
        ("legal_name", &long),
        ("tax_id", &long),
        ("sender_name", &long),
        ("support_email", "nobody"),
        ("time_zone", "Mars"),
        ("download_limit", "0"),
        ("activation_limit", "0"),
        ("download_limit", "some"),
        ("activation_limit", "some"),
        ("privacy_text", &very_long),
    ] {
        let name = format!("form[{field}]");
        expect_marked(&server, &owner, "save_settings", &with(&SETTINGS, &name, value), (field, if field == "name" { "" } else { "Mine" }))
            .await;
    }
}

#[tokio::test]
async fn a_field_of_a_promotion_that_is_wrong_is_marked_alone() {
    let server = TestServer::start().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let right = [
        ("id", ""),
        ("way", "code"),
        ("code", "SPRING"),
        ("name", "Spring"),
        ("unit", "percent"),
        ("value", "20"),
        ("scope", "everything"),
        ("minimum", ""),
        ("limit", ""),
        ("starts", ""),
        ("ends", ""),
    ];
    let long = "x".repeat(81);
    for (field, value) in [
        ("code", "two words"),
        ("name", &long),
        ("value", "a lot"),
        ("minimum", "a lot"),
        ("limit", "ten"),
        ("limit", "0"),
        ("starts", "soon"),
        ("ends", "soon"),
        ("ends", "2001-01-01T00:00"),
    ] {
        expect_marked(&server, &owner, "save_promotion", &with(&right, field, value), (field, value)).await;
    }
}

#[tokio::test]
async fn a_field_of_a_product_that_is_wrong_is_marked_alone() {
    let server = TestServer::start().await;
    server.stock().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let right = [
        ("act", "save"),
        ("form[title]", "Sea maps"),
        ("form[kind]", "book"),
        ("form[status]", "draft"),
        ("form[tiers][0][name]", "Personal"),
        ("form[tiers][0][price]", "2.99"),
        ("form[tiers][0][terms]", "personal"),
    ];
    let long = "x".repeat(501);
    for (name, value, id) in [
        ("form[slug]", "a-book", "slug"),
        ("form[promise]", long.as_str(), "promise"),
        ("form[credits]", &long[..201], "credits"),
        ("form[edition]", &long, "edition"),
        ("form[requirements]", &long, "requirements"),
        ("form[sku]", &long, "sku"),
        ("form[seo_title]", &long, "seo_title"),
        ("form[seo_description]", &long, "seo_description"),
        ("form[tags]", "!?", "tags"),
        ("form[category]", "none", "category"),
        ("form[publish_at]", "soon", "publish_at"),
        ("form[tiers][0][price]", "a lot", "tiers.0.price"),
        ("form[tiers][0][summary]", &long, "tiers.0.summary"),
        ("form[tiers][0][include]", "nothing/at-all", "tiers.0.include"),
        ("form[tiers][0][download_limit]", "0", "tiers.0.download_limit"),
    ] {
        expect_marked(&server, &owner, "save_product", &with(&right, name, value), (id, "Sea maps")).await;
    }
}

#[tokio::test]
async fn what_comes_with_a_tier_is_named_as_people_call_it() {
    let server = TestServer::start().await;
    server.stock().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let draft =
        json!({ "slug": "notes", "title": "Sea notes", "variants": [{ "key": "all", "name": "All", "amount": 500, "currency": "USD" }] });
    assert_eq!(server.create("/api/v1/products", &draft).await.status, 201);
    let right = [("act", "include:0"), ("form[title]", "Sea maps"), ("form[kind]", "book"), ("form[status]", "draft")];
    let shown = async |typed: &str| {
        let fields = with(&right, "form[tiers][0][include]", typed);
        let answer = server.form("/_fn/save_product", &encoded(&fields), &owner).await;
        open(&server, answer.header("location"), &owner).await
    };
    // Who buys a bundle gets the files of a draft as well.
    for typed in ["notes/all", "sea NOTES", "Sea notes, All (draft)"] {
        let page = shown(typed).await;
        assert!(marked(&page).is_empty() && page.contains("value=\"notes/all\""), "{typed}: {page}");
        assert!(page.contains("Sea notes, All (draft)"), "{typed}: {page}");
    }
    for typed in ["nonsense", "A book"] {
        let page = shown(typed).await;
        assert_eq!(marked(&page), ["tiers.0.include"], "{typed}: {page}");
        // It stays in its field, and is not among what comes with the tier.
        assert_eq!(page.matches(&format!("value=\"{typed}\"")).count(), 1, "{typed}: {page}");
        assert!(page.contains("name=\"form[tiers][0][includes]\" value=\"\""), "{typed}: {page}");
    }
    // Saving understands the same.
    let fields = [("act", "save"), ("form[tiers][0][name]", "All"), ("form[tiers][0][price]", "9"), ("form[tiers][0][terms]", "personal")];
    let fields: Vec<_> = right.into_iter().filter(|(name, _)| *name != "act").chain(fields).collect();
    let saved = server.form("/_fn/save_product", &encoded(&with(&fields, "form[tiers][0][include]", "Sea notes")), &owner).await;
    assert!(saved.header("location").contains("/dashboard/products/sea-maps"), "{}", saved.header("location"));
}

#[tokio::test]
async fn other_forms_of_the_dashboard_mark_one_field() {
    let server = TestServer::start().await;
    server.stock().await;
    let owner = server.sign_in(OWNER, PASSWORD).await;
    let (order, _) = server.buy("plain").await;
    let long = "x".repeat(101);
    let of_order =
        |field: (&'static str, &'static str)| [("order", order.clone()), (field.0, field.1.to_owned()), ("attempt", String::new())];
    for (act, field, id) in [
        ("add_note", ("body", ""), "note"),
        ("add_downloads", ("extra", "0"), "extra"),
        ("extend_access", ("days", "0"), "days"),
        ("correct_email", ("email", "nobody"), "right-email"),
    ] {
        let fields = of_order(field);
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.extend((act == "add_downloads").then_some(("file", "")));
        let answer = server.form(&format!("/_fn/{act}"), &encoded(&fields), &owner).await;
        assert_eq!(marked(&open(&server, answer.header("location"), &owner).await), [id], "{act}");
    }
    for (act, fields, id) in [
        ("invite_member", vec![("email", "nobody"), ("role", "support")], "email"),
        ("create_key", vec![("name", long.as_str())], "name"),
        ("change_password", vec![("old", "not this one"), ("new", "a long enough one")], "old"),
        ("change_password", vec![("old", PASSWORD), ("new", "short")], "new"),
        ("save_category", vec![("form[name]", ""), ("form[slug]", ""), ("form[parent]", "")], "category-new-name"),
        ("save_category", vec![("form[name]", "Maps"), ("form[slug]", "Not a slug"), ("form[parent]", "")], "category-new-slug"),
        ("write_terms", vec![("kind", "personal"), ("label", ""), ("summary", "x"), ("body", "")], "personal-label"),
        ("prepare_release", vec![("slug", "a-book"), ("version", ""), ("notes", "")], "new-version"),
    ] {
        let answer = server.form(&format!("/_fn/{act}"), &encoded(&fields), &owner).await;
        assert_eq!(marked(&open(&server, answer.header("location"), &owner).await), [id], "{act}");
    }
    let days = "from=2026-01-02&to=2026-01-01";
    for (query, id) in [("from=soon", "from"), ("to=soon", "to"), (days, "to"), ("min=much", "min"), ("max=much", "max")] {
        assert_eq!(marked(&open(&server, &format!("/dashboard/orders?{query}"), &owner).await), [id], "{query}");
    }
    for (query, id) in [("from=soon&to=2026-01-01", "from"), ("from=2026-01-02&to=2026-01-01", "to")] {
        assert_eq!(marked(&open(&server, &format!("/dashboard/analytics?{query}"), &owner).await), [id], "{query}");
    }
}

#[tokio::test]
async fn the_api_says_which_field_was_refused() {
    let server = TestServer::start().await;
    server.stock().await;
    let field = |answer: &Answer| answer.json()["error"]["field"].clone();
    let long = "x".repeat(501);
    let tier = |amount: i64| json!({ "key": "a", "name": "A", "amount": amount, "currency": "USD" });
    let product = |more: Value| {
        let mut product = json!({ "title": "Maps", "variants": [tier(100)] });
        product.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        product
    };
    for (method, path, body, expected) in [
        ("PATCH", "/api/v1/settings", json!({ "tagline": &long }), json!("tagline")),
        ("PATCH", "/api/v1/settings", json!({ "activation_limit": 0 }), json!("activation_limit")),
        ("POST", "/api/v1/products", product(json!({ "edition": &long })), json!("edition")),
        ("POST", "/api/v1/products", product(json!({ "slug": "a-book" })), json!("slug")),
        ("POST", "/api/v1/products", product(json!({ "credits": &long[..201] })), json!("credits")),
        ("PATCH", "/api/v1/products/a-book", json!({ "credits": "two\nlines" }), json!("credits")),
        ("POST", "/api/v1/products", product(json!({ "variants": [tier(1), tier(2)] })), json!("variants.1.key")),
        ("POST", "/api/v1/products", product(json!({ "variants": [tier(-1)] })), json!("variants.0.amount")),
        ("PATCH", "/api/v1/products/a-book", json!({ "variants": [{ "key": "rich", "name": "" }] }), json!("variants.0.name")),
        ("POST", "/api/v1/promotions", json!({ "code": "no way", "percent_off": 5 }), json!("code")),
        ("POST", "/api/v1/promotions", json!({ "code": "A", "percent_off": 500 }), json!("percent_off")),
        ("POST", "/api/v1/promotions", json!({ "code": "A", "percent_off": 5, "max_redemptions": 0 }), json!("max_redemptions")),
        ("POST", "/api/v1/members", json!({ "email": "nobody", "role": "support" }), json!("email")),
        ("POST", "/api/v1/members", json!({ "email": OWNER, "role": "support" }), json!("email")),
        ("GET", "/api/v1/products/nothing", Value::Null, Value::Null),
    ] {
        let answer = server.change(method, path, &body).await;
        assert!((400..500).contains(&answer.status), "{path}: {}", answer.text());
        assert_eq!(field(&answer), expected, "{path}: {}", answer.text());
        assert!(!answer.text().contains("null"), "a refusal about no field has none");
    }
    let request = json!({ "items": [{ "product": "a-book", "quantity": 0 }], "email": "reader@example.com" });
    assert_eq!(field(&server.post("/api/v1/checkouts", &request).await), "items.0.quantity");
    let request = json!({ "items": [{ "product": "a-book", "quantity": 1 }], "email": "nobody" });
    assert_eq!(field(&server.post("/api/v1/checkouts", &request).await), "email");
}
