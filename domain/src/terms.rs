//! What a customer may do with the goods.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What may be done with the goods of a tier, in plain words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LicenseTerms {
    #[default]
    Personal,
    Commercial,
    /// The second text is read, never written.
    #[strum(to_string = "extended", serialize = "premium")]
    Extended,
}

impl LicenseTerms {
    /// The words that a store has before it writes its own.
    pub fn words(self) -> TermsWords {
        TermsWords { terms: self, label: self.label().to_owned(), summary: self.summary().to_owned(), body: String::new() }
    }

    /// The terms that this word names; anything unknown is the narrowest.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or_default()
    }

    pub fn label(self) -> &'static str {
        match self {
            LicenseTerms::Personal => "Personal license",
            LicenseTerms::Commercial => "Commercial license",
            LicenseTerms::Extended => "Extended license",
        }
    }

    pub fn summary(self) -> &'static str {
        match self {
            LicenseTerms::Personal => "For you alone: read, listen, use and keep it on all your devices. Not for resale or client work.",
            LicenseTerms::Commercial => {
                "For your business: use it in work that you sell or do for clients. Not for resale of the files themselves."
            }
            LicenseTerms::Extended => {
                "For your company: use it in products sold in any number, by your whole team. Not for resale of the files themselves."
            }
        }
    }
}

/// License terms in a store's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsWords {
    pub terms: LicenseTerms,
    pub label: String,
    /// One or two sentences.
    pub summary: String,
    /// All of it as plain text; empty where the summary is all.
    pub body: String,
}
