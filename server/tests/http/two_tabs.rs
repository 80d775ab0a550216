//! Two members with one form open, and software that changes the same things by the API at the same time.

use crate::support::{Answer, Engine, OWNER, PASSWORD, TestServer, send};
use serde_json::{Value, json};
use shop_testing::on_both_databases;

pub async fn open(server: &TestServer, path: &str, cookie: &str) -> Answer {
    send("GET", &format!("{}{path}", server.base), &[("cookie", cookie)], "").await
}

pub fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// What a hidden field of a page holds.
pub fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name} in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// A form that two members have open.
struct Form {
    /// Where it stands.
    page: String,
    act: &'static str,
    /// The hidden fields that it carries, but for the revision.
    carries: &'static [&'static str],
    revision: &'static str,
    on_top: &'static str,
    /// What stands in every field as it was; of the two that change, only the value differs.
    fields: Vec<(&'static str, &'static str)>,
    /// What the first member changes, and what the second one does.
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
    heading: &'static str,
}

impl Form {
    fn sent(&self, page: &str, change: (&str, &str), extra: &[(&str, &str)]) -> String {
        let mut fields: Vec<(String, String)> =
            self.carries.iter().chain([&self.revision]).map(|name| ((*name).to_owned(), hidden(page, name))).collect();
        for (name, value) in &self.fields {
            let value = if *name == change.0 { change.1 } else { value };
            fields.push(((*name).to_owned(), value.to_owned()));
        }
        fields.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
    }
}

/// The first saves, the second is told with what was typed kept, and then saves on top.
async fn one_saves_and_the_other_is_told(server: &TestServer, cookie: &str, form: &Form) {
    let tab = open(server, &form.page, cookie).await.text();
    let path = format!("/_fn/{}", form.act);
    let saved = server.form(&path, &form.sent(&tab, form.first, &[]), cookie).await;
    assert!(saved.header("location").contains("notice="), "{}: {}", form.act, saved.header("location"));
    let told = server.form(&path, &form.sent(&tab, form.second, &[]), cookie).await;
    assert!(told.status == 303 && told.header("location").contains("draft="), "{}: {}", form.act, told.header("location"));
    let page = open(server, told.header("location"), cookie).await;
    assert_eq!(page.status, 409);
    let page = page.text().replace("<!>", "");
    assert!(page.contains(form.heading) && page.contains(OWNER) && page.contains("Overwrite with mine"), "{page}");
    assert!(page.contains(form.second.1), "what was typed is still there: {page}");
    assert!(page.contains(&format!("<dd>{}</dd>", form.first.1)), "what is saved stands beside it: {page}");
    // As the page was shown again it is as old as before: saving plainly tells again.
    let again = server.form(&path, &form.sent(&page, form.second, &[]), cookie).await;
    assert!(again.header("location").contains("draft="), "{}", again.header("location"));
    let (_, button) = page.split_once(&format!("name=\"{}\" value=\"", form.on_top)).expect("the button");
    let newer = button.split('"').next().unwrap().to_owned();
    let on_top = server.form(&path, &form.sent(&page, form.second, &[(form.on_top, &newer)]), cookie).await;
    assert!(on_top.header("location").contains("notice="), "{}: {}", form.act, on_top.header("location"));
    let stands = open(server, &form.page, cookie).await;
    assert_eq!(stands.status, 200);
    assert!(stands.text().contains(form.second.1), "{}", stands.text());
    let third = server.form(&path, &form.sent(&page, form.first, &[(form.on_top, &newer)]), cookie).await;
    assert!(third.header("location").contains("draft="), "who saves on top saves on what was shown, and on nothing newer");
}

#[on_both_databases]
async fn a_form_of_yesterday_undoes_nothing_and_keeps_what_was_typed(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    let promotion = server.create("/api/v1/promotions", &json!({ "code": "SPRING", "percent_off": 10 })).await.json();
    server.create("/api/v1/categories", &json!({ "name": "Maps" })).await;
    let settings = server.change("GET", "/api/v1/settings", &Value::Null).await.json();
    assert_eq!((settings["currency"].as_str(), settings["time_zone"].as_str()), (Some("USD"), Some("UTC")));
    let forms = [
        Form {
            page: "/dashboard/settings".to_owned(),
            act: "save_settings",
            carries: &[],
            revision: "form[revision]",
            on_top: "form[on_top]",
            fields: vec![
                ("form[name]", "Weightless"),
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
            ],
            first: ("form[terms_text]", "Terms of the first"),
            second: ("form[tagline]", "Tagline of the second"),
            heading: "Somebody else saved the settings",
        },
        Form {
            page: format!("/dashboard/promotions/{}", promotion["id"].as_str().unwrap()),
            act: "save_promotion",
            carries: &["id", "starts_shown", "ends_shown"],
            revision: "revision",
            on_top: "on_top",
            fields: vec![
                ("way", "code"),
                ("code", "SPRING"),
                ("name", ""),
                ("unit", "percent"),
                ("value", "10"),
                ("scope", "everything"),
                ("minimum", ""),
                ("limit", ""),
                ("starts", ""),
                ("ends", ""),
            ],
            first: ("limit", "20"),
            second: ("name", "Name of the second"),
            heading: "Somebody else saved this promotion",
        },
        Form {
            page: "/dashboard/categories".to_owned(),
            act: "save_category",
            carries: &["form[category]"],
            revision: "form[revision]",
            on_top: "form[on_top]",
            fields: vec![("form[name]", "Maps"), ("form[slug]", "maps"), ("form[parent]", "")],
            first: ("form[slug]", "old-maps"),
            second: ("form[name]", "Name of the second"),
            heading: "Somebody else saved this category",
        },
        Form {
            page: "/dashboard/products/terms".to_owned(),
            act: "write_terms",
            carries: &["kind"],
            revision: "revision",
            on_top: "on_top",
            fields: vec![("label", "Personal use"), ("summary", "For you."), ("body", "")],
            first: ("summary", "Summary of the first"),
            second: ("label", "Label of the second"),
            heading: "Somebody else saved these terms",
        },
        Form {
            page: "/dashboard/products/a-book/files".to_owned(),
            act: "change_release",
            carries: &["slug", "release"],
            revision: "revision",
            on_top: "on_top",
            fields: vec![("version", "1.0"), ("notes", "")],
            first: ("version", "1.0.1"),
            second: ("notes", "Notes of the second"),
            heading: "Somebody else saved this release",
        },
    ];
    for form in &forms {
        one_saves_and_the_other_is_told(&server, &cookie, form).await;
    }
}

#[on_both_databases]
async fn what_was_typed_for_a_category_that_is_gone_can_make_a_new_one(engine: Engine) {
    let server = TestServer::on(engine).await;
    let cookie = server.sign_in(OWNER, PASSWORD).await;
    server.create("/api/v1/categories", &json!({ "name": "Maps" })).await;
    let tab = open(&server, "/dashboard/categories", &cookie).await.text();
    server.change("DELETE", "/api/v1/categories/maps", &Value::Null).await;
    let (id, revision) = (hidden(&tab, "form[category]"), hidden(&tab, "form[revision]"));
    let fields = [("form[category]", id.as_str()), ("form[revision]", &revision), ("form[name]", "Charts"), ("form[slug]", "charts")];
    let fields = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&");
    let refused = server.form("/_fn/save_category", &fields, &cookie).await;
    let page = open(&server, refused.header("location"), &cookie).await.text();
    assert!(page.contains("Not found. It may have been deleted") && page.contains("value=\"Charts\""), "{page}");
    assert_eq!(hidden(&page, "form[category]"), "", "it adds one now");
}

#[on_both_databases]
async fn patches_at_once_of_different_fields_lose_none(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.create("/api/v1/promotions", &json!({ "code": "SPRING", "percent_off": 10 })).await;
    for n in 0..25 {
        let text = format!("Text {n}");
        for (path, one, other) in [("/api/v1/settings", "tagline", "legal_name"), ("/api/v1/license-terms/personal", "label", "body")] {
            let (a, b) = (json!({ one: text }), json!({ other: text }));
            let (a, b) = tokio::join!(server.change("PATCH", path, &a), server.change("PATCH", path, &b));
            assert_eq!((a.status, b.status), (200, 200), "{} {}", a.text(), b.text());
        }
        let (a, b) = (json!({ "name": text }), json!({ "max_redemptions": n + 1, "status": "active" }));
        let path = "/api/v1/promotions/SPRING";
        let (a, b) = tokio::join!(server.change("PATCH", path, &a), server.change("PATCH", path, &b));
        assert_eq!((a.status, b.status), (200, 200), "{} {}", a.text(), b.text());
        let settings = server.change("GET", "/api/v1/settings", &Value::Null).await.json();
        assert_eq!((settings["tagline"].as_str(), settings["legal_name"].as_str()), (Some(&*text), Some(&*text)));
        let terms = server.change("GET", "/api/v1/license-terms", &Value::Null).await.json();
        assert_eq!((terms["items"][0]["label"].as_str(), terms["items"][0]["body"].as_str()), (Some(&*text), Some(&*text)));
        let promotion = server.change("GET", path, &Value::Null).await.json();
        assert_eq!((promotion["name"].as_str(), promotion["max_redemptions"].as_i64()), (Some(&*text), Some(n + 1)));
    }
}

#[on_both_databases]
async fn a_patch_that_names_an_older_revision_is_refused(engine: Engine) {
    let server = TestServer::on(engine).await;
    server.stock().await;
    server.create("/api/v1/promotions", &json!({ "code": "SPRING", "percent_off": 10 })).await;
    server.create("/api/v1/categories", &json!({ "name": "Maps" })).await;
    let releases = server.change("GET", "/api/v1/products/a-book/releases", &Value::Null).await.json();
    let release = format!("/api/v1/products/a-book/releases/{}", releases["items"][0]["id"].as_str().unwrap());
    for (path, field, before, code) in [
        ("/api/v1/settings", "tagline", 1, "settings_changed"),
        ("/api/v1/promotions/SPRING", "name", 1, "promotion_changed"),
        ("/api/v1/categories/maps", "name", 1, "category_changed"),
        ("/api/v1/license-terms/personal", "label", 0, "terms_changed"),
        (&*release, "notes", 1, "release_changed"),
    ] {
        let first = server.change("PATCH", path, &json!({ field: "First", "revision": before })).await;
        assert_eq!((first.status, first.json()["revision"].as_i64()), (200, Some(before + 1)), "{path}: {}", first.text());
        let stale = server.change("PATCH", path, &json!({ field: "Second", "revision": before })).await;
        assert_eq!((stale.status, stale.code().as_str()), (409, code), "{path}");
        let fresh = server.change("PATCH", path, &json!({ field: "Second", "revision": before + 1 })).await;
        assert_eq!(fresh.status, 200, "{path}: {}", fresh.text());
        let unnamed = server.change("PATCH", path, &json!({ field: "Third" })).await;
        assert_eq!((unnamed.status, unnamed.json()["revision"].as_i64()), (200, Some(before + 3)), "{path}");
    }
}
