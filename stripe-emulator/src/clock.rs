//! Time and chance of the emulator; they come in here alone.

#![allow(clippy::disallowed_methods, reason = "this is where the emulator gets its time and its chance, as it knows no other room")]

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use time::OffsetDateTime;

tokio::task_local! {
    /// The time of the emulator at work, where it was given one.
    static SET: Option<Arc<AtomicI64>>;
}

/// Does work in the time that an emulator was given; in the present where it was given none.
pub async fn within<F: Future>(now: Option<Arc<AtomicI64>>, work: F) -> F::Output {
    SET.scope(now, work).await
}

/// As [`within`], for work that waits for nothing.
pub fn within_sync<T>(now: Option<Arc<AtomicI64>>, work: impl FnOnce() -> T) -> T {
    SET.sync_scope(now, work)
}

/// Milliseconds since 1970.
pub fn now_millis() -> i64 {
    if let Ok(Some(now)) = SET.try_with(|now| now.as_ref().map(|now| now.load(Ordering::SeqCst))) {
        return now;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

/// Milliseconds since 1970 as a header says them: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(millis: i64) -> Option<String> {
    let format = time::macros::format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).ok()?.format(format).ok()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    now_millis() / 1000
}

/// The year and the month (1 to 12) of today.
pub fn this_month() -> (i64, i64) {
    let today = OffsetDateTime::from(SystemTime::now());
    (i64::from(today.year()), i64::from(u8::from(today.month())))
}

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The number under which a bank finds a refund.
pub fn new_reference() -> String {
    format!("74{:021}", rand::random::<u64>())
}

/// An id in Stripe's shape.
pub fn new_id(prefix: &str, length: usize) -> String {
    let tail: String = (0..length).map(|_| char::from(LETTERS[rand::random::<u32>() as usize % LETTERS.len()])).collect();
    format!("{prefix}{tail}")
}
