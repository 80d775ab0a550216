//! Clocks that are wrong, in words.

use serde::{Deserialize, Serialize};

/// A clock may be off by so much; then something should be done. Stripe's own tolerance is five minutes.
pub const TOLERANCE_MS: i64 = 5_000;

/// A machine of the shop whose clock is not right, or whose database's isn't.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrongClock {
    /// Its name among machines; may be empty.
    pub machine: String,
    /// By how much it is ahead of Stripe's clock, in milliseconds; negative when behind, nothing when not known.
    pub ahead_of_stripe_ms: Option<i64>,
    /// The same against PostgreSQL's clock; nothing on SQLite.
    pub ahead_of_database_ms: Option<i64>,
    /// How many webhooks were refused for it.
    pub n_refused: i64,
}

impl WrongClock {
    pub fn is_wrong(&self) -> bool {
        [self.ahead_of_stripe_ms, self.ahead_of_database_ms].into_iter().flatten().any(is_off)
    }

    /// What is wrong, in sentences.
    pub fn what(&self) -> String {
        let machine = if self.machine.is_empty() { "a machine of the shop" } else { &self.machine };
        let stripe = self.ahead_of_stripe_ms.filter(|ms| is_off(*ms));
        let database = self.ahead_of_database_ms.filter(|ms| is_off(*ms));
        let mut text = match (stripe, database) {
            (Some(ms), _) => format!("The clock of {machine} is {} Stripe's.", off_by(ms)),
            (None, Some(ms)) if self.ahead_of_stripe_ms.is_some() => {
                format!("The database's clock is {} that of {machine}, which agrees with Stripe's.", off_by(ms.saturating_neg()))
            }
            (None, Some(ms)) => format!("The clock of {machine} is {} the database's.", off_by(ms)),
            (None, None) => format!("The clock of {machine} is right."),
        };
        match self.n_refused {
            0 => {}
            1 => text.push_str(" A webhook was refused for its time stamp."),
            n => text.push_str(&format!(" {n} webhooks were refused for their time stamps.")),
        }
        text
    }

    /// The one next step.
    pub fn to_do(&self) -> &'static str {
        if self.ahead_of_stripe_ms.is_some_and(|ms| !is_off(ms)) {
            "Let the database's machine set its clock by NTP, and look at it with timedatectl."
        } else {
            "Let the machine set its clock by NTP (timedatectl set-ntp true, or the host's where it is a virtual machine or a container), \
             and look at it with timedatectl."
        }
    }
}

fn is_off(ms: i64) -> bool {
    ms.saturating_abs() > TOLERANCE_MS
}

/// "10 minutes ahead of", "12 seconds behind"; rounded, as what is measured is a little less than what it is.
fn off_by(ms: i64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400_000, "days"), (3_600_000, "hours"), (60_000, "minutes"), (1_000, "seconds")];
    let off = ms.unsigned_abs();
    let (unit_ms, unit) = UNITS.into_iter().find(|(unit_ms, _)| off + unit_ms / 2 >= 2 * unit_ms).unwrap_or((1_000, "seconds"));
    let n = (off + unit_ms / 2) / unit_ms;
    format!("{n} {unit} {}", if ms > 0 { "ahead of" } else { "behind" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(stripe: Option<i64>, database: Option<i64>, n_refused: i64) -> WrongClock {
        WrongClock { machine: "web-1".to_owned(), ahead_of_stripe_ms: stripe, ahead_of_database_ms: database, n_refused }
    }

    #[test]
    fn five_seconds_are_no_trouble() {
        for right in [clock(None, None, 0), clock(Some(5_000), Some(-5_000), 0)] {
            assert!(!right.is_wrong(), "{right:?}");
        }
        assert!(clock(Some(-5_001), None, 0).is_wrong());
        assert!(clock(Some(0), Some(i64::MIN), 0).is_wrong());
    }

    #[test]
    fn the_words_name_the_clock_that_is_wrong() {
        for (clock, words) in [
            (
                clock(Some(600_000), Some(600_000), 2),
                "The clock of web-1 is 10 minutes ahead of Stripe's. 2 webhooks were refused for their time stamps.",
            ),
            (clock(Some(-12_000), None, 1), "The clock of web-1 is 12 seconds behind Stripe's. A webhook was refused for its time stamp."),
            (clock(None, Some(-7_200_000), 0), "The clock of web-1 is 2 hours behind the database's."),
            (clock(Some(0), Some(-400_000), 0), "The database's clock is 7 minutes ahead of that of web-1, which agrees with Stripe's."),
        ] {
            assert_eq!(clock.what(), words);
        }
        assert!(clock(Some(0), Some(9_000), 0).to_do().contains("database's machine"));
        assert!(WrongClock { machine: String::new(), ..clock(Some(9_000), None, 0) }.what().contains("a machine of the shop"));
    }
}
