//! What each kind of job does, one file a kind. A new one takes a variant of [`Kind`], a file here and its line in [`work_of`].

pub(super) mod alert;
mod daily_sales_mail;
mod entry_mail;
mod erasure;
mod letter;
mod order_links_mail;
mod order_mail;
mod payment_failed_mail;
mod payment_method;
mod refund;
mod refund_mail;
mod sale_mail;

use super::Kind;
use super::outbox::JobRow;
use crate::{Error, Shop};
use async_trait::async_trait;
use domain::id::Id;
use domain::timeline::Step;

/// A kind of job.
#[async_trait]
pub(super) trait Work: Sync {
    /// Does a job. May run twice, after a worker died or its lease ran out.
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop>;

    /// How often a job is tried before it is given up: for about two days.
    fn tries(&self) -> i64 {
        60
    }

    /// The step of the order's timeline that says that it was done.
    fn step(&self) -> Option<Step> {
        None
    }

    /// What the owner reads of a job that was given up; nothing where that would fail like it.
    fn given_up(&self, why: &str) -> Option<GivenUp>;
}

/// The one place that knows all kinds.
pub(super) fn work_of(kind: Kind) -> &'static dyn Work {
    match kind {
        Kind::OrderMail => &order_mail::OrderMail,
        Kind::RefundMail => &refund_mail::RefundMail,
        Kind::PaymentFailedMail => &payment_failed_mail::PaymentFailedMail,
        Kind::OrderLinksMail => &order_links_mail::OrderLinksMail,
        Kind::Refund => &refund::Refund,
        Kind::Alert => &alert::Alert,
        Kind::EntryMail => &entry_mail::EntryMail,
        Kind::PaymentMethod => &payment_method::PaymentMethod,
        Kind::SaleMail => &sale_mail::SaleMail,
        Kind::DailySalesMail => &daily_sales_mail::DailySalesMail,
        Kind::Erasure => &erasure::Erasure,
    }
}

/// How a job was done.
pub(super) enum Done {
    AsAsked,
    /// What it would have told is not so any more.
    Needless,
}

/// How a job ended, unless it is done.
pub(super) enum Stop {
    Retry(String),
    GiveUp(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Stop::GiveUp("what it speaks of is gone".to_owned()),
            other => Stop::Retry(format!("{other:?}")),
        }
    }
}

/// What the owner reads of a job that was given up.
pub(super) struct GivenUp {
    /// One sentence, and whether money moved.
    pub what: String,
    /// The one next step.
    pub to_do: &'static str,
}

/// The id that is a job's payload.
fn id_in(job: &JobRow) -> Result<Id, Stop> {
    Id::try_parse(&job.payload).map_err(|_| Stop::GiveUp("the payload is no id".to_owned()))
}
