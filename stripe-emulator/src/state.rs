//! Everything the emulator remembers, in one file.

use crate::clock::now;
use crate::error::ApiError;
use crate::event::{Cause, Event};
use crate::rules::Later;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;

/// The endpoint that the emulator was started with.
pub const OWN_ENDPOINT: &str = "own";

/// How long an answer is kept under its idempotency key.
const KEPT_SECONDS: i64 = 24 * 60 * 60;

/// An answer that is kept under its idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// Method, path and parameters, to tell a repetition from another request.
    pub request: String,
    pub status: u16,
    pub body: String,
    pub request_id: String,
    pub at: i64,
}

/// All objects by id, all events, all kept answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct State {
    objects: HashMap<String, Value>,
    /// Ids by kind in the order of their making, newest last.
    order: BTreeMap<String, Vec<String>>,
    /// Newest last.
    events: Vec<Event>,
    #[serde(skip)]
    event_places: HashMap<String, usize>,
    pub kept: HashMap<String, Kept>,
    /// Open sessions by the time at which they expire.
    pub open: BTreeSet<(i64, String)>,
    /// What happens by itself, some time after a request.
    pub later: Vec<Later>,
    /// How long that takes, when a test has said so.
    pub pace_millis: Option<i64>,
    /// Secrets of endpoints that clients made.
    pub endpoint_secrets: BTreeMap<String, String>,
    /// Numbers behind payment methods, which Stripe never shows either.
    pub cards: HashMap<String, String>,
    #[serde(skip)]
    pub revision: u64,
    #[serde(skip)]
    pub requests: BTreeMap<String, u64>,
    /// What the request that is being answered has made so far.
    #[serde(skip)]
    added: Vec<String>,
    /// Events that are still to be sent.
    #[serde(skip)]
    pub outgoing: VecDeque<String>,
    /// The request that is being answered.
    #[serde(skip)]
    cause: Option<Cause>,
    /// Whether the emulator was started with an endpoint of its own.
    #[serde(skip)]
    pub has_own_endpoint: bool,
}

impl State {
    /// The state of a file; an empty one when there is no file.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error.into()),
        };
        let mut state: Self = serde_json::from_slice(&bytes)?;
        state.event_places = state.events.iter().enumerate().map(|(i, event)| (event.id.clone(), i)).collect();
        // What was under way when the emulator stopped is sent again.
        state.outgoing = state.events.iter().filter(|event| !event.waiting.is_empty()).map(|event| event.id.clone()).collect();
        Ok(state)
    }

    /// Adds an object and returns its id.
    pub fn add(&mut self, object: Value) -> String {
        let id = text(&object, "id").to_owned();
        self.order.entry(text(&object, "object").to_owned()).or_default().push(id.clone());
        self.objects.insert(id.clone(), object);
        if self.cause.is_some() {
            self.added.push(id.clone());
        }
        self.revision += 1;
        id
    }

    /// A request begins.
    pub fn begin(&mut self, cause: Cause) {
        self.added.clear();
        self.cause = Some(cause);
    }

    /// A request has been answered. A refused one leaves nothing behind.
    pub fn end(&mut self, is_refused: bool) {
        self.cause = None;
        for id in std::mem::take(&mut self.added).into_iter().filter(|_| is_refused) {
            let kind = text(&self.copy(&id), "object").to_owned();
            self.remove(&kind, &id);
            self.cards.remove(&id);
        }
    }

    /// The object with this id.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.objects.get(id)
    }

    /// The same, or null.
    pub fn copy(&self, id: &str) -> Value {
        self.objects.get(id).cloned().unwrap_or_default()
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

    /// Forgets an object.
    pub fn remove(&mut self, kind: &str, id: &str) {
        self.objects.remove(id);
        if let Some(order) = self.order.get_mut(kind) {
            order.retain(|other| other != id);
        }
        self.revision += 1;
    }

    /// Objects of a kind, newest first.
    pub fn list<'a>(&'a self, kind: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.order.get(kind).into_iter().flatten().rev().filter_map(|id| self.objects.get(id))
    }

    /// How many objects there are of each kind.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let objects = self.order.iter().map(|(kind, ids)| (kind.as_str(), ids.len()));
        objects.chain([("event", self.events.len())]).collect()
    }

    /// Something happened to an object: an event, with the object as it is now.
    pub fn emit(&mut self, kind: &str, object_id: &str) {
        let object = self.copy(object_id);
        self.emit_object(kind, &object);
    }

    /// The same, with the object as it was.
    pub fn emit_object(&mut self, kind: &str, object: &Value) {
        let wants = |endpoint: &&Value| {
            endpoint["enabled_events"].as_array().is_some_and(|events| events.iter().any(|event| event == "*" || event == kind))
        };
        let mut waiting: Vec<String> = self
            .list("webhook_endpoint")
            .filter(|endpoint| text(endpoint, "status") == "enabled")
            .filter(wants)
            .map(|endpoint| text(endpoint, "id").to_owned())
            .collect();
        if self.has_own_endpoint {
            waiting.push(OWN_ENDPOINT.to_owned());
        }
        let event = Event::new(kind, object, self.cause.clone(), waiting);
        self.event_places.insert(event.id.clone(), self.events.len());
        self.outgoing.push_back(event.id.clone());
        self.events.push(event);
        self.revision += 1;
    }

    /// Events, newest first.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().rev()
    }

    /// One event.
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.get(*self.event_places.get(id)?)
    }

    /// Notes that an endpoint took an event, or never will.
    pub fn settle_delivery(&mut self, event_id: &str, endpoint: &str, is_taken: bool) {
        if let Some(event) = self.event_places.get(event_id).and_then(|place| self.events.get_mut(*place)) {
            event.waiting.retain(|waiting| waiting != endpoint);
            event.has_failed |= !is_taken;
            self.revision += 1;
        }
    }

    /// Notes that an event is never sent.
    pub fn drop_event(&mut self, event_id: &str) {
        if let Some(event) = self.event_places.get(event_id).and_then(|place| self.events.get_mut(*place)) {
            event.waiting.clear();
            event.has_failed = true;
            self.revision += 1;
        }
    }

    /// Forgets answers that nobody asks for again.
    pub fn forget_old_answers(&mut self) {
        let oldest = now() - KEPT_SECONDS;
        let before = self.kept.len();
        self.kept.retain(|_, kept| kept.at >= oldest);
        self.revision += u64::from(self.kept.len() != before);
    }

    /// An object's metadata with what was sent; an empty text removes.
    pub fn merged_metadata(current: &Value, sent: &Value) -> Value {
        let mut metadata = current.as_object().cloned().unwrap_or_default();
        for (name, value) in sent.as_object().into_iter().flatten() {
            if value == "" {
                metadata.remove(name);
            } else {
                metadata.insert(name.clone(), value.clone());
            }
        }
        json!(metadata)
    }
}

/// A text field; empty when absent.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A number field; zero when absent.
pub fn number(object: &Value, field: &str) -> i64 {
    object.get(field).and_then(Value::as_i64).unwrap_or(0)
}
