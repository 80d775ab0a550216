//! Disputes: a bank takes money back, or returns it.

use super::{Event, Family, Handled};
use crate::payments::disputes;
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct Dispute;

#[async_trait]
impl Family for Dispute {
    fn names(&self) -> &'static [&'static str] {
        &[
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
        ]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        Ok(Handled::Followed(match shop.stripe.retrieve_dispute(event.object).await {
            Ok(facts) => disputes::follow(shop, &facts).await?,
            Err(failure) => Err(failure),
        }))
    }
}
