//! Entitlements: what a customer may have.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Whether what was bought may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum EntitlementState {
    Active,
    Suspended,
    Revoked,
}

/// Why an entitlement is not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Cause {
    #[serde(rename = "")]
    #[strum(serialize = "")]
    None,
    Refund,
    Dispute,
    Review,
    /// A member closed it.
    Member,
}
