//! One act on several things: each by the use case and in the transaction that it has alone, so that a refusal keeps back no other.

use crate::base::refusals;
use crate::{Error, Result};
use domain::pages::several::{MAX_AT_ONCE, Outcome, Refused, SeveralAct};

/// What was chosen, each once.
///
/// # Errors
/// Refuses none, and too many.
pub(crate) fn chosen(named: &[String]) -> Result<Vec<&str>> {
    let mut keys: Vec<&str> = Vec::new();
    for key in named {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
        if keys.len() > MAX_AT_ONCE {
            return Err(refusals::TOO_MANY_CHOSEN.into());
        }
    }
    if keys.is_empty() { Err(refusals::NONE_CHOSEN.into()) } else { Ok(keys) }
}

/// Nothing was done yet.
pub(crate) fn begun(act: SeveralAct) -> Outcome {
    Outcome { act, n_done: 0, refused: Vec::new() }
}

/// Notes what became of one. `name` is what pages call it.
pub(crate) fn note(outcome: &mut Outcome, key: &str, name: String, done: Result<()>) {
    let Err(error) = done else {
        outcome.n_done += 1;
        return;
    };
    if let Error::Unexpected(cause) = &error {
        tracing::error!(?cause, act = ?outcome.act, key, "one of several acts failed");
    }
    let (_, code, reason) = error.answer();
    outcome.refused.push(Refused { key: key.to_owned(), name, code: code.to_owned(), reason: reason.to_owned() });
}
