//! Faults on request, for tests of what a shop does when its payment service stumbles.
//!
//! - `POST /_emulator/faults` with a body such as
//!   `{"route":"POST /v1/checkout/sessions","kind":"error","status":500,"millis":1000,"times":1,"before":true,"keep":false}`:
//!   the next `times` requests to `route` (a beginning is enough; all routes when absent) suffer `kind`: `error` (with `status`),
//!   `rate_limit` (429), `timeout` (silence for `millis` or two minutes, then 504), `delay` (`millis`, then as usual).
//!   With `before` (the default) nothing is carried out; without it the request is carried out and its answer is lost, as when a
//!   line breaks.
//!   `keep` stores the error under the request's idempotency key, as Stripe does with its own errors: repetitions get it again.
//! - `POST /_emulator/webhooks` with `{"drop":1,"duplicate":1,"delay_millis":500,"reorder":2}`: the next events are lost, doubled,
//!   late, or held until that many have gathered and then sent backwards.
//!   Every call replaces the one before; `{}` ends all of it.
//! - `POST /_emulator/webhooks/flush` sends what is held, and answers when all events are delivered or given up.
//! - `POST /_emulator/settle` does at once what time would do: bank debits end, refunds get their reference, disputes are judged.
//!   `POST /_emulator/pace` with `{"millis":60000}` says how long these take; `{"millis":null}` as usual, two or three seconds.
//! - `POST /_emulator/sessions/{id}/pay` with `{"card":"4242424242424242","email":"a@example.com","name":"A"}` (all but `card`
//!   optional) pays without the page; `…/expire` ends a session. Both answer with the session.
//! - `DELETE /_emulator/faults` ends all faults. `GET /_emulator/state` counts objects, and requests by route.

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
    #[serde(default)]
    pub keep: bool,
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
    pub keep: bool,
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
        let taken = Fault { wait, status, before: fault.before, keep: fault.keep };
        self.requests.retain(|fault| fault.times > 0);
        Some(taken)
    }
}
