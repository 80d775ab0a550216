//! Payment methods: cards by number or token, and bank debits.

use super::Call;
use crate::clock::this_month;
use crate::error::ApiError;
use crate::state::State;
use crate::{cards, objects};
use serde_json::{Value, json};

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let id = create_from(state, &call.params, "")?;
    state.load_object("payment_method", &id, "payment_method")
}

/// Makes a method from its description, which stands under `prefix` or at the root.
pub fn create_from(state: &mut State, data: &Value, prefix: &str) -> Result<String, ApiError> {
    let param = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}[{}", name.replacen('[', "][", 1)) + if name.contains('[') { "" } else { "]" }
        }
    };
    let kind = data["type"].as_str().ok_or_else(|| ApiError::missing(&param("type")))?;
    let field = |name: &str| data[kind][name].as_str().filter(|text| !text.is_empty());
    let billing = &data["billing_details"];
    let mut details = objects::billing_details(billing["email"].as_str(), billing["name"].as_str());
    if let Some(address) = billing["address"].as_object() {
        for (name, value) in address {
            details["address"][name] = value.clone();
        }
    }
    match kind {
        "card" => {
            let number = match (field("token"), field("number")) {
                (Some(token), _) => {
                    cards::number_of_alias(token).ok_or_else(|| ApiError::no_such("token", token, &param("card[token]")))?.to_owned()
                }
                (None, Some(number)) => number.replace([' ', '-'], ""),
                (None, None) => return Err(ApiError::missing(&param("card[number]"))),
            };
            check_cvc(field("cvc"), &number)?;
            add(state, &number, field("exp_month").unwrap_or("12"), field("exp_year").unwrap_or("2040"), details)
        }
        "sepa_debit" => {
            let iban = field("iban").ok_or_else(|| ApiError::missing(&param("sepa_debit[iban]")))?.replace(' ', "").to_ascii_uppercase();
            if !cards::is_iban(&iban) {
                return Err(ApiError::invalid("The IBAN you provided is invalid.")
                    .code("invalid_bank_account_iban")
                    .param(&param("sepa_debit[iban]")));
            }
            add(state, &iban, "", "", details)
        }
        other => Err(ApiError::invalid(format!(
            "The payment method type \"{other}\" is invalid. Please ensure the provided type is activated in your dashboard."
        ))
        .param(&param("type"))),
    }
}

/// Three digits, or four on American Express.
pub fn check_cvc(cvc: Option<&str>, number: &str) -> Result<(), ApiError> {
    let length = if cards::brand(number) == "amex" { 3..=4 } else { 3..=3 };
    match cvc {
        Some(cvc) if !length.contains(&cvc.len()) || !cvc.bytes().all(|b| b.is_ascii_digit()) => {
            Err(ApiError::card("Your card's security code is invalid.", "invalid_cvc", None).param("cvc"))
        }
        _ => Ok(()),
    }
}

/// A card or an account as it was typed. Its number is remembered, never shown.
pub fn add(state: &mut State, number: &str, exp_month: &str, exp_year: &str, billing_details: Value) -> Result<String, ApiError> {
    cards::behavior(number)?;
    let method = if cards::is_iban(number) {
        let last4 = number.get(number.len() - 4..);
        let debit = json!({
            "bank_code": "19043", "branch_code": "", "country": number.get(..2), "fingerprint": "TESTFINGERPRINT2",
            "generated_from": { "charge": null, "setup_attempt": null }, "last4": last4,
        });
        objects::payment_method("sepa_debit", debit, billing_details)
    } else {
        let (month, year) = expiry(exp_month, exp_year)?;
        objects::payment_method("card", objects::card(number, month, year), billing_details)
    };
    let id = state.add(method);
    state.cards.insert(id.clone(), number.to_owned());
    Ok(id)
}

fn expiry(month: &str, year: &str) -> Result<(i64, i64), ApiError> {
    let (this_year, this_month) = this_month();
    let month = month
        .parse::<i64>()
        .ok()
        .filter(|month| (1..=12).contains(month))
        .ok_or_else(|| ApiError::card("Your card's expiration month is invalid.", "invalid_expiry_month", None).param("exp_month"))?;
    let year = year.parse::<i64>().ok().map(|year| if (0..100).contains(&year) { year + 2000 } else { year });
    let is_to_come = |year: i64| (this_year..=this_year + 50).contains(&year) && (year > this_year || month >= this_month);
    let year = year
        .filter(|year| is_to_come(*year))
        .ok_or_else(|| ApiError::card("Your card's expiration year is invalid.", "invalid_expiry_year", None).param("exp_year"))?;
    Ok((month, year))
}

/// The id of a payment method; ready-made ones such as `pm_card_visa` become a method of their own.
pub fn resolve(state: &mut State, id: &str) -> Result<String, ApiError> {
    match cards::number_of_alias(id) {
        Some(number) => add(state, number, "12", "2040", objects::billing_details(None, None)),
        None => state
            .load_object("payment_method", id, "payment_method")
            .map(|_| id.to_owned())
            .map_err(|error| ApiError { status: 400, ..error }),
    }
}

pub fn attach(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let customer = state.load_object("customer", call.need("customer")?, "customer")?;
    let id = resolve(state, id)?;
    state.update(&id, json!({ "customer": customer["id"] }));
    state.emit("payment_method.attached", &id);
    state.load_object("payment_method", &id, "payment_method")
}

pub fn detach(state: &mut State, id: &str) -> Result<Value, ApiError> {
    state.load_object("payment_method", id, "payment_method")?;
    state.update(id, json!({ "customer": null }));
    state.emit("payment_method.detached", id);
    state.load_object("payment_method", id, "payment_method")
}
