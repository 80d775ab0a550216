//! One key, one result: <https://docs.stripe.com/api/idempotent_requests>

use super::answer::Answer;
use crate::Emulator;
use crate::clock::now;
use crate::error::ApiError;
use crate::state::{Kept, State};
use axum::http::Method;
use serde_json::Value;
use std::fmt::Write;

const MAX_KEY: usize = 255;

/// Holds a key until its first request is answered, or its client has gone.
pub struct Busy {
    emulator: Emulator,
    key: String,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.emulator.busy_keys().remove(&self.key);
    }
}

/// What a key stands for at this moment.
pub enum Claim {
    Free(Busy),
    Answered(Answer),
}

/// Looks a key up, and takes it if it is free.
pub fn claim(emulator: &Emulator, key: &str, fingerprint: &str) -> Claim {
    if key.is_empty() || key.len() > MAX_KEY {
        return Claim::Answered(Answer::error(&ApiError::new(
            400,
            "idempotency_error",
            format!("Idempotency keys have 1 to {MAX_KEY} characters."),
        )));
    }
    let mut busy = emulator.busy_keys();
    if let Some(kept) = emulator.lock().kept.get(key) {
        return Claim::Answered(match kept.request == fingerprint {
            true => Answer::replay(kept.status, kept.body.clone(), kept.request_id.clone()),
            false => Answer::error(&ApiError::new(
                400,
                "idempotency_error",
                format!(
                    "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key \
                     other than '{key}' if you meant to execute a different request."
                ),
            )),
        });
    }
    if !busy.insert(key.to_owned()) {
        let message = format!(
            "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the \
             other request is still going through): {key}. Please try again later."
        );
        return Claim::Answered(
            Answer::error(&ApiError::new(409, "idempotency_error", message).code("idempotency_key_in_use")).should_retry(true),
        );
    }
    Claim::Free(Busy { emulator: emulator.clone(), key: key.to_owned() })
}

/// Keeps an answer for repetitions.
pub fn keep(state: &mut State, key: &str, fingerprint: &str, answer: &Answer, request_id: &str) {
    let kept = Kept {
        request: fingerprint.to_owned(),
        status: answer.status,
        body: answer.body.clone(),
        request_id: request_id.to_owned(),
        at: now(),
    };
    state.kept.insert(key.to_owned(), kept);
    state.revision += 1;
}

/// A request in one line, whatever the order in which its parameters came.
pub fn fingerprint(method: &Method, path: &str, params: &Value) -> String {
    let mut line = format!("{method} {path} ");
    write_sorted(&mut line, params);
    line
}

fn write_sorted(line: &mut String, value: &Value) {
    match value {
        Value::Object(map) => {
            let mut names: Vec<&String> = map.keys().collect();
            names.sort();
            line.push('{');
            for name in names {
                // Writing to a text cannot fail.
                let _ = write!(line, "{name:?}:");
                write_sorted(line, &map[name]);
                line.push(',');
            }
            line.push('}');
        }
        Value::Array(items) => {
            line.push('[');
            for item in items {
                write_sorted(line, item);
                line.push(',');
            }
            line.push(']');
        }
        other => {
            let _ = write!(line, "{other}");
        }
    }
}
