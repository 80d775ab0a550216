//! Refunds: <https://docs.stripe.com/api/refunds>

use super::{Failure, StripeApi};
use domain::id::Id;
use domain::ledger::RefundState;
use std::collections::HashMap;
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_core::refund::{CreateRefund, CreateRefundReason, ListRefund, RetrieveRefund};
use stripe_shared::Refund;

/// The metadata key under which Stripe keeps the id of our row, so that a refund whose answer was lost is found again.
const REFUND_KEY: &str = "refund";
/// The place of the line that it is for, and the request that it was: kept for a database that is lost.
const ITEM_KEY: &str = "item";
const REQUEST_KEY: &str = "wish";
/// More refunds than a payment ever has; Stripe's largest page.
const PAGE: i64 = 100;

/// What a refund is made from.
pub struct NewRefund<'a> {
    pub idempotency_key: String,
    pub id: Id,
    pub payment_intent: &'a str,
    /// Minor units.
    pub amount: i64,
    /// Told to Stripe where it is one of its own words.
    pub reason: Option<&'a str>,
    /// The place of the line that it is for.
    pub item_position: Option<i64>,
    pub request_key: Option<&'a str>,
}

/// What Stripe says of a refund.
#[derive(Clone, Debug)]
pub struct RefundFacts {
    pub id: String,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    pub amount: i64,
    pub state: RefundState,
    /// Our row, if the refund was asked for by this shop.
    pub row: Option<Id>,
    pub item_position: Option<i64>,
    pub request_key: Option<String>,
    pub reason: Option<String>,
    /// Stripe's word for why it failed: <https://docs.stripe.com/refunds#failed-refunds>
    pub failure: Option<String>,
}

impl StripeApi {
    /// Sends money back. Sent twice with one key, it is one refund.
    pub async fn create_refund(&self, new: NewRefund<'_>) -> Result<RefundFacts, Failure> {
        let mut metadata: HashMap<String, String> = [(REFUND_KEY.to_owned(), new.id.simple().to_string())].into();
        metadata.extend(new.item_position.map(|position| (ITEM_KEY.to_owned(), position.to_string())));
        metadata.extend(new.request_key.map(|key| (REQUEST_KEY.to_owned(), key.to_owned())));
        let key = IdempotencyKey::try_from(new.idempotency_key).map_err(|error| Failure::Refused {
            status: 400,
            code: None,
            message: format!("{error:?}"),
        })?;
        let mut call = CreateRefund::new().payment_intent(new.payment_intent).amount(new.amount).metadata(metadata);
        call = match new.reason {
            Some("duplicate") => call.reason(CreateRefundReason::Duplicate),
            Some("fraudulent") => call.reason(CreateRefundReason::Fraudulent),
            Some("requested_by_customer") => call.reason(CreateRefundReason::RequestedByCustomer),
            _ => call,
        };
        let refund = call.customize().request_strategy(RequestStrategy::Idempotent(key)).send(&self.client).await?;
        facts(refund)
    }

    pub async fn retrieve_refund(&self, id: &str) -> Result<RefundFacts, Failure> {
        facts(RetrieveRefund::new(id.to_owned()).send(&self.client).await?)
    }

    /// All refunds of a payment.
    pub async fn refunds_of_intent(&self, payment_intent: &str) -> Result<Vec<RefundFacts>, Failure> {
        let page = ListRefund::new().payment_intent(payment_intent).limit(PAGE).send(&self.client).await?;
        page.data.into_iter().map(facts).collect()
    }

    /// All refunds of a charge.
    pub async fn refunds_of_charge(&self, charge: &str) -> Result<Vec<RefundFacts>, Failure> {
        let page = ListRefund::new().charge(charge).limit(PAGE).send(&self.client).await?;
        page.data.into_iter().map(facts).collect()
    }
}

fn facts(refund: Refund) -> Result<RefundFacts, Failure> {
    let word = refund.status.as_deref().unwrap_or("pending");
    // A word that Stripe learned after us is no reason to guess.
    let state = word
        .parse::<RefundState>()
        .ok()
        .filter(|state| *state != RefundState::Requested)
        .ok_or_else(|| Failure::Unreachable(format!("refund {} has the unknown status {word}", refund.id)))?;
    let kept = |key: &str| refund.metadata.as_ref().and_then(|metadata| metadata.get(key));
    Ok(RefundFacts {
        item_position: kept(ITEM_KEY).and_then(|position| position.parse().ok()),
        request_key: kept(REQUEST_KEY).cloned(),
        row: kept(REFUND_KEY).and_then(|id| Id::try_parse(id).ok()),
        payment_intent: refund.payment_intent.as_ref().map(|intent| intent.id().to_string()),
        charge: refund.charge.as_ref().map(|charge| charge.id().to_string()),
        amount: refund.amount,
        state,
        reason: refund.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        failure: refund.failure_reason,
        id: refund.id.to_string(),
    })
}
