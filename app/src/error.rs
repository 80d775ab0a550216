//! What may cross the wire when something could not be done.

use serde::{Deserialize, Serialize};

/// An answer to a person, with a stable code; nothing of our insides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub code: String,
    /// The field that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
}

impl AppError {
    /// One that is about no field.
    pub fn new(code: &str, message: &str) -> Self {
        Self { code: code.to_owned(), field: None, message: message.to_owned() }
    }
}
