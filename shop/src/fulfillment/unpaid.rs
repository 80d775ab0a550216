//! Payments that have not arrived: under way, failed, expired. Nothing that was decided later is undone.

use crate::base::database::begin_write;
use crate::base::entities::order;
use crate::base::secret::hmac_sha256;
use crate::orders::steps::{self, While};
use crate::payments::stripe::CheckoutFacts;
use crate::{Result, Shop, checkout::promotions, jobs, orders};
use domain::ledger::Progress;
use domain::order::OrderStatus;
use sea_orm::DatabaseTransaction;

/// The address is whatever somebody typed: how many mails about failed payments it gets within a day.
const MAX_FAILURES_TOLD: u8 = 3;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Lets an unpaid order follow how far its payment has come. Only its own session speaks for it: an older attempt's end says
/// nothing of the newer.
pub(super) async fn follow(shop: &Shop, order: &order::Model, facts: &CheckoutFacts, progress: Progress) -> Result<()> {
    if progress.leaves().is_empty() {
        return Ok(());
    }
    take_step(shop, order, progress.leaves(), progress.status(), While::Session(&facts.id)).await
}

/// An attempt that never had a page: nobody can pay it.
pub(crate) async fn end_without_session(shop: &Shop, order: &order::Model, to: OrderStatus) -> Result<()> {
    take_step(shop, order, &[OrderStatus::Pending], to, While::WithoutSession { attempt: order.checkout_attempt }).await
}

/// An order whose session was ended because its cart is bought by another one. A session that is being opened for it meanwhile will
/// not find it waiting any more.
pub(crate) async fn end_superseded(shop: &Shop, order: &order::Model) -> Result<()> {
    take_step(shop, order, &[OrderStatus::Pending], OrderStatus::Expired, While::Version(order.version)).await
}

/// Moves an order from one of some statuses to another under a condition; one that ends gives back what it held.
async fn take_step(shop: &Shop, order: &order::Model, from: &[OrderStatus], to: OrderStatus, condition: While<'_>) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    for before in from {
        if !steps::follow_payment(&tx, order.id, *before, to, condition).await? {
            continue;
        }
        if to != OrderStatus::Processing {
            promotions::release(&tx, order.id).await?;
        }
        orders::note(&tx, shop, order.id, to.into(), "").await?;
        // Whoever waits for a bank has left the page long ago.
        if *before == OrderStatus::Processing && to == OrderStatus::Failed {
            tell_failure(&tx, shop, order).await?;
        }
        tracing::info!(order = %order.public_id, from = %before, to = %to, "order follows its payment");
        break;
    }
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// Tells the customer, unless the address has had as many such mails as it gets. Each has one of the day's places, so that of orders
/// which fail at once no two take the same.
async fn tell_failure(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let address = hmac_sha256(&shop.settings.secret_key.derive("failed payments", b""), &[order.email_normalized.as_bytes()]);
    let address = data_encoding::HEXLOWER.encode(&address[..16]);
    let day = shop.clock.now_ms() / DAY_MS;
    for place in 0..MAX_FAILURES_TOLD {
        let key = format!("payment-failed:{address}:{day}:{place}");
        if jobs::enqueue_new(tx, shop, jobs::Kind::PaymentFailedMail, &key, &order.id.to_string(), Some(order.id)).await? {
            break;
        }
    }
    Ok(())
}
