//! Names and values in a column.

use std::collections::BTreeMap;

/// As a JSON object of texts.
pub fn map(pairs: &[(String, String)]) -> String {
    serde_json::to_string(&pairs.iter().cloned().collect::<BTreeMap<_, _>>()).unwrap_or_else(|_| "{}".to_owned())
}

pub fn read_map(json: &str) -> Vec<(String, String)> {
    serde_json::from_str::<BTreeMap<String, String>>(json).unwrap_or_default().into_iter().collect()
}

/// As a JSON array of pairs, in their order.
pub fn list(pairs: &[(String, String)]) -> String {
    serde_json::to_string(pairs).unwrap_or_else(|_| "[]".to_owned())
}

pub fn read_list(json: &str) -> Vec<(String, String)> {
    serde_json::from_str(json).unwrap_or_default()
}
