//! Payment intents are confirmed: paid, declined, asked about, or left to the bank.

use super::dispute;
use super::later::{Act, put_off};
use super::review;
use crate::cards::{self, Behavior, Decline};
use crate::clock::now;
use crate::error::ApiError;
use crate::objects;
use crate::state::{State, number, text};
use serde_json::{Value, json};

/// How a confirmation ended, unless it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Paid,
    NeedsAuthentication,
    Processing,
}

/// What the method behind an intent or a charge does.
pub fn behavior_of(state: &State, method_id: &str) -> Behavior {
    state.cards.get(method_id).and_then(|number| cards::behavior(number).ok()).unwrap_or(Behavior::Pays)
}

/// Charges an intent with a payment method. A decline is an error, and leaves the intent to be tried again.
pub fn confirm(state: &mut State, intent_id: &str, method_id: &str, is_authenticated: bool) -> Result<Confirmed, ApiError> {
    let method = state.load_object("payment_method", method_id, "payment_method")?;
    state.update(intent_id, json!({ "payment_method": method_id }));
    match behavior_of(state, method_id) {
        Behavior::Declines(decline) => Err(fail(state, intent_id, &method, decline)),
        Behavior::Authenticates(_) if !is_authenticated => {
            state.update(
                intent_id,
                json!({
                    "status": "requires_action",
                    "next_action": { "type": "use_stripe_sdk", "use_stripe_sdk": { "type": "three_d_secure_redirect" } },
                }),
            );
            state.emit("payment_intent.requires_action", intent_id);
            Ok(Confirmed::NeedsAuthentication)
        }
        Behavior::Authenticates(Some(decline)) => Err(fail(state, intent_id, &method, decline)),
        Behavior::PaysLater | Behavior::FailsLater => {
            let intent = state.copy(intent_id);
            let charge_id = state.add(objects::charge(&intent, &method, "pending", None));
            state.update(
                intent_id,
                json!({ "status": "processing", "next_action": null, "last_payment_error": null, "latest_charge": charge_id }),
            );
            state.emit("charge.pending", &charge_id);
            state.emit("payment_intent.processing", intent_id);
            Ok(Confirmed::Processing)
        }
        behavior => {
            let intent = state.copy(intent_id);
            let charge_id = state.add(objects::charge(&intent, &method, "succeeded", None));
            state.emit("charge.succeeded", &charge_id);
            match behavior {
                Behavior::Disputes { reason, is_inquiry, times } => {
                    (0..times).for_each(|_| dispute::open(state, &charge_id, reason, is_inquiry))
                }
                Behavior::Warns => {
                    let id = state.add(objects::early_fraud_warning(&charge_id, intent_id));
                    state.emit("radar.early_fraud_warning.created", &id);
                }
                Behavior::Reviews => review::open(state, &charge_id, intent_id),
                _ => {}
            }
            succeed(state, intent_id, &charge_id);
            Ok(Confirmed::Paid)
        }
    }
}

fn succeed(state: &mut State, intent_id: &str, charge_id: &str) {
    let amount = number(&state.copy(intent_id), "amount");
    state.update(
        intent_id,
        json!({
            "status": "succeeded", "amount_received": amount, "latest_charge": charge_id, "last_payment_error": null, "next_action": null,
        }),
    );
    state.emit("payment_intent.succeeded", intent_id);
    put_off(state, Act::Book { charge: charge_id.to_owned() });
}

/// A charge that was pending is paid, or comes back. Tells whether it is paid.
pub fn end_pending(state: &mut State, intent_id: &str) -> bool {
    let intent = state.copy(intent_id);
    let charge_id = text(&intent, "latest_charge").to_owned();
    if behavior_of(state, text(&intent, "payment_method")) == Behavior::FailsLater {
        let decline = cards::DEBIT_FAILED;
        state.update(&charge_id, json!({
            "status": "failed", "amount_captured": 0, "captured": false, "failure_code": decline.code, "failure_message": decline.message,
        }));
        state.emit("charge.failed", &charge_id);
        let error = error_of(decline, &charge_id, &state.copy(text(&intent, "payment_method")));
        ask_for_another(state, intent_id, &charge_id, &error);
        return false;
    }
    state.update(&charge_id, json!({ "status": "succeeded", "paid": true }));
    state.emit("charge.succeeded", &charge_id);
    succeed(state, intent_id, &charge_id);
    true
}

/// The bank's question was answered with no.
pub fn fail_authentication(state: &mut State, intent_id: &str) -> ApiError {
    let method_id = text(&state.copy(intent_id), "payment_method").to_owned();
    let decline = cards::NOT_AUTHENTICATED;
    let error = ApiError::card(decline.message, decline.code, None).with("payment_method", state.copy(&method_id));
    // No bank was asked for money, so there is no charge.
    state.update(
        intent_id,
        json!({ "status": "requires_payment_method", "payment_method": null, "next_action": null, "last_payment_error": error.body }),
    );
    state.emit("payment_intent.payment_failed", intent_id);
    error.with("payment_intent", state.copy(intent_id))
}

fn fail(state: &mut State, intent_id: &str, method: &Value, decline: Decline) -> ApiError {
    let intent = state.copy(intent_id);
    let charge_id = state.add(objects::charge(&intent, method, "failed", Some(decline)));
    let error = error_of(decline, &charge_id, method);
    state.emit("charge.failed", &charge_id);
    ask_for_another(state, intent_id, &charge_id, &error);
    error.with("payment_intent", state.copy(intent_id))
}

fn error_of(decline: Decline, charge_id: &str, method: &Value) -> ApiError {
    let error = ApiError::card(decline.message, decline.code, decline.decline_code);
    let error = if decline.code == "incorrect_cvc" { error.param("cvc") } else { error };
    error.with("charge", json!(charge_id)).with("payment_method", method.clone())
}

fn ask_for_another(state: &mut State, intent_id: &str, charge_id: &str, error: &ApiError) {
    state.update(
        intent_id,
        json!({
            "status": "requires_payment_method", "payment_method": null, "next_action": null, "latest_charge": charge_id,
            "last_payment_error": error.body,
        }),
    );
    state.emit("payment_intent.payment_failed", intent_id);
}

/// Gives a charge its balance transaction.
pub fn book(state: &mut State, charge_id: &str) {
    let charge = state.copy(charge_id);
    if !charge["balance_transaction"].is_null() {
        return;
    }
    let id = state.add(objects::balance_transaction("charge", number(&charge, "amount"), text(&charge, "currency"), charge_id));
    state.update(charge_id, json!({ "balance_transaction": id }));
    state.emit("charge.updated", charge_id);
}

/// Ends an intent that nobody paid.
pub fn cancel(state: &mut State, intent_id: &str, reason: Option<&str>) {
    state.update(intent_id, json!({ "status": "canceled", "canceled_at": now(), "cancellation_reason": reason, "next_action": null }));
    state.emit("payment_intent.canceled", intent_id);
}
