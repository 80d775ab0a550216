//! The hosted page's own calls, which Stripe's command line uses to complete a session.

use super::{Call, methods, params::integer};
use crate::error::ApiError;
use crate::rules;
use crate::state::{State, number};
use serde_json::{Value, json};

pub fn show(state: &State, id: &str) -> Result<Value, ApiError> {
    let session = state.load_object("checkout.session", id, "session")?;
    Ok(json!({
        "id": format!("ppage_{}", id.trim_start_matches("cs_test_")), "object": "checkout.payment_page", "session_id": id,
        "status": session["status"], "livemode": false, "currency": session["currency"], "amount_total": session["amount_total"],
    }))
}

pub fn confirm(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    // The command line knows the page by the id that `show` gave.
    let id = match id.strip_prefix("ppage_") {
        Some(rest) => format!("cs_test_{rest}"),
        None => id.to_owned(),
    };
    let session = state.load_object("checkout.session", &id, "session")?;
    if let Some(expected) = call.text("expected_amount")
        && integer(expected, "expected_amount")? != number(&session, "amount_total")
    {
        return Err(ApiError::invalid("The amount has changed.").code("checkout_amount_mismatch"));
    }
    if number(&session, "amount_total") == 0 {
        rules::complete_free(state, &id)?;
    } else {
        let method = methods::resolve(state, call.need("payment_method")?)?;
        rules::pay(state, &id, &method, true)?;
    }
    state.load_object("checkout.session", &id, "session")
}
