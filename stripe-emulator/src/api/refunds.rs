//! Refunds: <https://docs.stripe.com/api/refunds>

use super::Call;
use crate::error::ApiError;
use crate::rules;
use crate::state::{State, text};
use serde_json::Value;

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&[
        "payment_intent",
        "charge",
        "amount",
        "reason",
        "metadata",
        "currency",
        "customer",
        "origin",
        "instructions_email",
        "refund_application_fee",
        "reverse_transfer",
    ])?;
    let charge_id = match (call.text("charge"), call.text("payment_intent")) {
        (Some(charge), _) => charge.to_owned(),
        (None, Some(id)) => {
            let intent = state.load_object("payment_intent", id, "payment_intent")?;
            let charge = intent["latest_charge"].as_str().filter(|_| text(&intent, "status") == "succeeded");
            charge
                .ok_or_else(|| ApiError::invalid(format!("This PaymentIntent ({id}) does not have a successful charge to refund.")))?
                .to_owned()
        }
        (None, None) => {
            return Err(ApiError::invalid("One of the following params should be provided for this request: payment_intent or charge.")
                .code("parameter_missing"));
        }
    };
    let reason = call.text("reason");
    if reason.is_some_and(|reason| !["duplicate", "fraudulent", "requested_by_customer"].contains(&reason)) {
        return Err(ApiError::invalid("Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer").param("reason"));
    }
    let id = rules::refund(state, &charge_id, call.number("amount")?, reason, call.metadata()?)?;
    state.load_object("refund", &id, "refund")
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    call.only(&["charge", "payment_intent", "created", "limit", "starting_after", "ending_before"])?;
    let fits =
        |refund: &&Value| ["charge", "payment_intent"].iter().all(|name| call.text(name).is_none_or(|wanted| refund[*name] == wanted));
    call.page("/v1/refunds", state.list("refund").filter(fits))
}

/// Only refunds that wait for the customer can be canceled, and a card's refund never does.
pub fn cancel(state: &State, id: &str) -> Result<Value, ApiError> {
    let refund = state.load_object("refund", id, "refund")?;
    Err(ApiError::invalid(format!(
        "You cannot cancel this refund because it has a status of {}. Only refunds with a status of requires_action can be canceled.",
        text(&refund, "status")
    )))
}
