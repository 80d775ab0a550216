//! Early warnings of a card network: told to the owner, who may refund before it becomes a dispute.

use super::{Event, Family, Handled};
use crate::payments::fraud;
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct EarlyFraudWarning;

#[async_trait]
impl Family for EarlyFraudWarning {
    fn names(&self) -> &'static [&'static str] {
        &["radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        Ok(Handled::Followed(match shop.stripe.retrieve_warning(event.object).await {
            Ok(facts) => fraud::follow(shop, &facts).await?,
            Err(failure) => Err(failure),
        }))
    }
}
