//! What a file says: JSON in Keygen's shape, with more fields of ours.

use crate::instant;
use crate::version::is_covered;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A license.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct License {
    /// The number that the shop knows it by.
    #[serde(skip)]
    pub id: String,
    pub key: String,
    /// The product and its tier.
    pub name: String,
    /// `ACTIVE` for a license that may be used.
    pub status: String,
    /// When it ends, in seconds since 1970; never when absent.
    #[serde(with = "instant::optional")]
    pub expiry: Option<i64>,
    /// On how many devices; any number when absent.
    pub max_machines: Option<i64>,
    #[serde(default)]
    pub metadata: BTreeMap<String, Value>,
    /// The number of the product, as the shop's other answers have it.
    #[serde(default)]
    pub product_id: String,
    #[serde(default)]
    pub variant_id: String,
    /// What the software unlocks.
    #[serde(default)]
    pub features: Vec<String>,
    /// The highest version that it is for, such as `2` or `2.4`; any when absent.
    #[serde(default)]
    pub max_version: Option<String>,
    /// Until when new versions are included, in seconds since 1970; for ever when absent.
    #[serde(default, with = "instant::optional")]
    pub updates_until: Option<i64>,
    #[serde(default)]
    pub is_trial: bool,
}

impl License {
    pub fn has_feature(&self, name: &str) -> bool {
        self.features.iter().any(|feature| feature == name)
    }

    /// Whether it is for this version of the software, such as `2.4.1`.
    pub fn covers_version(&self, version: &str) -> bool {
        self.max_version.as_deref().is_none_or(|max| is_covered(max, version))
    }

    /// Whether a version that was released at this time, in seconds since 1970, is included.
    pub fn covers_release(&self, released_at: i64) -> bool {
        self.updates_until.is_none_or(|until| released_at <= until)
    }
}

/// A device that has a seat on a license.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The id of its activation.
    pub id: String,
    pub fingerprint: String,
    pub name: String,
    pub license: License,
}

/// When a file was made, and how long it is good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    #[serde(with = "instant::required")]
    pub issued: i64,
    #[serde(with = "instant::optional")]
    pub expiry: Option<i64>,
    pub ttl: Option<i64>,
}

#[derive(Serialize, Deserialize)]
pub struct Named<T> {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub attributes: T,
}

#[derive(Serialize, Deserialize)]
pub struct LicenseFile {
    pub data: Named<License>,
    pub meta: Meta,
}

#[derive(Serialize, Deserialize)]
pub struct MachineFile {
    pub data: MachineData,
    pub included: Vec<Named<License>>,
    pub meta: Meta,
}

#[derive(Serialize, Deserialize)]
pub struct MachineData {
    #[serde(flatten)]
    pub machine: Named<MachineAttributes>,
    pub relationships: Relationships,
}

#[derive(Serialize, Deserialize)]
pub struct MachineAttributes {
    pub fingerprint: String,
    pub name: String,
}

#[derive(Serialize, Deserialize)]
pub struct Relationships {
    pub license: Related,
}

#[derive(Serialize, Deserialize)]
pub struct Related {
    pub data: Reference,
}

#[derive(Serialize, Deserialize)]
pub struct Reference {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
}

pub const LICENSES: &str = "licenses";
pub const MACHINES: &str = "machines";
pub const ACTIVE: &str = "ACTIVE";
