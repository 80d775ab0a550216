//! Payments that the account's rules want a person to look at.

use crate::error::ApiError;
use crate::objects;
use crate::state::{State, text};
use serde_json::{Value, json};

/// Asks for a look at a payment.
pub fn open(state: &mut State, charge_id: &str, intent_id: &str) {
    let id = state.add(objects::review(charge_id, intent_id));
    state.update(charge_id, json!({ "review": id }));
    state.emit("review.opened", &id);
}

fn end(state: &mut State, id: &str, reason: &str) {
    state.update(id, json!({ "open": false, "reason": reason, "closed_reason": reason }));
    state.emit("review.closed", id);
}

/// Somebody looked and found nothing.
pub fn approve(state: &mut State, id: &str) -> Result<Value, ApiError> {
    let review = state.load_object("review", id, "review")?;
    if review["open"] == json!(false) {
        return Err(ApiError::invalid("This review has already been closed."));
    }
    end(state, id, "approved");
    state.load_object("review", id, "review")
}

/// A payment that went back needs no look any more.
pub fn refunded(state: &mut State, charge_id: &str) {
    let open = state.list("review").find(|review| review["charge"] == *charge_id && review["open"] == json!(true));
    if let Some(id) = open.map(|review| text(review, "id").to_owned()) {
        end(state, &id, "refunded");
    }
}
