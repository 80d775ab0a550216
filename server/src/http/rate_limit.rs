//! How often one client may do what costs us something.

use super::client::ClientIp;
use super::page::{self, Stylesheet};
use app::account::confirm::Confirm;
use app::account::entry::{Enter, GetEntry};
use app::account::setup::ClaimShop;
use app::account::sign_in::{RequestSignInLink, SignIn};
use app::account::sign_out::SignOut;
use app::checkout::acts::{AddToCart, ApplyPromotion, ChangeCart, SetCartPrice, SetCartQuantity, StartCheckout};
use app::checkout::find::FindOrder;
use app::checkout::license_acts::{DeactivateSeat, ReplaceLicenseKey};
use app::checkout::order_acts::{GetOrderStatus, MintDownload, PayAgain, ResendOrder};
use app::dashboard::settings::acts::ChangePassword;
use app::error::AppError;
use app::storefront::catalog::ListProducts;
use app::storefront::sample::GetSample;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::Id;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use leptos::server_fn::ServerFn;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys beyond this are swept, so that a flood of addresses can't fill the memory.
const SWEEP_AT: usize = 10_000;
/// A sweep looks at all keys, so it comes by time, not with each request.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Limits by client address. Tries to sign in are counted by the email address as well: see `shop::accounts::count_try`.
#[derive(Clone)]
pub struct RateLimits {
    pub checkouts: Limit,
    pub resends: Limit,
    pub links: Limit,
    pub sign_ins: Limit,
    pub sign_outs: Limit,
    /// Each new cart is a row for a month.
    pub carts: Limit,
    /// Words asked of the full-text index.
    pub searches: Limit,
    /// Small questions that scripts of our pages ask again and again.
    pub looks: Limit,
    /// Requests of one client for one file: a download manager asks for many parts, a script for thousands.
    pub downloads: Limit<(IpAddr, Id)>,
    pub licenses: LicenseLimits,
}

/// Questions for license keys.
#[derive(Clone)]
pub struct LicenseLimits {
    pub clients: Limit,
    /// By the hash of the key, whoever asks.
    pub keys: Limit<[u8; 32]>,
    /// Keys that there aren't.
    pub misses: Limit,
}

impl RateLimits {
    pub fn new(scale: f64) -> Self {
        Self {
            checkouts: Limit::per_minute(30, scale),
            resends: Limit::per_minute(5, scale),
            links: Limit::per_minute(60, scale),
            sign_ins: Limit::per_minute(10, scale),
            sign_outs: Limit::per_minute(60, scale),
            carts: Limit::per_minute(120, scale),
            searches: Limit::per_minute(120, scale),
            looks: Limit::per_minute(300, scale),
            downloads: Limit::per_minute(600, scale),
            licenses: LicenseLimits {
                clients: Limit::per_minute(60, scale),
                keys: Limit::per_minute(60, scale),
                misses: Limit::per_minute(30, scale),
            },
        }
    }

    /// What counts requests for this address.
    fn of(&self, uri: &Uri) -> Option<&Limit> {
        Some(match uri.path() {
            StartCheckout::PATH | PayAgain::PATH | ApplyPromotion::PATH => &self.checkouts,
            ResendOrder::PATH | FindOrder::PATH | ReplaceLicenseKey::PATH => &self.resends,
            MintDownload::PATH | DeactivateSeat::PATH => &self.links,
            SignIn::PATH | RequestSignInLink::PATH | Enter::PATH | ClaimShop::PATH | ChangePassword::PATH | Confirm::PATH => &self.sign_ins,
            SignOut::PATH => &self.sign_outs,
            AddToCart::PATH | ChangeCart::PATH | SetCartQuantity::PATH | SetCartPrice::PATH => &self.carts,
            GetOrderStatus::PATH | GetEntry::PATH => &self.looks,
            ListProducts::PATH => &self.searches,
            GetSample::PATH => &self.looks,
            // What is read anew for each.
            "/sitemap.xml" => &self.looks,
            path if path.starts_with("/products/") && path.contains("/sample/") => &self.looks,
            "/products" if asks_for_words(uri.query()) => &self.searches,
            _ => return None,
        })
    }
}

/// Holds the forms of our pages to the same limits as the API.
pub async fn layer(
    State(limits): State<RateLimits>,
    State(stylesheet): State<Stylesheet>,
    client: ClientIp,
    request: Request,
    next: Next,
) -> Response {
    let Some(limit) = limits.of(request.uri()) else { return next.run(request).await };
    match limit.check(client) {
        Ok(()) => next.run(request).await,
        Err(retry_after_secs) => refuse(&stylesheet, request.headers(), retry_after_secs),
    }
}

/// Whether a list of goods is to be searched. Kept pages are not counted: their search is done.
fn asks_for_words(query: Option<&str>) -> bool {
    query.unwrap_or_default().split('&').any(|field| field.strip_prefix("q=").is_some_and(|words| !words.is_empty()))
}

fn refuse(stylesheet: &str, headers: &HeaderMap, retry_after_secs: u64) -> Response {
    let refused = AppError::from(shop::Error::from(shop::base::refusals::TOO_OFTEN));
    let is_form = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    let answer =
        if is_form { page::refusal(stylesheet, "One moment, please", &[refused.message.as_str()]) } else { Json(refused).into_response() };
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, HeaderValue::from(retry_after_secs))], answer).into_response()
}

/// One limit.
#[derive(Clone)]
pub struct Limit<K: Clone + Eq + Hash = IpAddr> {
    limiter: Arc<RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>>,
    most: NonZeroU32,
    swept_at: Arc<Mutex<Instant>>,
}

impl<K: Clone + Eq + Hash> Limit<K> {
    /// At most this many at once, and as many again within each period.
    fn within(period: Duration, times: u32, scale: f64) -> Self {
        let times = (f64::from(times) * scale).clamp(1.0, f64::from(u32::MAX)) as u32;
        let burst = NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(period / times).unwrap_or(Quota::per_second(burst)).allow_burst(burst);
        Self { limiter: Arc::new(RateLimiter::keyed(quota).with_middleware()), most: burst, swept_at: Arc::new(Mutex::new(Instant::now())) }
    }

    fn per_minute(times: u32, scale: f64) -> Self {
        Self::within(Duration::from_secs(60), times, scale)
    }

    /// Counts one request under this key; `Err` tells after how many seconds to come back.
    pub fn check_key(&self, key: &K) -> Result<(), u64> {
        self.count(key).map(drop)
    }

    /// How many requests may come at once.
    pub fn most(&self) -> u32 {
        self.most.get()
    }

    /// As [`Self::check_key`]; tells how many more may come at once.
    pub fn count(&self, key: &K) -> Result<u32, u64> {
        if self.limiter.len() > SWEEP_AT && self.is_sweep_due() {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let counted = self.limiter.check_key(key).map(|state| state.remaining_burst_capacity());
        counted.map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }
}

impl<K: Clone + Eq + Hash> Limit<K> {
    /// Whether this is the one check in a while that sweeps.
    fn is_sweep_due(&self) -> bool {
        let mut swept_at = self.swept_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = swept_at.elapsed() >= SWEEP_EVERY;
        if is_due {
            *swept_at = Instant::now();
        }
        is_due
    }
}

impl Limit {
    /// Counts one request of a client; `Err` tells after how many seconds to come back.
    pub fn check(&self, client: ClientIp) -> Result<(), u64> {
        self.check_key(&client.bucket())
    }
}
