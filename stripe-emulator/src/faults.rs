//! Faults on request, for tests of what a shop does when its payment service stumbles.
//!
//! - `POST /_emulator/faults` with `{"route":"POST /v1/checkout/sessions","kind":"error"|"rate_limit"|"timeout"|"delay","status":500,"millis":1000,"times":1,"before":true}`:
//!   the next `times` requests to `route` (all routes when absent) fail; `before` decides whether the request is carried out first.
//! - `POST /_emulator/webhooks` with `{"drop":1,"duplicate":1,"delay_millis":500,"reorder":2}`: the next events are lost, doubled, late, or held until so many have gathered and then sent backwards.
//! - `DELETE /_emulator/faults` ends them all. `GET /_emulator/state` counts objects and requests.
//! - `POST /_emulator/sessions/{id}/pay` with `{"card":"4242424242424242"}` pays without the page, `…/expire` ends a session.
//! - `POST /_emulator/webhooks/flush` answers when all events are delivered or given up.

use serde::Deserialize;
use std::time::Duration;

/// How the next requests fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRequest {
    pub route: Option<String>,
    pub kind: Kind,
    pub status: Option<u16>,
    pub millis: Option<u64>,
    #[serde(default = "one")]
    pub times: u32,
    #[serde(default = "yes")]
    pub before: bool,
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// The kinds of failing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Error,
    RateLimit,
    Timeout,
    Delay,
}

/// How the next webhooks are disturbed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Disturbance {
    pub drop: u32,
    pub duplicate: u32,
    pub delay_millis: u64,
    pub reorder: u32,
}

/// What one request suffers.
#[derive(Clone, Debug)]
pub struct Fault {
    pub wait: Option<Duration>,
    pub status: Option<u16>,
    pub before: bool,
}

/// All faults that wait for their request.
#[derive(Debug, Default)]
pub struct Faults {
    requests: Vec<FaultRequest>,
    pub webhooks: Disturbance,
}

/// Longer than any client waits.
const TIMEOUT: Duration = Duration::from_secs(120);

impl Faults {
    pub fn add(&mut self, request: FaultRequest) {
        self.requests.push(request);
    }

    /// The fault for this request, used up by one.
    pub fn take(&mut self, route: &str) -> Option<Fault> {
        let at = self
            .requests
            .iter()
            .position(|fault| fault.times > 0 && fault.route.as_deref().is_none_or(|wanted| route.starts_with(wanted)))?;
        let fault = &mut self.requests[at];
        fault.times -= 1;
        let millis = fault.millis.map(Duration::from_millis);
        let (wait, status) = match fault.kind {
            Kind::Error => (millis, Some(fault.status.unwrap_or(500))),
            Kind::RateLimit => (millis, Some(429)),
            Kind::Timeout => (Some(millis.unwrap_or(TIMEOUT)), Some(504)),
            Kind::Delay => (millis, None),
        };
        let taken = Fault { wait, status, before: fault.before };
        self.requests.retain(|fault| fault.times > 0);
        Some(taken)
    }
}
