//! The timeline of an order: what happened to it, step by step.

use crate::ledger::SignalKind;
use crate::order::OrderStatus;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A step of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Created,
    Pending,
    Processing,
    Paid,
    PaidTwice,
    Entitled,
    Mailed,
    Seen,
    Fetched,
    Failed,
    Expired,
    RefundRequested,
    RefundMade,
    RefundRefused,
    RefundFailed,
    RefundMailed,
    FailureMailed,
    PartiallyRefunded,
    Refunded,
    Dispute,
    Disputed,
    ChargedBack,
    Review,
    EarlyFraudWarning,
    Restored,
    Completed,
    /// It was paid before, and is so again.
    Reinstated,
    Noted,
    DownloadsAdded,
    DownloadsReset,
    Extended,
    EmailCorrected,
    LinkRenewed,
    AccessClosed,
    AccessOpened,
    DeliveryRetried,
}

impl Step {
    /// Whether it is the creator's alone: a fraudster need not know that he was noticed, nor a customer what Stripe told us. What
    /// members did names them.
    pub fn is_kept_back(self) -> bool {
        matches!(
            self,
            Step::Noted
                | Step::Review
                | Step::EarlyFraudWarning
                | Step::RefundRefused
                | Step::DownloadsAdded
                | Step::DownloadsReset
                | Step::Extended
                | Step::EmailCorrected
                | Step::LinkRenewed
                | Step::AccessClosed
                | Step::AccessOpened
                | Step::DeliveryRetried
        )
    }
}

impl From<OrderStatus> for Step {
    fn from(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Pending => Step::Pending,
            OrderStatus::Processing => Step::Processing,
            OrderStatus::Paid => Step::Paid,
            OrderStatus::PartiallyRefunded => Step::PartiallyRefunded,
            OrderStatus::Refunded => Step::Refunded,
            OrderStatus::Disputed => Step::Disputed,
            OrderStatus::ChargedBack => Step::ChargedBack,
            OrderStatus::Failed => Step::Failed,
            OrderStatus::Expired => Step::Expired,
        }
    }
}

impl From<SignalKind> for Step {
    fn from(kind: SignalKind) -> Self {
        match kind {
            SignalKind::EarlyFraudWarning => Step::EarlyFraudWarning,
            SignalKind::Review => Step::Review,
        }
    }
}
