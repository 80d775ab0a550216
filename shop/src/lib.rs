//! The use cases: everything that touches the world. A use case is a free function with the context first.
//!
//! A dozen rooms (ARCHITECTURE.md has a sentence for each); inside, one noun, one file or folder. A table is written by its noun alone,
//! others may read it. No network call inside a transaction.

pub mod accounts;
pub mod analytics;
pub mod base;
pub mod catalog;
pub mod checkout;
pub mod customers;
pub mod files;
pub mod fulfillment;
pub mod jobs;
pub mod orders;
pub mod payments;
pub mod stores;

pub use base::error::{Error, Refusal, Result};
pub use base::secret::SecretKey;
pub use base::world::{Clock, chance};

use analytics::visits;
use base::{database, memo};
use domain::id::Id;
use fulfillment::downloads;
use jobs::{clocks, mail};
use payments::stripe;
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// The shop and its world; cheap to clone.
#[derive(Clone)]
pub struct Shop {
    pub db: database::Database,
    pub stripe: stripe::StripeApi,
    pub files: Arc<dyn files::FileStore>,
    pub mail: Arc<dyn mail::Mailer>,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    /// Wakes this process's worker before its next poll.
    pub wake: Arc<jobs::Wake>,
    /// Grows with every change of the catalog that this process made or learned of.
    pub catalog_changes: Arc<AtomicU64>,
    /// What nearly every page needs, kept until it changes.
    pub memos: Arc<memo::Memos>,
    /// What was looked at and is not written down yet.
    pub visits: Arc<visits::Visits>,
    /// What is being downloaded, and is not written down yet.
    pub transfers: Arc<downloads::Transfers>,
    /// What was seen of this machine's clock.
    pub clocks: Arc<clocks::Clocks>,
}

/// What the operator decided, in the shop's own types.
pub struct Settings {
    pub store_id: Id,
    /// Where the shop is seen from outside, without a slash at the end.
    pub base_url: String,
    pub alert_email: Option<String>,
    pub secret_key: SecretKey,
    pub delivery: Delivery,
    pub stripe_webhook_secret: SecretString,
    /// Whether the Stripe key moves real money; events of the other mode are refused.
    pub livemode: bool,
    /// What signs license files; one of the shop's own when absent.
    pub license_signing_key: Option<license_verifier::SigningKey>,
}

/// How the bytes of a file reach the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Through this program, which sees every byte.
    Stream,
    /// By a redirect to a presigned URL of the object store, where it can make one.
    Redirect,
}

impl Shop {
    /// Tells this process that pages of the catalog are stale; other replicas learn it from the store's row.
    pub(crate) fn catalog_has_changed(&self) {
        self.catalog_changes.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}
