//! Every route of the API on one page.

use super::{Call, catalog, disputes, events, intents, methods, pages, present, refunds, sessions};
use crate::error::ApiError;
use crate::state::State;
use crate::{objects, rules};
use serde_json::Value;

/// Answers a call, and puts in what it asks to be expanded.
///
/// # Errors
/// As Stripe refuses.
pub fn dispatch(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    // Time may have passed since the last tick.
    rules::expire_due(state);
    let result = match (call.method, call.path.as_slice()) {
        ("POST", ["v1", "products"]) => catalog::create_product(state, call),
        ("POST", ["v1", "prices"]) => catalog::create_price(state, call),
        ("POST", ["v1", "customers"]) => catalog::create_customer(state, call),
        (
            "GET",
            [
                "v1",
                kind @ ("products"
                | "prices"
                | "customers"
                | "charges"
                | "disputes"
                | "reviews"
                | "payment_methods"
                | "webhook_endpoints"
                | "balance_transactions"),
            ],
        ) => catalog::list(state, call, kind),
        (
            "GET",
            [
                "v1",
                kind @ ("products"
                | "prices"
                | "customers"
                | "charges"
                | "disputes"
                | "reviews"
                | "payment_methods"
                | "webhook_endpoints"
                | "balance_transactions"),
                id,
            ],
        ) => catalog::retrieve(state, kind, id),
        ("POST", ["v1", kind @ ("products" | "prices" | "customers" | "charges" | "payment_methods" | "refunds"), id]) => {
            catalog::update(state, call, kind, id)
        }
        ("GET", ["v1", "radar", "early_fraud_warnings"]) => catalog::list(state, call, "radar.early_fraud_warnings"),
        ("GET", ["v1", "radar", "early_fraud_warnings", id]) => catalog::retrieve(state, "radar.early_fraud_warnings", id),
        ("POST", ["v1", "checkout", "sessions"]) => sessions::create(state, call),
        ("GET", ["v1", "checkout", "sessions"]) => sessions::list(state, call),
        ("GET", ["v1", "checkout", "sessions", id]) => state.load_object("checkout.session", id, "session"),
        ("POST", ["v1", "checkout", "sessions", id]) => sessions::update(state, call, id),
        ("GET", ["v1", "checkout", "sessions", id, "line_items"]) => sessions::line_items(state, call, id),
        ("POST", ["v1", "checkout", "sessions", id, "expire"]) => sessions::expire(state, id),
        ("POST", ["v1", "payment_intents"]) => intents::create(state, call),
        ("GET", ["v1", "payment_intents"]) => intents::list(state, call),
        ("GET", ["v1", "payment_intents", id]) => state.load_object("payment_intent", id, "intent"),
        ("POST", ["v1", "payment_intents", id]) => intents::update(state, call, id),
        ("POST", ["v1", "payment_intents", id, "confirm"]) => intents::confirm(state, call, id),
        ("POST", ["v1", "payment_intents", id, "cancel"]) => intents::cancel(state, call, id),
        ("POST", ["v1", "payment_methods"]) => methods::create(state, call),
        ("POST", ["v1", "payment_methods", id, "attach"]) => methods::attach(state, call, id),
        ("POST", ["v1", "payment_methods", id, "detach"]) => methods::detach(state, id),
        ("POST", ["v1", "refunds"]) => refunds::create(state, call),
        ("GET", ["v1", "refunds"]) => refunds::list(state, call),
        ("GET", ["v1", "refunds", id]) => state.load_object("refund", id, "refund"),
        ("POST", ["v1", "refunds", id, "cancel"]) => refunds::cancel(state, id),
        ("GET", ["v1", "account"]) => Ok(objects::account()),
        ("POST", ["v1", "reviews", id, "approve"]) => rules::approve_review(state, id),
        ("POST", ["v1", "disputes", id]) => disputes::answer(state, call, id),
        ("POST", ["v1", "disputes", id, "close"]) => disputes::close(state, id),
        ("GET", ["v1", "events"]) => events::list(state, call),
        ("GET", ["v1", "events", id]) => events::retrieve(state, id),
        ("POST", ["v1", "webhook_endpoints"]) => events::create_endpoint(state, call),
        ("POST", ["v1", "webhook_endpoints", id]) => events::update_endpoint(state, call, id),
        ("DELETE", ["v1", "webhook_endpoints", id]) => events::delete_endpoint(state, id),
        ("GET", ["v1", "payment_pages", id]) => pages::show(state, id),
        ("POST", ["v1", "payment_pages", id, "confirm"]) => pages::confirm(state, call, id),
        (method, path) => {
            let message = format!(
                "Unrecognized request URL ({method}: /{}). Please see https://stripe.com/docs or we can help at \
                 https://support.stripe.com/.",
                path.join("/")
            );
            return Err(ApiError::new(404, "invalid_request_error", message));
        }
    }?;
    present::expand(state, result, &call.params)
}
