//! Fields of a change.

use serde::{Deserialize, Deserializer};

/// A field that may be left out, `null` or a value. Goes with `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// Changes what the field is about.
    pub fn apply(self, to: &mut Option<T>) {
        put(to, self.into());
    }
}

/// `None` to keep what is there, `Some(None)` to clear it.
impl<T> From<Patch<T>> for Option<Option<T>> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Keep => None,
            Patch::Clear => Some(None),
            Patch::Set(value) => Some(Some(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// Changes what a field is about that is never empty, where a value is given.
pub fn put<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Change {
        #[serde(default)]
        field: Patch<i64>,
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        let changed = |json: &str| {
            let mut value = Some(1);
            serde_json::from_str::<Change>(json).unwrap().field.apply(&mut value);
            value
        };
        assert_eq!(changed("{}"), Some(1));
        assert_eq!(changed(r#"{"field":null}"#), None);
        assert_eq!(changed(r#"{"field":2}"#), Some(2));
    }
}
