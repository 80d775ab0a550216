//! Failed work and mails as pages show them.

use super::{FailedWork, FailureKind, MailView};
use domain::id::order_number;
use domain::pages::dashboard::{FailedTask, FailureRow, MailRow};

impl From<FailedWork> for FailureRow {
    fn from(work: FailedWork) -> Self {
        Self {
            order: work.order_number(),
            is_mismatch: work.lost.is_some() || work.cause.is_some(),
            task: match (work.kind, work.job) {
                (FailureKind::Event, _) if work.lost.is_some() => FailedTask::LostGoods,
                (FailureKind::Event, _) => FailedTask::Event { name: work.name, object: work.object.unwrap_or_default() },
                (FailureKind::Job, Some(kind)) => FailedTask::Job(kind),
                (FailureKind::Job, None) => FailedTask::UnknownJob(work.name),
            },
            order_id: work.order,
            id: work.id,
            reason: work.error,
            created_at: work.created_at,
        }
    }
}

impl From<MailView> for MailRow {
    fn from(mail: MailView) -> Self {
        Self {
            kind: mail.kind,
            order: mail.order.map(|id| (id.clone(), order_number(&id))),
            id: mail.id,
            state: mail.state,
            reason: mail.error,
            attempts: mail.attempts,
            at: mail.at,
        }
    }
}
