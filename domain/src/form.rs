//! Forms that came back: what was typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

/// Why a form was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRefusal {
    /// Says which field it is about.
    pub code: String,
    pub message: String,
}

/// A form as it is shown: filled in as it stands, or as somebody typed it who was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled<T> {
    pub form: T,
    pub refusal: Option<FormRefusal>,
}
