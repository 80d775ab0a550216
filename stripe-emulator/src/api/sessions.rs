//! Checkout Sessions: <https://docs.stripe.com/api/checkout/sessions>

use super::Call;
use super::catalog::inline_product;
use super::params::{integer, object};
use crate::clock::{new_id, now};
use crate::error::ApiError;
use crate::state::{State, number, text};
use crate::{objects, payments};
use serde_json::{Value, json};

const KNOWN: [&str; 46] = [
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "automatic_tax",
    "billing_address_collection",
    "branding_settings",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "currency",
    "custom_fields",
    "custom_text",
    "customer",
    "customer_account",
    "customer_creation",
    "customer_email",
    "customer_update",
    "discounts",
    "excluded_payment_method_types",
    "expires_at",
    "invoice_creation",
    "line_items",
    "locale",
    "managed_payments",
    "metadata",
    "mode",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_intent_data",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "payment_method_types",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "shipping_address_collection",
    "submit_type",
    "success_url",
    "tax_id_collection",
    "ui_mode",
    "wallet_options",
];

const HALF_HOUR: i64 = 30 * 60;
const DAY: i64 = 24 * 60 * 60;

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&KNOWN)?;
    let mode = call.text("mode").unwrap_or("payment");
    if mode != "payment" {
        return Err(ApiError::invalid(format!("This emulator makes sessions with mode=payment; `{mode}` is not among them.")).param("mode"));
    }
    let success_url = call.need("success_url")?.to_owned();
    let expires_at = expiry(call)?;
    let items = call
        .params
        .get("line_items")
        .and_then(Value::as_array)
        .filter(|items| !items.is_empty())
        .ok_or_else(|| ApiError::missing("line_items"))?;
    let mut lines = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        lines.push(line(state, item, i)?);
    }
    let currency = text(&lines[0], "currency").to_owned();
    if lines.iter().any(|line| text(line, "currency") != currency) {
        return Err(ApiError::invalid("All prices on a Checkout session must share a common currency."));
    }
    let total: i64 = lines.iter().filter_map(|line| number(line, "amount_total")).sum();
    let methods = call.params.get("payment_method_types").filter(|types| types.is_array()).cloned().unwrap_or_else(|| json!(["card"]));
    let id = new_id("cs_test_a1", 56);
    let session = json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": { "enabled": false }, "after_expiration": null, "allow_promotion_codes": null, "amount_subtotal": total, "amount_total": total,
        "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null }, "billing_address_collection": null, "cancel_url": call.text("cancel_url"),
        "client_reference_id": call.text("client_reference_id"), "client_secret": null, "collected_information": null, "consent": null, "consent_collection": null, "created": now(),
        "currency": currency, "currency_conversion": null, "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null }, "customer": call.text("customer"), "customer_account": null,
        "customer_creation": "if_required", "customer_details": null, "customer_email": call.text("customer_email"), "discounts": [], "expires_at": expires_at, "integration_identifier": null,
        "invoice": null, "invoice_creation": { "enabled": false, "invoice_data": { "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null, "metadata": {}, "rendering_options": null } },
        "livemode": false, "locale": call.text("locale"), "metadata": call.metadata(), "mode": "payment", "origin_context": null, "payment_intent": null, "payment_link": null,
        "payment_method_collection": "if_required", "payment_method_configuration_details": null, "payment_method_options": {}, "payment_method_types": methods,
        "payment_status": "unpaid", "permissions": null, "phone_number_collection": { "enabled": false }, "recovered_from": null, "saved_payment_method_options": null, "setup_intent": null,
        "shipping_address_collection": null, "shipping_cost": null, "shipping_options": [], "status": "open", "submit_type": call.text("submit_type"), "subscription": null,
        "success_url": success_url.replace("{CHECKOUT_SESSION_ID}", &id), "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 }, "ui_mode": "hosted_page",
        "url": format!("{}/c/pay/{id}", call.origin), "wallet_options": null,
        "_line_items": lines, "_intent_metadata": object(call.params.get("payment_intent_data").and_then(|data| data.get("metadata"))),
    });
    state.add(session);
    state.load_object("checkout.session", &id, "session")
}

fn expiry(call: &Call) -> Result<i64, ApiError> {
    let Some(at) = call.number("expires_at")? else { return Ok(now() + DAY) };
    // A minute of grace, as the real one leaves for slow clocks.
    if !(now() + HALF_HOUR - 60..=now() + DAY + 60).contains(&at) {
        return Err(ApiError::invalid(
            "The `expires_at` timestamp must be less than 24 hours and more than 30 minutes from Checkout Session creation.",
        )
        .param("expires_at"));
    }
    Ok(at)
}

fn line(state: &mut State, item: &Value, i: usize) -> Result<Value, ApiError> {
    let param = |name: &str| format!("line_items[{i}][{name}]");
    let quantity = match item.get("quantity").and_then(Value::as_str) {
        Some(quantity) => integer(quantity, &param("quantity"))?,
        None => 1,
    };
    if quantity < 1 {
        return Err(ApiError::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param(&param("quantity")));
    }
    let price = match item.get("price").and_then(Value::as_str) {
        Some(id) => state.load_object("price", id, &param("price"))?,
        None => {
            let data = item.get("price_data").filter(|data| data.is_object()).ok_or_else(|| ApiError::missing(&param("price")))?;
            inline_price(state, data, &param("price_data"))?
        }
    };
    let total = number(&price, "unit_amount")
        .unwrap_or(0)
        .checked_mul(quantity)
        .filter(|total| *total <= 99_999_999)
        .ok_or_else(|| ApiError::invalid("The amount is too large.").code("amount_too_large"))?;
    let name = state.find("product", text(&price, "product")).map(|product| product["name"].clone());
    Ok(json!({
        "id": new_id("li_1", 23), "object": "item", "adjustable_quantity": null, "amount_discount": 0, "amount_subtotal": total, "amount_tax": 0, "amount_total": total,
        "currency": price["currency"], "description": name, "metadata": {}, "price": price, "quantity": quantity,
    }))
}

fn inline_price(state: &mut State, data: &Value, param: &str) -> Result<Value, ApiError> {
    let currency = data["currency"]
        .as_str()
        .filter(|code| code.len() == 3)
        .ok_or_else(|| ApiError::missing(&format!("{param}[currency]")))?
        .to_ascii_lowercase();
    let amount = data["unit_amount"].as_str().ok_or_else(|| ApiError::missing(&format!("{param}[unit_amount]")))?;
    let amount = integer(amount, &format!("{param}[unit_amount]"))?;
    if amount < 0 {
        return Err(ApiError::invalid("This value must be greater than or equal to 0.")
            .code("parameter_invalid_integer")
            .param(&format!("{param}[unit_amount]")));
    }
    let product = match data["product"].as_str() {
        Some(id) => state.load_object("product", id, &format!("{param}[product]"))?["id"].as_str().unwrap_or_default().to_owned(),
        None => inline_product(state, data.get("product_data"), &format!("{param}[product_data]"))?,
    };
    let id = state.add(objects::price(&product, &currency, amount, json!({})));
    state.load_object("price", &id, param)
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let fits = |session: &Value| {
        ["payment_intent", "customer", "status"].iter().all(|name| {
            call.text(name)
                .is_none_or(|wanted| session[*name] == *wanted || (*name == "payment_intent" && session["_payment_intent"] == *wanted))
        })
    };
    let all = state.list("checkout.session").filter(|session| fits(session)).cloned().collect();
    call.page("/v1/checkout/sessions", all)
}

pub fn line_items(state: &State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let session = state.load_object("checkout.session", id, "session")?;
    call.page(&format!("/v1/checkout/sessions/{id}/line_items"), session["_line_items"].as_array().cloned().unwrap_or_default())
}

pub fn expire(state: &mut State, id: &str) -> Result<Value, ApiError> {
    payments::expire(state, id)?;
    state.load_object("checkout.session", id, "session")
}
