//! The rules that requests are refused by, where their types alone don't say them: words, bounds, lengths, formats.
//!
//! Words come from the types that read them. Bounds are repeated here, beside each other; a test sends what each of them rules out.

use domain::cart::MAX_QUANTITY;
use domain::catalog::ProductStatus;
use domain::draft::ProductTexts;
use domain::files::{FileRole, MAX_FILE_BYTES};
use domain::license::{KeyFormat, MAX_FEATURES, MAX_PREFIX_CHARS};
use domain::member::{Permission, Role};
use domain::money::MAX_CHARGE;
use domain::order::OrderStatus;
use domain::pages::analytics::{By, Interval};
use domain::pages::settings::{OldPrices, SaleMails};
use domain::promotion::PromotionState;
use domain::word::Word;
use serde_json::{Value, json};

/// What a value must be.
enum Rule {
    Words(Vec<&'static str>),
    /// Each in a list is one of these.
    ListOf(Vec<&'static str>),
    AtLeast(i64),
    Within(i64, i64),
    /// Characters, from and to.
    Length(usize, usize),
    /// The fewest and the most items.
    Items(usize, usize),
    Email,
    /// ISO 4217, in capitals or not.
    Currency,
}

/// Schema, field, rule.
fn of_bodies() -> Vec<(&'static str, &'static str, Rule)> {
    let roles = || Rule::Words(Role::words());
    let texts = ProductTexts::default();
    let lines = ["CreateProduct", "ChangeProduct"].into_iter().flat_map(|schema| texts.lines().map(|line| (schema, line)));
    let of_lines = lines.map(|(schema, line)| (schema, line.field, Rule::Length(0, line.max_chars)));
    let others = vec![
        ("InviteMember", "role", roles()),
        ("InviteMember", "email", Rule::Email),
        ("ChangeMember", "role", roles()),
        ("Member", "role", roles()),
        ("CreateApiKey", "name", Rule::Length(1, 100)),
        ("CreateApiKey", "scopes", Rule::ListOf(Permission::words())),
        ("ChangeSettings", "name", Rule::Length(1, 100)),
        ("ChangeSettings", "tagline", Rule::Length(0, 200)),
        ("ChangeSettings", "legal_name", Rule::Length(0, 200)),
        ("ChangeSettings", "tax_id", Rule::Length(0, 200)),
        ("ChangeSettings", "sender_name", Rule::Length(0, 200)),
        ("ChangeSettings", "address", Rule::Length(0, 1000)),
        ("ChangeSettings", "currency", Rule::Currency),
        ("ChangeSettings", "old_prices", Rule::Words(OldPrices::words())),
        ("ChangeSettings", "sale_mails", Rule::Words(SaleMails::words())),
        ("ChangeSettings", "support_email", Rule::Email),
        ("ChangeSettings", "download_limit", Rule::AtLeast(1)),
        ("ChangeSettings", "refund_days", Rule::Within(1, 365)),
        ("ChangeSettings", "activation_limit", Rule::AtLeast(1)),
        ("ChangeSettings", "terms_text", Rule::Length(0, 50_000)),
        ("ChangeSettings", "privacy_text", Rule::Length(0, 50_000)),
        ("ChangeSettings", "refund_text", Rule::Length(0, 50_000)),
        ("CreateProduct", "title", Rule::Length(1, 200)),
        ("CreateProduct", "description", Rule::Length(0, 50_000)),
        ("CreateProduct", "status", Rule::Words(vec!["draft", "published", "unlisted"])),
        ("CreateProduct", "tags", Rule::Items(0, 20)),
        ("CreateProduct", "variants", Rule::Items(1, 50)),
        ("ChangeProduct", "title", Rule::Length(1, 200)),
        ("ChangeProduct", "description", Rule::Length(0, 50_000)),
        ("ChangeProduct", "status", Rule::Words(ProductStatus::words())),
        ("CreateVariant", "amount", Rule::Within(0, MAX_CHARGE)),
        ("CreateVariant", "currency", Rule::Currency),
        ("CreateVariant", "download_limit", Rule::AtLeast(1)),
        ("CreateLicense", "activation_limit", Rule::AtLeast(1)),
        ("CreateLicense", "expires_after_days", Rule::AtLeast(1)),
        ("CreateLicense", "updates_days", Rule::AtLeast(1)),
        ("CreateLicense", "format", Rule::Words(KeyFormat::words())),
        ("CreateLicense", "prefix", Rule::Length(0, MAX_PREFIX_CHARS)),
        ("CreateLicense", "features", Rule::Items(0, MAX_FEATURES)),
        ("CreatePromotion", "code", Rule::Length(0, 60)),
        ("CreatePromotion", "name", Rule::Length(0, 80)),
        ("CreatePromotion", "percent_off", Rule::Within(1, 100)),
        ("CreatePromotion", "amount_off", Rule::AtLeast(1)),
        ("CreatePromotion", "currency", Rule::Currency),
        ("CreatePromotion", "minimum_amount", Rule::AtLeast(0)),
        ("CreatePromotion", "max_redemptions", Rule::AtLeast(1)),
        ("ChangePromotion", "percent_off", Rule::Within(1, 100)),
        ("ChangePromotion", "amount_off", Rule::AtLeast(1)),
        ("ChangePromotion", "max_redemptions", Rule::AtLeast(1)),
        ("ChangePromotion", "status", Rule::Words(vec!["active", "archived"])),
        ("CreateCheckout", "expected_currency", Rule::Currency),
        ("CreateCheckout", "email", Rule::Email),
        ("CreateCheckout", "items", Rule::Items(1, 200)),
        ("Item", "quantity", Rule::Within(1, MAX_QUANTITY)),
        ("Item", "amount", Rule::AtLeast(0)),
        ("CorrectOrder", "email", Rule::Email),
        ("CreateRefund", "amount", Rule::AtLeast(1)),
        ("CreateRefund", "reason", Rule::Length(0, 500)),
        ("OrderSummary", "status", Rule::Words(OrderStatus::words())),
        ("WriteNote", "text", Rule::Length(1, 4_000)),
        ("AddDownloads", "extra", Rule::Within(1, 1_000)),
        ("Extend", "days", Rule::Within(1, 3_650)),
        ("CreateRelease", "version", Rule::Length(1, 40)),
        ("CreateRelease", "notes", Rule::Length(0, 10_000)),
        ("ChangeRelease", "version", Rule::Length(1, 40)),
        ("ChangeRelease", "notes", Rule::Length(0, 10_000)),
        ("WriteTerms", "label", Rule::Length(1, 60)),
        ("WriteTerms", "body", Rule::Length(0, 20_000)),
        ("BeginUpload", "size_bytes", Rule::Within(1, MAX_FILE_BYTES)),
        ("BeginUpload", "role", Rule::Words(FileRole::words())),
        ("CreateCategory", "name", Rule::Length(1, 60)),
        ("RenameTag", "name", Rule::Length(1, 60)),
    ];
    of_lines.chain(others).collect()
}

/// Path, name in the query, rule.
fn of_queries() -> Vec<(&'static str, &'static str, Rule)> {
    let states = || Rule::Words(OrderStatus::words());
    let ranges = || Rule::Words(vec!["7d", "30d", "90d", "12m", "this_month", "last_month", "this_year"]);
    vec![
        ("/api/v1/orders", "status", states()),
        ("/api/v1/orders", "days", Rule::Words(vec!["paid"])),
        ("/api/v1/exports/orders.csv", "status", states()),
        ("/api/v1/exports/order-lines.csv", "status", states()),
        ("/api/v1/promotions", "status", Rule::Words(PromotionState::words())),
        ("/api/v1/analytics/summary", "range", ranges()),
        ("/api/v1/analytics/summary", "interval", Rule::Words(Interval::words())),
        ("/api/v1/analytics/breakdown", "range", ranges()),
        ("/api/v1/analytics/breakdown", "by", Rule::Words(By::words())),
    ]
}

/// Writes the rules into the document.
///
/// # Errors
/// The first rule whose field the document doesn't have.
pub fn write(document: &mut Value) -> Result<(), String> {
    for (schema, field, rule) in of_bodies() {
        let place = document.pointer_mut(&format!("/components/schemas/{schema}/properties/{field}"));
        apply(&rule, place.ok_or_else(|| format!("{schema}.{field}"))?);
    }
    for (path, name, rule) in of_queries() {
        let parameters = document["paths"][path]["get"]["parameters"].as_array_mut();
        let parameter = parameters.and_then(|all| all.iter_mut().find(|parameter| parameter["name"] == name));
        apply(&rule, &mut parameter.ok_or_else(|| format!("{path}?{name}"))?["schema"]);
    }
    Ok(())
}

fn apply(rule: &Rule, schema: &mut Value) {
    let may_be_null = schema["type"].as_array().is_some_and(|kinds| kinds.contains(&json!("null")));
    let words = |words: &[&str]| {
        let mut all: Vec<Value> = words.iter().map(|word| json!(word)).collect();
        if may_be_null {
            all.push(Value::Null);
        }
        Value::Array(all)
    };
    match rule {
        Rule::Words(of) => schema["enum"] = words(of),
        Rule::ListOf(of) => schema["items"]["enum"] = json!(of),
        Rule::AtLeast(least) => schema["minimum"] = json!(least),
        Rule::Within(least, most) => (schema["minimum"], schema["maximum"]) = (json!(least), json!(most)),
        Rule::Length(least, most) => (schema["minLength"], schema["maxLength"]) = (json!(least), json!(most)),
        Rule::Items(least, most) => (schema["minItems"], schema["maxItems"]) = (json!(least), json!(most)),
        Rule::Email => (schema["format"], schema["maxLength"]) = (json!("email"), json!(254)),
        Rule::Currency => schema["pattern"] = json!("^[A-Za-z]{3}$"),
    }
}
