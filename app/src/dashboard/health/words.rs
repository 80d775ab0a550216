//! What jobs and events are called.

use domain::job::JobKind;
use domain::pages::dashboard::FailedTask;

/// What was given up, as a person names it.
pub fn task_words(task: &FailedTask) -> String {
    match task {
        FailedTask::LostGoods => "A paid order whose goods are not here".to_owned(),
        FailedTask::Event { name, object } => format!("News from Stripe: {name} of {object}"),
        FailedTask::Job(kind) => job_words(*kind).to_owned(),
        FailedTask::UnknownJob(name) => name.clone(),
    }
}

fn job_words(kind: JobKind) -> &'static str {
    match kind {
        JobKind::OrderMail => "Mail with an order",
        JobKind::RefundMail => "Mail about a refund",
        JobKind::PaymentFailedMail => "Mail about a failed payment",
        JobKind::OrderLinksMail => "Mail with links to orders",
        JobKind::Refund => "Refund",
        JobKind::EntryMail => "Mail with a link into the shop",
        JobKind::Erasure => "Erasure of a customer",
        JobKind::Alert => "Mail to you",
        JobKind::PaymentMethod => "Details of a payment",
        JobKind::SaleMail => "Mail to you about a sale",
        JobKind::DailySalesMail => "Mail to you about a day's sales",
    }
}

/// A mail to a customer, among others.
pub fn mail_words(kind: JobKind) -> &'static str {
    match kind {
        JobKind::OrderMail => "The order",
        JobKind::RefundMail => "About a refund",
        JobKind::PaymentFailedMail => "About a failed payment",
        JobKind::OrderLinksMail => "Links to orders",
        other => job_words(other),
    }
}
