//! Charges: of one that was refunded, all refunds are looked at.

use super::{Event, Family, Handled};
use crate::payments::refunds;
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct Charge;

#[async_trait]
impl Family for Charge {
    fn names(&self) -> &'static [&'static str] {
        &["charge.refunded"]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        Ok(Handled::Followed(match shop.stripe.refunds_of_charge(event.object).await {
            Ok(facts) => refunds::follow_all(shop, &facts).await?,
            Err(failure) => Err(failure),
        }))
    }
}
