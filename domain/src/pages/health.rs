//! How the shop is: what needs a person, and the signs that the rest is well.

use crate::clock::WrongClock;
use crate::money::Money;
use crate::pages::dashboard::{FailureRow, MailRow, RefundRow};
use serde::{Deserialize, Serialize};

/// What needs a person, and the signs of life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthReport {
    /// Work that was given up.
    pub failures: Vec<FailureRow>,
    /// Mails that are tried again.
    pub mails: Vec<MailRow>,
    pub refunds: Vec<FailedRefund>,
    pub undelivered: Vec<UndeliveredRow>,
    /// Disputes that wait for an answer.
    pub disputes: Vec<OpenDispute>,
    /// Why the files can't be reached.
    pub storage: Option<String>,
    /// Files whose bytes are gone, or are not all there.
    pub missing: Vec<MissingRow>,
    /// Where the check of the files goes on; nothing where all were looked at.
    pub more_files: Option<String>,
    /// Work of kinds that only a newer version knows, and that nobody has taken for an hour.
    pub stranded: Vec<StrandedRow>,
    /// Machines whose clocks are wrong.
    pub clocks: Vec<WrongClock>,
    /// Tiers that are published and deliver nothing yet, so that nobody can buy them. They may be meant so: no trouble.
    pub empty_tiers: Vec<EmptyTier>,
    pub signs: Signs,
}

impl HealthReport {
    /// How many things need a person.
    pub fn n_troubles(&self) -> usize {
        self.failures.len()
            + self.mails.len()
            + self.refunds.len()
            + self.undelivered.len()
            + self.disputes.len()
            + self.missing.len()
            + self.stranded.len()
            + self.clocks.len()
            + usize::from(self.storage.is_some())
            + usize::from(self.signs.is_late)
    }
}

/// A file that products show or customers may fetch, and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingRow {
    pub name: String,
    /// Slug and title of a product that has it.
    pub product: Option<(String, String)>,
    /// Something is there, and it is not as long as it should be.
    pub is_cut: bool,
}

/// A tier without a file, a license key or anything that comes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmptyTier {
    /// A slug.
    pub product: String,
    pub title: String,
    /// A key.
    pub variant: String,
    pub variant_name: String,
}

/// Jobs of a kind that this version doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrandedRow {
    pub kind: String,
    pub n: i64,
    /// The oldest has been due since then.
    pub since: i64,
}

/// A refund that did not reach the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRefund {
    /// The order's public id and its number.
    pub order: (String, String),
    pub refund: RefundRow,
}

/// A dispute that waits for the seller's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDispute {
    /// The order's public id and its number.
    pub order: (String, String),
    pub amount: Money,
    /// The bank only asks; no money has moved.
    pub is_inquiry: bool,
    /// Until when it can be answered.
    pub due_at: Option<i64>,
}

/// An order that is paid and was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndeliveredRow {
    pub id: String,
    pub number: String,
    pub paid_at: i64,
}

/// When the parts of the shop were last seen at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signs {
    /// The last news that Stripe brought.
    pub webhook_at: Option<i64>,
    /// Until when Stripe's own list of events was read.
    pub list_read_until: Option<i64>,
    /// The last mail that was sent.
    pub mail_at: Option<i64>,
    /// Events and jobs that wait for their turn.
    pub n_waiting: i64,
    /// Something has been due for minutes: no worker runs, or it does not keep up.
    pub is_late: bool,
}
