//! Time and chance: the one place where they enter.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The time of day.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// A clock that tests set, in milliseconds since 1970.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// Milliseconds since 1970, UTC.
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    pub fn now_ms(&self) -> i64 {
        match self {
            Clock::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)),
            Clock::Fixed(now) => now.load(Ordering::SeqCst),
        }
    }
}

/// Unguessable bytes from the operating system.
#[expect(clippy::disallowed_methods, reason = "this is where chance enters")]
pub fn chance<const N: usize>() -> [u8; N] {
    rand::random()
}

/// A new id for a row.
pub fn new_id() -> domain::id::Id {
    uuid::Uuid::now_v7()
}
