//! The mail that tells a customer that the bank returned the payment.

use super::{Done, GivenUp, Stop, Work, id_in, letter};
use crate::jobs::mail::templates;
use crate::jobs::outbox::JobRow;
use crate::{Shop, orders, stores};
use async_trait::async_trait;
use domain::order::OrderStatus;
use domain::timeline::Step;

pub(super) struct PaymentFailedMail;

#[async_trait]
impl Work for PaymentFailedMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let order = orders::reload(shop, id_in(job)?).await?;
        if order.status != OrderStatus::Failed {
            return Ok(Done::Needless);
        }
        let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
        let url = orders::order_url(shop, &order);
        let written = templates::payment_failed(templates::PaymentFailedMail { store: &store, order: &view, order_url: &url });
        letter::send_to_customer(shop, job, order, written).await
    }

    fn step(&self) -> Option<Step> {
        Some(Step::FailureMailed)
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("The mail that tells a customer of a failed payment could not be sent: {why}. Nothing was charged.");
        Some(letter::given_up(what))
    }
}
