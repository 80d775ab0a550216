//! Checkout Sessions: <https://docs.stripe.com/api/checkout/sessions>

use super::Call;
use super::catalog::{amount, currency, inline_product};
use super::params::{integer, metadata, only, url};
use crate::clock::{new_id, now};
use crate::error::ApiError;
use crate::state::{State, number, text};
use crate::{money, objects, rules};
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

const INTENT_DATA: [&str; 14] = [
    "application_fee_amount",
    "capture_method",
    "description",
    "metadata",
    "on_behalf_of",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
    "amount_details",
    "payment_details",
];

pub fn create(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&KNOWN)?;
    let mode = call.text("mode").unwrap_or("payment");
    if mode != "payment" {
        return Err(ApiError::invalid(format!("This emulator makes sessions with mode=payment; `{mode}` is not among them.")).param("mode"));
    }
    let success_url = url(call.need("success_url")?, "success_url")?;
    let cancel_url = call.text("cancel_url").map(|text| url(text, "cancel_url")).transpose()?;
    let expires_at = expiry(call)?;
    let reference = call.text("client_reference_id");
    if reference.is_some_and(|reference| reference.len() > 200) {
        return Err(ApiError::invalid("Invalid string: client_reference_id must be at most 200 characters")
            .code("parameter_invalid_string")
            .param("client_reference_id"));
    }
    let email = call.email("customer_email")?;
    if let Some(customer) = call.text("customer") {
        state.load_object("customer", customer, "customer")?;
        if email.is_some() {
            return Err(ApiError::invalid("You may only specify one of these parameters: customer, customer_email.").param("customer"));
        }
    }
    let own_metadata = call.metadata()?;
    let mut intent_data = call.params.get("payment_intent_data").cloned().unwrap_or_else(|| json!({}));
    only(&intent_data, &INTENT_DATA, "payment_intent_data")?;
    intent_data["metadata"] = metadata(intent_data.get("metadata"), "payment_intent_data[metadata]")?;
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
        return Err(ApiError::invalid("All prices on a Checkout session must share a common currency.").param("line_items"));
    }
    let total: i64 = lines.iter().map(|line| number(line, "amount_total")).sum();
    let least = money::minimum(&currency);
    if total != 0 && total < least {
        return Err(ApiError::invalid(format!(
            "The Checkout Session's total amount due must add up to at least {} {currency}",
            money::format(least, &currency)
        ))
        .code("amount_too_small"));
    }
    if total > 99_999_999 {
        return Err(ApiError::invalid("The Checkout Session's total amount must be no more than 999,999.99.").code("amount_too_large"));
    }
    let methods = call.params.get("payment_method_types").filter(|types| types.is_array()).cloned().unwrap_or_else(|| json!(["card"]));
    let flag = |name: &str| call.params.get(name).and_then(|value| value.get("enabled")).and_then(Value::as_str) == Some("true");
    let id = new_id("cs_test_a1", 56);
    let session = json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": { "enabled": false }, "after_expiration": null,
        "allow_promotion_codes": call.text("allow_promotion_codes").map(|text| text == "true"), "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": { "enabled": flag("automatic_tax"), "liability": null, "provider": null, "status": null },
        "billing_address_collection": call.text("billing_address_collection"), "cancel_url": cancel_url,
        "client_reference_id": reference, "client_secret": null, "collected_information": null, "consent": null, "consent_collection": null,
        "created": now(),
        "currency": currency, "currency_conversion": null, "custom_fields": [],
        "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
        "customer": call.text("customer"), "customer_account": null,
        "customer_creation": call.text("customer_creation").unwrap_or("if_required"), "customer_details": null, "customer_email": email,
        "discounts": [], "expires_at": expires_at, "integration_identifier": null,
        "invoice": null,
        "invoice_creation": {
            "enabled": flag("invoice_creation"),
            "invoice_data": {
                "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null, "metadata": {},
                "rendering_options": null
            }
        },
        "livemode": false, "locale": call.text("locale"), "managed_payments": { "enabled": false }, "metadata": own_metadata,
        "mode": "payment", "origin_context": null, "payment_intent": null, "payment_link": null,
        "payment_method_collection": call.text("payment_method_collection").unwrap_or("if_required"),
        "payment_method_configuration_details": null, "payment_method_options": {}, "payment_method_types": methods,
        "payment_status": "unpaid", "permissions": null, "phone_number_collection": { "enabled": flag("phone_number_collection") },
        "recovered_from": null, "saved_payment_method_options": null, "setup_intent": null,
        "shipping_address_collection": null, "shipping_cost": null, "shipping_options": [], "status": "open",
        "submit_type": call.text("submit_type"), "subscription": null,
        // The template as it was sent; the id is put in when the buyer is sent there.
        "success_url": success_url, "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "ui_mode": "hosted_page",
        "url": format!("{}/c/pay/{id}", call.origin), "wallet_options": null,
        "_line_items": lines, "_intent_data": intent_data,
    });
    state.open.insert((expires_at, id.clone()));
    state.add(session);
    state.load_object("checkout.session", &id, "session")
}

/// Only the metadata of a session can be changed here.
pub fn update(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&["metadata"])?;
    let session = state.load_object("checkout.session", id, "session")?;
    call.metadata()?;
    state.update(id, json!({ "metadata": State::merged_metadata(&session["metadata"], &call.params["metadata"]) }));
    state.load_object("checkout.session", id, "session")
}

fn expiry(call: &Call) -> Result<i64, ApiError> {
    let Some(at) = call.number("expires_at")? else {
        return Ok(now() + DAY);
    };
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
    only(
        item,
        &["price", "price_data", "quantity", "adjustable_quantity", "dynamic_tax_rates", "tax_rates", "metadata"],
        &format!("line_items[{i}]"),
    )?;
    let quantity = match item.get("quantity").and_then(Value::as_str) {
        Some(quantity) => integer(quantity, &param("quantity"))?,
        None => {
            return Err(ApiError::invalid("Quantity is required. Add `quantity` to `line_items` to fix this error.")
                .code("parameter_missing")
                .param(&param("quantity")));
        }
    };
    if quantity < 1 {
        return Err(ApiError::too_small_integer(&param("quantity"), 1));
    }
    let price = match item.get("price").and_then(Value::as_str) {
        Some(id) => state.load_object("price", id, &param("price")).map_err(|error| ApiError { status: 400, ..error })?,
        None => {
            let data = item.get("price_data").filter(|data| data.is_object()).ok_or_else(|| ApiError::missing(&param("price")))?;
            inline_price(state, data, &param("price_data"))?
        }
    };
    let total = number(&price, "unit_amount")
        .checked_mul(quantity)
        .filter(|total| *total <= 99_999_999)
        .ok_or_else(|| ApiError::invalid("The amount is too large.").code("amount_too_large").param(&param("quantity")))?;
    let name = state.find("product", text(&price, "product")).map(|product| product["name"].clone());
    Ok(json!({
        "id": new_id("li_1", 23), "object": "item", "adjustable_quantity": null, "amount_discount": 0, "amount_subtotal": total,
        "amount_tax": 0, "amount_total": total,
        "currency": price["currency"], "description": name, "metadata": {}, "price": price, "quantity": quantity,
    }))
}

fn inline_price(state: &mut State, data: &Value, param: &str) -> Result<Value, ApiError> {
    let name = |name: &str| format!("{param}[{name}]");
    only(data, &["currency", "product", "product_data", "recurring", "tax_behavior", "unit_amount", "unit_amount_decimal"], param)?;
    let code = data["currency"].as_str().ok_or_else(|| ApiError::missing(&name("currency")))?;
    let code = currency(code, &name("currency"))?;
    let unit = data["unit_amount"]
        .as_str()
        .or_else(|| data["unit_amount_decimal"].as_str())
        .ok_or_else(|| ApiError::missing(&name("unit_amount")))?;
    let unit = amount(unit, &name("unit_amount"))?;
    let product = match data["product"].as_str() {
        Some(id) => text(&state.load_object("product", id, &name("product"))?, "id").to_owned(),
        None => inline_product(state, data.get("product_data"), &name("product_data"))?,
    };
    let id = state.add(objects::price(&product, &code, unit, json!({})));
    // Made for this session alone, so the catalog does not offer it.
    state.update(&id, json!({ "active": false }));
    state.load_object("price", &id, param)
}

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    call.only(&[
        "payment_intent",
        "customer",
        "customer_details",
        "status",
        "created",
        "payment_link",
        "subscription",
        "limit",
        "starting_after",
        "ending_before",
    ])?;
    let email = call.params.get("customer_details").and_then(|details| details.get("email")).and_then(Value::as_str);
    let fits = |session: &&Value| {
        let has_intent =
            call.text("payment_intent").is_none_or(|wanted| session["payment_intent"] == wanted || session["_payment_intent"] == wanted);
        has_intent
            && ["customer", "status"].iter().all(|name| call.text(name).is_none_or(|wanted| session[*name] == wanted))
            && email.is_none_or(|email| session["customer_details"]["email"] == email)
    };
    call.page("/v1/checkout/sessions", state.list("checkout.session").filter(fits))
}

pub fn line_items(state: &State, call: &Call, id: &str) -> Result<Value, ApiError> {
    let session = state.load_object("checkout.session", id, "session")?;
    call.page(&format!("/v1/checkout/sessions/{id}/line_items"), session["_line_items"].as_array().into_iter().flatten())
}

pub fn expire(state: &mut State, id: &str) -> Result<Value, ApiError> {
    rules::expire(state, id)?;
    state.load_object("checkout.session", id, "session")
}
