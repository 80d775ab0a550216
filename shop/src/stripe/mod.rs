//! Stripe, through async-stripe: the few calls the shop makes, and the facts it takes from the answers.
//!
//! The same code speaks to Stripe and to the emulator; only the base URL differs.

mod dispute;
mod event;
mod fraud;
mod keeping;
mod refund;
mod session;
pub mod webhook;

pub use dispute::DisputeFacts;
pub use event::{EventPage, ListedEvent};
pub use fraud::{SignalFacts, SignalKind};
pub use keeping::Door;
pub use refund::{NewRefund, RefundFacts};
pub use session::{CheckoutFacts, NewSession, PaymentState};

use ::stripe::{ClientBuilder, StripeError};
use std::time::Duration;

/// A client of one Stripe account.
#[derive(Clone)]
pub struct StripeApi {
    client: ::stripe::Client,
}

/// Longer than Stripe takes as a rule, shorter than a shopper waits.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A client with this secret key; `base` is Stripe's own address or another server that speaks like it.
pub fn connect(secret_key: &str, base: &str) -> anyhow::Result<StripeApi> {
    let base = format!("{}/", base.trim_end_matches('/'));
    let client = ClientBuilder::new(secret_key)
        .url(base)
        .timeout(TIMEOUT)
        .app_info("Weightless", Some(env!("CARGO_PKG_VERSION").to_owned()), None)
        .build()?;
    Ok(StripeApi { client })
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

impl From<StripeError> for Failure {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Stripe(error, status) => {
                let message = error.message.unwrap_or_default();
                match status {
                    409 | 424 | 429 => Failure::Unreachable(message),
                    500.. => Failure::Broken { status, message },
                    _ => Failure::Refused { status, code: error.code.map(|code| code.to_string()), message },
                }
            }
            // An answer that can't be read says nothing of what happened; asking again with the same key does.
            other => Failure::Unreachable(other.to_string()),
        }
    }
}
