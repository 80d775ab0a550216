//! What an answer said of the time.

use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// A clock that was seen between two moments of this machine. What the machine's own clock says of these moments doesn't matter yet.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// What the other clock showed at the least and at the most; milliseconds since 1970.
    earliest: i64,
    latest: i64,
    asked: Instant,
    answered: Instant,
}

impl Sighting {
    /// A clock that showed this much, in milliseconds since 1970, after it was asked then.
    pub fn exact(shown_ms: i64, asked: Instant) -> Self {
        Self { earliest: shown_ms, latest: shown_ms, asked, answered: Instant::now() }
    }

    /// By the `Date` of an answer, which is cut to seconds.
    pub(super) fn of_date(date: &str, asked: Instant) -> Option<Self> {
        let secs = OffsetDateTime::parse(date, &Rfc2822).ok()?.unix_timestamp();
        let earliest = secs.checked_mul(1000)?;
        Some(Self { earliest, latest: earliest.checked_add(999)?, asked, answered: Instant::now() })
    }

    /// By how much a clock that says `now_ms` is ahead, in milliseconds, at the least: how long the answer took is nobody's fault.
    /// Negative where it is behind.
    pub fn ahead_ms(&self, now_ms: i64) -> i64 {
        let asked_at = now_ms.saturating_sub(millis(self.asked.elapsed()));
        let answered_at = now_ms.saturating_sub(millis(self.answered.elapsed()));
        if asked_at > self.latest {
            asked_at - self.latest
        } else if answered_at < self.earliest {
            answered_at - self.earliest
        } else {
            0
        }
    }

    /// What the other clock shows by now; milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.latest.saturating_add(millis(self.answered.elapsed()))
    }

    pub fn age(&self) -> Duration {
        self.answered.elapsed()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const AT: i64 = 784_111_777_000;

    #[test]
    fn a_clock_is_off_by_what_neither_the_second_nor_the_way_explains() {
        let asked = Instant::now().checked_sub(Duration::from_secs(3)).unwrap();
        let sighting = Sighting::of_date(DATE, asked).unwrap();
        for right in [AT + 50, AT + 999, AT + 2_900] {
            assert_eq!(sighting.ahead_ms(right), 0, "{right}");
        }
        let ahead = sighting.ahead_ms(AT + 600_000);
        assert!((590_000..=597_001).contains(&ahead), "{ahead}");
        let behind = sighting.ahead_ms(AT - 600_000);
        assert!((-610_000..=-600_000).contains(&behind), "{behind}");
    }

    #[test]
    fn what_is_no_date_says_nothing() {
        for text in ["", "yesterday", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert!(Sighting::of_date(text, Instant::now()).is_none(), "{text}");
        }
    }
}
