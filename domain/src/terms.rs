//! What a customer may do with the goods.

use serde::{Deserialize, Serialize};

/// What may be done with the goods of a tier, in plain words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LicenseTerms {
    #[default]
    Personal,
    Commercial,
    Extended,
}

impl LicenseTerms {
    pub const ALL: [LicenseTerms; 3] = [LicenseTerms::Personal, LicenseTerms::Commercial, LicenseTerms::Extended];

    /// The terms that this word names; nothing for other words.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|terms| terms.as_str() == word)
    }

    /// The words that a store has before it writes its own.
    pub fn words(self) -> TermsWords {
        TermsWords { terms: self, label: self.label().to_owned(), summary: self.summary().to_owned(), body: String::new() }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            LicenseTerms::Personal => "personal",
            LicenseTerms::Commercial => "commercial",
            LicenseTerms::Extended => "extended",
        }
    }

    /// The terms that this word names; anything unknown is the narrowest.
    pub fn from_word(word: &str) -> Self {
        match word {
            "commercial" => LicenseTerms::Commercial,
            "extended" | "premium" => LicenseTerms::Extended,
            _ => LicenseTerms::Personal,
        }
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
