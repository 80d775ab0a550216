//! Signs of fraud: early warnings by card networks, reviews by Stripe's rules.
//! <https://docs.stripe.com/api/radar/early_fraud_warnings>, <https://docs.stripe.com/api/radar/reviews>

use super::{Failure, StripeApi};
use domain::ledger::SignalKind;
use stripe_fraud::radar_early_fraud_warning::RetrieveRadarEarlyFraudWarning;
use stripe_fraud::review::RetrieveReview;

/// What Stripe says of a sign.
#[derive(Clone, Debug)]
pub struct SignalFacts {
    pub id: String,
    pub kind: SignalKind,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    /// Whether somebody still has to decide.
    pub is_open: bool,
    pub reason: String,
}

impl StripeApi {
    pub async fn retrieve_warning(&self, id: &str) -> Result<SignalFacts, Failure> {
        let warning = RetrieveRadarEarlyFraudWarning::new(id.to_owned()).send(&self.client).await?;
        Ok(SignalFacts {
            id: warning.id.to_string(),
            kind: SignalKind::EarlyFraudWarning,
            payment_intent: warning.payment_intent.as_ref().map(|intent| intent.id().to_string()),
            charge: Some(warning.charge.id().to_string()),
            is_open: warning.actionable,
            reason: warning.fraud_type,
        })
    }

    pub async fn retrieve_review(&self, id: &str) -> Result<SignalFacts, Failure> {
        let review = RetrieveReview::new(id.to_owned()).send(&self.client).await?;
        Ok(SignalFacts {
            id: review.id.to_string(),
            kind: SignalKind::Review,
            payment_intent: review.payment_intent.as_ref().map(|intent| intent.id().to_string()),
            charge: review.charge.as_ref().map(|charge| charge.id().to_string()),
            is_open: review.open,
            reason: review.reason,
        })
    }
}
