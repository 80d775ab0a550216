//! Instants as people read them.

use leptos::prelude::*;
use time::OffsetDateTime;
use time::macros::format_description;

/// A day, with the exact instant on hover. The day is that of UTC, as a page is the same for everybody; in the dashboard a script
/// writes it in the viewer's zone.
#[component]
pub fn Day(at_ms: i64) -> impl IntoView {
    let at = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    view! { <time datetime=exact(at) title=exact(at) data-as="day">{day(at)}</time> }
}

/// A minute, with the exact instant on hover.
#[component]
pub fn Moment(at_ms: i64) -> impl IntoView {
    let at = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    view! { <time datetime=exact(at) title=exact(at) data-as="minute">{minute(at)}</time> }
}

fn minute(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC")).unwrap_or_default()
}

fn day(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:long] [year]")).unwrap_or_default()
}

fn exact(at: OffsetDateTime) -> String {
    at.format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_reads_plainly() {
        let at = OffsetDateTime::from_unix_timestamp(1_795_235_101).unwrap();
        assert_eq!(day(at), "21 November 2026");
        assert_eq!(minute(at), "21 November 2026, 04:25 UTC");
        assert_eq!(exact(at), "2026-11-21T04:25:01Z");
    }
}
