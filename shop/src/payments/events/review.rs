//! Reviews by Stripe's rules: the goods are held back until somebody has decided.

use super::{Event, Family, Handled};
use crate::payments::fraud;
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct Review;

#[async_trait]
impl Family for Review {
    fn names(&self) -> &'static [&'static str] {
        &["review.opened", "review.closed"]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        Ok(Handled::Followed(match shop.stripe.retrieve_review(event.object).await {
            Ok(facts) => fraud::follow(shop, &facts).await?,
            Err(failure) => Err(failure),
        }))
    }
}
