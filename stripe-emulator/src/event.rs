//! What happened, as it was then: <https://docs.stripe.com/api/events>

use crate::clock::{new_id, now};
use crate::objects::API_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The request that made an event happen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cause {
    pub request_id: String,
    pub idempotency_key: Option<String>,
}

/// One event. The object is kept as text: events are many, and read rarely.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub kind: String,
    pub created: i64,
    pub cause: Option<Cause>,
    object: String,
    /// Endpoints that have not taken it yet.
    pub waiting: Vec<String>,
    /// An endpoint never took it.
    pub has_failed: bool,
}

impl Event {
    /// An event with the public form of its object.
    pub fn new(kind: &str, object: &Value, cause: Option<Cause>, waiting: Vec<String>) -> Self {
        Self {
            id: new_id("evt_1", 23),
            kind: kind.to_owned(),
            created: now(),
            cause,
            object: crate::api::public(object).to_string(),
            waiting,
            has_failed: false,
        }
    }

    /// Whether every endpoint took it.
    pub fn is_delivered(&self) -> bool {
        self.waiting.is_empty() && !self.has_failed
    }

    /// The event as the API and the webhooks show it.
    pub fn to_value(&self) -> Value {
        // It was written by us, so it can be read.
        let object: Value = serde_json::from_str(&self.object).unwrap_or_default();
        json!({
            "id": self.id, "object": "event", "api_version": API_VERSION, "created": self.created, "data": { "object": object },
            "livemode": false, "pending_webhooks": self.waiting.len(),
            "request": {
                "id": self.cause.as_ref().map(|cause| &cause.request_id),
                "idempotency_key": self.cause.as_ref().and_then(|cause| cause.idempotency_key.as_ref()),
            },
            "type": self.kind,
        })
    }
}
