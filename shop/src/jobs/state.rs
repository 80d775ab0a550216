//! The states of events and jobs, and why an event can't be followed.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// How far an event from Stripe has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum EventState {
    /// To be handled, or tried again.
    Received,
    Done,
    /// About nothing of ours, or of a kind that the program doesn't know.
    Ignored,
    /// Given up.
    Dead,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum JobState {
    /// To be done, or tried again.
    Waiting,
    Done,
    /// Given up.
    Dead,
}

/// Why the money that an event speaks of fits no order: somebody has to look at it in Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum FailureCause {
    /// What was paid is not what was ordered.
    Mismatch,
    /// No order waits for it.
    NoOrder,
    /// It is of test mode, and the shop of live mode, or the other way round.
    OtherMode,
    /// It is of another account.
    OtherAccount,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::word::Word;

    #[test]
    fn texts_stay_as_they_are_stored() {
        assert_eq!(EventState::words(), ["received", "done", "ignored", "dead"]);
        assert_eq!(JobState::words(), ["waiting", "done", "dead"]);
        assert_eq!(FailureCause::words(), ["mismatch", "no_order", "other_mode", "other_account"]);
    }
}
