//! Disputes: <https://docs.stripe.com/api/disputes>

use super::{Failure, StripeApi};
use domain::ledger::DisputeStatus;
use stripe_core::dispute::RetrieveDispute;

/// What Stripe says of a dispute.
#[derive(Clone, Debug)]
pub struct DisputeFacts {
    pub id: String,
    pub payment_intent: Option<String>,
    pub charge: String,
    pub amount: i64,
    pub status: DisputeStatus,
    pub reason: String,
    /// Until when evidence is taken, seconds since 1970.
    pub due_by: Option<i64>,
}

impl DisputeFacts {
    /// Until when evidence is taken, milliseconds since 1970.
    pub fn due_at(&self) -> Option<i64> {
        self.due_by.map(|secs| secs * 1000)
    }
}

impl StripeApi {
    pub async fn retrieve_dispute(&self, id: &str) -> Result<DisputeFacts, Failure> {
        let dispute = RetrieveDispute::new(id.to_owned()).send(&self.client).await?;
        // A word that Stripe learned after us is no reason to guess.
        let status = dispute
            .status
            .as_str()
            .parse()
            .map_err(|_| Failure::Unreachable(format!("dispute {id} has the unknown status {}", dispute.status)))?;
        Ok(DisputeFacts {
            payment_intent: dispute.payment_intent.as_ref().map(|intent| intent.id().to_string()),
            charge: dispute.charge.id().to_string(),
            amount: dispute.amount,
            status,
            reason: dispute.reason,
            // 0 where the bank takes no answer.
            due_by: dispute.evidence_details.due_by.filter(|secs| *secs > 0),
            id: dispute.id.to_string(),
        })
    }
}
