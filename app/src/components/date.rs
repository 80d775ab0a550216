//! Instants as people read them, in the store's time zone, with the exact one on hover.

use crate::layout::known_store;
use leptos::prelude::*;
use shop::Shop;
use shop::stores::calendar::Calendar;

/// A day: `Nov 30, 2026`.
#[component]
pub fn Day(at_ms: i64) -> impl IntoView {
    let calendar = calendar();
    written(&calendar, at_ms, calendar.day_text(at_ms))
}

/// A minute: `Nov 30, 2026, 5:25 PM`.
#[component]
pub fn Moment(at_ms: i64) -> impl IntoView {
    let calendar = calendar();
    written(&calendar, at_ms, calendar.minute_text(at_ms))
}

/// How long ago it was where that is less than a day, else the day, or the minute. For pages that are made anew each time.
#[component]
pub fn Ago(at_ms: i64, #[prop(optional)] to_the_minute: bool) -> impl IntoView {
    let calendar = calendar();
    let now_ms = use_context::<Shop>().map_or(i64::MAX, |shop| shop.clock.now_ms());
    let text = ago(now_ms.saturating_sub(at_ms));
    let text = text.unwrap_or_else(|| if to_the_minute { calendar.minute_text(at_ms) } else { calendar.day_text(at_ms) });
    written(&calendar, at_ms, text)
}

fn calendar() -> Calendar {
    Calendar::named(&known_store().map_or_else(|| "UTC".to_owned(), |store| store.time_zone))
}

fn written(calendar: &Calendar, at_ms: i64, text: String) -> impl IntoView + use<> {
    view! { <time datetime=calendar.instant(at_ms) title=calendar.exact_text(at_ms)>{text}</time> }
}

/// A time that has passed, in words; nothing where it is longer ago than a day, or still to come.
fn ago(passed_ms: i64) -> Option<String> {
    let minutes = passed_ms.div_euclid(60_000);
    let some = |n: i64, one: &str| if n == 1 { format!("1 {one} ago") } else { format!("{n} {one}s ago") };
    match minutes {
        0 => Some("just now".to_owned()),
        1..60 => Some(some(minutes, "minute")),
        60..1440 => Some(some(minutes / 60, "hour")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn what_is_near_is_told_by_how_long_ago_it_was() {
        let minutes = |n: i64| ago(n * 60_000);
        assert_eq!(minutes(0).unwrap(), "just now");
        assert_eq!([minutes(1), minutes(59)].map(Option::unwrap), ["1 minute ago", "59 minutes ago"]);
        assert_eq!([minutes(60), minutes(1439)].map(Option::unwrap), ["1 hour ago", "23 hours ago"]);
        assert_eq!([minutes(1440), minutes(-1), ago(i64::MAX)], [None, None, None]);
    }
}
