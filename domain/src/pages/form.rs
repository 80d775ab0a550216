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
        (self.field.as_deref() == Some(field)).then_some(self.message.as_str())
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
