//! The store's own days: which day an instant is on, and when a day begins, in the store's time zone.
//!
//! A day is counted from 1970-01-01. With the clocks it may have 23 hours or 25, so days are never computed from milliseconds.

use crate::{Result, Shop, stores};
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, Unit};
use std::ops::Range;

/// A time zone by its name, such as `Pacific/Auckland`.
#[derive(Clone, Debug)]
pub struct Calendar {
    name: String,
    zone: TimeZone,
}

impl Calendar {
    /// The store's. A name that nobody knows is UTC.
    pub async fn of(shop: &Shop) -> Result<Self> {
        Ok(Self::named(&stores::load(shop).await?.time_zone))
    }

    /// As [`Calendar::of`], for a name that was read already.
    pub fn named(name: &str) -> Self {
        Self::parse(name).unwrap_or_else(|| Self { name: name.to_owned(), zone: TimeZone::UTC })
    }

    /// `None` where there is no such time zone.
    pub fn parse(name: &str) -> Option<Self> {
        Some(Self { name: name.to_owned(), zone: TimeZone::get(name).ok()? })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day of an instant (milliseconds since 1970).
    pub fn day_of(&self, at_ms: i64) -> i64 {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
        number(at.to_zoned(self.zone.clone()).date())
    }

    /// When a day begins: milliseconds since 1970.
    pub fn start_of(&self, day: i64) -> i64 {
        let start = date(day).to_zoned(self.zone.clone()).and_then(|at| at.start_of_day());
        start.map_or(day * 86_400_000, |at| at.timestamp().as_millisecond())
    }

    /// The milliseconds of days.
    pub fn span(&self, days: Range<i64>) -> Range<i64> {
        self.start_of(days.start)..self.start_of(days.end)
    }

    /// Reads `YYYY-MM-DDTHH:MM` as it is on the store's wall: milliseconds since 1970. Of an hour that comes twice it is the first.
    ///
    /// # Errors
    /// [`NotATime::Skipped`] for an hour that the clocks leave out.
    pub fn read_minute(&self, text: &str) -> std::result::Result<i64, NotATime> {
        let at: jiff::civil::DateTime = text.trim().parse().map_err(|_| NotATime::Unreadable)?;
        let ambiguous = self.zone.to_ambiguous_timestamp(at);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(NotATime::Skipped);
        }
        Ok(ambiguous.compatible().map_err(|_| NotATime::Unreadable)?.as_millisecond())
    }

    /// As [`Calendar::read_minute`]; `None` where it refuses.
    pub fn parse_minute(&self, text: &str) -> Option<i64> {
        self.read_minute(text).ok()
    }

    /// What a form carries along beside [`Calendar::minute`]: the instant that was shown, to the millisecond, and where.
    pub fn shown(&self, at_ms: Option<i64>) -> String {
        format!("{}@{}", at_ms.map(|at| at.to_string()).unwrap_or_default(), self.name)
    }

    /// Reads what came back of a field that showed `shown`: the very instant where nobody touched it, else what was typed, in the zone
    /// that the form named, which may have been another. Nothing for an empty field.
    ///
    /// # Errors
    /// As those of [`Calendar::read_minute`].
    pub fn read_field(&self, text: &str, shown: &str) -> std::result::Result<Option<i64>, NotATime> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let (at, zone) = shown.split_once('@').unwrap_or_default();
        let there = Self::parse(zone);
        let there = there.as_ref().unwrap_or(self);
        match at.parse().ok() {
            // Browsers add seconds at will.
            Some(at) if there.minute(at) == text.chars().take(MINUTE_CHARS).collect::<String>() => Ok(Some(at)),
            _ => there.read_minute(text).map(Some),
        }
    }

    /// As [`Calendar::parse_minute`] reads it.
    pub fn minute(&self, at_ms: i64) -> String {
        self.written(at_ms, "%Y-%m-%dT%H:%M")
    }

    /// A day as people read it: `Nov 30, 2026`.
    pub fn day_text(&self, at_ms: i64) -> String {
        self.written(at_ms, "%b %-d, %Y")
    }

    /// A minute as people read it: `Nov 30, 2026, 5:25 PM`.
    pub fn minute_text(&self, at_ms: i64) -> String {
        self.written(at_ms, "%b %-d, %Y, %-I:%M %p")
    }

    /// A second as people read it, and whose clock it is.
    pub fn exact_text(&self, at_ms: i64) -> String {
        format!("{} {}", self.written(at_ms, "%b %-d, %Y, %-I:%M:%S %p"), self.name)
    }

    /// An instant as RFC 3339 writes it, to the second.
    pub fn instant(&self, at_ms: i64) -> String {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn written(&self, at_ms: i64, format: &str) -> String {
        Timestamp::from_millisecond(at_ms).unwrap_or_default().to_zoned(self.zone.clone()).strftime(format).to_string()
    }
}

/// `YYYY-MM-DDTHH:MM`.
const MINUTE_CHARS: usize = 16;

/// Why a text is no time of the store's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    #[error("Write day and time as 2026-01-31T09:00, or leave it empty.")]
    Unreadable,
    #[error("There is no such hour on that day: the clocks go forward over it. Choose another.")]
    Skipped,
}

fn date(day: i64) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    // Ten thousand years are more than any shop has.
    epoch.checked_add(day.clamp(-700_000, 2_900_000).days()).unwrap_or(epoch)
}

fn number(date: Date) -> i64 {
    date.since((Unit::Day, Date::constant(1970, 1, 1))).map_or(0, |span| i64::from(span.get_days()))
}

/// A day as ISO 8601 writes it.
pub fn iso(day: i64) -> String {
    date(day).to_string()
}

/// Reads `YYYY-MM-DD`, of a year that a shop may have.
pub fn parse_day(text: &str) -> Option<i64> {
    let text = text.trim();
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: Date = is_plain.then(|| text.parse().ok())??;
    (1970..=2999).contains(&date.year()).then(|| number(date))
}

/// The Monday of its week.
pub fn week_of(day: i64) -> i64 {
    day - (day + 3).rem_euclid(7)
}

/// The first of its month.
pub fn month_of(day: i64) -> i64 {
    number(date(day).first_of_month())
}

/// The first of the month after it.
pub fn next_month(day: i64) -> i64 {
    number(date(day).last_of_month()) + 1
}

/// The first of its year.
pub fn year_of(day: i64) -> i64 {
    number(date(day).first_of_year())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn days_are_those_of_the_wall_clock() {
        let auckland = Calendar::parse("Pacific/Auckland").unwrap();
        // 2026-09-26T12:00Z is midnight of the 27th, on which the clocks go forward at two.
        let start = parse_day("2026-09-27").map(|day| auckland.start_of(day)).unwrap();
        assert_eq!(start, Timestamp::constant(1_790_424_000, 0).as_millisecond());
        let day = auckland.day_of(start);
        assert_eq!((iso(day).as_str(), iso(auckland.day_of(start - 1)).as_str()), ("2026-09-27", "2026-09-26"));
        assert_eq!(auckland.start_of(day + 1) - start, 23 * HOUR);
        let autumn = parse_day("2026-04-05").unwrap();
        assert_eq!(auckland.start_of(autumn + 1) - auckland.start_of(autumn), 25 * HOUR);
        let utc = Calendar::parse("UTC").unwrap();
        assert_eq!((utc.day_of(0), utc.day_of(24 * HOUR - 1), utc.day_of(-1)), (0, 0, -1));
        assert!(Calendar::parse("Mars/Olympus").is_none());
    }

    #[test]
    fn people_read_the_store_s_clock() {
        let (berlin, at) = (Calendar::parse("Europe/Berlin").unwrap(), 1_795_998_301_000);
        assert_eq!((berlin.day_text(at).as_str(), berlin.minute_text(at).as_str()), ("Nov 30, 2026", "Nov 30, 2026, 1:25 AM"));
        assert_eq!(
            (berlin.exact_text(at).as_str(), berlin.instant(at).as_str()),
            ("Nov 30, 2026, 1:25:01 AM Europe/Berlin", "2026-11-30T00:25:01Z")
        );
        assert_eq!(Calendar::parse("America/New_York").unwrap().day_text(at), "Nov 29, 2026");
    }

    #[test]
    fn a_day_that_was_left_out_has_no_time() {
        // Samoa went over the date line and had no 30th of December.
        let apia = Calendar::parse("Pacific/Apia").unwrap();
        let day = parse_day("2011-12-30").unwrap();
        assert_eq!(apia.start_of(day), apia.start_of(day + 1));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let day = parse_day("2026-11-21").unwrap();
        assert_eq!(iso(week_of(day)), "2026-11-16");
        assert_eq!(week_of(week_of(day)), week_of(day));
        assert_eq!((iso(month_of(day)).as_str(), iso(next_month(day)).as_str()), ("2026-11-01", "2026-12-01"));
        assert_eq!(iso(year_of(day)), "2026-01-01");
    }

    #[test]
    fn only_dates_are_dates() {
        for bad in ["", "2026-13-01", "2026-02-30", "20261121", "2026-11-21T00:00", "9999-01-01", "26-11-21", "2026/11/21"] {
            assert_eq!(parse_day(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_minute_is_read_as_it_stands_on_the_wall() {
        let auckland = Calendar::parse("Pacific/Auckland").unwrap();
        let at = auckland.parse_minute("2026-11-21T09:30").unwrap();
        assert_eq!(auckland.minute(at), "2026-11-21T09:30");
        assert_eq!(auckland.parse_minute("tomorrow"), None);
    }

    #[test]
    fn what_nobody_touched_stays_to_the_second_wherever_the_clocks_went() {
        let (berlin, auckland) = (Calendar::parse("Europe/Berlin").unwrap(), Calendar::parse("Pacific/Auckland").unwrap());
        // The second 02:30 of the last day of summer time, a second, and an instant that another zone shows.
        for at in ["2027-10-31T01:30:00Z", "2027-10-31T00:30:00Z", "2027-06-30T21:59:59Z", "2027-01-01T00:00:00.007Z"] {
            let at = at.parse::<Timestamp>().unwrap().as_millisecond();
            let (text, shown) = (berlin.minute(at), berlin.shown(Some(at)));
            for calendar in [&berlin, &auckland] {
                assert_eq!(calendar.read_field(&text, &shown), Ok(Some(at)), "{text}");
                assert_eq!(calendar.read_field(&format!("{text}:00"), &shown), Ok(Some(at)));
                assert_eq!(calendar.read_field("", &shown), Ok(None));
            }
        }
        let typed = auckland.read_field("2027-06-30T12:00", &berlin.shown(None)).unwrap().unwrap();
        assert_eq!(berlin.minute(typed), "2027-06-30T12:00", "the form said that it is Berlin's time");
        assert_eq!(berlin.read_field("2027-03-28T02:30", ""), Err(NotATime::Skipped));
        assert_eq!(berlin.read_field("soon", "x@y"), Err(NotATime::Unreadable));
    }
}
