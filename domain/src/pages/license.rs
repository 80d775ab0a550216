//! Licenses as members see them, and what the editor of a tier says of its keys.

use crate::entitlement::EntitlementState;
use crate::license::{LicenseEvent, LicensePolicy, LicenseStatus};
use crate::word::Word;
use serde::{Deserialize, Serialize};

/// A license that was sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseRow {
    /// The number that software and members know it by.
    pub id: String,
    pub key: String,
    pub status: LicenseStatus,
    pub title: String,
    pub variant_name: String,
    pub email: String,
    /// The order's public id and its number.
    pub order: (String, String),
    pub activation_limit: Option<i64>,
    pub activation_usage: i64,
    pub expires_at: Option<i64>,
    pub created_at: i64,
}

/// A page of licenses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseList {
    pub items: Vec<LicenseRow>,
    pub next_cursor: Option<String>,
    /// Nothing was found, and what was searched for is a key with a typing error.
    pub is_mistyped: bool,
}

/// A license with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseFile {
    pub row: LicenseRow,
    pub customer: Option<String>,
    /// What software knows the product and the tier by.
    pub product_number: String,
    pub variant_number: String,
    /// As the seller has it.
    pub state: EntitlementState,
    /// As the money has it.
    pub entitlement_state: EntitlementState,
    /// Why the seller has suspended or revoked it.
    pub reason: String,
    pub policy: LicensePolicy,
    pub updates_until: Option<i64>,
    pub last_validated_at: Option<i64>,
    pub seats: Vec<SeatRow>,
    /// The latest first.
    pub steps: Vec<LicenseStep>,
}

/// A device that uses a license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRow {
    pub id: String,
    pub name: String,
    /// The beginning of what the device is recognized by.
    pub fingerprint: String,
    pub since: i64,
    pub seen_at: i64,
    /// Until when a floating seat is kept.
    pub lease_until: Option<i64>,
}

/// Something that happened to a license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseStep {
    pub event: LicenseEvent,
    pub detail: String,
    pub at: i64,
}

/// What the license keys of a tier are, as somebody types it. A box that is ticked is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyForm {
    pub format: String,
    pub prefix: String,
    pub trial: String,
    pub updates_days: String,
    pub floating: String,
    /// A line each.
    pub features: String,
    pub max_version: String,
    pub endless_files: String,
}

impl From<LicensePolicy> for KeyForm {
    fn from(policy: LicensePolicy) -> Self {
        let checked = |is_so: bool| if is_so { "on".to_owned() } else { String::new() };
        Self {
            format: policy.format.as_str().to_owned(),
            prefix: policy.prefix,
            trial: checked(policy.is_trial),
            updates_days: policy.updates_days.map(|days| days.to_string()).unwrap_or_default(),
            floating: checked(policy.is_floating),
            features: policy.features.join("\n"),
            max_version: policy.max_version.unwrap_or_default(),
            endless_files: checked(policy.endless_files),
        }
    }
}

impl KeyForm {
    /// What was typed, beside the number of days.
    pub fn policy(&self, updates_days: Option<i64>) -> LicensePolicy {
        LicensePolicy {
            format: self.format.parse().unwrap_or_default(),
            prefix: self.prefix.clone(),
            is_trial: !self.trial.is_empty(),
            updates_days,
            is_floating: !self.floating.is_empty(),
            features: self.features.lines().map(str::to_owned).collect(),
            max_version: Some(self.max_version.clone()),
            endless_files: !self.endless_files.is_empty(),
        }
    }
}
