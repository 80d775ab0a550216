//! The hosted checkout page. Works without JavaScript, and says that no money moves.

mod page;

use crate::api::{add_method, check_cvc};
use crate::error::ApiError;
use crate::rules::{self, Confirmed};
use crate::state::{number, text};
use crate::{Emulator, cards, objects};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use page::CardForm;
use serde::Deserialize;
use serde_json::{Value, json};

const STYLE: &str = include_str!("style.css");

pub async fn stylesheet() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], STYLE)
}

/// What somebody sees who opens the emulator itself.
pub async fn welcome() -> Response {
    page::welcome()
}

/// The session, if it is open; otherwise the page that says why not.
fn open_session(emulator: &Emulator, id: &str) -> Result<Value, Box<Response>> {
    // Time may have passed since the last tick.
    emulator.change(rules::expire_due);
    let session = emulator.lock().find("checkout.session", id).cloned();
    match session {
        Some(session) if text(&session, "status") == "open" => Ok(session),
        session => Err(Box::new(page::closed(session.as_ref(), &success_url(session.as_ref().unwrap_or(&Value::Null))))),
    }
}

fn success_url(session: &Value) -> String {
    text(session, "success_url").replace("{CHECKOUT_SESSION_ID}", text(session, "id"))
}

pub async fn show(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    match open_session(&emulator, &id) {
        Ok(session) => page::payment(StatusCode::OK, &session, &CardForm::of(&session), None),
        Err(closed) => *closed,
    }
}

pub async fn pay(State(emulator): State<Emulator>, Path(id): Path<String>, Form(form): Form<CardForm>) -> Response {
    let session = match open_session(&emulator, &id) {
        Ok(session) => session,
        Err(closed) => return *closed,
    };
    let form = form.trimmed();
    let result = emulator.change(|state| {
        check_email(&form.email)?;
        state.update(
            &id,
            json!({
                "_buyer": { "email": form.email, "name": Some(&form.name).filter(|name| !name.is_empty()), "country": form.country() },
            }),
        );
        if number(&session, "amount_total") == 0 {
            rules::complete_free(state, &id)?;
            return Ok(Confirmed::Paid);
        }
        let details = objects::billing_details(Some(&form.email), Some(&form.name));
        let card = check_card(&form, &session)?;
        let method = add_method(state, &card.number, &card.month, &card.year, details)?;
        rules::pay(state, &id, &method, false)
    });
    match result {
        Ok(Confirmed::NeedsAuthentication) => Redirect::to(&format!("/c/pay/{id}/authenticate")).into_response(),
        Ok(Confirmed::Paid | Confirmed::Processing) => Redirect::to(&success_url(&session)).into_response(),
        Err(error) => page::payment(StatusCode::PAYMENT_REQUIRED, &session, &form, Some(&error)),
    }
}

struct Card {
    number: String,
    month: String,
    year: String,
}

fn wrong(message: &str, param: &str) -> ApiError {
    ApiError::card(message, "incomplete", None).param(param)
}

fn check_email(email: &str) -> Result<(), ApiError> {
    let is_email =
        email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !email.contains(char::is_whitespace));
    if is_email { Ok(()) } else { Err(wrong("Your email is incomplete.", "email")) }
}

/// What was typed, when all of it could be right.
fn check_card(form: &CardForm, session: &Value) -> Result<Card, ApiError> {
    let number = form.card_number.replace([' ', '-'], "").to_ascii_uppercase();
    if number.is_empty() {
        return Err(wrong("Your card number is incomplete.", "number"));
    }
    // Sessions that take bank debits take an IBAN in the place of the card.
    let takes_debits = session["payment_method_types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "sepa_debit"));
    if takes_debits && cards::is_iban(&number) {
        return Ok(Card { number, month: String::new(), year: String::new() });
    }
    if !number.bytes().all(|b| b.is_ascii_digit()) || cards::behavior(&number).is_err() {
        return Err(ApiError::card("Your card number is invalid.", "incorrect_number", None).param("number"));
    }
    let expiry = form.expiry.replace(' ', "");
    // "1234" is typed by those whose keyboard shows no slash.
    let parts = expiry.split_once('/').or_else(|| (expiry.len() == 4).then(|| expiry.split_at_checked(2)).flatten());
    let (month, year) = parts
        .filter(|(month, year)| !month.is_empty() && !year.is_empty())
        .ok_or_else(|| wrong("Your card's expiration date is incomplete.", "exp_month"))?;
    if form.cvc.is_empty() {
        return Err(wrong("Your card's security code is incomplete.", "cvc"));
    }
    check_cvc(Some(&form.cvc), &number)?;
    Ok(Card { number: number.clone(), month: month.to_owned(), year: year.to_owned() })
}

/// The intent of a session that waits for its buyer's bank.
fn intent_that_asks(emulator: &Emulator, session: &Value) -> Option<Value> {
    let state = emulator.lock();
    state.get(text(session, "_payment_intent")).filter(|intent| text(intent, "status") == "requires_action").cloned()
}

pub async fn ask(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    match open_session(&emulator, &id) {
        Ok(session) if intent_that_asks(&emulator, &session).is_some() => page::authentication(&session),
        Ok(_) => Redirect::to(&format!("/c/pay/{id}")).into_response(),
        Err(closed) => *closed,
    }
}

/// The buyer's answer to the bank.
#[derive(Deserialize)]
pub struct Authentication {
    outcome: String,
}

pub async fn authenticate(State(emulator): State<Emulator>, Path(id): Path<String>, Form(form): Form<Authentication>) -> Response {
    let session = match open_session(&emulator, &id) {
        Ok(session) => session,
        Err(closed) => return *closed,
    };
    let Some(intent) = intent_that_asks(&emulator, &session) else {
        return Redirect::to(&format!("/c/pay/{id}")).into_response();
    };
    let result = emulator.change(|state| match form.outcome.as_str() {
        "complete" => rules::pay(state, &id, text(&intent, "payment_method"), true),
        _ => Err(rules::fail_authentication(state, text(&intent, "id"))),
    });
    match result {
        Ok(_) => Redirect::to(&success_url(&session)).into_response(),
        Err(error) => page::payment(StatusCode::PAYMENT_REQUIRED, &session, &CardForm::of(&session), Some(&error)),
    }
}
