//! Payment intents: the second chance, should the event of their session be lost.

use super::checkout_session::settle;
use super::{Event, Family, Handled};
use crate::{Result, Shop};
use async_trait::async_trait;

pub(super) struct PaymentIntent;

#[async_trait]
impl Family for PaymentIntent {
    fn names(&self) -> &'static [&'static str] {
        &["payment_intent.succeeded", "payment_intent.processing", "payment_intent.payment_failed", "payment_intent.canceled"]
    }

    /// Those under way say nothing that their sessions don't.
    fn listed(&self) -> &'static [&'static str] {
        &["payment_intent.succeeded"]
    }

    async fn follow(&self, shop: &Shop, event: Event<'_>) -> Result<Handled> {
        let facts = shop.stripe.find_session_of_intent(event.object).await;
        settle(shop, &event, facts).await
    }
}
