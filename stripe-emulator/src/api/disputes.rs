//! Disputes: <https://docs.stripe.com/api/disputes>

use super::Call;
use crate::error::ApiError;
use crate::rules;
use crate::state::State;
use serde_json::Value;

/// Takes evidence and metadata. Evidence is submitted unless the call says otherwise.
pub fn answer(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&["evidence", "metadata", "submit"])?;
    rules::answer_dispute(state, id, call.params.get("evidence"), call.params.get("metadata"), call.text("submit") != Some("false"))?;
    state.load_object("dispute", id, "dispute")
}

pub fn close(state: &mut State, id: &str) -> Result<Value, ApiError> {
    rules::close_dispute(state, id)?;
    state.load_object("dispute", id, "dispute")
}
