//! Creators make and change their goods by plain forms and by the API.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop::Clock;
use shop_testing::on_both_databases;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

/// Fields as a browser sends them.
fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| {
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

const TYPED: [(&str, &str); 10] = [
    ("form[title]", "Sea <maps> & more"),
    ("form[kind]", "image"),
    ("form[promise]", "Old maps"),
    ("form[description]", "# Maps\r\n\r\n*old* ones <script>alert(1)</script>"),
    ("form[tags]", "sea, maps"),
    ("form[status]", "published"),
    ("form[tiers][0][name]", "Personal"),
    ("form[tiers][0][price]", "2.99"),
    ("form[tiers][1][name]", "Commercial"),
    ("form[tiers][1][price]", "9,99"),
];

#[on_both_databases]
async fn a_product_is_made_by_a_plain_form(engine: Engine) {
    let server = TestServer::on(engine).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let blank = open(&server, "/dashboard/products/new", &cookie).await;
    assert_eq!(blank.status, 200);
    assert!(blank.text().contains("Standard") && !blank.text().contains("<script type=\"module\""), "one tier, no WebAssembly");

    // A button of the form brings it back with another tier, and nothing is saved.
    let more = server.form("/_fn/save_product", &form(&[&[("act", "add")], &TYPED[..]].concat()), &cookie).await;
    assert_eq!(more.status, 303, "{}", more.text());
    assert!(more.header("location").starts_with("/dashboard/products/new?draft=") && more.header("location").ends_with("#tier-2"));
    let page = open(&server, more.header("location").split('#').next().unwrap(), &cookie).await.text();
    assert!(
        page.contains("form[tiers][2][name]") && page.contains("Price in USD") && page.contains("Sea &lt;maps&gt; &amp; more"),
        "{page}"
    );
    assert_eq!(server.count("products").await, 0);

    let preview = server.form("/_fn/save_product", &form(&[&[("act", "preview")], &TYPED[..]].concat()), &cookie).await;
    let page = open(&server, preview.header("location").split('#').next().unwrap(), &cookie).await.text();
    assert!(
        page.contains("<h2>Maps</h2>")
            && page.contains("<em>old</em>")
            && page.contains("&lt;script>alert(1)")
            && !page.contains("<script>alert"),
        "{page}"
    );

    let refused = server
        .form("/_fn/save_product", &form(&[&[("act", "save")], &TYPED[..], &[("form[tiers][1][price]", "a lot")]].concat()), &cookie)
        .await;
    assert_eq!(refused.status, 422, "a field that stands there twice is no form of ours: {}", refused.text());
    let mut typed = TYPED;
    typed[9].1 = "9223372036854775808";
    let refused = server.form("/_fn/save_product", &form(&[&[("act", "save")], &typed[..]].concat()), &cookie).await;
    let page = open(&server, refused.header("location"), &cookie).await.text();
    assert!(page.contains("9223372036854775808") && page.contains("at most $999,999.99"), "{page}");
    assert_eq!(server.count("products").await, 0);

    let asked = server.form("/_fn/save_product", &form(&[&[("act", "save")], &TYPED[..]].concat()), &cookie).await;
    let page = open(&server, asked.header("location"), &cookie).await.text();
    assert!(
        page.contains("delivers nothing yet") && page.contains("Publish anyway") && page.contains("Sea &lt;maps&gt; &amp; more"),
        "{page}"
    );
    assert_eq!(server.count("products").await, 0);
    let saved = server.form("/_fn/save_product", &form(&[&[("act", "publish_anyway")], &TYPED[..]].concat()), &cookie).await;
    assert_eq!((saved.status, saved.header("location")), (303, "/dashboard/products/sea-maps-more?notice=product_coming"));
    let shown = server.get("/products/sea-maps-more").await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("$2.99") && shown.text().contains("$9.99"), "{}", shown.text());
    let list = open(&server, "/dashboard/products?q=sea&status=published", &cookie).await.text();
    assert!(list.contains("/dashboard/products/sea-maps-more"), "{list}");
}

#[on_both_databases]
async fn an_old_slug_leads_on_for_good_and_the_second_editor_is_told(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let fields = |title: &'static str, slug: &'static str| {
        [
            ("form[product]", "a-book"),
            ("form[revision]", "1"),
            ("form[title]", title),
            ("form[slug]", slug),
            ("form[status]", "published"),
            ("form[kind]", "book"),
            ("form[tiers][0][known]", "plain"),
            ("form[tiers][0][name]", "Plain"),
            ("form[tiers][0][price]", "5"),
        ]
    };
    let first = server.form("/_fn/save_product", &form(&fields("First", "b-book")), &cookie).await;
    assert_eq!(first.header("location"), "/dashboard/products/b-book?notice=product_saved");
    let moved = server.get("/products/a-book?utm_source=x").await;
    assert_eq!((moved.status, moved.header("location")), (301, "/products/b-book?utm_source=x"));
    let moved = open(&server, "/dashboard/products/a-book", &cookie).await;
    assert_eq!((moved.status, moved.header("location")), (301, "/dashboard/products/b-book"));
    for moved in [server.get("/api/v1/products/a-book").await, server.change("GET", "/api/v1/products/a-book", &Value::Null).await] {
        assert_eq!((moved.status, moved.header("location")), (308, "/api/v1/products/b-book"));
    }

    let mut second = fields("Second", "b-book");
    second[0].1 = "b-book";
    let told = server.form("/_fn/save_product", &form(&second), &cookie).await;
    assert_eq!(told.status, 303);
    let page = open(&server, told.header("location"), &cookie).await;
    assert_eq!(page.status, 409);
    let text = page.text();
    assert!(
        text.contains("saved this product on") && text.contains(OWNER) && text.contains("value=\"Second\"") && text.contains("First"),
        "{text}"
    );
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
        ("origin", &*server.base),
        ("cookie", &*cookie),
    ];
    let machine = send("POST", &format!("{}/_fn/save_product", server.base), &headers, form(&second)).await;
    assert_eq!(machine.status, 409, "{}", machine.text());
    let on_top = server.form("/_fn/save_product", &form(&[&[("act", "save_on_top")], &second[..]].concat()), &cookie).await;
    assert_eq!(on_top.header("location"), "/dashboard/products/b-book?notice=product_saved");
    assert!(server.get("/products/b-book").await.text().contains("Second"));

    let stale = server.change("PATCH", "/api/v1/products/b-book", &json!({ "title": "Third", "version": 1 })).await;
    assert_eq!((stale.status, stale.code().as_str()), (409, "product_changed"));
    let fresh = server.change("GET", "/api/v1/products/b-book", &Value::Null).await.json()["revision"].as_i64().unwrap();
    assert_eq!(server.change("PATCH", "/api/v1/products/b-book", &json!({ "title": "Third", "version": fresh })).await.status, 200);
}

#[on_both_databases]
async fn archiving_and_deleting_can_be_undone_by_plain_forms(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let archived = server.form("/_fn/set_product_status", "product=a-book&status=archived", &cookie).await;
    assert_eq!(archived.header("location"), "/dashboard/products/a-book?archived=published");
    assert_eq!(server.get("/products/a-book").await.status, 404);
    assert!(open(&server, archived.header("location"), &cookie).await.text().contains("Undo"));
    assert_eq!(open(&server, "/dashboard/products/a-book/see", &cookie).await.status, 200, "for members whatever its status");
    assert_eq!(open(&server, "/dashboard/products/a-book/see", "").await.status, 302);
    server.form("/_fn/set_product_status", "product=a-book&status=published", &cookie).await;
    assert_eq!(server.get("/products/a-book").await.status, 200);
    let deleted = server.form("/_fn/delete_product", "product=a-book", &cookie).await;
    let id = deleted.header("location").strip_prefix("/dashboard/products?deleted=").unwrap().to_owned();
    assert!(open(&server, deleted.header("location"), &cookie).await.text().contains("Undo"));
    assert_eq!(server.get("/products/a-book").await.status, 404);
    let back = server.form("/_fn/restore_product", &format!("product={id}"), &cookie).await;
    assert_eq!(back.header("location"), "/dashboard/products/a-book?notice=product_restored");
    assert_eq!(server.get("/products/a-book").await.status, 200);
    let copy = server.form("/_fn/duplicate_product", "product=a-book", &cookie).await;
    assert_eq!(copy.header("location"), "/dashboard/products/a-book-copy?notice=product_copied");
}

#[tokio::test]
async fn what_is_scheduled_appears_by_itself_behind_the_cache() {
    let clock = Arc::new(AtomicI64::new(Clock::System.now_ms()));
    let server = TestServer::changed(Engine::Sqlite, |_| {}, |shop| shop.clock = Clock::Fixed(clock.clone())).await;
    server.stock().await;
    let at = clock.load(Ordering::SeqCst) + 3_600_000;
    let at = time::OffsetDateTime::from_unix_timestamp(at / 1000).unwrap().format(&time::format_description::well_known::Rfc3339).unwrap();
    let product = json!({
        "title": "Later", "status": "published", "published_at": at,
        "variants": [{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }],
    });
    let made = server.create("/api/v1/products", &product).await;
    assert_eq!(made.status, 201, "{}", made.text());
    for _ in 0..2 {
        assert!(!server.get("/products").await.text().contains("Later"));
    }
    assert_eq!(server.get("/products/later").await.status, 404);
    let scheduled = server.change("GET", "/api/v1/products?status=scheduled", &Value::Null).await.json();
    assert_eq!(scheduled["items"][0]["slug"], "later");
    clock.fetch_add(3_600_001, Ordering::SeqCst);
    for n in 0.. {
        if server.get("/products").await.text().contains("Later") {
            break;
        }
        assert!(n < 200, "it never appeared");
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(server.get("/products/later").await.status, 200);
}

#[on_both_databases]
async fn the_api_says_all_that_the_editor_says(engine: Engine) {
    let server = TestServer::on(engine).await;
    let category = server.create("/api/v1/categories", &json!({ "name": "Maps" })).await;
    assert_eq!((category.status, category.json()["slug"].as_str()), (201, Some("maps")));
    let product = json!({
        "title": "Sea maps", "status": "unlisted", "category": "maps", "tags": ["Sea", "old"], "seo_title": "Maps of the sea",
        "seo_description": "All seas",
        "metadata": { "origin": "Lisbon" }, "sku": "M-1",
        "variants": [{
            "key": "hd", "name": "HD", "amount": 500, "currency": "USD", "compare_at": 900,
            "attributes": [{ "name": "Resolution", "value": "4K" }], "terms": "commercial", "license": {}
        }],
    });
    assert_eq!(server.create("/api/v1/products", &product).await.status, 201);
    let seen = server.change("GET", "/api/v1/products/sea-maps", &Value::Null).await.json();
    for (field, value) in [
        ("status", json!("unlisted")),
        ("category", json!("maps")),
        ("tags", json!(["old", "sea"])),
        ("metadata", json!({ "origin": "Lisbon" })),
        ("sku", json!("M-1")),
        ("revision", json!(1)),
    ] {
        assert_eq!(seen[field], value, "{field}");
    }
    let variant = &seen["variants"][0];
    assert_eq!(
        (&variant["compare_at"], &variant["attributes"][0]["value"], &variant["license"]["activation_limit"]),
        (&json!(900), &json!("4K"), &Value::Null)
    );
    let public = server.get("/api/v1/products/sea-maps").await.json();
    assert!(public.get("metadata").is_none() && public.get("sku").is_none(), "{public}");
    assert!(server.get("/api/v1/products").await.json()["items"].as_array().unwrap().is_empty());
    let page = server.get("/products/sea-maps").await.text();
    assert!(
        page.contains("<title>Maps of the sea")
            && page.contains("content=\"All seas\"")
            && page.contains("noindex")
            && page.contains("Resolution: 4K"),
        "{page}"
    );
    assert_eq!(server.get("/api/v1/products?status=any").await.status, 401);
    assert_eq!(server.change("GET", "/api/v1/products?status=sold", &Value::Null).await.status, 400);
    assert_eq!(server.change("GET", "/api/v1/products?status=any&q=sea", &Value::Null).await.json()["items"][0]["status"], "unlisted");

    let change = json!({
        "metadata": {}, "category": "", "tags": ["new"],
        "variants": [{ "key": "hd", "compare_at": null, "license": null }, { "key": "sd", "name": "SD", "amount": 100, "position": -1 }],
    });
    let changed = server.change("PATCH", "/api/v1/products/sea-maps", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let changed = changed.json();
    assert_eq!((&changed["category"], &changed["tags"], &changed["variants"][0]["key"]), (&Value::Null, &json!(["new"]), &json!("sd")));
    assert_eq!((&changed["variants"][1]["compare_at"], &changed["variants"][1]["license"]), (&Value::Null, &Value::Null));
    for (change, status) in [
        (json!({ "category": "none" }), 400),
        (json!({ "published_at": "soon" }), 422),
        (json!({ "variants": [{ "key": "hd", "compare_at": 1 }] }), 400),
        (json!({ "variants": [{ "key": "hd", "status": "archived" }, { "key": "sd", "status": "archived" }] }), 400),
        (json!({ "slug": "terms" }), 400),
        (json!({ "tags": vec!["x"; 21] }), 400),
    ] {
        assert_eq!(server.change("PATCH", "/api/v1/products/sea-maps", &change).await.status, status, "{change}");
    }
    let many: Vec<Value> = (0..51).map(|i| json!({ "key": format!("v{i}"), "name": "V", "amount": 1, "currency": "USD" })).collect();
    assert_eq!(server.create("/api/v1/products", &json!({ "title": "Many", "variants": many })).await.code(), "variants_invalid");

    assert_eq!(server.create("/api/v1/products/sea-maps/duplicate", &Value::Null).await.json()["slug"], "sea-maps-copy");
    assert_eq!(server.change("DELETE", "/api/v1/products/sea-maps", &Value::Null).await.status, 204);
    assert_eq!(server.create("/api/v1/products/sea-maps/restore", &Value::Null).await.json()["slug"], "sea-maps");
    assert_eq!(server.change("PATCH", "/api/v1/tags/new", &json!({ "name": "Fresh" })).await.json()["slug"], "fresh");
    assert_eq!(server.create("/api/v1/tags/fresh/merge", &json!({ "into": "sea" })).await.status, 204);
    assert_eq!(server.change("DELETE", "/api/v1/tags/sea", &Value::Null).await.status, 204);
    assert_eq!(server.change("PATCH", "/api/v1/categories/maps", &json!({ "is_active": false })).await.json()["is_active"], false);
    assert!(server.get("/api/v1/categories").await.json()["items"].as_array().unwrap().is_empty());
    assert_eq!(server.change("DELETE", "/api/v1/categories/maps", &Value::Null).await.status, 204);
    let terms = server.change("PATCH", "/api/v1/license-terms/commercial", &json!({ "label": "For work" })).await;
    assert_eq!((terms.status, terms.json()["label"].as_str()), (200, Some("For work")));
    assert_eq!(server.change("PATCH", "/api/v1/license-terms/other", &json!({})).await.status, 404);
    assert!(server.count("audit_entries").await >= 12);
}

#[on_both_databases]
async fn tiers_that_a_change_does_not_name_stay_as_they_are(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let change = async |variants: Value| server.change("PATCH", "/api/v1/products/a-book", &json!({ "variants": variants })).await;
    let tiers = async |variants: Value| {
        let tiers = change(variants).await.json()["variants"].take();
        let sold = |tier: &Value| format!("{} {}", tier["name"].as_str().unwrap(), tier["amount"]);
        tiers.as_array().unwrap().iter().map(sold).collect::<Vec<_>>()
    };
    assert_eq!(tiers(json!([{ "key": "rich", "status": "archived" }])).await, ["Plain 500"]);
    assert_eq!(tiers(json!([{ "key": "rich", "name": "Rich" }])).await, ["Plain 500"], "what is archived stays so");
    assert_eq!(tiers(json!([{ "key": "rich", "status": "active", "position": -1 }])).await, ["Rich 900", "Plain 500"]);
    assert_eq!(tiers(json!([])).await, ["Rich 900", "Plain 500"]);
    for (variants, code, field) in [
        (json!([{ "key": "plain", "amount": 1 }, { "key": "plain", "amount": 2 }]), "variant_key_invalid", json!("variants.1.key")),
        (json!([{ "key": "new", "amount": 1 }]), "variant_incomplete", json!("variants.0")),
        (json!([{ "key": "plain", "name": "" }]), "variant_name_invalid", json!("variants.0.name")),
        (json!([{ "key": "plain", "amount": 1, "currency": "EUR" }]), "currency_mixed", Value::Null),
        (json!([{ "key": "plain", "currency": "EUR" }]), "currency_mixed", Value::Null),
        (json!([{ "key": "plain", "currency": "no" }]), "currency_invalid", json!("currency")),
        (json!([{ "key": "plain", "includes": [{ "product": "none" }] }]), "bundle_invalid", json!("variants.0.includes")),
        (json!(vec![json!({ "key": "plain", "amount": 1 }); 51]), "variants_invalid", json!("variants")),
    ] {
        let refused = change(variants).await;
        assert_eq!((refused.status, refused.code().as_str(), &refused.json()["error"]["field"]), (400, code, &field));
    }
}

#[on_both_databases]
async fn who_made_a_product_stands_below_its_title(engine: Engine) {
    let server = TestServer::on(engine).await;
    let tier = json!([{ "key": "a", "name": "A", "amount": 100, "currency": "USD" }]);
    let song = json!({ "title": "Song", "status": "published", "credits": " Ada\u{200b} ", "variants": tier });
    assert_eq!(server.create("/api/v1/products", &song).await.status, 201);
    let credits = async |slug: &str| server.change("GET", &format!("/api/v1/products/{slug}"), &Value::Null).await.json()["credits"].take();
    assert_eq!(credits("song").await, "Ada");
    assert!(server.get("/products/song").await.text().contains("By Ada"));
    let changed = server.change("PATCH", "/api/v1/products/song", &json!({ "credits": "Ada & Ben" })).await.json();
    assert_eq!(changed["credits"], "Ada & Ben");
    assert_eq!(server.change("PATCH", "/api/v1/products/song", &json!({ "title": "A song" })).await.json()["credits"], "Ada & Ben");

    let cookie = server.sign_in(OWNER, PASSWORD).await;
    assert!(open(&server, "/dashboard/products/song", &cookie).await.text().contains("value=\"Ada &amp; Ben\""));
    let saved = [
        ("act", "save"),
        ("form[product]", "song"),
        ("form[title]", "Song"),
        ("form[credits]", "Ben"),
        ("form[kind]", "audio"),
        ("form[status]", "published"),
        ("form[tiers][0][known]", "a"),
        ("form[tiers][0][name]", "A"),
        ("form[tiers][0][price]", "1"),
    ];
    server.form("/_fn/save_product", &form(&saved), &cookie).await;
    server.create("/api/v1/products/song/duplicate", &Value::Null).await;
    assert_eq!((credits("song").await, credits("song-copy").await), (json!("Ben"), json!("Ben")));
    let log = server.change("GET", "/api/v1/audit?kind=product&object=song", &Value::Null).await.json();
    let entry = log["items"].as_array().unwrap().iter().find(|entry| entry["after"]["credits"] == "Ben" && entry["act"] == "updated");
    assert_eq!(entry.unwrap()["before"]["credits"], "Ada & Ben", "{log}");
    server.change("PATCH", "/api/v1/products/song", &json!({ "credits": "" })).await;
    assert!(!server.get("/products/song").await.text().contains("By Ben"));
}

#[on_both_databases]
async fn categories_and_terms_are_changed_by_plain_forms(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let add = async |name: &str, parent: &str| {
        server.form("/_fn/save_category", &form(&[("form[name]", name), ("form[parent]", parent)]), &cookie).await
    };
    assert_eq!(add("Maps", "").await.header("location"), "/dashboard/categories?notice=category_saved");
    add("Sea maps", "maps").await;
    let refused = add("Maps", "").await;
    let page = open(&server, refused.header("location"), &cookie).await.text();
    assert!(page.contains("Another category has this slug") && page.contains("value=\"Maps\""), "{page}");
    let moved = server.form("/_fn/move_category", "category=maps&act=delete", &cookie).await;
    assert_eq!(moved.header("location"), "/dashboard/categories?notice=category_not_empty");
    assert!(server.get("/products").await.text().contains("Sea maps"));
    server.form("/_fn/move_category", "category=maps&act=hide", &cookie).await;
    assert!(!server.get("/products").await.text().contains("Sea maps"));

    let words = form(&[("kind", "personal"), ("label", "Home license"), ("summary", "At home"), ("body", "All of <it>")]);
    let written = server.form("/_fn/write_terms", &words, &cookie).await;
    assert_eq!(written.header("location"), "/dashboard/products/terms?notice=terms_saved");
    let page = server.get("/products/a-book").await.text();
    assert!(page.contains("Home license") && page.contains("All of &lt;it&gt;"), "{page}");
    let refused = server.form("/_fn/write_terms", "kind=extended&label=&summary=x&body=", &cookie).await;
    let page = open(&server, refused.header("location"), &cookie).await.text();
    assert!(page.contains("The name needs 1 to 60 characters"), "{page}");
}

#[tokio::test]
async fn a_refused_change_of_a_release_stands_beside_its_field() {
    let server = TestServer::start().await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let sheet = open(&server, "/dashboard/products/a-book/files", &cookie).await.text();
    let (_, rest) = sheet.split_once("name=\"release\" value=\"").expect("the release that customers have");
    let release = rest.split('"').next().unwrap();
    let refused =
        server.form("/_fn/change_release", &format!("slug=a-book&release={release}&version=&notes=Typed+at+length"), &cookie).await;
    let sheet = open(&server, refused.header("location"), &cookie).await.text();
    let (_, beside) = sheet.split_once("id=\"newest-version-error\"").expect("a sentence beside the field");
    assert!(beside[..200].contains("1 to 40 characters"), "{}", &beside[..200]);
    assert!(sheet.contains("Typed at length</textarea>") && sheet.matches("Typed at length").count() == 1, "{sheet}");
}

#[tokio::test]
async fn software_says_what_the_keys_of_a_variant_are_and_what_it_does_not_name_stays() {
    let server = TestServer::on(Engine::Sqlite).await;
    server.stock().await;
    let license = json!({
        "activation_limit": 3, "expires_after_days": 30, "format": "readable", "prefix": "acme", "trial": true, "updates_days": 365,
        "floating": true, "features": ["export"], "max_version": "2.4", "endless_files": true,
    });
    let variant = json!({ "key": "one", "name": "One", "amount": 500, "currency": "USD", "license": license });
    let made = server.create("/api/v1/products", &json!({ "title": "Keys", "variants": [variant] })).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let license = async |change: Value| {
        let change = json!({ "variants": [{ "key": "one", "license": change }] });
        let changed = server.change("PATCH", "/api/v1/products/keys", &change).await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        changed.json()["variants"][0]["license"].clone()
    };
    let seen = license(json!({ "activation_limit": 5, "trial": false, "max_version": null })).await;
    for (field, value) in [
        ("activation_limit", json!(5)),
        ("expires_after_days", Value::Null),
        ("format", json!("readable")),
        ("prefix", json!("ACME")),
        ("trial", json!(false)),
        ("updates_days", json!(365)),
        ("floating", json!(true)),
        ("features", json!(["export"])),
        ("max_version", Value::Null),
        ("endless_files", json!(true)),
    ] {
        assert_eq!(seen[field], value, "{field}");
    }
    for (change, field) in [
        (json!({ "prefix": "A-B" }), "prefix"),
        (json!({ "trial": true }), "trial"),
        (json!({ "features": ["a", "a"] }), "features"),
        (json!({ "max_version": "two" }), "max_version"),
        (json!({ "updates_days": 0 }), "updates_days"),
    ] {
        let change = json!({ "variants": [{ "key": "one", "license": change }] });
        let refused = server.change("PATCH", "/api/v1/products/keys", &change).await;
        assert_eq!((refused.status, &refused.json()["error"]["field"]), (400, &json!(format!("variants.0.license.{field}"))), "{field}");
    }
}
