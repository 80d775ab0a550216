//! The hosted page's HTML.

use crate::error::ApiError;
use crate::money;
use crate::state::{number, text};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::Value;

/// Styles of our own and nothing else. Forms may lead anywhere: the shop's address is not known here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/// What the form sends; all of it may be missing or wrong.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CardForm {
    pub email: String,
    pub card_number: String,
    pub expiry: String,
    pub cvc: String,
    pub name: String,
    /// Two letters of ISO 3166.
    pub country: String,
}

/// Some of the countries that Stripe offers.
const COUNTRIES: [(&str, &str); 8] = [
    ("US", "United States"),
    ("AU", "Australia"),
    ("CA", "Canada"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("JP", "Japan"),
    ("NZ", "New Zealand"),
];

impl CardForm {
    /// The form with what is known about the buyer.
    pub fn of(session: &Value) -> Self {
        let buyer = &session["_buyer"];
        let email = buyer["email"].as_str().unwrap_or(text(session, "customer_email"));
        Self { email: email.to_owned(), name: text(buyer, "name").to_owned(), ..Self::default() }
    }

    /// The country, where it is one that the page offers.
    pub fn country(&self) -> Option<&'static str> {
        COUNTRIES.into_iter().map(|(code, _)| code).find(|code| *code == self.country)
    }

    pub fn trimmed(self) -> Self {
        let trim = |text: String| text.trim().to_owned();
        Self {
            email: trim(self.email),
            card_number: trim(self.card_number),
            expiry: trim(self.expiry),
            cvc: trim(self.cvc),
            name: trim(self.name),
            country: trim(self.country),
        }
    }
}

fn total(session: &Value) -> String {
    money::format(number(session, "amount_total"), text(session, "currency"))
}

/// The order on the left, the card on the right.
pub fn payment(status: StatusCode, session: &Value, form: &CardForm, error: Option<&ApiError>) -> Response {
    let is_free = number(session, "amount_total") == 0;
    let body = html! {
        main class="columns" {
            section class="order" aria-labelledby="total" {
                @if let Some(url) = session["cancel_url"].as_str() {
                    p class="back" { a href=(url) { span aria-hidden="true" { "← " } "Back" } }
                }
                h1 id="total" { span { "Your order" } (total(session)) }
                ul class="lines" {
                    @for line in session["_line_items"].as_array().into_iter().flatten() { (order_line(line)) }
                    li class="sum" { span { "Total due today" } span class="amount" { (total(session)) } }
                }
            }
            section class="card" aria-labelledby="pay" {
                h2 id="pay" { @if is_free { "Nothing to pay" } @else { "Pay with card" } }
                p class="badge" { "Test mode — no money moves" }
                form method="post" action={ "/c/pay/" (text(session, "id")) } novalidate {
                    (field(&EMAIL, &form.email, error))
                    @if !is_free {
                        (field(&NUMBER, &form.card_number, error))
                        div class="pair" {
                            (field(&EXPIRY, &form.expiry, error))
                            (field(&CVC, "", error))
                        }
                        (field(&NAME, &form.name, error))
                        div class="field" {
                            label for="country" { "Country or region" }
                            select id="country" name="country" autocomplete="country" {
                                @for (code, name) in COUNTRIES { option value=(code) selected[form.country == code] { (name) } }
                            }
                        }
                    }
                    button class="primary" { @if is_free { "Complete order" } @else { "Pay " (total(session)) } }
                }
                @if !is_free { (test_cards(session)) }
            }
        }
    };
    document(status, "Checkout", &body)
}

fn order_line(line: &Value) -> Markup {
    let (quantity, currency) = (number(line, "quantity"), text(line, "currency"));
    html! {
        li {
            span {
                (text(line, "description"))
                @if quantity > 1 {
                    span class="quiet" {
                        "Qty " (quantity) " · " (money::format(number(&line["price"], "unit_amount"), currency)) " each"
                    }
                }
            }
            span class="amount" { (money::format(number(line, "amount_total"), currency)) }
        }
    }
}

struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    mode: Option<&'static str>,
    /// The parameters that an error of this field may name.
    params: &'static [&'static str],
}

const EMAIL: Field = Field { name: "email", label: "Email", kind: "email", autocomplete: "email", mode: None, params: &["email"] };
// A decline names no parameter; it belongs to the card.
const NUMBER: Field = Field {
    name: "card_number",
    label: "Card number",
    kind: "text",
    autocomplete: "cc-number",
    mode: Some("numeric"),
    params: &["number", ""],
};
const EXPIRY: Field =
    Field { name: "expiry", label: "MM / YY", kind: "text", autocomplete: "cc-exp", mode: None, params: &["exp_month", "exp_year"] };
const CVC: Field = Field { name: "cvc", label: "CVC", kind: "text", autocomplete: "cc-csc", mode: Some("numeric"), params: &["cvc"] };
const NAME: Field = Field { name: "name", label: "Name on card", kind: "text", autocomplete: "cc-name", mode: None, params: &["name"] };

fn field(field: &Field, value: &str, error: Option<&ApiError>) -> Markup {
    let error = error.filter(|error| field.params.contains(&error.body.get("param").and_then(Value::as_str).unwrap_or("")));
    let note = format!("{}-error", field.name);
    html! {
        div class="field" {
            label for=(field.name) { (field.label) }
            input id=(field.name) name=(field.name) type=(field.kind) autocomplete=(field.autocomplete) inputmode=[field.mode] value=(value)
                autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| note.as_str())];
            @if let Some(error) = error { p class="error" id=(note) role="alert" { (error.message()) } }
        }
    }
}

const TEST_CARDS: [(&str, &str); 6] = [
    ("4242 4242 4242 4242", "pays"),
    ("4000 0025 0000 3155", "3-D Secure"),
    ("4000 0000 0000 0002", "declined"),
    ("4000 0000 0000 9995", "no funds"),
    ("4000 0000 0000 0259", "disputed"),
    ("4000 0000 0000 5126", "refunds fail"),
];

fn test_cards(session: &Value) -> Markup {
    let takes_debits = session["payment_method_types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "sepa_debit"));
    html! {
        details open {
            summary { "Test cards" }
            dl {
                @for (number, what) in TEST_CARDS { div { dt { (number) } dd { (what) } } }
                @if takes_debits {
                    div { dt { "AT61 1904 3002 3457 3201" } dd { "pays later" } }
                    div { dt { "AT86 1904 3002 3547 3202" } dd { "fails later" } }
                }
            }
            p { "Any date to come, any three digits, any name." }
        }
    }
}

/// The bank's question.
pub fn authentication(session: &Value) -> Response {
    let body = html! {
        main class="narrow" {
            p class="badge" { "Test mode — no money moves" }
            h1 { "Is this you?" }
            p { "A bank would ask you now to confirm the payment of " strong { (total(session)) } ". Here you choose how that ends." }
            form method="post" class="buttons" {
                button class="primary" name="outcome" value="complete" { "Complete" }
                button name="outcome" value="fail" { "Fail" }
            }
        }
    };
    document(StatusCode::OK, "3-D Secure", &body)
}

/// Why nothing can be paid here.
pub fn closed(session: Option<&Value>, success_url: &str) -> Response {
    let (status, title, explanation, link) = match session {
        None => (StatusCode::NOT_FOUND, "There is no such payment page", "The link may be incomplete. Open it again from the shop.", None),
        Some(session) if text(session, "status") == "complete" => {
            (StatusCode::OK, "This order is complete", "There is nothing left to do here.", Some(success_url))
        }
        Some(session) => (
            StatusCode::GONE,
            "This payment page has expired",
            "Nothing was charged. Start again in the shop.",
            session["cancel_url"].as_str(),
        ),
    };
    let body = html! {
        main class="narrow" {
            p class="badge" { "Test mode — no money moves" }
            h1 { (title) }
            p { (explanation) }
            @if let Some(link) = link { p { a href=(link) { "Return to the shop" } } }
        }
    };
    document(status, title, &body)
}

/// What the emulator is.
pub fn welcome() -> Response {
    let body = html! {
        main class="narrow" {
            p class="badge" { "Test mode — no money moves" }
            h1 { "A Stripe to buy from without the internet" }
            p {
                "Point a Stripe client's base address here and give it any key that begins with " code { "sk_test_" }
                ". Checkout pages are at the addresses that sessions carry; " a href="/_emulator/state" { "this" }
                " is what has happened so far."
            }
        }
    };
    document(StatusCode::OK, "Stripe emulator", &body)
}

fn document(status: StatusCode, title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · test payment" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/assets/checkout.css";
            }
            body { (body) }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(page.into_string())).into_response()
}
