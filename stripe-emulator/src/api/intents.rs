//! Payment intents: <https://docs.stripe.com/api/payment_intents>

use super::Call;
use super::catalog::merge_metadata;
use super::params::integer;
use crate::clock::now;
use crate::error::ApiError;
use crate::state::{State, text};
use crate::{objects, payments};
use serde_json::{Value, json};

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let amount = integer(call.need("amount")?, "amount")?;
    if amount < 1 {
        return Err(ApiError::invalid("This value must be greater than or equal to 1.").code("parameter_invalid_integer").param("amount"));
    }
    let mut intent = objects::payment_intent(amount, &call.need("currency")?.to_ascii_lowercase(), call.metadata());
    for field in ["customer", "description", "receipt_email"] {
        intent[field] = json!(call.text(field));
    }
    if let Some(types) = call.params.get("payment_method_types").filter(|types| types.is_array()) {
        intent["payment_method_types"] = types.clone();
    }
    let id = state.add(intent);
    state.emit("payment_intent.created", &id);
    if let Some(method) = call.text("payment_method") {
        let method = super::methods::resolve(state, method)?;
        state.update(&id, json!({ "payment_method": method, "status": "requires_confirmation" }));
        if call.is_true("confirm") {
            payments::confirm(state, &id, &method, false)?;
        }
    }
    state.load_object("payment_intent", &id, "intent")
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let all = state
        .list("payment_intent")
        .filter(|intent| call.text("customer").is_none_or(|customer| intent["customer"] == customer))
        .cloned()
        .collect();
    call.page("/v1/payment_intents", all)
}

pub fn update(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let mut intent = state.load_object("payment_intent", id, "intent")?;
    if let Some(metadata) = call.params.get("metadata") {
        merge_metadata(&mut intent, metadata);
    }
    for field in ["description", "receipt_email"] {
        if let Some(value) = call.params.get(field) {
            intent[field] = if value == "" { Value::Null } else { value.clone() };
        }
    }
    state.update(id, intent);
    state.load_object("payment_intent", id, "intent")
}

pub fn confirm(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let intent = state.load_object("payment_intent", id, "intent")?;
    if state.list("checkout.session").any(|session| session["_payment_intent"] == id) {
        return Err(ApiError::invalid("This PaymentIntent belongs to a Checkout Session and can only be confirmed there."));
    }
    let status = text(&intent, "status");
    if !matches!(status, "requires_payment_method" | "requires_confirmation" | "requires_action") {
        return Err(ApiError::invalid(format!("This PaymentIntent's status is `{status}`, so it can't be confirmed."))
            .code("payment_intent_unexpected_state"));
    }
    let method =
        call.text("payment_method").or_else(|| intent["payment_method"].as_str()).ok_or_else(|| ApiError::missing("payment_method"))?;
    let method = super::methods::resolve(state, method)?;
    payments::confirm(state, id, &method, false)?;
    state.load_object("payment_intent", id, "intent")
}

pub fn cancel(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let intent = state.load_object("payment_intent", id, "intent")?;
    let status = text(&intent, "status");
    if matches!(status, "succeeded" | "canceled") {
        return Err(ApiError::invalid(format!("You cannot cancel this PaymentIntent because it has a status of {status}."))
            .code("payment_intent_unexpected_state"));
    }
    state.update(id, json!({ "status": "canceled", "canceled_at": now(), "cancellation_reason": call.text("cancellation_reason") }));
    state.emit("payment_intent.canceled", id);
    state.load_object("payment_intent", id, "intent")
}
