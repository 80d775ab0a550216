//! Stripe, through async-stripe: the few calls the shop makes, and the facts it takes from the answers.
//!
//! The same code speaks to Stripe and to the emulator; only the base URL differs.

mod charge;
mod client;
mod dispute;
mod event;
mod fraud;
mod refund;
mod session;
mod sighting;
pub mod webhook;

pub use charge::ChargeFacts;
pub use dispute::DisputeFacts;
pub use event::{EventPage, ListedEvent};
pub use fraud::SignalFacts;
pub use refund::{NewRefund, RefundFacts};
pub use session::{CheckoutFacts, NewSession, PaymentState};
pub use sighting::Sighting;
pub(crate) use webhook::NewEvent;

use client::Wire;

/// A client of one Stripe account.
#[derive(Clone)]
pub struct StripeApi {
    client: Wire,
}

/// A client with this secret key; `base` is Stripe's own address or another server that speaks like it.
pub fn connect(secret_key: &str, base: &str) -> anyhow::Result<StripeApi> {
    Ok(StripeApi { client: Wire::new(secret_key, base)? })
}

/// Stripe's own address.
const STRIPES_OWN: &str = "https://api.stripe.com";

impl StripeApi {
    /// Where Stripe's dashboard shows a payment; nothing where another server speaks for Stripe.
    pub fn page_of_payment(&self, payment_intent: &str, is_live: bool) -> Option<String> {
        let mode = if is_live { "" } else { "test/" };
        (self.client.base == STRIPES_OWN).then(|| format!("https://dashboard.stripe.com/{mode}payments/{payment_intent}"))
    }

    /// What Stripe's last answer said of the time.
    pub fn sighting(&self) -> Option<Sighting> {
        self.client.sighting()
    }
}

/// Whether a secret key moves real money.
pub fn is_live(secret_key: &str) -> bool {
    secret_key.starts_with("sk_live_") || secret_key.starts_with("rk_live_")
}

/// Why a call failed, sorted by what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No answer, or "later": the same call with the same key may be sent again.
    #[error("Stripe did not answer: {0}")]
    Unreachable(String),
    /// An answer that Stripe keeps under the call's key: a new attempt needs a new key.
    #[error("Stripe failed with status {status}: {message}")]
    Broken { status: u16, message: String },
    /// Stripe refuses this call as it stands.
    #[error("Stripe refused with status {status}: {message}")]
    Refused {
        status: u16,
        /// Stripe's word for it: <https://docs.stripe.com/error-codes>
        code: Option<String>,
        message: String,
    },
}

impl Failure {
    /// Whether Stripe says that there is no such object. A bare 404 may come from anything that stands in between.
    pub fn is_missing(&self) -> bool {
        matches!(self, Failure::Refused { status: 404, code: Some(code), .. } if code == "resource_missing")
    }
}
