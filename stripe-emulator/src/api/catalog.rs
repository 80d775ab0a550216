//! Products, prices, customers, and the plain reads of everything else.

use super::Call;
use super::params::{integer, metadata, only};
use crate::clock::now;
use crate::error::ApiError;
use crate::objects;
use crate::state::{State, text};
use serde_json::{Value, json};

fn object_name(plural: &str) -> &str {
    plural.strip_suffix('s').unwrap_or(plural)
}

pub fn list(state: &State, call: &Call, plural: &str) -> Result<Value, ApiError> {
    let filters = ["product", "customer", "email", "payment_intent", "charge", "currency", "type", "source"];
    let fits = |item: &&Value| {
        filters.iter().all(|name| call.text(name).is_none_or(|wanted| item.get(*name).is_none_or(|value| value == wanted)))
            && call.text("active").is_none_or(|wanted| item.get("active") == Some(&json!(wanted == "true")))
    };
    call.page(&format!("/v1/{}", plural.replace('.', "/")), state.list(object_name(plural)).filter(fits))
}

pub fn retrieve(state: &State, plural: &str, id: &str) -> Result<Value, ApiError> {
    state.load_object(object_name(plural), id, "id")
}

/// Sets the plain fields that were sent; an empty text unsets.
pub fn update(state: &mut State, call: &Call, plural: &str, id: &str) -> Result<Value, ApiError> {
    let kind = object_name(plural);
    let mut current = state.load_object(kind, id, "id")?;
    for (name, value) in call.params.as_object().into_iter().flatten().filter(|(name, _)| *name != "expand") {
        match (name.as_str(), current.get(name)) {
            ("metadata", _) => {
                metadata(Some(value), "metadata")?;
                current["metadata"] = State::merged_metadata(&current["metadata"], value);
            }
            ("id" | "object" | "created" | "livemode" | "amount" | "currency" | "status" | "charge" | "payment_intent", _) | (_, None) => {
                return Err(ApiError::unknown_param(name));
            }
            (name, _) if name.starts_with('_') => return Err(ApiError::unknown_param(name)),
            (_, Some(Value::Bool(_))) => current[name] = json!(value == "true"),
            (_, Some(Value::Object(old))) if value.is_object() => {
                let mut merged = old.clone();
                merged.extend(value.as_object().cloned().unwrap_or_default());
                current[name] = Value::Object(merged);
            }
            _ if value == "" => current[name] = Value::Null,
            _ => current[name] = value.clone(),
        }
    }
    if kind == "product" {
        current["updated"] = json!(now());
    }
    state.update(id, current);
    state.emit(&format!("{kind}.updated"), id);
    if kind == "refund" {
        state.emit("charge.refund.updated", id);
    }
    retrieve(state, plural, id)
}

const PRODUCT: [&str; 15] = [
    "name",
    "description",
    "metadata",
    "active",
    "images",
    "default_price_data",
    "tax_code",
    "unit_label",
    "url",
    "shippable",
    "statement_descriptor",
    "marketing_features",
    "package_dimensions",
    "type",
    "id",
];

pub fn create_product(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&PRODUCT)?;
    let mut product = objects::product(call.need("name")?, call.text("description"), call.metadata()?);
    if let Some(id) = call.text("id") {
        if state.get(id).is_some() {
            return Err(ApiError::invalid("Product already exists.").code("resource_already_exists").param("id"));
        }
        product["id"] = json!(id);
    }
    for name in ["images", "url", "unit_label", "tax_code", "statement_descriptor"] {
        if let Some(value) = call.params.get(name) {
            product[name] = value.clone();
        }
    }
    if let Some(active) = call.text("active") {
        product["active"] = json!(active == "true");
    }
    let id = state.add(product);
    if let Some(data) = call.params.get("default_price_data").filter(|data| data.is_object()) {
        let currency = data["currency"].as_str().ok_or_else(|| ApiError::missing("default_price_data[currency]"))?;
        let amount = integer(data["unit_amount"].as_str().unwrap_or("0"), "default_price_data[unit_amount]")?;
        let price = state.add(objects::price(&id, &currency.to_ascii_lowercase(), amount, json!({})));
        state.update(&id, json!({ "default_price": price }));
        state.emit("price.created", &price);
    }
    state.emit("product.created", &id);
    state.load_object("product", &id, "id")
}

pub fn create_price(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&[
        "currency",
        "unit_amount",
        "unit_amount_decimal",
        "product",
        "product_data",
        "metadata",
        "nickname",
        "active",
        "recurring",
        "tax_behavior",
        "lookup_key",
        "billing_scheme",
        "transfer_lookup_key",
        "currency_options",
        "custom_unit_amount",
        "tiers",
        "tiers_mode",
        "transform_quantity",
    ])?;
    let currency = currency(call.need("currency")?, "currency")?;
    let amount = amount(call.need("unit_amount")?, "unit_amount")?;
    let metadata = call.metadata()?;
    let product_id = match call.text("product") {
        Some(id) => text(&state.load_object("product", id, "product")?, "id").to_owned(),
        None => inline_product(state, call.params.get("product_data"), "product_data")?,
    };
    let mut price = objects::price(&product_id, &currency, amount, metadata);
    for name in ["nickname", "lookup_key"] {
        price[name] = json!(call.text(name));
    }
    let id = state.add(price);
    state.emit("price.created", &id);
    state.load_object("price", &id, "id")
}

/// Three letters, in lower case.
pub fn currency(text: &str, param: &str) -> Result<String, ApiError> {
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(ApiError::invalid(format!("Invalid currency: {}.", text.chars().take(20).collect::<String>())).param(param))
}

/// An amount of money, which may be nothing.
pub fn amount(text: &str, param: &str) -> Result<i64, ApiError> {
    let amount = integer(text, param)?;
    if amount < 0 {
        return Err(ApiError::too_small_integer(param, 0));
    }
    if amount > 99_999_999 {
        return Err(ApiError::invalid("Amount must be no more than $999,999.99").code("amount_too_large").param(param));
    }
    Ok(amount)
}

/// A product that is described where it is used.
pub fn inline_product(state: &mut State, data: Option<&Value>, param: &str) -> Result<String, ApiError> {
    let data = data.filter(|data| data.is_object()).ok_or_else(|| ApiError::missing(param))?;
    only(
        data,
        &["name", "description", "images", "metadata", "tax_code", "unit_label", "active", "statement_descriptor", "id", "tax_details"],
        param,
    )?;
    let name = data["name"].as_str().filter(|name| !name.is_empty()).ok_or_else(|| ApiError::missing(&format!("{param}[name]")))?;
    if data["description"] == "" {
        return Err(ApiError::invalid("You passed an empty string for 'product_data[description]'.")
            .code("parameter_invalid_empty")
            .param(&format!("{param}[description]")));
    }
    let mut product = objects::product(name, data["description"].as_str(), metadata(data.get("metadata"), &format!("{param}[metadata]"))?);
    if data["images"].is_array() {
        product["images"] = data["images"].clone();
    }
    Ok(state.add(product))
}

const CUSTOMER: [&str; 20] = [
    "email",
    "name",
    "metadata",
    "description",
    "phone",
    "address",
    "shipping",
    "payment_method",
    "invoice_settings",
    "preferred_locales",
    "tax",
    "tax_exempt",
    "tax_id_data",
    "balance",
    "source",
    "test_clock",
    "cash_balance",
    "invoice_prefix",
    "individual_name",
    "business_name",
];

pub fn create_customer(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&CUSTOMER)?;
    let mut customer = objects::customer(call.email("email")?, call.text("name"), call.metadata()?);
    for name in ["description", "phone"] {
        customer[name] = json!(call.text(name));
    }
    let id = state.add(customer);
    state.emit("customer.created", &id);
    state.load_object("customer", &id, "id")
}
