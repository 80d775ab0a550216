//! The mail with links to all orders of an address, for who has lost the others.

use super::{Done, GivenUp, Stop, Work, id_in, letter};
use crate::jobs::mail::templates;
use crate::jobs::outbox::JobRow;
use crate::{Shop, orders, stores};
use async_trait::async_trait;

pub(super) struct OrderLinksMail;

#[async_trait]
impl Work for OrderLinksMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let order = orders::reload(shop, id_in(job)?).await?;
        let (found, store) = (orders::found_with(shop, &order).await?, stores::face(shop).await?);
        if found.is_empty() {
            return Ok(Done::Needless);
        }
        let written = templates::order_links(templates::OrderLinksMail { store: &store, orders: &found });
        letter::send_to_customer(shop, job, order, written).await
    }

    /// Anybody may ask for it, and who did asks again: the owner has nothing to do.
    fn given_up(&self, _why: &str) -> Option<GivenUp> {
        None
    }
}
