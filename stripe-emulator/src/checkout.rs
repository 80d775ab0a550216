//! The hosted checkout page. Works without JavaScript, and says that no money moves.

use crate::api::add_card;
use crate::error::ApiError;
use crate::payments::{self, Confirmed};
use crate::state::{number, text};
use crate::{Emulator, objects};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

const STYLE: &str = include_str!("checkout.css");

/// What the form sends; all of it may be missing or wrong.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CardForm {
    email: String,
    card_number: String,
    expiry: String,
    cvc: String,
    name: String,
}

pub async fn stylesheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "no-cache")], STYLE)
}

pub async fn show(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    let Some(session) = emulator.lock().find("checkout.session", &id).cloned() else { return closed(None) };
    if text(&session, "status") != "open" {
        return closed(Some(&session));
    }
    let form = CardForm { email: text(&session, "customer_email").to_owned(), ..CardForm::default() };
    page(StatusCode::OK, &session, &form, None)
}

pub async fn pay(State(emulator): State<Emulator>, Path(id): Path<String>, Form(form): Form<CardForm>) -> Response {
    let Some(session) = emulator.lock().find("checkout.session", &id).cloned() else { return closed(None) };
    if text(&session, "status") != "open" {
        return closed(Some(&session));
    }
    let result = emulator.change(|state| {
        if session["customer_email"].is_null() && !form.email.is_empty() {
            state.update(&id, json!({ "customer_email": form.email }));
        }
        if number(&session, "amount_total") == Some(0) {
            payments::complete_free(state, &id);
            return Ok(Confirmed::Paid);
        }
        let (month, year) = check(&form)?;
        let details = objects::billing_details(Some(&form.email), Some(&form.name));
        let method = add_card(state, &form.card_number.replace([' ', '-'], ""), &month, &year, details)?;
        state.update(&id, json!({ "_method": method }));
        payments::pay_session(state, &id, &method, false)
    });
    match result {
        Ok(Confirmed::NeedsAuthentication) => Redirect::to(&format!("/c/pay/{id}/authenticate")).into_response(),
        Ok(_) => Redirect::to(text(&session, "success_url")).into_response(),
        Err(error) => page(StatusCode::PAYMENT_REQUIRED, &session, &form, Some(&error)),
    }
}

/// The month and the year of the card, when everything was filled in.
fn check(form: &CardForm) -> Result<(String, String), ApiError> {
    let wrong = |message: &str, param: &str| ApiError::card(message, "incomplete", None).param(param);
    if !form.email.contains('@') {
        return Err(wrong("Your email is incomplete.", "email"));
    }
    if form.card_number.trim().is_empty() {
        return Err(wrong("Your card number is incomplete.", "number"));
    }
    let (month, year) = form.expiry.split_once('/').ok_or_else(|| wrong("Your card's expiration date is incomplete.", "exp_month"))?;
    if !(3..=4).contains(&form.cvc.trim().len()) || !form.cvc.trim().bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiError::card("Your card's security code is invalid.", "invalid_cvc", None).param("cvc"));
    }
    Ok((month.trim().to_owned(), year.trim().to_owned()))
}

pub async fn ask(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    let Some(session) = emulator.lock().find("checkout.session", &id).cloned() else { return closed(None) };
    if text(&session, "status") != "open" {
        return closed(Some(&session));
    }
    let body = html! {
        main class="narrow" {
            h1 { "Your bank asks" }
            p { "Is this you? 3-D Secure asks before " strong { (amount(&session)) } " are paid." }
            form method="post" class="buttons" {
                button class="pay" name="outcome" value="complete" { "Complete" }
                button name="outcome" value="fail" { "Fail" }
            }
        }
    };
    document(StatusCode::OK, "3-D Secure", &body)
}

#[derive(Deserialize)]
pub struct Authentication {
    outcome: String,
}

pub async fn authenticate(State(emulator): State<Emulator>, Path(id): Path<String>, Form(form): Form<Authentication>) -> Response {
    let Some(session) = emulator.lock().find("checkout.session", &id).cloned() else { return closed(None) };
    let method = text(&session, "_method").to_owned();
    if text(&session, "status") != "open" {
        return closed(Some(&session));
    }
    let card_form = CardForm { email: text(&session, "customer_email").to_owned(), ..CardForm::default() };
    if form.outcome != "complete" {
        let error = ApiError::card(
            "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
            "payment_intent_authentication_failure",
            None,
        );
        return page(StatusCode::PAYMENT_REQUIRED, &session, &card_form, Some(&error));
    }
    match emulator.change(|state| payments::pay_session(state, &id, &method, true)) {
        Ok(_) => Redirect::to(text(&session, "success_url")).into_response(),
        Err(error) => page(StatusCode::PAYMENT_REQUIRED, &session, &card_form, Some(&error)),
    }
}

fn amount(session: &Value) -> String {
    money(number(session, "amount_total").unwrap_or(0), text(session, "currency"))
}

fn money(minor: i64, currency: &str) -> String {
    match currency {
        "usd" => format!("${}.{:02}", minor / 100, minor % 100),
        "eur" => format!("€{}.{:02}", minor / 100, minor % 100),
        "gbp" => format!("£{}.{:02}", minor / 100, minor % 100),
        "jpy" => format!("¥{minor}"),
        other => format!("{} {}.{:02}", other.to_uppercase(), minor / 100, minor % 100),
    }
}

fn page(status: StatusCode, session: &Value, form: &CardForm, error: Option<&ApiError>) -> Response {
    let is_free = number(session, "amount_total") == Some(0);
    let body = html! {
        main class="columns" {
            section class="summary" aria-label="Order" {
                @if let Some(url) = session["cancel_url"].as_str() { a class="back" href=(url) { "← Back" } }
                h1 { span class="quiet" { "To pay" } (amount(session)) }
                ul {
                    @for line in session["_line_items"].as_array().into_iter().flatten() {
                        li {
                            span { (text(line, "description")) @if number(line, "quantity") != Some(1) { span class="quiet" { " × " (number(line, "quantity").unwrap_or(1)) } } }
                            span class="number" { (money(number(line, "amount_total").unwrap_or(0), text(line, "currency"))) }
                        }
                    }
                }
                div class="total" { span { "Total" } span class="number" { (amount(session)) } }
            }
            section class="payment" aria-label="Payment" {
                p class="badge" { "Test mode — no money moves" }
                form method="post" novalidate {
                    (field("email", "Email", "email", "email", &form.email, error, &["email"]))
                    @if !is_free {
                        (field("card_number", "Card number", "text", "cc-number", &form.card_number, error, &["number", ""]))
                        div class="pair" {
                            (field("expiry", "MM / YY", "text", "cc-exp", &form.expiry, error, &["exp_month", "exp_year"]))
                            (field("cvc", "CVC", "text", "cc-csc", "", error, &["cvc"]))
                        }
                        (field("name", "Name on card", "text", "cc-name", &form.name, error, &["name"]))
                    }
                    button class="pay" { @if is_free { "Complete order" } @else { "Pay " (amount(session)) } }
                }
                @if !is_free { (test_cards()) }
            }
        }
    };
    document(status, "Checkout", &body)
}

fn test_cards() -> Markup {
    html! {
        details open {
            summary { "Test cards" }
            dl {
                @for (number, what) in [("4242 4242 4242 4242", "pays"), ("4000 0000 0000 0002", "is declined"), ("4000 0000 0000 9995", "has no funds"), ("4000 0025 0000 3155", "asks for 3-D Secure")] {
                    div { dt { (number) } dd { (what) } }
                }
            }
            p { "Any date to come, any three digits, any name." }
        }
    }
}

fn field(name: &str, label: &str, kind: &str, autocomplete: &str, value: &str, error: Option<&ApiError>, params: &[&str]) -> Markup {
    let error = error.filter(|error| params.contains(&error.body.get("param").and_then(Value::as_str).unwrap_or("")));
    let note = format!("{name}-error");
    let mode = if kind == "text" && name != "name" { Some("numeric") } else { None };
    html! {
        div class="field" {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) autocomplete=(autocomplete) inputmode=[mode] value=(value) aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| note.as_str())];
            @if let Some(error) = error { p class="error" id=(note) role="alert" { (error.message()) } }
        }
    }
}

fn closed(session: Option<&Value>) -> Response {
    let (status, title, text, link) = match session {
        None => (StatusCode::NOT_FOUND, "There is no such payment page", "The link may be incomplete. Open it again from the shop.", None),
        Some(session) if text(session, "status") == "complete" => {
            (StatusCode::OK, "This has been paid", "There is nothing left to do here.", session["success_url"].as_str())
        }
        Some(session) => (
            StatusCode::GONE,
            "This payment page has expired",
            "Nothing was charged. Start again in the shop.",
            session["cancel_url"].as_str(),
        ),
    };
    let body = html! { main class="narrow" { h1 { (title) } p { (text) } @if let Some(link) = link { p { a href=(link) { "Return to the shop" } } } } };
    document(status, title, &body)
}

fn document(status: StatusCode, title: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) " · test payment" }
                link rel="stylesheet" href="/assets/checkout.css";
            }
            body { (body) }
        }
    };
    let headers = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Html(page.into_string())).into_response()
}
