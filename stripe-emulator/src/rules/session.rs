//! Checkout Sessions are paid, completed for nothing, or expire.

use super::later::{Act, put_off};
use super::payment::{self, Confirmed};
use crate::clock::now;
use crate::error::ApiError;
use crate::objects;
use crate::state::{State, number, text};
use serde_json::{Value, json};

/// Pays an open session. A decline keeps it open, with the same intent.
pub fn pay(state: &mut State, session_id: &str, method_id: &str, is_authenticated: bool) -> Result<Confirmed, ApiError> {
    let session = open_session(state, session_id)?;
    if number(&session, "amount_total") == 0 {
        complete(state, session_id, None, method_id, "no_payment_required");
        return Ok(Confirmed::Paid);
    }
    let (intent_id, made) = match session["_payment_intent"].as_str() {
        Some(id) => (id.to_owned(), None),
        None => {
            let intent = objects::payment_intent_of_session(&session);
            let id = state.add(intent.clone());
            state.update(session_id, json!({ "_payment_intent": id }));
            (id, Some(intent))
        }
    };
    let confirmed = payment::confirm(state, &intent_id, method_id, is_authenticated);
    // On the real one's wire the news of the making comes after the news of the paying.
    if let Some(intent) = made {
        state.emit_object("payment_intent.created", &intent);
    }
    match confirmed? {
        Confirmed::NeedsAuthentication => return Ok(Confirmed::NeedsAuthentication),
        Confirmed::Paid => complete(state, session_id, Some(&intent_id), method_id, "paid"),
        Confirmed::Processing => {
            complete(state, session_id, Some(&intent_id), method_id, "unpaid");
            put_off(state, Act::EndDebit { intent: intent_id, session: Some(session_id.to_owned()) });
            return Ok(Confirmed::Processing);
        }
    }
    Ok(Confirmed::Paid)
}

fn open_session(state: &State, session_id: &str) -> Result<Value, ApiError> {
    let session = state.load_object("checkout.session", session_id, "session")?;
    match text(&session, "status") {
        "open" => Ok(session),
        status => Err(ApiError::invalid(format!("This Checkout Session is not open any more. It has a status of `{status}`."))),
    }
}

/// Completes a session over nothing, which needs no card.
pub fn complete_free(state: &mut State, session_id: &str) -> Result<(), ApiError> {
    let session = open_session(state, session_id)?;
    if number(&session, "amount_total") != 0 {
        return Err(ApiError::invalid("This Checkout Session needs a payment method."));
    }
    complete(state, session_id, None, "", "no_payment_required");
    Ok(())
}

fn complete(state: &mut State, session_id: &str, intent_id: Option<&str>, method_id: &str, payment_status: &str) {
    let session = state.copy(session_id);
    let billing = state.copy(method_id)["billing_details"].clone();
    // Given with the session, or typed on the page, or known from the card.
    let emails = [&session["customer_email"], &session["_buyer"]["email"], &billing["email"]];
    let email = emails.into_iter().find(|email| email.is_string()).cloned().unwrap_or_default();
    let names = [&session["_buyer"]["name"], &billing["name"]];
    let name = names.into_iter().find(|name| name.is_string()).cloned().unwrap_or_default();
    // A session over nothing makes a customer, as there is no payment to hold the address.
    if session["customer"].is_null() && (session["customer_creation"] == "always" || intent_id.is_none()) {
        let customer = state.add(objects::customer(email.as_str(), name.as_str(), json!({})));
        state.update(session_id, json!({ "customer": customer }));
        if let Some(intent_id) = intent_id {
            state.update(intent_id, json!({ "customer": customer }));
        }
        state.emit("customer.created", &customer);
    }
    let mut address = if billing["address"].is_object() { billing["address"].clone() } else { objects::address() };
    // The hosted page always asks for the country.
    if address["country"].is_null() && intent_id.is_some() {
        address["country"] = json!(session["_buyer"]["country"].as_str().unwrap_or("US"));
    }
    state.open.remove(&(number(&session, "expires_at"), session_id.to_owned()));
    state.update(
        session_id,
        json!({
            "status": "complete", "payment_status": payment_status, "url": null, "payment_intent": intent_id,
            "customer_details": {
                "address": address, "business_name": null, "email": email, "individual_name": null, "name": name, "phone": null,
                "tax_exempt": "none", "tax_ids": []
            },
        }),
    );
    state.emit("checkout.session.completed", session_id);
}

/// Has the bank decide about a debit outside of a session.
pub fn end_debit_later(state: &mut State, intent_id: &str) {
    put_off(state, Act::EndDebit { intent: intent_id.to_owned(), session: None });
}

/// The bank has decided about a debit.
pub fn end_debit(state: &mut State, intent_id: &str, session_id: Option<&str>) {
    if text(&state.copy(intent_id), "status") != "processing" {
        return;
    }
    let has_paid = payment::end_pending(state, intent_id);
    let Some(session_id) = session_id else { return };
    if has_paid {
        state.update(session_id, json!({ "payment_status": "paid" }));
        state.emit("checkout.session.async_payment_succeeded", session_id);
    } else {
        state.emit("checkout.session.async_payment_failed", session_id);
    }
}

/// Ends an open session.
pub fn expire(state: &mut State, session_id: &str) -> Result<(), ApiError> {
    let session = state.load_object("checkout.session", session_id, "session")?;
    let status = text(&session, "status");
    if status != "open" {
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{status}`."
        )));
    }
    state.open.remove(&(number(&session, "expires_at"), session_id.to_owned()));
    state.update(session_id, json!({ "status": "expired", "url": null }));
    state.emit("checkout.session.expired", session_id);
    if let Some(intent_id) = session["_payment_intent"].as_str() {
        payment::cancel(state, intent_id, Some("automatic"));
    }
    Ok(())
}

/// Ends the sessions whose time is up.
pub fn expire_due(state: &mut State) {
    while let Some((_, id)) = state.open.first().filter(|(at, _)| *at <= now()).cloned() {
        if let Err(error) = expire(state, &id) {
            tracing::warn!(session = %id, message = error.message(), "a session could not be expired");
            state.open.pop_first();
        }
    }
}
