//! A Stripe to buy from without the internet: the API's objects and rules, the hosted checkout page, signed webhooks.
//!
//! It knows nothing of the shop that uses it, keeps its state in one file if it is given one, and listens on loopback alone.
//! Faults on request: see [`faults`].

#![recursion_limit = "256"]

mod api;
mod cards;
mod checkout;
mod clock;
mod control;
mod error;
mod event;
pub mod faults;
mod form;
mod money;
mod objects;
mod rules;
mod state;
mod webhooks;

pub use control::Payment;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State as Extracted};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state, map_response_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use state::State;
use std::collections::HashSet;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// Neither a card form nor a fault is larger.
const MAX_FORM_BYTES: usize = 64 * 1024;
/// How exact the emulator is with what happens by itself.
const TICK: Duration = Duration::from_millis(200);
/// The least time between two writings of the state file.
const SAVE_PAUSE: Duration = Duration::from_millis(50);

/// How the emulator is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where all events go, beside the endpoints that clients make.
    pub webhook: Option<WebhookTarget>,
    /// Where the state survives a restart.
    pub state_file: Option<PathBuf>,
    /// The wait before the first repetition of a webhook; it doubles with each.
    pub retry_base: Duration,
    /// What the `Date` of answers says instead of the present, in milliseconds since 1970.
    pub date: Option<Arc<AtomicI64>>,
    /// The time that all of it lives in instead of the present, in milliseconds since 1970.
    pub now: Option<Arc<AtomicI64>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { webhook: None, state_file: None, retry_base: Duration::from_secs(1), date: None, now: None }
    }
}

/// An address that wants events, and the secret that signs them.
#[derive(Clone, Debug)]
pub struct WebhookTarget {
    /// An `http` address.
    pub url: String,
    /// With its prefix `whsec_`, if it has one.
    pub secret: String,
}

/// The emulator; cheap to clone.
#[derive(Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    faults: Mutex<faults::Faults>,
    /// Idempotency keys whose first request is still being answered.
    busy_keys: Mutex<HashSet<String>>,
    options: Options,
    sender: webhooks::Sender,
    has_changed: Notify,
    /// Held while the state file is written.
    file: Mutex<()>,
}

/// Dates an answer, where the emulator was given a time of its own.
async fn date(Extracted(date): Extracted<Option<Arc<AtomicI64>>>, mut answer: Response) -> Response {
    let millis = date.map(|date| date.load(Ordering::SeqCst));
    if let Some(value) = millis.and_then(clock::http_date).and_then(|text| HeaderValue::try_from(text).ok()) {
        answer.headers_mut().insert(header::DATE, value);
    }
    answer
}

/// Answers in the emulator's time.
async fn live(Extracted(now): Extracted<Option<Arc<AtomicI64>>>, request: Request, next: Next) -> Response {
    clock::within(now, next.run(request)).await
}

impl Emulator {
    /// An emulator with the state that its file holds.
    ///
    /// # Errors
    /// A state file that cannot be read, or is not ours.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let mut state = match &options.state_file {
            Some(path) => State::load(path).with_context(|| format!("reading {}", path.display()))?,
            None => State::default(),
        };
        state.has_own_endpoint = options.webhook.is_some();
        Ok(Self {
            inner: Arc::new(Inner {
                state: Mutex::new(state),
                faults: Mutex::default(),
                busy_keys: Mutex::default(),
                options,
                sender: webhooks::Sender::new(),
                has_changed: Notify::new(),
                file: Mutex::default(),
            }),
        })
    }

    /// All routes: the API, the hosted page, and the control surface under `/_emulator`.
    ///
    /// Only [`Self::serve`] also keeps the state file and lets time do its part (expiry, bank debits).
    pub fn router(&self) -> Router {
        let options = &self.inner.options;
        Router::new()
            .route("/", get(checkout::welcome))
            .route("/c/pay/{id}", get(checkout::show).post(checkout::pay))
            .route("/c/pay/{id}/authenticate", get(checkout::ask).post(checkout::authenticate))
            .route("/assets/checkout.css", get(checkout::stylesheet))
            // Browsers ask for it by themselves, and would report the refusal.
            .route("/favicon.ico", get(|| async { axum::http::StatusCode::NO_CONTENT }))
            .route("/_emulator/faults", post(control::add_fault).delete(control::clear_faults))
            .route("/_emulator/webhooks", post(control::disturb_webhooks))
            .route("/_emulator/webhooks/flush", post(control::flush_webhooks))
            .route("/_emulator/settle", post(control::settle))
            .route("/_emulator/pace", post(control::set_pace))
            .route("/_emulator/state", get(control::state))
            .route("/_emulator/sessions/{id}/pay", post(control::pay_session))
            .route("/_emulator/sessions/{id}/expire", post(control::expire_session))
            .fallback(api::handle)
            .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
            .layer(map_response_with_state(options.date.clone().or_else(|| options.now.clone()), date))
            .layer(from_fn_with_state(options.now.clone(), live))
            .with_state(self.clone())
    }

    /// Serves until `shutdown` resolves.
    ///
    /// # Errors
    /// Refuses a listener that others than this machine can reach.
    pub async fn serve(self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        anyhow::ensure!(
            listener.local_addr()?.ip().is_loopback(),
            "the Stripe emulator serves this machine only; give it a loopback address such as 127.0.0.1:12111"
        );
        let ticker = tokio::spawn(clock::within(self.inner.options.now.clone(), self.clone().let_time_pass()));
        let saver = self.inner.options.state_file.clone().map(|path| tokio::spawn(self.clone().keep_saving(path)));
        // What an earlier run did not deliver.
        self.send_events();
        let served = axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).await;
        ticker.abort();
        if let Some(saver) = saver {
            saver.abort();
        }
        if let Some(path) = &self.inner.options.state_file {
            self.save(path)?;
        }
        Ok(served?)
    }

    async fn let_time_pass(self) {
        loop {
            tokio::time::sleep(TICK).await;
            self.catch_up();
        }
    }

    /// What is due by now happens: pages expire, bank debits end.
    fn catch_up(&self) {
        self.change(|state| {
            rules::expire_due(state);
            rules::run_due(state);
            state.forget_old_answers();
        });
    }

    /// Pays a session as its page does; 3-D Secure is answered with yes. What is due by now happens first.
    ///
    /// # Errors
    /// What the page would say: the card was declined, the session has ended.
    pub fn pay(&self, session: &str, payment: &Payment) -> anyhow::Result<()> {
        clock::within_sync(self.inner.options.now.clone(), || {
            self.catch_up();
            control::pay(self, session, payment).map(|_| ()).map_err(|error| anyhow::anyhow!("{}", error.to_value()))
        })
    }

    async fn keep_saving(self, path: PathBuf) {
        loop {
            self.inner.has_changed.notified().await;
            let start = Instant::now();
            let (emulator, path) = (self.clone(), path.clone());
            match tokio::task::spawn_blocking(move || emulator.save(&path)).await {
                Ok(Ok(())) => {}
                outcome => tracing::error!(?outcome, "the emulator's state could not be kept"),
            }
            // A large state is written seldom, so that answering stays quick.
            tokio::time::sleep(SAVE_PAUSE.max(start.elapsed() * 10)).await;
        }
    }

    /// Writes the state file anew, and puts it in the place of the old one.
    fn save(&self, path: &Path) -> anyhow::Result<()> {
        let _only_one = self.inner.file.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = serde_json::to_vec(&*self.lock())?;
        let temporary = path.with_extension("part");
        std::fs::write(&temporary, bytes)?;
        std::fs::rename(&temporary, path)?;
        Ok(())
    }

    /// Changes the state, then has it kept, and sends what happened.
    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let (result, has_changed) = {
            let mut state = self.lock();
            let before = state.revision;
            let result = act(&mut state);
            (result, state.revision != before)
        };
        if has_changed {
            self.inner.has_changed.notify_one();
            self.send_events();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, faults::Faults> {
        self.inner.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn busy_keys(&self) -> MutexGuard<'_, HashSet<String>> {
        self.inner.busy_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
