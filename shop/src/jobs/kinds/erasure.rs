//! Takes the addresses of a customer who was erased out of all texts.

use super::{Done, GivenUp, Stop, Work, id_in};
use crate::jobs::outbox::JobRow;
use crate::{Shop, customers};
use async_trait::async_trait;

pub(super) struct Erasure;

#[async_trait]
impl Work for Erasure {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        customers::go_on_erasing(shop, id_in(job)?, customers::Pace::USUAL).await?;
        Ok(Done::AsAsked)
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("A customer was erased, but the address could not be taken out of all texts: {why}.");
        Some(GivenUp { what, to_do: "Try it again in the dashboard." })
    }
}
