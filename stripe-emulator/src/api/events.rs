//! Events and the endpoints that want them.

use super::Call;
use super::params::url;
use crate::clock::{new_id, now};
use crate::error::ApiError;
use crate::event::Event;
use crate::objects::{self, API_VERSION};
use crate::state::State;
use serde_json::{Value, json};

pub fn list(state: &State, call: &Call) -> Result<Value, ApiError> {
    call.only(&["type", "types", "created", "delivery_success", "limit", "starting_after", "ending_before"])?;
    let types: Vec<&str> = call
        .params
        .get("types")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .chain(call.text("type"))
        .collect();
    let is_in_time = call.time_filter()?;
    // `charge.*` stands for all of its kind.
    let is_of = |kind: &str, wanted: &str| wanted == kind || wanted.strip_suffix('*').is_some_and(|start| kind.starts_with(start));
    let fits = |event: &&Event| {
        (types.is_empty() || types.iter().any(|wanted| is_of(&event.kind, wanted)))
            && is_in_time(event.created)
            && call.text("delivery_success").is_none_or(|wanted| event.is_delivered() == (wanted == "true"))
    };
    let events: Vec<&Event> = state.events().filter(fits).collect();
    let (places, has_more) = call.slice(events.len(), |id| events.iter().position(|event| event.id == id))?;
    Ok(objects::list("/v1/events", events[places].iter().map(|event| event.to_value()).collect(), has_more))
}

pub fn retrieve(state: &State, id: &str) -> Result<Value, ApiError> {
    state.event(id).map(Event::to_value).ok_or_else(|| ApiError::no_such("event", id, "id"))
}

pub fn create_endpoint(state: &mut State, call: &Call) -> Result<Value, ApiError> {
    call.only(&["url", "enabled_events", "api_version", "description", "metadata", "connect"])?;
    let address = url(call.need("url")?, "url")?;
    let events =
        call.params.get("enabled_events").filter(|events| events.is_array()).cloned().ok_or_else(|| ApiError::missing("enabled_events"))?;
    let secret = new_id("whsec_", 32);
    let endpoint = json!({
        "id": new_id("we_1", 23), "object": "webhook_endpoint", "api_version": call.text("api_version").unwrap_or(API_VERSION),
        "application": null, "created": now(),
        "description": call.text("description"), "enabled_events": events, "livemode": false, "metadata": call.metadata()?,
        "status": "enabled", "url": address,
    });
    let id = state.add(endpoint);
    state.endpoint_secrets.insert(id.clone(), secret.clone());
    let mut endpoint = state.load_object("webhook_endpoint", &id, "webhook_endpoint")?;
    // Shown once, as Stripe does.
    endpoint["secret"] = json!(secret);
    Ok(endpoint)
}

pub fn update_endpoint(state: &mut State, call: &Call, id: &str) -> Result<Value, ApiError> {
    call.only(&["url", "enabled_events", "description", "disabled", "metadata"])?;
    let endpoint = state.load_object("webhook_endpoint", id, "webhook_endpoint")?;
    let mut fields = json!({ "metadata": State::merged_metadata(&endpoint["metadata"], &call.params["metadata"]) });
    if let Some(address) = call.text("url") {
        fields["url"] = json!(url(address, "url")?);
    }
    if let Some(events) = call.params.get("enabled_events").filter(|events| events.is_array()) {
        fields["enabled_events"] = events.clone();
    }
    if let Some(disabled) = call.text("disabled") {
        fields["status"] = json!(if disabled == "true" { "disabled" } else { "enabled" });
    }
    if call.params.get("description").is_some() {
        fields["description"] = json!(call.text("description"));
    }
    state.update(id, fields);
    state.load_object("webhook_endpoint", id, "webhook_endpoint")
}

pub fn delete_endpoint(state: &mut State, id: &str) -> Result<Value, ApiError> {
    state.load_object("webhook_endpoint", id, "webhook_endpoint")?;
    state.remove("webhook_endpoint", id);
    state.endpoint_secrets.remove(id);
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}
