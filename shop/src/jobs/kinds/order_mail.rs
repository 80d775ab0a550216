//! The mail that brings an order.

use super::{Done, GivenUp, Stop, Work, id_in, letter};
use crate::jobs::mail::templates;
use crate::jobs::outbox::JobRow;
use crate::{Shop, orders, payments, stores};
use async_trait::async_trait;
use domain::timeline::Step;

pub(super) struct OrderMail;

#[async_trait]
impl Work for OrderMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let order = orders::reload(shop, id_in(job)?).await?;
        payments::method::learn_in_time(shop, &order).await?;
        let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
        let url = orders::order_url(shop, &order);
        let written = templates::order(templates::OrderMail { store: &store, order: &view, order_url: &url });
        letter::send_to_customer(shop, job, order, written).await
    }

    fn step(&self) -> Option<Step> {
        Some(Step::Mailed)
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("The mail that brings an order could not be sent: {why}. The order itself is paid and delivered on its page.");
        Some(letter::given_up(what))
    }
}
