//! Events and the endpoints that want them.

use super::Call;
use super::params::integer;
use crate::clock::{new_id, now};
use crate::error::ApiError;
use crate::objects::API_VERSION;
use crate::state::{State, number, text};
use serde_json::{Value, json};

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    let types: Vec<&str> = call
        .params
        .get("types")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .chain(call.text("type"))
        .collect();
    let created = call.params.get("created");
    let bound =
        |name: &str| created.and_then(|created| created.get(name)).and_then(Value::as_str).map(|text| integer(text, "created")).transpose();
    let (gte, gt, lte, lt) = (bound("gte")?, bound("gt")?, bound("lte")?, bound("lt")?);
    let fits = |event: &Value| {
        let at = number(event, "created").unwrap_or(0);
        (types.is_empty() || types.contains(&text(event, "type")))
            && gte.is_none_or(|bound| at >= bound)
            && gt.is_none_or(|bound| at > bound)
            && lte.is_none_or(|bound| at <= bound)
            && lt.is_none_or(|bound| at < bound)
            && call.text("delivery_success").is_none_or(|wanted| event["_delivered"].as_bool().unwrap_or(false) == (wanted == "true"))
    };
    call.page("/v1/events", state.list("event").filter(|event| fits(event)).cloned().collect())
}

pub fn create_endpoint(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    let url = call.need("url")?;
    let events =
        call.params.get("enabled_events").filter(|events| events.is_array()).cloned().ok_or_else(|| ApiError::missing("enabled_events"))?;
    let secret = new_id("whsec_", 32);
    let endpoint = json!({
        "id": new_id("we_1", 23), "object": "webhook_endpoint", "api_version": call.text("api_version").unwrap_or(API_VERSION), "application": null, "created": now(),
        "description": call.text("description"), "enabled_events": events, "livemode": false, "metadata": call.metadata(), "status": "enabled", "url": url,
    });
    let id = state.add(endpoint);
    state.endpoint_secrets.insert(id.clone(), secret.clone());
    let mut endpoint = state.load_object("webhook_endpoint", &id, "id")?;
    // Shown once, as Stripe does.
    endpoint["secret"] = json!(secret);
    Ok(endpoint)
}

pub fn delete_endpoint(state: &mut State, id: &str) -> Result<Value, ApiError> {
    state.load_object("webhook_endpoint", id, "id")?;
    state.objects.remove(id);
    state.endpoint_secrets.remove(id);
    state.revision += 1;
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}
