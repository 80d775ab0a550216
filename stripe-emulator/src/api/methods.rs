//! Payment methods: cards by number or token, and bank debits.

use super::Call;
use crate::cards;
use crate::error::ApiError;
use crate::objects;
use crate::state::State;
use serde_json::{Value, json};

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let kind = call.need("type")?;
    let field = |name: &str| call.params.get(kind).and_then(|details| details.get(name)).and_then(Value::as_str);
    let billing = call.params.get("billing_details");
    let billing_text = |name: &str| billing.and_then(|billing| billing.get(name)).and_then(Value::as_str);
    let details = objects::billing_details(billing_text("email"), billing_text("name"));
    let id = match kind {
        "card" => {
            let number = match (field("token"), field("number")) {
                (Some(token), _) => {
                    cards::number_of_alias(token).ok_or_else(|| ApiError::no_such("token", token, "card[token]"))?.to_owned()
                }
                (None, Some(number)) => number.replace(' ', ""),
                (None, None) => return Err(ApiError::missing("card[number]")),
            };
            add_card(state, &number, field("exp_month").unwrap_or("12"), field("exp_year").unwrap_or("2040"), details)?
        }
        "sepa_debit" => {
            let iban = field("iban").ok_or_else(|| ApiError::missing("sepa_debit[iban]"))?.replace(' ', "");
            let last4 = iban.get(iban.len().saturating_sub(4)..).unwrap_or_default();
            let debit = json!({ "bank_code": null, "branch_code": null, "country": iban.get(..2), "fingerprint": "TESTFINGERPRINT2", "generated_from": { "charge": null, "setup_attempt": null }, "last4": last4 });
            let id = state.add(objects::payment_method("sepa_debit", debit, details));
            state.cards.insert(id.clone(), iban);
            id
        }
        other => return Err(ApiError::invalid(format!("The payment method type \"{other}\" is invalid.")).param("type")),
    };
    state.load_object("payment_method", &id, "payment_method")
}

/// A card as it was typed. Its number is remembered, never shown.
pub fn add_card(state: &mut State, number: &str, exp_month: &str, exp_year: &str, billing_details: Value) -> Result<String, ApiError> {
    cards::behavior(number)?;
    let month = exp_month
        .parse::<i64>()
        .ok()
        .filter(|month| (1..=12).contains(month))
        .ok_or_else(|| ApiError::card("Your card's expiration month is invalid.", "invalid_expiry_month", None).param("exp_month"))?;
    let year =
        exp_year.parse::<i64>().ok().map(|year| if year < 100 { year + 2000 } else { year }).filter(|year| (2026..=2076).contains(year));
    let year =
        year.ok_or_else(|| ApiError::card("Your card's expiration year is invalid.", "invalid_expiry_year", None).param("exp_year"))?;
    let id = state.add(objects::payment_method("card", objects::card(number, month, year), billing_details));
    state.cards.insert(id.clone(), number.to_owned());
    Ok(id)
}

/// The id of a payment method; ready-made ones such as `pm_card_visa` become a method of their own.
pub fn resolve(state: &mut State, id: &str) -> Result<String, ApiError> {
    match cards::number_of_alias(id) {
        Some(number) => add_card(state, number, "12", "2040", objects::billing_details(None, None)),
        None => Ok(state.load_object("payment_method", id, "payment_method")?["id"].as_str().unwrap_or_default().to_owned()),
    }
}

pub fn attach(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let id = resolve(state, id)?;
    let customer = state.load_object("customer", call.need("customer")?, "customer")?;
    state.update(&id, json!({ "customer": customer["id"] }));
    state.emit("payment_method.attached", &id);
    state.load_object("payment_method", &id, "payment_method")
}
