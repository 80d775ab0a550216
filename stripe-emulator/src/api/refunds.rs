//! Refunds and disputes: <https://docs.stripe.com/api/refunds>, <https://docs.stripe.com/api/disputes>

use super::Call;
use crate::error::ApiError;
use crate::payments;
use crate::state::{State, text};
use serde_json::{Value, json};

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
        (None, None) => return Err(ApiError::missing("payment_intent")),
    };
    let reason = call.text("reason");
    if reason.is_some_and(|reason| !["duplicate", "fraudulent", "requested_by_customer"].contains(&reason)) {
        return Err(ApiError::invalid("Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer").param("reason"));
    }
    let id = payments::refund(state, &charge_id, call.number("amount")?, reason, call.metadata())?;
    state.load_object("refund", &id, "refund")
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let fits =
        |refund: &Value| ["charge", "payment_intent"].iter().all(|name| call.text(name).is_none_or(|wanted| refund[*name] == wanted));
    call.page("/v1/refunds", state.list("refund").filter(|refund| fits(refund)).cloned().collect())
}

/// Evidence decides: the texts that Stripe's test mode knows win or lose at once.
pub fn answer_dispute(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let dispute = state.load_object("dispute", id, "dispute")?;
    let evidence = call.params.get("evidence").and_then(|evidence| evidence.get("uncategorized_text")).and_then(Value::as_str);
    match evidence {
        Some("winning_evidence") => {
            payments::close_dispute(state, id, if text(&dispute, "status").starts_with("warning") { "warning_closed" } else { "won" })?
        }
        Some("losing_evidence") => {
            payments::close_dispute(state, id, if text(&dispute, "status").starts_with("warning") { "warning_closed" } else { "lost" })?
        }
        _ => {
            state.update(
                id,
                json!({ "status": if text(&dispute, "status").starts_with("warning") { "warning_under_review" } else { "under_review" } }),
            );
            state.emit("charge.dispute.updated", id);
        }
    }
    state.load_object("dispute", id, "dispute")
}

pub fn close_dispute(state: &mut State, id: &str) -> Result<Value, ApiError> {
    payments::close_dispute(state, id, "lost")?;
    state.load_object("dispute", id, "dispute")
}
