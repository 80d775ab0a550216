//! Everything the emulator remembers, in one file.

use crate::clock::{new_id, now};
use crate::error::ApiError;
use crate::objects;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

/// An answer that is kept under its idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    pub request: String,
    /// `None` while the first request is still running.
    pub answer: Option<(u16, String)>,
    pub request_id: String,
}

/// All objects by id, all events, all kept answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    pub objects: BTreeMap<String, Value>,
    /// Ids in the order of their making, newest last.
    pub order: Vec<String>,
    pub kept: BTreeMap<String, Kept>,
    /// Events that are still to be sent.
    pub outgoing: VecDeque<String>,
    /// Secrets of endpoints that clients made.
    pub endpoint_secrets: BTreeMap<String, String>,
    /// Card numbers behind payment methods, which Stripe never shows either.
    pub cards: BTreeMap<String, String>,
    #[serde(skip)]
    pub revision: u64,
    #[serde(skip)]
    pub requests: BTreeMap<String, u64>,
}

impl State {
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let temporary = path.with_extension("part");
        std::fs::write(&temporary, serde_json::to_vec(self)?)?;
        std::fs::rename(&temporary, path)?;
        Ok(())
    }

    /// Adds an object and returns its id.
    pub fn add(&mut self, object: Value) -> String {
        let id = text(&object, "id").to_owned();
        self.order.push(id.clone());
        self.objects.insert(id.clone(), object);
        self.revision += 1;
        id
    }

    /// The object of this kind (`object` field) with this id.
    pub fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        self.objects.get(id).filter(|object| text(object, "object") == kind)
    }

    /// The same, or Stripe's 404.
    pub fn load_object(&self, kind: &str, id: &str, param: &str) -> Result<Value, ApiError> {
        self.find(kind, id).cloned().ok_or_else(|| ApiError::no_such(&kind.replace(['_', '.'], " "), id, param))
    }

    /// Sets fields of an object.
    pub fn update(&mut self, id: &str, fields: Value) {
        if let (Some(Value::Object(object)), Value::Object(fields)) = (self.objects.get_mut(id), fields) {
            object.extend(fields);
            self.revision += 1;
        }
    }

    /// Objects of a kind, newest first.
    pub fn list<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.order.iter().rev().filter_map(|id| self.objects.get(id)).filter(move |object| text(object, "object") == kind)
    }

    /// Something happened to an object: an event, with the object as it is now.
    pub fn emit(&mut self, kind: &str, object_id: &str) {
        let Some(object) = self.objects.get(object_id).cloned() else { return };
        let event = json!({
            "id": new_id("evt_", 24), "object": "event", "api_version": objects::API_VERSION, "created": now(), "data": { "object": object },
            "livemode": false, "pending_webhooks": 0, "request": { "id": null, "idempotency_key": null }, "type": kind,
        });
        let id = self.add(event);
        self.outgoing.push_back(id);
    }
}

/// A text field; empty when absent.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A number field, also when it came as text from a form.
pub fn number(object: &Value, field: &str) -> Option<i64> {
    let value = object.get(field)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
