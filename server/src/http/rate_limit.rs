//! How often one client may do what costs us something.

use super::client::ClientIp;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

/// Keys beyond this are swept, so that a flood of addresses can't fill the memory.
const SWEEP_AT: usize = 10_000;

/// Limits by client address.
#[derive(Clone)]
pub struct RateLimits {
    pub checkouts: Limit,
    pub resends: Limit,
    pub links: Limit,
}

impl RateLimits {
    pub fn new(scale: f64) -> Self {
        Self { checkouts: Limit::per_minute(30, scale), resends: Limit::per_minute(5, scale), links: Limit::per_minute(60, scale) }
    }
}

/// One limit.
#[derive(Clone)]
pub struct Limit {
    limiter: Arc<DefaultKeyedRateLimiter<IpAddr>>,
}

impl Limit {
    fn per_minute(times: u32, scale: f64) -> Self {
        let times = (f64::from(times) * scale).clamp(1.0, f64::from(u32::MAX)) as u32;
        Self { limiter: Arc::new(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN)))) }
    }

    /// Counts one request; `Err` tells after how many seconds to come back.
    pub fn check(&self, client: ClientIp) -> Result<(), u64> {
        if self.limiter.len() > SWEEP_AT {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&client.bucket()).map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }
}
