//! How the shop is: what needs a person, and the signs that the rest is well.

use crate::dashboard::{FailureRow, MailRow, RefundRow};
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
    /// Why the files can't be reached.
    pub storage: Option<String>,
    pub signs: Signs,
}

impl HealthReport {
    /// How many things need a person.
    pub fn n_troubles(&self) -> usize {
        self.failures.len()
            + self.mails.len()
            + self.refunds.len()
            + self.undelivered.len()
            + usize::from(self.storage.is_some())
            + usize::from(self.signs.is_late)
    }
}

/// A refund that did not reach the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRefund {
    /// The order's public id and its number.
    pub order: (String, String),
    pub refund: RefundRow,
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
