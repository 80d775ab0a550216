//! The mail that tells a customer of a refund.

use super::{Done, GivenUp, Stop, Work, id_in, letter};
use crate::base::entities::refund;
use crate::jobs::mail::templates;
use crate::jobs::outbox::JobRow;
use crate::{Error, Shop, orders, stores};
use async_trait::async_trait;
use domain::entitlement::EntitlementState;
use domain::order::{OrderStatus, OrderView};
use domain::timeline::Step;
use sea_orm::EntityTrait;

pub(super) struct RefundMail;

#[async_trait]
impl Work for RefundMail {
    async fn run(&self, shop: &Shop, job: &JobRow) -> Result<Done, Stop> {
        let refund = refund::Entity::find_by_id(id_in(job)?).one(&shop.db).await.map_err(Error::from)?.ok_or(Error::NotFound)?;
        if !refund.state.counts() {
            return Ok(Done::Needless);
        }
        let order = orders::reload(shop, refund.order_id).await?;
        let (view, store) = (orders::view(shop, &order).await?, stores::face(shop).await?);
        let url = orders::order_url(shop, &order);
        let written = templates::refund(templates::RefundMail {
            store: &store,
            order: &view,
            order_url: &url,
            amount: view.money(refund.amount),
            access: access(&view),
            item: refund.order_item_id.and_then(|id| view.items.iter().find(|line| line.id == id)).map(|line| line.title.as_str()),
        });
        letter::send_to_customer(shop, job, order, written).await
    }

    fn step(&self) -> Option<Step> {
        Some(Step::RefundMailed)
    }

    fn given_up(&self, why: &str) -> Option<GivenUp> {
        let what = format!("The mail that tells a customer of a refund could not be sent: {why}. The refund itself is made.");
        Some(letter::given_up(what))
    }
}

fn access(order: &OrderView) -> EntitlementState {
    match order.status {
        OrderStatus::Refunded | OrderStatus::ChargedBack => EntitlementState::Revoked,
        OrderStatus::Disputed => EntitlementState::Suspended,
        _ => EntitlementState::Active,
    }
}
