//! Stripe's objects in the shape of one API version, with every field that a strict client looks for.

use crate::cards::{self, Decline};
use crate::clock::{new_id, now};
use serde_json::{Value, json};

/// The version that answers and events are rendered in.
pub const API_VERSION: &str = "2026-09-30.endive";
/// The one account there is.
pub const ACCOUNT: &str = "acct_1EmulatorOfStripe";

pub fn address() -> Value {
    json!({ "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null })
}

pub fn product(name: &str, description: Option<&str>, metadata: Value) -> Value {
    json!({
        "id": new_id("prod_", 14), "object": "product", "active": true, "created": now(), "default_price": null, "description": description,
        "images": [],
        "livemode": false, "marketing_features": [], "metadata": metadata, "name": name, "package_dimensions": null, "shippable": null,
        "statement_descriptor": null, "tax_code": null, "type": "service", "unit_label": null, "updated": now(), "url": null,
    })
}

pub fn price(product: &str, currency: &str, unit_amount: i64, metadata: Value) -> Value {
    json!({
        "id": new_id("price_", 24), "object": "price", "active": true, "billing_scheme": "per_unit", "created": now(), "currency": currency,
        "custom_unit_amount": null,
        "livemode": false, "lookup_key": null, "metadata": metadata, "nickname": null, "product": product, "recurring": null,
        "tax_behavior": "unspecified",
        "tiers_mode": null, "transform_quantity": null, "type": "one_time", "unit_amount": unit_amount,
        "unit_amount_decimal": unit_amount.to_string(),
    })
}

pub fn customer(email: Option<&str>, name: Option<&str>, metadata: Value) -> Value {
    json!({
        "id": new_id("cus_", 14), "object": "customer", "address": null, "balance": 0, "created": now(), "currency": null,
        "default_source": null, "delinquent": false,
        "description": null, "discount": null, "email": email, "invoice_prefix": "TEST0001",
        "invoice_settings": { "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null },
        "livemode": false, "metadata": metadata, "name": name, "next_invoice_sequence": 1, "phone": null, "preferred_locales": [],
        "shipping": null, "tax_exempt": "none", "test_clock": null,
    })
}

pub fn card(number: &str, exp_month: i64, exp_year: i64) -> Value {
    let brand = cards::brand(number);
    let last4 = number.get(number.len().saturating_sub(4)..).unwrap_or("4242");
    json!({
        "brand": brand, "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" }, "country": "US",
        "display_brand": brand,
        "exp_month": exp_month, "exp_year": exp_year, "fingerprint": "TESTFINGERPRINT1", "funding": "credit", "generated_from": null,
        "last4": last4,
        "networks": { "available": [brand], "preferred": null }, "regulated_status": "unregulated",
        "three_d_secure_usage": { "supported": true }, "wallet": null,
    })
}

pub fn payment_method(kind: &str, details: Value, billing_details: Value) -> Value {
    json!({
        "id": new_id("pm_", 24), "object": "payment_method", "allow_redisplay": "unspecified", "billing_details": billing_details,
        kind: details,
        "created": now(), "customer": null, "customer_account": null, "livemode": false, "metadata": {}, "type": kind,
    })
}

pub fn billing_details(email: Option<&str>, name: Option<&str>) -> Value {
    json!({ "address": address(), "email": email, "name": name, "phone": null, "tax_id": null })
}

pub fn payment_intent(amount: i64, currency: &str, metadata: Value) -> Value {
    let id = new_id("pi_3", 23);
    json!({
        "client_secret": format!("{id}_secret_{}", new_id("", 25)), "id": id, "object": "payment_intent", "amount": amount,
        "amount_capturable": 0, "amount_details": { "tip": {} },
        "amount_received": 0, "application": null, "application_fee_amount": null, "automatic_payment_methods": null, "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic_async", "confirmation_method": "automatic", "created": now(), "currency": currency, "customer": null,
        "customer_account": null, "description": null,
        "excluded_payment_method_types": null, "last_payment_error": null, "latest_charge": null, "livemode": false,
        "managed_payments": { "enabled": false }, "metadata": metadata, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null, "payment_method_options": {},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null,
        "review": null, "setup_future_usage": null, "shipping": null, "source": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method", "transfer_data": null, "transfer_group": null,
    })
}

/// The intent of a Checkout Session, with what the session says about it.
pub fn payment_intent_of_session(session: &Value) -> Value {
    let data = &session["_intent_data"];
    let mut intent = payment_intent(
        session["amount_total"].as_i64().unwrap_or(0),
        session["currency"].as_str().unwrap_or("usd"),
        if data["metadata"].is_object() { data["metadata"].clone() } else { json!({}) },
    );
    for field in
        ["description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "setup_future_usage", "transfer_group"]
    {
        if data[field].is_string() {
            intent[field] = data[field].clone();
        }
    }
    intent["customer"] = session["customer"].clone();
    intent["payment_method_types"] = session["payment_method_types"].clone();
    intent["_session"] = session["id"].clone();
    intent
}

pub fn charge(intent: &Value, method: &Value, status: &str, decline: Option<Decline>) -> Value {
    let kind = method["type"].as_str().unwrap_or("card");
    let mut details = method[kind].clone();
    if kind == "card"
        && let Some(card) = details.as_object_mut()
    {
        for gone in ["display_brand", "generated_from", "networks", "three_d_secure_usage"] {
            card.remove(gone);
        }
        card.insert("amount_authorized".to_owned(), intent["amount"].clone());
        for (field, value) in
            [("extended_authorization", "disabled"), ("incremental_authorization", "unavailable"), ("multicapture", "unavailable")]
        {
            card.insert(field.to_owned(), json!({ "status": value }));
        }
        card.insert("overcapture".to_owned(), json!({ "maximum_amount_capturable": intent["amount"], "status": "unavailable" }));
        for field in ["authorization_code", "installments", "mandate", "network_transaction_id", "three_d_secure", "transaction_link_id"] {
            card.insert(field.to_owned(), Value::Null);
        }
        card.insert("network".to_owned(), method["card"]["brand"].clone());
        card.insert("network_token".to_owned(), json!({ "used": false }));
    } else if let Some(debit) = details.as_object_mut() {
        debit.remove("generated_from");
        debit.insert("mandate".to_owned(), Value::Null);
    }
    let is_captured = decline.is_none();
    json!({
        "id": new_id("ch_3", 23), "object": "charge", "amount": intent["amount"],
        "amount_captured": if is_captured { intent["amount"].clone() } else { json!(0) }, "amount_refunded": 0,
        "application": null, "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "TEST", "captured": is_captured, "created": now(), "currency": intent["currency"],
        "customer": intent["customer"], "description": intent["description"],
        "disputed": false, "failure_balance_transaction": null, "failure_code": decline.map(|decline| decline.code),
        "failure_message": decline.map(|decline| decline.message),
        "fraud_details": {}, "livemode": false, "metadata": intent["metadata"], "on_behalf_of": null,
        "outcome": {
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": if is_captured { "approved_by_network" } else { "declined_by_network" },
            "reason": decline.and_then(|decline| decline.decline_code), "risk_level": "normal",
            "seller_message": if is_captured { "Payment complete." } else { "The bank declined the payment." },
            "type": if is_captured { "authorized" } else { "issuer_declined" },
        },
        "paid": status == "succeeded", "payment_intent": intent["id"], "payment_method": method["id"],
        "payment_method_details": { kind: details, "type": kind },
        "receipt_email": intent["receipt_email"], "receipt_number": null, "receipt_url": null, "refunded": false, "review": null,
        "shipping": intent["shipping"], "source": null, "source_transfer": null,
        "statement_descriptor": intent["statement_descriptor"], "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status, "transfer_data": null, "transfer_group": null,
    })
}

pub fn balance_transaction(kind: &str, amount: i64, currency: &str, source: &str) -> Value {
    let fee = match kind {
        "charge" => amount * 29 / 1000 + 30,
        // What the bank takes for a chargeback, win or lose.
        "adjustment" if amount < 0 => 1_500,
        _ => 0,
    };
    json!({
        "id": new_id("txn_3", 23), "object": "balance_transaction", "amount": amount, "available_on": now() + 172_800,
        "balance_type": "payments", "created": now(), "currency": currency,
        "description": null, "exchange_rate": null, "fee": fee,
        "fee_details": if fee > 0 {
            json!([{
                "amount": fee, "application": null, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"
            }])
        } else { json!([]) },
        "net": amount - fee, "reporting_category": if kind == "adjustment" { "dispute" } else { kind }, "source": source,
        "status": "pending", "type": kind,
    })
}

pub fn refund(charge: &Value, amount: i64, reason: Option<&str>, metadata: Value) -> Value {
    json!({
        "id": new_id("re_3", 23), "object": "refund", "amount": amount, "balance_transaction": null, "charge": charge["id"],
        "created": now(), "currency": charge["currency"], "customer": null,
        "customer_account": null,
        "destination_details": {
            "card": { "type": "refund", "reference_status": "pending", "reference_type": "acquirer_reference_number" }, "type": "card"
        },
        "metadata": metadata, "payment_intent": charge["payment_intent"], "payment_method": null, "reason": reason, "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded", "transfer_reversal": null,
    })
}

const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

pub fn dispute(charge: &Value, reason: &str, is_inquiry: bool) -> Value {
    let mut evidence = json!({ "enhanced_evidence": {} });
    for name in EVIDENCE {
        evidence[name] = Value::Null;
    }
    let brand = &charge["payment_method_details"]["card"]["brand"];
    json!({
        "id": new_id("du_1", 23), "object": "dispute", "amount": charge["amount"], "balance_transactions": [], "charge": charge["id"],
        "created": now(), "currency": charge["currency"],
        "enhanced_eligibility_types": [], "evidence": evidence,
        "evidence_details": {
            "due_by": now() + 604_800, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false, "submission_count": 0
        },
        "is_charge_refundable": is_inquiry, "livemode": false, "metadata": {}, "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": brand, "case_type": if is_inquiry { "inquiry" } else { "chargeback" }, "network": brand,
                "network_reason_code": "10.4"
            },
            "type": "card"
        },
        "reason": reason, "status": if is_inquiry { "warning_needs_response" } else { "needs_response" },
    })
}

pub fn early_fraud_warning(charge: &str, intent: &str) -> Value {
    json!({
        "id": new_id("issfr_1", 23), "object": "radar.early_fraud_warning", "actionable": true, "charge": charge, "created": now(),
        "fraud_type": "unauthorized_use_of_card", "livemode": false, "payment_intent": intent,
    })
}

pub fn review(charge: &str, intent: &str) -> Value {
    json!({
        "id": new_id("prv_1", 23), "object": "review", "billing_zip": null, "charge": charge, "closed_reason": null, "created": now(),
        "ip_address": null, "ip_address_location": null,
        "livemode": false, "open": true, "opened_reason": "rule", "payment_intent": intent, "reason": "rule", "session": null,
    })
}

/// The account that all keys belong to, with what a client may rely on.
pub fn account() -> Value {
    json!({
        "id": ACCOUNT, "object": "account", "business_type": null, "charges_enabled": true, "country": "US", "created": 1_700_000_000,
        "default_currency": "usd",
        "details_submitted": true, "email": "owner@example.com", "metadata": {}, "payouts_enabled": true, "type": "standard",
    })
}

pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}
