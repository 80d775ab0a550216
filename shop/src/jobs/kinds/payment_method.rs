//! Asks Stripe how a payment was made, where a mail has not done that, and what it cost.

use super::{Done, GivenUp, Stop, Work, id_in};
use crate::Shop;
use crate::jobs::outbox::JobRow;
use crate::payments::method;
use crate::payments::stripe::Failure;
use async_trait::async_trait;

pub(super) struct PaymentMethod;

#[async_trait]
impl Work for PaymentMethod {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        match method::learn(shop, id_in(job)?).await? {
            Ok(()) => Ok(Done::AsAsked),
            // A key that may not read charges will not learn to; nothing depends on it.
            Err(failure @ Failure::Refused { .. }) => {
                tracing::info!(order = ?job.order_id, %failure, "Stripe doesn't tell how an order was paid");
                Ok(Done::Needless)
            }
            Err(failure) => Err(Stop::Retry(failure.to_string())),
        }
    }

    /// Nobody has anything to do.
    fn given_up(&self, _: &str) -> Option<GivenUp> {
        None
    }
}
