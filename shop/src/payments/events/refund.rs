//! Refunds: money that goes back, as far as Stripe has brought it.

use super::{Event, Family, Handled};
use crate::payments::refunds;
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct Refund;

#[async_trait]
impl Family for Refund {
    fn names(&self) -> &'static [&'static str] {
        &["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        Ok(Handled::Followed(match shop.stripe.retrieve_refund(event.object).await {
            Ok(facts) => refunds::follow(shop, &facts).await?,
            Err(failure) => Err(failure),
        }))
    }
}
