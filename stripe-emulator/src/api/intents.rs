//! Payment intents: <https://docs.stripe.com/api/payment_intents>

use super::params::integer;
use super::{Call, catalog, methods};
use crate::error::ApiError;
use crate::rules::{self, Confirmed};
use crate::state::{State, text};
use crate::{money, objects};
use serde_json::{Value, json};

const CREATE: [&str; 33] = [
    "amount",
    "amount_details",
    "application_fee_amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "confirmation_token",
    "currency",
    "customer",
    "customer_account",
    "description",
    "error_on_requires_action",
    "excluded_payment_method_types",
    "mandate",
    "mandate_data",
    "metadata",
    "off_session",
    "on_behalf_of",
    "payment_details",
    "payment_method",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "payment_method_types",
    "radar_options",
    "receipt_email",
    "return_url",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "use_stripe_sdk",
];
const MORE: [&str; 4] = ["transfer_data", "transfer_group", "hooks", "client_secret"];

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&[&CREATE[..], &MORE].concat())?;
    let amount = integer(call.need("amount")?, "amount")?;
    let currency = catalog::currency(call.need("currency")?, "currency")?;
    if amount < 1 {
        return Err(ApiError::too_small_integer("amount", 1));
    }
    if amount < money::minimum(&currency) {
        let message = format!("Amount must be at least {} {currency}", money::format(money::minimum(&currency), &currency));
        return Err(ApiError::invalid(message).code("amount_too_small").param("amount"));
    }
    catalog::amount(call.need("amount")?, "amount")?;
    let mut intent = objects::payment_intent(amount, &currency, call.metadata()?);
    if let Some(customer) = call.text("customer") {
        intent["customer"] = state.load_object("customer", customer, "customer")?["id"].clone();
    }
    for field in
        ["description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "setup_future_usage", "transfer_group"]
    {
        intent[field] = json!(call.text(field));
    }
    if let Some(types) = call.params.get("payment_method_types").filter(|types| types.is_array()) {
        intent["payment_method_types"] = types.clone();
    }
    // Everything is checked before anything is made: a refusal leaves nothing behind.
    let method = sent_method(state, call)?;
    if call.is_true("confirm") && method.is_none() {
        return Err(ApiError::invalid("You cannot confirm this PaymentIntent because it's missing a payment method.")
            .code("payment_intent_unexpected_state"));
    }
    let id = state.add(intent);
    state.emit("payment_intent.created", &id);
    if let Some(method) = method {
        state.update(&id, json!({ "payment_method": method, "status": "requires_confirmation" }));
        if call.is_true("confirm") {
            confirm_with(state, &id, &method)?;
        }
    }
    state.load_object("payment_intent", &id, "intent")
}

/// The method that a call names or describes.
fn sent_method(state: &mut State, call: &Call) -> Result<Option<String>, ApiError> {
    match (call.text("payment_method"), call.params.get("payment_method_data")) {
        (Some(id), _) => methods::resolve(state, id).map(Some),
        (None, Some(data)) => methods::create_from(state, data, "payment_method_data").map(Some),
        (None, None) => Ok(None),
    }
}

fn confirm_with(state: &mut State, id: &str, method: &str) -> Result<(), ApiError> {
    if rules::confirm(state, id, method, false)? == Confirmed::Processing {
        rules::end_debit_later(state, id);
    }
    Ok(())
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let fits = |intent: &&Value| call.text("customer").is_none_or(|customer| intent["customer"] == customer);
    call.page("/v1/payment_intents", state.list("payment_intent").filter(fits))
}

pub fn update(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&[&CREATE[..], &MORE].concat())?;
    let mut intent = state.load_object("payment_intent", id, "intent")?;
    if let Some(sent) = call.params.get("metadata") {
        intent["metadata"] = State::merged_metadata(&intent["metadata"], sent);
    }
    for field in ["description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix"] {
        if call.params.get(field).is_some() {
            intent[field] = json!(call.text(field));
        }
    }
    if let Some(amount) = call.number("amount")? {
        refuse_unless(&intent, &["requires_payment_method", "requires_confirmation", "requires_action"], "update")?;
        intent["amount"] = json!(amount);
    }
    state.update(id, intent);
    state.load_object("payment_intent", id, "intent")
}

fn refuse_unless(intent: &Value, allowed: &[&str], verb: &str) -> Result<(), ApiError> {
    let status = text(intent, "status");
    if allowed.contains(&status) {
        return Ok(());
    }
    let message = format!(
        "You cannot {verb} this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of the following \
         statuses may be {verb}ed: {}.",
        allowed.join(", ")
    );
    Err(ApiError::invalid(message).code("payment_intent_unexpected_state").with("payment_intent", intent.clone()))
}

fn refuse_if_of_session(intent: &Value, verb: &str) -> Result<(), ApiError> {
    match intent["_session"].as_str() {
        Some(session) => {
            Err(ApiError::invalid(format!("You cannot {verb} this PaymentIntent because it was created by Checkout ({session}).")))
        }
        None => Ok(()),
    }
}

pub fn confirm(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&[&CREATE[..], &MORE].concat())?;
    let intent = state.load_object("payment_intent", id, "intent")?;
    refuse_if_of_session(&intent, "confirm")?;
    refuse_unless(&intent, &["requires_payment_method", "requires_confirmation", "requires_action"], "confirm")?;
    let method = match sent_method(state, call)? {
        Some(method) => method,
        None => {
            let known = intent["payment_method"].as_str();
            known
                .ok_or_else(|| {
                    ApiError::invalid("You cannot confirm this PaymentIntent because it's missing a payment method.")
                        .code("payment_intent_unexpected_state")
                })?
                .to_owned()
        }
    };
    confirm_with(state, id, &method)?;
    state.load_object("payment_intent", id, "intent")
}

pub fn cancel(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&["cancellation_reason"])?;
    let intent = state.load_object("payment_intent", id, "intent")?;
    refuse_if_of_session(&intent, "cancel")?;
    refuse_unless(&intent, &["requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"], "cancel")?;
    rules::cancel(state, id, call.text("cancellation_reason"));
    state.load_object("payment_intent", id, "intent")
}
