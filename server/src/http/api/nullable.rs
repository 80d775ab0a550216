//! Fields of a change that may be absent, `null` or a value.

use serde::{Deserialize, Deserializer};

/// `None` where the field is absent, `Some(None)` where it is `null`. With `#[serde(default, deserialize_with = "…")]`.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
