//! What happens by itself, some seconds after a request: bank debits end, refunds get their reference, disputes are judged.

use super::{dispute, payment, refund, session};
use crate::clock::now_millis;
use crate::state::State;
use serde::{Deserialize, Serialize};

/// A thing to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Later {
    at_millis: i64,
    act: Act,
}

/// The kinds of things to come, with the ids that they concern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Act {
    /// A charge gets its balance transaction.
    Book { charge: String },
    /// A bank debit is paid or comes back.
    EndDebit { intent: String, session: Option<String> },
    /// A refund gets its reference, or fails.
    EndRefund { refund: String },
    /// The bank has read the evidence.
    Judge { dispute: String, is_won: bool },
}

impl Act {
    /// How long it takes unless a test says otherwise.
    fn usual_millis(&self) -> i64 {
        match self {
            Self::Book { .. } | Self::EndRefund { .. } => 2_000,
            Self::EndDebit { .. } | Self::Judge { .. } => 3_000,
        }
    }

    fn run(self, state: &mut State) {
        match self {
            Self::Book { charge } => payment::book(state, &charge),
            Self::EndDebit { intent, session } => session::end_debit(state, &intent, session.as_deref()),
            Self::EndRefund { refund } => refund::end(state, &refund),
            Self::Judge { dispute, is_won } => dispute::judge(state, &dispute, is_won),
        }
    }
}

/// Puts something off.
pub fn put_off(state: &mut State, act: Act) {
    let wait = state.pace_millis.unwrap_or_else(|| act.usual_millis());
    state.later.push(Later { at_millis: now_millis().saturating_add(wait), act });
    state.revision += 1;
}

/// Does what is due.
pub fn run_due(state: &mut State) {
    run_until(state, now_millis());
}

/// Does everything that was put off, now.
pub fn run_all(state: &mut State) {
    // What it puts off in turn is done too; nothing puts itself off, so this ends.
    while !state.later.is_empty() {
        run_until(state, i64::MAX);
    }
}

fn run_until(state: &mut State, until: i64) {
    let due: Vec<Later> = state.later.extract_if(.., |later| later.at_millis <= until).collect();
    for later in due {
        later.act.run(state);
        state.revision += 1;
    }
}
