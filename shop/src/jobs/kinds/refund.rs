//! Sends money back, should that have broken off.

use super::{Done, GivenUp, Stop, Work, id_in};
use crate::Shop;
use crate::jobs::outbox::JobRow;
use crate::payments::refunds::{Carried, carry_out};
use async_trait::async_trait;

pub(super) struct Refund;

#[async_trait]
impl Work for Refund {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        match carry_out(shop, id_in(job)?, false).await? {
            Carried::Later(why) => Err(Stop::Retry(why)),
            // Where Stripe refused it, the owner was told in the transaction that gave it up.
            Carried::Done | Carried::Refused(_) => Ok(Done::AsAsked),
        }
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("A refund could not be made for two days: {why}. The amount stays reserved.");
        Some(GivenUp { what, to_do: "See whether Stripe takes the shop's key, then try it again in the dashboard." })
    }
}
