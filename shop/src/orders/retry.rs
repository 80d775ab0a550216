//! A delivery that failed, tried again: its mails, its refunds, and pieces that were not handed over.

use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::{Result, Shop, base::refusals, fulfillment, jobs};
use domain::id::order_number;
use domain::timeline::Step;

/// Tries again all that was given up for an order, and hands over what is missing.
///
/// # Errors
/// 409 where nothing of the order failed.
pub async fn retry_delivery(shop: &Shop, by: &Actor, order: &str) -> Result<()> {
    let order = super::find(shop, order).await?;
    let was_paid = order.status.was_paid();
    let is_unfinished = was_paid && fulfillment::is_unfinished(shop, order.id).await?;
    if is_unfinished {
        fulfillment::complete(shop, order.id).await?;
    }
    let tx = begin_write(&shop.db).await?;
    let n = jobs::revive_of_order(&tx, shop, order.id).await?;
    if n == 0 && !is_unfinished {
        return Err(refusals::NOTHING_FAILED.into());
    }
    super::note(&tx, shop, order.id, Step::DeliveryRetried, &format!("by {}", by.name)).await?;
    let name = order_number(&order.public_id);
    audit::note(&tx, shop, by, Action { act: "retried", kind: "order", id: Some(order.id), name: &name }).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}
