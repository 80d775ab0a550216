//! Where the fault harness kills the program, and how it shortens its waiting. Debug builds alone know of it.

/// Ends the process as a power cut would, when `WEIGHTLESS_KILL_AT=<point>:<n>` names this point and it is passed for the
/// n-th time. Release builds have none of it.
#[macro_export]
macro_rules! kill_point {
    ($name:literal) => {
        #[cfg(debug_assertions)]
        $crate::jobs::torture::pass($name);
    };
}

#[cfg(debug_assertions)]
pub use points::{haste_ms, pass};

#[cfg(debug_assertions)]
mod points {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// What is still to be passed of the point that kills.
    static LEFT: OnceLock<Option<(String, AtomicU64)>> = OnceLock::new();

    #[expect(clippy::disallowed_methods, reason = "the harness speaks to debug builds alone, past the configuration")]
    fn variable(name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    pub fn pass(point: &str) {
        let target = LEFT.get_or_init(|| {
            let text = variable("WEIGHTLESS_KILL_AT")?;
            let (name, n) = text.split_once(':')?;
            Some((name.to_owned(), AtomicU64::new(n.parse().ok()?)))
        });
        if let Some((name, left)) = target
            && name == point
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            // SIGKILL as from outside: no destructor, no buffer, no goodbye.
            let _ended = std::process::Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
            std::process::abort();
        }
    }

    /// How long leases last under the harness, in milliseconds.
    pub fn haste_ms() -> Option<i64> {
        static HASTE: OnceLock<Option<i64>> = OnceLock::new();
        *HASTE.get_or_init(|| variable("WEIGHTLESS_LEASE_SECS")?.parse::<i64>().ok().map(|secs| secs * 1000))
    }
}

/// Release builds know no haste.
#[cfg(not(debug_assertions))]
pub fn haste_ms() -> Option<i64> {
    None
}
