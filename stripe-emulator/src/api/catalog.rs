//! Products, prices, customers, and the plain reads of everything else.

use super::Call;
use super::params::{integer, object};
use crate::error::ApiError;
use crate::objects;
use crate::state::State;
use serde_json::{Value, json};

fn object_name(plural: &str) -> &str {
    plural.strip_suffix('s').unwrap_or(plural)
}

pub fn list(state: &State, call: &Call, plural: &str) -> Result<Value, ApiError> {
    let filters = ["product", "customer", "email", "payment_intent", "charge"];
    let fits =
        |item: &Value| filters.iter().all(|name| call.text(name).is_none_or(|wanted| item.get(*name).is_none_or(|value| value == wanted)));
    let all = state.list(object_name(plural)).filter(|item| fits(item)).cloned().collect();
    call.page(&format!("/v1/{plural}"), all)
}

pub fn retrieve(state: &State, plural: &str, id: &str) -> Result<Value, ApiError> {
    state.load_object(object_name(plural), id, "id")
}

/// Sets the plain fields that were sent; an empty text unsets.
pub fn update(state: &mut State, call: &Call, plural: &str, id: &str) -> Result<Value, ApiError> {
    let mut current = state.load_object(object_name(plural), id, "id")?;
    for (name, value) in call.params.as_object().into_iter().flatten().filter(|(name, _)| *name != "expand") {
        match (name.as_str(), current.get(name)) {
            ("metadata", _) => merge_metadata(&mut current, value),
            ("id" | "object" | "created" | "livemode" | "amount" | "currency" | "status", _) | (_, None) => {
                return Err(ApiError::unknown_param(name));
            }
            (_, Some(Value::Bool(_))) => current[name] = json!(value == "true"),
            _ if value == "" => current[name] = Value::Null,
            _ => current[name] = value.clone(),
        }
    }
    state.update(id, current);
    retrieve(state, plural, id)
}

pub fn merge_metadata(current: &mut Value, sent: &Value) {
    if !current["metadata"].is_object() {
        current["metadata"] = json!({});
    }
    for (name, value) in sent.as_object().into_iter().flatten() {
        if value == "" {
            current["metadata"].as_object_mut().map(|map| map.remove(name));
        } else {
            current["metadata"][name] = value.clone();
        }
    }
}

pub fn create_product(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&[
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
    ])?;
    let product = objects::product(call.need("name")?, call.text("description"), call.metadata());
    let id = state.add(product);
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
    ])?;
    let currency = call.need("currency")?.to_ascii_lowercase();
    let product_id = match call.text("product") {
        Some(id) => state.load_object("product", id, "product")?["id"].as_str().unwrap_or_default().to_owned(),
        None => inline_product(state, call.params.get("product_data"), "product_data")?,
    };
    let amount = integer(call.need("unit_amount")?, "unit_amount")?;
    let id = state.add(objects::price(&product_id, &currency, amount, call.metadata()));
    state.emit("price.created", &id);
    state.load_object("price", &id, "id")
}

/// A product that is described where it is used.
pub fn inline_product(state: &mut State, data: Option<&Value>, param: &str) -> Result<String, ApiError> {
    let data = data.filter(|data| data.is_object()).ok_or_else(|| ApiError::missing(param))?;
    let name = data["name"].as_str().filter(|name| !name.is_empty()).ok_or_else(|| ApiError::missing(&format!("{param}[name]")))?;
    Ok(state.add(objects::product(name, data["description"].as_str(), object(data.get("metadata")))))
}

pub fn create_customer(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let id = state.add(objects::customer(call.text("email"), call.text("name"), call.metadata()));
    state.emit("customer.created", &id);
    state.load_object("customer", &id, "id")
}
