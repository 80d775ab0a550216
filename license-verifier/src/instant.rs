//! Instants, as the shop writes them: RFC 3339 in UTC.

use alloc::string::String;
use serde::{Deserialize, Deserializer, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// Seconds since 1970 of an instant of RFC 3339; `None` for any other text.
pub fn to_unix(text: &str) -> Option<i64> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp)
}

/// As the shop writes it: `2021-01-24T14:15:07.000000Z`. Empty for what no calendar has.
pub fn from_unix(secs: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000000Z");
    OffsetDateTime::from_unix_timestamp(secs).ok().and_then(|at| at.format(format).ok()).unwrap_or_default()
}

pub mod required {
    use super::*;

    pub fn serialize<S: Serializer>(secs: &i64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&from_unix(*secs))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
        let text = String::deserialize(from)?;
        to_unix(&text).ok_or_else(|| serde::de::Error::custom("not an instant"))
    }
}

pub mod optional {
    use super::*;

    pub fn serialize<S: Serializer>(secs: &Option<i64>, to: S) -> Result<S::Ok, S::Error> {
        match secs {
            Some(secs) => to.serialize_str(&from_unix(*secs)),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        // A date that can't be read must not turn into no end.
        text.map(|text| to_unix(&text).ok_or_else(|| serde::de::Error::custom("not an instant"))).transpose()
    }
}
