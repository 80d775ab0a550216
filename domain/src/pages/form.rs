//! Forms that came back: what was typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

/// Why a form was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRefusal {
    /// Stable, for software.
    pub code: String,
    /// The field that it is about; nothing where it is about the whole form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For people.
    pub message: String,
    /// Other fields that are wrong, each with what is wrong with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<(String, String)>,
}

/// The codes of refusals because somebody else saved the same thing meanwhile.
pub const OUTDATED: [&str; 6] =
    ["product_changed", "settings_changed", "promotion_changed", "category_changed", "terms_changed", "release_changed"];

impl FormRefusal {
    /// Whether the form was made from what is saved no longer.
    pub fn is_outdated(&self) -> bool {
        OUTDATED.contains(&self.code.as_str())
    }

    /// What is wrong with this field.
    pub fn at(&self, field: &str) -> Option<&str> {
        if self.field.as_deref() == Some(field) {
            return Some(&self.message);
        }
        self.also.iter().find(|(other, _)| other == field).map(|(_, message)| message.as_str())
    }
}

/// A form as it is shown: filled in as it stands, or as somebody typed it who was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled<T> {
    pub form: T,
    pub refusal: Option<FormRefusal>,
    /// How it stands by now, where somebody else was faster than whoever typed it.
    pub saved: Option<T>,
}
