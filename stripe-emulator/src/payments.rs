//! What happens to money: intents are confirmed, sessions completed or expired, charges refunded and disputed.

use crate::cards::{self, Behavior};
use crate::clock::now;
use crate::error::ApiError;
use crate::objects;
use crate::state::{State, number, text};
use serde_json::{Value, json};

/// How a confirmation ended, unless it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    Paid,
    NeedsAuthentication,
    Processing,
}

/// Charges an intent with a payment method. A decline is an error, and leaves the intent to be tried again.
pub fn confirm(state: &mut State, intent_id: &str, method_id: &str, is_authenticated: bool) -> Result<Confirmed, ApiError> {
    let method = state.load_object("payment_method", method_id, "payment_method")?;
    let behavior = cards::behavior(state.cards.get(method_id).map_or("4242424242424242", String::as_str))?;
    state.update(intent_id, json!({ "payment_method": method_id }));
    match behavior {
        Behavior::Declines { code, decline_code, message } => Err(decline(state, intent_id, &method, code, decline_code, message)),
        Behavior::Authenticates { .. } if !is_authenticated => {
            state.update(
                intent_id,
                json!({ "status": "requires_action", "next_action": { "type": "use_stripe_sdk", "use_stripe_sdk": {} } }),
            );
            state.emit("payment_intent.requires_action", intent_id);
            Ok(Confirmed::NeedsAuthentication)
        }
        Behavior::Authenticates { pays: false } => {
            Err(decline(state, intent_id, &method, "card_declined", Some("generic_decline"), "Your card was declined."))
        }
        Behavior::PaysLater | Behavior::FailsLater => {
            state.update(intent_id, json!({ "status": "processing", "next_action": null }));
            state.emit("payment_intent.processing", intent_id);
            Ok(Confirmed::Processing)
        }
        Behavior::Pays | Behavior::Authenticates { pays: true } | Behavior::RefundsLater | Behavior::RefundsFail => {
            succeed(state, intent_id, &method);
            Ok(Confirmed::Paid)
        }
        Behavior::Disputes { is_inquiry } => {
            let charge_id = succeed(state, intent_id, &method);
            open_dispute(state, &charge_id, is_inquiry);
            Ok(Confirmed::Paid)
        }
    }
}

fn decline(state: &mut State, intent_id: &str, method: &Value, code: &str, decline_code: Option<&str>, message: &str) -> ApiError {
    let mut error = ApiError::card(message, code, decline_code);
    let intent = state.objects.get(intent_id).cloned().unwrap_or_default();
    let charge = objects::charge(&intent, method, Some(&Value::Object(error.body.clone())));
    let charge_id = state.add(charge);
    error = error.with("charge", json!(charge_id)).with("payment_method", method.clone());
    state.update(intent_id, json!({ "status": "requires_payment_method", "payment_method": null, "next_action": null, "latest_charge": charge_id, "last_payment_error": error.body }));
    state.emit("charge.failed", &charge_id);
    state.emit("payment_intent.payment_failed", intent_id);
    let intent = state.objects.get(intent_id).cloned().unwrap_or_default();
    error.with("payment_intent", intent)
}

fn succeed(state: &mut State, intent_id: &str, method: &Value) -> String {
    let intent = state.objects.get(intent_id).cloned().unwrap_or_default();
    let mut charge = objects::charge(&intent, method, None);
    let transaction =
        objects::balance_transaction("charge", number(&intent, "amount").unwrap_or(0), text(&intent, "currency"), text(&charge, "id"));
    charge["balance_transaction"] = transaction["id"].clone();
    state.add(transaction);
    let charge_id = state.add(charge);
    state.update(intent_id, json!({ "status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge_id, "last_payment_error": null, "next_action": null }));
    state.emit("charge.succeeded", &charge_id);
    state.emit("payment_intent.succeeded", intent_id);
    charge_id
}

/// Makes sure that a session has its payment intent.
fn intent_of_session(state: &mut State, session_id: &str) -> Result<String, ApiError> {
    let session = state.load_object("checkout.session", session_id, "session")?;
    if text(&session, "status") != "open" {
        return Err(ApiError::invalid(format!(
            "This Checkout Session is not open any more. It has a status of `{}`.",
            text(&session, "status")
        )));
    }
    if let Some(id) = session["_payment_intent"].as_str() {
        return Ok(id.to_owned());
    }
    let intent = objects::payment_intent(
        number(&session, "amount_total").unwrap_or(0),
        text(&session, "currency"),
        session["_intent_metadata"].clone(),
    );
    let id = state.add(intent);
    state.update(session_id, json!({ "_payment_intent": id }));
    state.emit("payment_intent.created", &id);
    Ok(id)
}

/// Pays an open session. A decline keeps it open.
pub fn pay_session(state: &mut State, session_id: &str, method_id: &str, is_authenticated: bool) -> Result<Confirmed, ApiError> {
    let intent_id = intent_of_session(state, session_id)?;
    let confirmed = confirm(state, &intent_id, method_id, is_authenticated)?;
    if confirmed != Confirmed::NeedsAuthentication {
        let status = if confirmed == Confirmed::Paid { "paid" } else { "unpaid" };
        complete(state, session_id, Some(&intent_id), method_id, status);
        if confirmed == Confirmed::Processing {
            finish_later(state, session_id, &intent_id, method_id);
        }
    }
    Ok(confirmed)
}

/// A session over nothing needs no card.
pub fn complete_free(state: &mut State, session_id: &str) {
    complete(state, session_id, None, "", "no_payment_required");
}

fn complete(state: &mut State, session_id: &str, intent_id: Option<&str>, method_id: &str, payment_status: &str) {
    let session = state.objects.get(session_id).cloned().unwrap_or_default();
    let details = state.objects.get(method_id).map(|method| method["billing_details"].clone()).unwrap_or_default();
    let email = if session["customer_email"].is_null() { details["email"].clone() } else { session["customer_email"].clone() };
    state.update(
        session_id,
        json!({
            "status": "complete", "payment_status": payment_status, "url": null, "payment_intent": intent_id,
            "customer_details": { "address": objects::address(), "business_name": null, "email": email, "individual_name": null, "name": details["name"], "phone": null, "tax_exempt": "none", "tax_ids": [] },
        }),
    );
    state.emit("checkout.session.completed", session_id);
}

/// Bank debits end after the checkout; here at once, so that nobody waits, but as events of their own.
fn finish_later(state: &mut State, session_id: &str, intent_id: &str, method_id: &str) {
    let has_paid = state.cards.get(method_id).and_then(|number| cards::behavior(number).ok()) == Some(Behavior::PaysLater);
    let method = state.objects.get(method_id).cloned().unwrap_or_default();
    if has_paid {
        succeed(state, intent_id, &method);
        state.update(session_id, json!({ "payment_status": "paid" }));
        state.emit("checkout.session.async_payment_succeeded", session_id);
    } else {
        decline(state, intent_id, &method, "payment_intent_payment_attempt_failed", None, "The bank refused the debit.");
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
    if let Some(intent_id) = session["_payment_intent"].as_str() {
        state.update(intent_id, json!({ "status": "canceled", "canceled_at": now(), "cancellation_reason": "automatic" }));
        state.emit("payment_intent.canceled", intent_id);
    }
    state.update(session_id, json!({ "status": "expired", "url": null }));
    state.emit("checkout.session.expired", session_id);
    Ok(())
}

/// Ends the sessions whose time is up.
pub fn expire_due(state: &mut State) {
    let due: Vec<String> = state
        .list("checkout.session")
        .filter(|session| text(session, "status") == "open" && number(session, "expires_at").is_some_and(|at| at <= now()))
        .map(|session| text(session, "id").to_owned())
        .collect();
    for id in due {
        // It is open, so it can be expired.
        if let Err(error) = expire(state, &id) {
            tracing::warn!(session = %id, message = error.message(), "a session could not be expired");
        }
    }
}

/// Gives money back.
pub fn refund(state: &mut State, charge_id: &str, amount: Option<i64>, reason: Option<&str>, metadata: Value) -> Result<String, ApiError> {
    let charge = state.load_object("charge", charge_id, "id")?;
    let (total, refunded) = (number(&charge, "amount").unwrap_or(0), number(&charge, "amount_refunded").unwrap_or(0));
    if charge["refunded"] == json!(true) {
        return Err(ApiError::invalid(format!("Charge {charge_id} has already been refunded.")).code("charge_already_refunded"));
    }
    if charge["disputed"] == json!(true)
        && !state.list("dispute").any(|dispute| dispute["charge"] == charge["id"] && dispute["is_charge_refundable"] == json!(true))
    {
        return Err(ApiError::invalid(format!("Charge {charge_id} has been charged back; cannot issue a refund.")).code("charge_disputed"));
    }
    let amount = amount.unwrap_or(total - refunded);
    if amount < 1 {
        return Err(ApiError::invalid("This value must be greater than or equal to 1.").code("parameter_invalid_integer").param("amount"));
    }
    if amount > total - refunded {
        let money = |minor: i64| format!("${}.{:02}", minor / 100, minor % 100);
        return Err(ApiError::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money(amount),
            money(total - refunded)
        ))
        .param("amount"));
    }
    let behavior = state.cards.get(text(&charge, "payment_method")).and_then(|number| cards::behavior(number).ok());
    let mut refund = objects::refund(&charge, amount, reason, metadata);
    let transaction = objects::balance_transaction("refund", -amount, text(&charge, "currency"), text(&refund, "id"));
    refund["balance_transaction"] = transaction["id"].clone();
    if behavior == Some(Behavior::RefundsLater) {
        refund["status"] = json!("pending");
    }
    state.add(transaction);
    let id = state.add(refund);
    let refunded = refunded + amount;
    state.update(charge_id, json!({ "amount_refunded": refunded, "refunded": refunded == total }));
    state.emit("refund.created", &id);
    state.emit("charge.refunded", charge_id);
    match behavior {
        Some(Behavior::RefundsLater) => {
            state.update(&id, json!({ "status": "succeeded" }));
            state.emit("refund.updated", &id);
        }
        Some(Behavior::RefundsFail) => {
            state.update(&id, json!({ "status": "failed", "failure_reason": "expired_or_canceled_card" }));
            state.update(charge_id, json!({ "amount_refunded": refunded - amount, "refunded": false }));
            state.emit("refund.failed", &id);
        }
        _ => state.emit("charge.refund.updated", &id),
    }
    Ok(id)
}

fn open_dispute(state: &mut State, charge_id: &str, is_inquiry: bool) {
    let Some(charge) = state.objects.get(charge_id).cloned() else { return };
    let status = if is_inquiry { "warning_needs_response" } else { "needs_response" };
    let id = state.add(objects::dispute(&charge, status, "fraudulent"));
    state.update(charge_id, json!({ "disputed": true }));
    state.emit("charge.dispute.created", &id);
    if !is_inquiry {
        state.emit("charge.dispute.funds_withdrawn", &id);
    }
}

/// Closes a dispute: won, lost, or a closed warning.
pub fn close_dispute(state: &mut State, id: &str, status: &str) -> Result<(), ApiError> {
    let dispute = state.load_object("dispute", id, "dispute")?;
    if matches!(text(&dispute, "status"), "won" | "lost" | "warning_closed") {
        return Err(ApiError::invalid("This dispute is already closed"));
    }
    state.update(id, json!({ "status": status, "is_charge_refundable": status != "lost" }));
    if status == "won" {
        state.emit("charge.dispute.funds_reinstated", id);
    }
    state.emit("charge.dispute.closed", id);
    Ok(())
}
