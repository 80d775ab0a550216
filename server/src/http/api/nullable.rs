//! Fields of a change that may be absent, `null` or a value.

use serde::{Deserialize, Deserializer};

/// `None` where the field is absent, `Some(None)` where it is `null`. With `#[serde(default, deserialize_with = "…")]`.
pub fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes what the field is about, where it is given.
pub fn put<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
