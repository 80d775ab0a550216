//! How numbers, changes and days read.

use domain::pages::analytics::{Interval, Period};
use time::Date;
use time::macros::format_description;

/// What stands where there is nothing to say.
pub const NOTHING: &str = "—";

/// Against what it was: `+12%, $1,100 before`. Nothing where there was nothing to compare with.
pub fn change(now: i64, before: Option<i64>, text: impl Fn(i64) -> String) -> Option<String> {
    let before = before.filter(|before| *before != 0)?;
    let percent = (i128::from(now) - i128::from(before)) * 100 / i128::from(before).abs();
    // More than tenfold says nothing but that there was next to nothing before.
    let percent = Some(percent).filter(|percent| percent.abs() < 1000);
    let percent = percent.map(|percent| format!("{}{}%, ", if percent < 0 { "−" } else { "+" }, percent.abs()));
    Some(format!("{}{} before", percent.unwrap_or_default(), text(before)))
}

/// A number of things as a person reads it: `10,198`.
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("−{text}") } else { text }
}

/// Hundredths of a percent as a person reads them.
pub fn percent(rate: i64) -> String {
    format!("{}.{:02}%", rate / 100, rate % 100)
}

fn date_of(iso: &str) -> Option<Date> {
    Date::parse(iso, format_description!("[year]-[month]-[day]")).ok()
}

/// A day as people write it.
pub fn day_text(iso: &str) -> String {
    date_of(iso)
        .and_then(|date| date.format(format_description!("[month repr:short] [day padding:none], [year]")).ok())
        .unwrap_or_else(|| iso.to_owned())
}

/// The days of a step, as short as can be.
pub fn step_text(period: &Period) -> String {
    if period.from == period.to { day_text(&period.from) } else { format!("{} – {}", day_text(&period.from), day_text(&period.to)) }
}

pub fn interval_word(interval: Interval) -> &'static str {
    match interval {
        Interval::Day => "Day",
        Interval::Week => "Week",
        Interval::Month => "Month",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_plainly() {
        let text = |n: i64| n.to_string();
        assert_eq!(change(112, Some(100), text).unwrap(), "+12%, 100 before");
        assert_eq!(change(50, Some(100), text).unwrap(), "−50%, 100 before");
        assert_eq!(change(5, Some(0), text), None);
        assert_eq!(change(5, None, text), None);
        assert_eq!(change(1200, Some(100), text).unwrap(), "100 before");
        assert_eq!([count(0), count(999), count(1_000), count(10_198), count(-1_234_567)], ["0", "999", "1,000", "10,198", "−1,234,567"]);
        assert_eq!(percent(275), "2.75%");
    }
}
