//! Customers go to their bank: chargebacks take the money back at once, inquiries only ask.

use super::later::{Act, put_off};
use crate::error::ApiError;
use crate::objects;
use crate::state::{State, number, text};
use serde_json::{Value, json};

/// Opens a dispute about a charge.
pub fn open(state: &mut State, charge_id: &str, reason: &str, is_inquiry: bool) {
    let charge = state.copy(charge_id);
    let id = state.add(objects::dispute(&charge, reason, is_inquiry));
    state.update(charge_id, json!({ "disputed": true }));
    state.emit("charge.dispute.created", &id);
    if !is_inquiry {
        move_money(state, &id, -1);
        state.emit("charge.dispute.funds_withdrawn", &id);
    }
}

/// Takes the disputed money (`sign` −1) or brings it back (1).
fn move_money(state: &mut State, id: &str, sign: i64) {
    let dispute = state.copy(id);
    let transaction = objects::balance_transaction("adjustment", sign * number(&dispute, "amount"), text(&dispute, "currency"), id);
    state.add(transaction.clone());
    let mut transactions = dispute["balance_transactions"].as_array().cloned().unwrap_or_default();
    transactions.push(transaction);
    state.update(id, json!({ "balance_transactions": transactions }));
}

fn still_open(state: &State, id: &str) -> Result<Value, ApiError> {
    let dispute = state.load_object("dispute", id, "dispute")?;
    if matches!(text(&dispute, "status"), "won" | "lost" | "warning_closed") {
        return Err(ApiError::invalid("This dispute is already closed"));
    }
    Ok(dispute)
}

/// Takes evidence. The texts that Stripe's test mode knows decide: `winning_evidence`, `losing_evidence`, `escalate_inquiry_evidence`.
pub fn answer(state: &mut State, id: &str, evidence: Option<&Value>, metadata: Option<&Value>, is_submitted: bool) -> Result<(), ApiError> {
    let dispute = still_open(state, id)?;
    let is_inquiry = text(&dispute, "status").starts_with("warning");
    let mut fields = json!({});
    if let Some(metadata) = metadata {
        fields["metadata"] = State::merged_metadata(&dispute["metadata"], metadata);
    }
    let mut kept = dispute["evidence"].clone();
    for (name, value) in evidence.and_then(Value::as_object).into_iter().flatten() {
        kept[name] = if value == "" { Value::Null } else { value.clone() };
    }
    let text_given = text(&kept, "uncategorized_text").to_owned();
    fields["evidence"] = kept;
    if evidence.is_some() {
        fields["evidence_details"] = dispute["evidence_details"].clone();
        fields["evidence_details"]["has_evidence"] = json!(true);
        if is_submitted {
            fields["evidence_details"]["submission_count"] = json!(number(&dispute["evidence_details"], "submission_count") + 1);
            fields["status"] = json!(if is_inquiry { "warning_under_review" } else { "under_review" });
        }
    }
    state.update(id, fields);
    state.emit("charge.dispute.updated", id);
    if evidence.is_none() || !is_submitted {
        return Ok(());
    }
    state.emit("charge.updated", text(&dispute, "charge"));
    match text_given.as_str() {
        "winning_evidence" => put_off(state, Act::Judge { dispute: id.to_owned(), is_won: true }),
        "losing_evidence" => put_off(state, Act::Judge { dispute: id.to_owned(), is_won: false }),
        "escalate_inquiry_evidence" if is_inquiry => {
            state.update(id, json!({ "status": "needs_response", "is_charge_refundable": false }));
            move_money(state, id, -1);
            state.emit("charge.dispute.updated", id);
            state.emit("charge.dispute.funds_withdrawn", id);
        }
        _ => {}
    }
    Ok(())
}

/// The bank has decided.
pub fn judge(state: &mut State, id: &str, is_won: bool) {
    let Ok(dispute) = still_open(state, id) else {
        return;
    };
    let is_inquiry = text(&dispute, "status").starts_with("warning");
    let status = match (is_inquiry, is_won) {
        (true, true) => "warning_closed",
        (false, true) => "won",
        (_, false) => "lost",
    };
    if status == "won" {
        move_money(state, id, 1);
    }
    state.update(id, json!({ "status": status, "is_charge_refundable": status != "lost" }));
    if status == "won" {
        state.emit("charge.dispute.funds_reinstated", id);
    }
    state.emit("charge.dispute.closed", id);
}

/// Gives a dispute up: it is lost, or, if the bank only asked, closed.
pub fn close(state: &mut State, id: &str) -> Result<(), ApiError> {
    let dispute = still_open(state, id)?;
    judge(state, id, text(&dispute, "status").starts_with("warning"));
    Ok(())
}
