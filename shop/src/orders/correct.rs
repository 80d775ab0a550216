//! A mistyped address, corrected: the order belongs to another customer from then on.

use super::link::replace_key;
use super::{mail_in, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::order;
use crate::{
    Error, Result, Shop,
    checkout::{self, promotions},
    customers,
    fulfillment::entitlements,
    payments::ledger,
};
use domain::email::Email;
use domain::id::{Id, order_number};
use domain::timeline::Step;

/// Moves an order to the right address and mails it there. The old address is told nothing, and what it has opens nothing any
/// more: whoever reads it may be a stranger. A copy of the address that the order has already changes nothing.
///
/// # Errors
/// Refuses what is no address; 409 where nothing was paid, or the customer was erased.
pub async fn correct_email(shop: &Shop, by: &Actor, order: &str, email: &str) -> Result<()> {
    let email = Email::parse(email)?;
    let order_id = super::find(shop, order).await?.id;
    retried(|| write(shop, by, order_id, &email)).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

async fn write(shop: &Shop, by: &Actor, order_id: Id, email: &Email) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order_id).await?;
    if !order.status.was_paid() {
        return Err(Error::conflict("order_not_paid", "This order is not paid, so nothing was mailed yet. Its customer can order again."));
    }
    if customers::is_erased_address(&order.email) {
        return Err(Error::conflict("customer_erased", "The customer of this order was erased. That can't be taken back."));
    }
    if order.email == email.as_str() {
        return Ok(());
    }
    let normalized = email.normalized();
    let customer_id = customers::ensure(&tx, shop, order.store_id, email).await?;
    steps::move_to(&tx, order.id, email.as_str(), &normalized, customer_id).await?;
    entitlements::move_to(&tx, order.id, &normalized).await?;
    promotions::move_to(&tx, order.id, &normalized).await?;
    if order.email_normalized != normalized {
        checkout::move_free_order(&tx, shop, &order, &normalized).await?;
        replace_key(&tx, shop, order.id).await?;
    }
    if let Some(old) = order.customer_id.filter(|old| *old != customer_id) {
        customers::drop_if_empty(&tx, old).await?;
    }
    super::note(&tx, shop, order.id, Step::EmailCorrected, &format!("by {}", by.name)).await?;
    audit(&tx, shop, by, &order).await?;
    // The name of the mail carries the change, so that correcting within the minute of another mail sends one all the same.
    mail_in(&tx, shop, &order, &format!("corrected:{}", order.version)).await?;
    tx.commit().await?;
    tracing::info!(order = %order.public_id, "address corrected");
    Ok(())
}

/// The log says that it was done and by whom; addresses stand in rows that can be erased.
async fn audit(tx: &sea_orm::DatabaseTransaction, shop: &Shop, by: &Actor, order: &order::Model) -> Result<()> {
    let name = order_number(&order.public_id);
    audit::note(tx, shop, by, Action { act: "corrected_email", kind: "order", id: Some(order.id), name: &name }).await
}
