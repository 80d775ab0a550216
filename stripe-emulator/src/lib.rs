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
pub mod faults;
mod form;
mod objects;
mod payments;
mod state;
mod webhooks;

use anyhow::Context;
use axum::Router;
use axum::routing::{get, post};
use state::State;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

/// How the emulator is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where all events go, beside the endpoints that clients make.
    pub webhook: Option<WebhookTarget>,
    /// Where the state survives a restart.
    pub state_file: Option<PathBuf>,
    /// The wait before the first repetition of a webhook; it doubles with each.
    pub retry_base: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { webhook: None, state_file: None, retry_base: Duration::from_secs(1) }
    }
}

/// An address that wants events, and the secret that signs them.
#[derive(Clone, Debug)]
pub struct WebhookTarget {
    pub url: String,
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
    options: Options,
    sender: webhooks::Sender,
}

impl Emulator {
    /// An emulator with the state that its file holds.
    pub fn new(options: Options) -> anyhow::Result<Self> {
        let state = match &options.state_file {
            Some(path) => State::load(path).with_context(|| format!("reading {}", path.display()))?,
            None => State::default(),
        };
        Ok(Self { inner: Arc::new(Inner { state: Mutex::new(state), faults: Mutex::default(), options, sender: webhooks::Sender::new() }) })
    }

    /// All routes: the API, the hosted page, and the control surface under `/_emulator`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/c/pay/{id}", get(checkout::show).post(checkout::pay))
            .route("/c/pay/{id}/authenticate", get(checkout::ask).post(checkout::authenticate))
            .route("/assets/checkout.css", get(checkout::stylesheet))
            // Browsers ask for it by themselves, and would report the refusal.
            .route("/favicon.ico", get(|| async { axum::http::StatusCode::NO_CONTENT }))
            .route("/_emulator/faults", post(control::add_fault).delete(control::clear_faults))
            .route("/_emulator/webhooks", post(control::disturb_webhooks))
            .route("/_emulator/webhooks/flush", post(control::flush_webhooks))
            .route("/_emulator/state", get(control::state))
            .route("/_emulator/sessions/{id}/pay", post(control::pay_session))
            .route("/_emulator/sessions/{id}/expire", post(control::expire_session))
            .fallback(api::handle)
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
        let ticker = tokio::spawn(self.clone().expire_by_time());
        self.send_events();
        axum::serve(listener, self.router()).with_graceful_shutdown(shutdown).await?;
        ticker.abort();
        self.save();
        Ok(())
    }

    async fn expire_by_time(self) {
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            self.change(payments::expire_due);
        }
    }

    /// Changes the state, then keeps it and sends what happened.
    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let (result, has_changed) = {
            let mut state = self.lock();
            let before = state.revision;
            let result = act(&mut state);
            (result, state.revision != before)
        };
        if has_changed {
            self.save();
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

    fn save(&self) {
        if let Some(path) = &self.inner.options.state_file
            && let Err(error) = self.lock().save(path)
        {
            tracing::error!(?error, "the emulator's state could not be kept");
        }
    }
}
