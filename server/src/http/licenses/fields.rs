//! The fields of a request, from a form or from JSON.

use super::answer::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use domain::license::MAX_KEY_BYTES;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub const MAX_NAME_CHARS: usize = 255;
/// As long as Keygen's may be.
pub const MAX_FINGERPRINT_BYTES: usize = 4096;
const MAX_PRODUCT_CHARS: usize = 255;
const MAX_INSTANCE_ID_CHARS: usize = 100;

/// What is wrong, by the name of the field.
pub type FieldErrors = BTreeMap<&'static str, Vec<String>>;

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Form,
    Json,
}

fn format(headers: &HeaderMap) -> Option<Format> {
    let media_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/x-www-form-urlencoded" => Some(Format::Form),
        // Lemon Squeezy's own client calls plain JSON so.
        "application/json" | "application/vnd.api+json" => Some(Format::Json),
        _ => None,
    }
}

/// The fields of a request, read one by one: what is wrong with any of them is told at once.
pub struct Fields {
    values: Map<String, Value>,
    errors: FieldErrors,
}

impl Fields {
    /// Reads the body.
    pub async fn read(request: Request) -> Result<Self, Refusal> {
        let Some(format) = format(request.headers()) else {
            let text = "Send application/x-www-form-urlencoded, application/json or application/vnd.api+json.";
            return Err(Refusal::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        };
        let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large."),
            _ => Refusal::unreadable("The body could not be read."),
        })?;
        let values = match format {
            Format::Form => form(&bytes)?,
            Format::Json => match serde_json::from_slice(&bytes) {
                Ok(Value::Object(values)) => values,
                _ => return Err(Refusal::unreadable("The body is no JSON object.")),
            },
        };
        Ok(Self { values, errors: FieldErrors::new() })
    }

    fn refuse(&mut self, field: &'static str, why: impl Into<String>) {
        self.errors.entry(field).or_default().push(why.into());
    }

    /// A text, or a number as text. An empty one is none.
    fn text(&mut self, field: &'static str) -> Option<String> {
        match self.values.remove(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text).filter(|text| !text.trim().is_empty()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => {
                self.refuse(field, format!("The {field} must be a string."));
                None
            }
        }
    }

    fn required(&mut self, field: &'static str, text: Option<String>) -> String {
        if text.is_none() && !self.errors.contains_key(field) {
            self.refuse(field, format!("The {field} field is required."));
        }
        text.unwrap_or_default()
    }

    fn bounded(&mut self, field: &'static str, max: usize, length: fn(&str) -> usize, unit: &str) -> Option<String> {
        let text = self.text(field)?;
        if length(&text) > max {
            self.refuse(field, format!("The {field} may not be longer than {max} {unit}."));
            return None;
        }
        // PostgreSQL keeps no NUL, and none of these has lines.
        if text.contains('\0') {
            self.refuse(field, format!("The {field} may not contain a NUL character."));
            return None;
        }
        Some(text)
    }

    fn chars(&mut self, field: &'static str, max: usize) -> Option<String> {
        self.bounded(field, max, |text| text.chars().count(), "characters")
    }

    pub fn license_key(&mut self) -> String {
        let key = self.bounded("license_key", MAX_KEY_BYTES, str::len, "bytes");
        self.required("license_key", key)
    }

    /// What the owner calls the device, in one line.
    pub fn instance_name(&mut self) -> String {
        let name = self.chars("instance_name", MAX_NAME_CHARS);
        let name = name.map(|name| domain::text::tidy(&name)).filter(|name| domain::text::has_visible(name));
        let name = self.required("instance_name", name);
        if name.chars().any(char::is_control) {
            self.refuse("instance_name", "The instance_name must be one line.");
        }
        name
    }

    pub fn instance_id(&mut self) -> Option<String> {
        self.chars("instance_id", MAX_INSTANCE_ID_CHARS)
    }

    pub fn required_instance_id(&mut self) -> String {
        let id = self.instance_id();
        self.required("instance_id", id)
    }

    pub fn fingerprint(&mut self) -> Option<String> {
        self.bounded("fingerprint", MAX_FINGERPRINT_BYTES, str::len, "bytes")
    }

    pub fn product(&mut self) -> Option<String> {
        self.chars("product_id", MAX_PRODUCT_CHARS)
    }

    /// A whole number, as JSON's or as text.
    pub fn integer(&mut self, field: &'static str) -> Option<i64> {
        let text = self.text(field)?;
        let number = text.trim().parse().ok();
        if number.is_none() {
            self.refuse(field, format!("The {field} must be an integer."));
        }
        number
    }

    /// Whether the request says `null` for a field.
    pub fn is_null(&self, field: &str) -> bool {
        self.values.get(field).is_some_and(|value| value.is_null() || value.as_str() == Some("null"))
    }

    /// Ends the reading.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::fields(self.errors)) }
    }
}

/// The fields of a form, each once.
fn form(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Refusal::unreadable("The body is no form."));
    }
    let mut values = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        if values.insert(name.into_owned(), Value::String(value.into_owned())).is_some() {
            return Err(Refusal::unreadable("A field stands in the form twice."));
        }
    }
    Ok(values)
}
