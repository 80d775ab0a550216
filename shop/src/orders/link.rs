//! A new link to an order, for one that came into the wrong hands: the old one opens nothing any more.

use super::access::lock_paid;
use super::{mail_in, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::{
    Result, Shop,
    base::{once, refusals, world},
    chance, customers,
    fulfillment::downloads,
};
use domain::id::{Id, order_number};
use domain::timeline::Step;
use sea_orm::DatabaseTransaction;
use serde::Serialize;

/// Replaces the key of an order, and mails the new link to its customer if that was chosen. Links, mails and cookies with the old key
/// stop working, and so do links to files. One request key does it once.
///
/// # Errors
/// 409 where nothing was paid, or where a mail was asked for and its customer was erased.
pub async fn renew_link(shop: &Shop, by: &Actor, order: &str, is_mailed: bool, request_key: Option<&str>) -> Result<()> {
    let order_id = super::find(shop, order).await?.id;
    retried(|| write(shop, by, order_id, is_mailed, request_key)).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

async fn write(shop: &Shop, by: &Actor, order_id: Id, is_mailed: bool, request_key: Option<&str>) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = lock_paid(&tx, order_id).await?;
    if is_mailed && customers::is_erased_address(&order.email) {
        return Err(refusals::CUSTOMER_ERASED.into());
    }
    if !once::is_new(&tx, shop, request_key, &format!("link {order_id} {is_mailed}")).await? {
        return Ok(());
    }
    replace_key(&tx, shop, order_id).await?;
    let number = order_number(&order.public_id);
    let action = Action { act: "renewed_link", kind: "order", id: Some(order.id), name: &number };
    audit::record(&tx, shop, by, action, None, Some(&Renewed { is_mailed })).await?;
    let how = if is_mailed { "mailed" } else { "not mailed" };
    super::note(&tx, shop, order.id, Step::LinkRenewed, &format!("{how}, by {}", by.name)).await?;
    if is_mailed {
        // The mail takes the link that the order has when it is sent.
        mail_in(&tx, shop, &order, &format!("link:{}", world::new_id().simple())).await?;
    }
    tx.commit().await?;
    tracing::info!(order = %order.public_id, is_mailed, "new link made");
    Ok(())
}

#[derive(Serialize)]
struct Renewed {
    is_mailed: bool,
}

/// Lets nobody in who has the key of the order, or a link to one of its files. The request that made the order tells its key no more.
pub(super) async fn replace_key(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<()> {
    steps::replace_key(tx, order_id, chance::<16>().to_vec()).await?;
    downloads::end_links(tx, order_id, shop.clock.now_ms()).await
}
