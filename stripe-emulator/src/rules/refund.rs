//! Money goes back.

use super::later::{Act, put_off};
use super::payment::behavior_of;
use super::review;
use crate::cards::Behavior;
use crate::clock::new_reference;
use crate::error::ApiError;
use crate::state::{State, number, text};
use crate::{money, objects};
use serde_json::{Value, json};

/// Gives a charge's money back, in whole or in part.
pub fn refund(state: &mut State, charge_id: &str, amount: Option<i64>, reason: Option<&str>, metadata: Value) -> Result<String, ApiError> {
    let charge = state.load_object("charge", charge_id, "id")?;
    if text(&charge, "status") != "succeeded" {
        return Err(ApiError::invalid(format!(
            "Charge {charge_id} has no money to give back: its status is `{}`.",
            text(&charge, "status")
        ))
        .param("charge"));
    }
    let (total, refunded) = (number(&charge, "amount"), number(&charge, "amount_refunded"));
    if charge["refunded"] == json!(true) {
        return Err(ApiError::invalid(format!("Charge {charge_id} has already been refunded.")).code("charge_already_refunded"));
    }
    let is_charged_back = |dispute: &Value| dispute["charge"] == *charge_id && dispute["is_charge_refundable"] == json!(false);
    if charge["disputed"] == json!(true) && state.list("dispute").any(is_charged_back) {
        return Err(ApiError::invalid(format!("Charge {charge_id} has been charged back; cannot issue a refund.")).code("charge_disputed"));
    }
    let amount = amount.unwrap_or(total - refunded);
    if amount < 1 {
        return Err(ApiError::too_small_integer("amount", 1));
    }
    if amount > total - refunded {
        let shown = |minor| money::format(minor, text(&charge, "currency"));
        return Err(ApiError::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            shown(amount),
            shown(total - refunded)
        ))
        .param("amount"));
    }
    let mut refund = objects::refund(&charge, amount, reason, metadata);
    if behavior_of(state, text(&charge, "payment_method")) == Behavior::RefundsLater {
        refund["status"] = json!("pending");
    }
    let transaction = state.add(objects::balance_transaction("refund", -amount, text(&charge, "currency"), text(&refund, "id")));
    refund["balance_transaction"] = json!(transaction);
    let id = state.add(refund);
    set_refunded(state, charge_id, refunded + amount);
    state.emit("refund.created", &id);
    state.emit("charge.refunded", charge_id);
    review::refunded(state, charge_id);
    put_off(state, Act::EndRefund { refund: id.clone() });
    Ok(id)
}

fn set_refunded(state: &mut State, charge_id: &str, refunded: i64) {
    let total = number(&state.copy(charge_id), "amount");
    state.update(charge_id, json!({ "amount_refunded": refunded, "refunded": refunded == total }));
}

/// The refund has reached the bank, or was sent back by it.
pub fn end(state: &mut State, refund_id: &str) {
    let refund = state.copy(refund_id);
    let charge_id = text(&refund, "charge").to_owned();
    let charge = state.copy(&charge_id);
    let has_failed = behavior_of(state, text(&charge, "payment_method")) == Behavior::RefundsFail;
    if has_failed {
        let amount = number(&refund, "amount");
        let transaction = state.add(objects::balance_transaction("refund_failure", amount, text(&refund, "currency"), refund_id));
        state.update(
            refund_id,
            json!({ "status": "failed", "failure_reason": "expired_or_canceled_card", "failure_balance_transaction": transaction }),
        );
        set_refunded(state, &charge_id, number(&charge, "amount_refunded") - amount);
    } else {
        let mut details = refund["destination_details"].clone();
        details["card"]["reference"] = json!(new_reference());
        details["card"]["reference_status"] = json!("available");
        state.update(refund_id, json!({ "status": "succeeded", "destination_details": details }));
    }
    state.emit("refund.updated", refund_id);
    state.emit("charge.refund.updated", refund_id);
    if has_failed {
        state.emit("refund.failed", refund_id);
    }
}
