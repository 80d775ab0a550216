//! Asks Stripe how a payment was made, where a mail has not done that, and what it cost.

use super::{Done, GivenUp, Stop, Work, id_in};
use crate::Shop;
use crate::jobs::outbox::JobRow;
use crate::payments::method;
use crate::payments::stripe::Failure;
use async_trait::async_trait;

pub(super) struct PaymentMethod;

/// Stripe usually creates a charge's balance transaction within seconds, and at the latest within an hour.
const BOOKED_WITHIN_MS: i64 = 2 * 60 * 60 * 1000;

#[async_trait]
impl Work for PaymentMethod {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let Ok(learned) = tokio::time::timeout(method::PATIENCE, method::learn(shop, id_in(job)?)).await else {
            // Mails are sent by the same hands.
            return Err(Stop::Retry("Stripe is slow".to_owned()));
        };
        match learned? {
            Ok(false) if shop.clock.now_ms() < job.created_at + BOOKED_WITHIN_MS => {
                Err(Stop::Retry("Stripe has not booked the charge yet".to_owned()))
            }
            Ok(_) => Ok(Done::AsAsked),
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
