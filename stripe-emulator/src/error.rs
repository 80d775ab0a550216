//! Errors as Stripe words them: <https://docs.stripe.com/api/errors>

use serde_json::{Map, Value, json};

/// A refusal with its HTTP status and error object.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: u16,
    pub body: Map<String, Value>,
}

impl ApiError {
    pub fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(kind));
        body.insert("message".to_owned(), json!(message.into()));
        Self { status, body }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    pub fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    pub fn unknown_param(param: &str) -> Self {
        Self::invalid(format!("Received unknown parameter: {param}")).code("parameter_unknown").param(param)
    }

    /// A number below what is allowed.
    pub fn too_small_integer(param: &str, least: i64) -> Self {
        Self::invalid(format!("This value must be greater than or equal to {least}.")).code("parameter_invalid_integer").param(param)
    }

    pub fn no_such(what: &str, id: &str, param: &str) -> Self {
        let mut error = Self::invalid(format!("No such {what}: '{id}'")).code("resource_missing").param(param);
        error.status = 404;
        error
    }

    pub fn card(message: &str, code: &str, decline_code: Option<&str>) -> Self {
        let mut error = Self::new(402, "card_error", message).code(code);
        if let Some(decline_code) = decline_code {
            error.body.insert("decline_code".to_owned(), json!(decline_code));
        }
        error
    }

    pub fn code(mut self, code: &str) -> Self {
        self.body.insert("code".to_owned(), json!(code));
        self.body.insert("doc_url".to_owned(), json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))));
        self
    }

    pub fn param(mut self, param: &str) -> Self {
        self.body.insert("param".to_owned(), json!(param));
        self
    }

    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body.insert(field.to_owned(), value);
        self
    }

    pub fn message(&self) -> &str {
        self.body.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn to_value(&self) -> Value {
        json!({ "error": self.body })
    }
}
