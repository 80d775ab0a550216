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

tokio::task_local! {
    static REQUEST_ID: String;
}

/// Does work in the name of a request, so that the log can be followed from the request to the work that it began.
pub async fn in_request<F: Future>(id: String, work: F) -> F::Output {
    REQUEST_ID.scope(id, work).await
}

/// The request in whose name this is done.
pub fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// The day of an instant (seconds since 1970, UTC), as ISO 8601 writes it.
pub fn date(secs: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp(secs).map_or_else(|_| secs.to_string(), |at| at.date().to_string())
}

/// A minute as people read it, UTC, from milliseconds since 1970.
pub fn minute(millis: i64) -> String {
    let format = time::macros::format_description!("[month repr:short] [day padding:none], [year], [hour]:[minute] UTC");
    let at = time::OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok();
    at.and_then(|at| at.format(format).ok()).unwrap_or_default()
}

/// A new id for a row.
pub fn new_id() -> domain::id::Id {
    uuid::Uuid::now_v7()
}
