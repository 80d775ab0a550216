//! What a member does to several things of a list at once.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// At most this many at once.
pub const MAX_AT_ONCE: usize = 100;

/// What is done to each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SeveralAct {
    Publish,
    Unlist,
    Archive,
    /// Puts a product into a category.
    Categorize,
    /// Mails an order again.
    Resend,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub act: SeveralAct,
    pub n_done: usize,
    pub refused: Vec<Refused>,
}

/// One of them for which it was not done, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// As its address names it.
    pub key: String,
    pub name: String,
    pub code: String,
    pub reason: String,
}

impl Outcome {
    /// Those for which the refusal was a question: what would be published and delivers nothing.
    pub fn asked(&self) -> Vec<&Refused> {
        self.refused.iter().filter(|refused| refused.code == "nothing_to_deliver").collect()
    }
}
