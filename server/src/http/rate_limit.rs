//! How often one client may do what costs us something.

use super::client::ClientIp;
use super::page;
use crate::router::AppState;
use app::error::{AppError, notice_text};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
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
    pub sign_ins: Limit,
}

impl RateLimits {
    pub fn new(scale: f64) -> Self {
        Self {
            checkouts: Limit::per_minute(30, scale),
            resends: Limit::per_minute(5, scale),
            links: Limit::per_minute(60, scale),
            sign_ins: Limit::per_minute(10, scale),
        }
    }
}

/// Holds the forms of our pages to the same limits as the API.
pub async fn layer(State(state): State<AppState>, client: ClientIp, request: Request, next: Next) -> Response {
    let limit = match request.uri().path() {
        "/_fn/start_checkout" | "/_fn/pay_again" => &state.limits.checkouts,
        "/_fn/resend_order" => &state.limits.resends,
        "/_fn/mint_download" => &state.limits.links,
        "/_fn/sign_in" => &state.limits.sign_ins,
        _ => return next.run(request).await,
    };
    match limit.check(client) {
        Ok(()) => next.run(request).await,
        Err(retry_after_secs) => refuse(&state, request.headers(), retry_after_secs),
    }
}

fn refuse(state: &AppState, headers: &HeaderMap, retry_after_secs: u64) -> Response {
    let text = notice_text("rate_limited").unwrap_or_default();
    let is_form = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    let answer = if is_form {
        page::refusal(&state.stylesheet, "One moment, please", &[text])
    } else {
        Json(AppError { code: "rate_limited".to_owned(), message: text.to_owned() }).into_response()
    };
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, HeaderValue::from(retry_after_secs))], answer).into_response()
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
