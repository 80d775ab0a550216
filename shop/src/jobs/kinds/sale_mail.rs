//! The mail that tells the owner of a sale.

use super::letter::{deliver, message_id};
use super::{Done, GivenUp, Stop, Work, id_in};
use crate::analytics::country_name;
use crate::jobs::mail::{Mail, templates};
use crate::jobs::outbox::JobRow;
use crate::jobs::sale_mails;
use crate::{Shop, customers, orders, stores};
use async_trait::async_trait;

pub(super) struct SaleMail;

#[async_trait]
impl Work for SaleMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let Some(to) = sale_mails::recipient(shop).await? else { return Ok(Done::Needless) };
        let order = orders::reload(shop, id_in(job)?).await?;
        if customers::is_erased_address(&order.email) {
            return Ok(Done::Needless);
        }
        let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
        let (subject, text, html) = templates::sale(templates::SaleMail {
            store: &store,
            order: &view,
            is_test: !order.livemode && order.amount_total > 0,
            country: country_name(&order.country),
            source: &order.referrer,
        });
        // Whoever answers writes to the buyer.
        let reply_to = Some(order.email);
        deliver(shop, &Mail { message_id: message_id(shop, job), to, subject, text, html, reply_to, from_name: None }).await?;
        Ok(Done::AsAsked)
    }

    /// An alert would go the same way.
    fn given_up(&self, _: &str) -> Option<GivenUp> {
        None
    }
}
