//! Time and chance of the emulator.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is where time enters")]
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs() as i64)
}

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An id in Stripe's shape.
#[expect(clippy::disallowed_methods, reason = "this is where chance enters")]
pub fn new_id(prefix: &str, length: usize) -> String {
    let tail: String = (0..length).map(|_| char::from(LETTERS[rand::random::<u8>() as usize % LETTERS.len()])).collect();
    format!("{prefix}{tail}")
}
