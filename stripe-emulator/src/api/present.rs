//! What a client sees of an object: private fields left out, asked-for objects put in.

use crate::error::ApiError;
use crate::state::State;
use serde_json::Value;

/// Four levels, and `data` of a list.
const MAX_DEPTH: usize = 5;

/// Replaces ids by their objects, as `expand[]` asks.
pub fn expand(state: &State, mut value: Value, params: &Value) -> Result<Value, ApiError> {
    let paths: Vec<String> = match params.get("expand") {
        Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(path)) => vec![path.clone()],
        _ => Vec::new(),
    };
    for path in &paths {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > MAX_DEPTH {
            return Err(ApiError::invalid(format!("You cannot expand more than 4 levels of a property ({path}).")));
        }
        expand_path(state, &mut value, &parts, path)?;
    }
    Ok(value)
}

fn expand_path(state: &State, value: &mut Value, parts: &[&str], whole: &str) -> Result<(), ApiError> {
    let Some((first, rest)) = parts.split_first() else {
        return Ok(());
    };
    let wrong = || ApiError::invalid(format!("This property cannot be expanded ({whole})."));
    if *first == "data"
        && let Some(items) = value.get_mut("data").and_then(Value::as_array_mut)
    {
        return items.iter_mut().try_for_each(|item| expand_path(state, item, rest, whole));
    }
    if *first == "line_items" && value["object"] == "checkout.session" {
        let items = value["_line_items"].as_array().cloned().unwrap_or_default();
        let url = format!("/v1/checkout/sessions/{}/line_items", value["id"].as_str().unwrap_or_default());
        value["line_items"] = crate::objects::list(&url, items, false);
    }
    if *first == "refunds" && value["object"] == "charge" {
        let refunds = state.list("refund").filter(|refund| refund["charge"] == value["id"]).cloned().collect();
        let url = format!("/v1/charges/{}/refunds", value["id"].as_str().unwrap_or_default());
        value["refunds"] = crate::objects::list(&url, refunds, false);
    }
    if *first == "breakdown" && value.get("amount_tax").is_some() {
        value["breakdown"] = serde_json::json!({ "discounts": [], "taxes": [] });
    }
    let field = value.get_mut(*first).ok_or_else(wrong)?;
    if let Some(id) = field.as_str() {
        *field = state.get(id).cloned().ok_or_else(wrong)?;
    }
    if field.is_null() { Ok(()) } else { expand_path(state, field, rest, whole) }
}

/// The object without what only the emulator knows (fields that begin with `_`).
pub fn public(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter().filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), public(value))).collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(public).collect()),
        other => other.clone(),
    }
}
