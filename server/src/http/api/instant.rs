//! Instants as the API reads and writes them.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// An instant of RFC 3339, or seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged, expecting = "an instant is written as RFC 3339 says, such as 2030-01-31T12:00:00Z, or in seconds since 1970")]
pub enum Instant {
    #[schema(value_type = String)]
    Text(#[serde(with = "time::serde::rfc3339")] OffsetDateTime),
    #[schema(value_type = i64)]
    Seconds(#[serde(with = "time::serde::timestamp")] OffsetDateTime),
}

impl Instant {
    /// Milliseconds since 1970.
    pub fn millis(self) -> i64 {
        let (Self::Text(at) | Self::Seconds(at)) = self;
        i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// RFC 3339, UTC, from milliseconds since 1970.
pub fn rfc3339(millis: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json};

    #[test]
    fn an_instant_is_read_as_text_or_as_seconds() {
        let millis = |value| from_value::<Instant>(value).ok().map(Instant::millis);
        assert_eq!(millis(json!("1970-01-02T01:00:00.5+01:00")), Some(86_400_500));
        assert_eq!(millis(json!(86_400)), Some(86_400_000));
        assert_eq!(millis(json!(-1)), Some(-1_000));
        for bad in [json!("1970-01-02"), json!("86400"), json!(1.5), json!(i64::MAX), json!(true), json!(null), json!([])] {
            assert_eq!(millis(bad.clone()), None, "{bad}");
        }
    }
}
