//! Checkout Sessions: what was paid, or won't be.

use super::{Event, Family, Handled};
use crate::fulfillment::settle_with;
use crate::payments::stripe::{CheckoutFacts, Failure};
use crate::{Result, Shop, fulfillment::Settlement};
use async_trait::async_trait;

pub(super) struct CheckoutSession;

#[async_trait]
impl Family for CheckoutSession {
    fn names(&self) -> &'static [&'static str] {
        &[
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        let facts = shop.stripe.retrieve_session(event.object).await;
        settle(shop, &event, facts.map(Some)).await
    }
}

/// Lets the order follow its session, and notes the event in the transaction that delivers.
pub(super) async fn settle(shop: &Shop, event: &Event<'_>, facts: std::result::Result<Option<CheckoutFacts>, Failure>) -> Result<Handled> {
    let mut facts = match facts {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ok(Handled::Followed(Ok(Settlement::NotOurs))),
        Err(failure) => return Ok(Handled::Followed(Err(failure))),
    };
    facts.happened_at = event.happened_at.or(facts.happened_at);
    let (settlement, is_done) = settle_with(shop, &facts, Some(&event.receipt)).await?;
    Ok(if is_done { Handled::Acknowledged } else { Handled::Followed(Ok(settlement)) })
}
