//! Forms that came back: what was typed, and what is wrong with it.

use serde::{Deserialize, Serialize};

/// Why a form was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormRefusal {
    /// Says which field it is about.
    pub code: String,
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
}

/// A form as it is shown: filled in as it stands, or as somebody typed it who was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled<T> {
    pub form: T,
    pub refusal: Option<FormRefusal>,
    /// How it stands by now, where somebody else was faster than whoever typed it.
    pub saved: Option<T>,
}
