//! Entitlements: what a customer may have.

use serde::{Deserialize, Serialize};

/// Whether what was bought may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementState {
    Active,
    Suspended,
    Revoked,
}

impl EntitlementState {
    pub fn as_str(self) -> &'static str {
        match self {
            EntitlementState::Active => "active",
            EntitlementState::Suspended => "suspended",
            EntitlementState::Revoked => "revoked",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [EntitlementState::Active, EntitlementState::Suspended, EntitlementState::Revoked].into_iter().find(|state| state.as_str() == word)
    }
}
