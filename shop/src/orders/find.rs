//! The way back of who has lost the mail: links to all orders of an address, mailed there and told nobody else.

use super::{order_url, pages};
use crate::base::entities::order;
use crate::{Result, Shop, jobs};
use domain::email::Email;
use domain::id::order_number;
use domain::money::Money;
use domain::order::FoundOrder;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// One mail goes to an address in this time, however often it is asked for.
const WINDOW_MS: i64 = 10 * 60 * 1000;
/// At most this many orders are in a mail, the latest.
const MAX_ORDERS: u64 = 30;

/// Mails an address the links to its orders. Who asks is told the same, whether there are any or not.
///
/// # Errors
/// Refuses what is no address.
pub async fn mail_links(shop: &Shop, email: &str) -> Result<()> {
    let email = Email::parse(email)?;
    let Some(latest) = of_address(shop, &email.normalized(), 1).await?.pop() else { return Ok(()) };
    let key = format!("order-links:{}:{}", latest.id, shop.clock.now_ms() / WINDOW_MS);
    jobs::enqueue(&shop.db, shop, jobs::Kind::OrderLinksMail, &key, &latest.id.to_string(), Some(latest.id)).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// The orders of the address that this one has now, latest first.
pub(crate) async fn found_with(shop: &Shop, order: &order::Model) -> Result<Vec<FoundOrder>> {
    let orders = of_address(shop, &order.email_normalized, MAX_ORDERS).await?;
    let mut titles = pages::titles(shop, orders.iter().map(|order| order.public_id.clone()).collect()).await?;
    let found = orders.iter().map(|order| FoundOrder {
        number: order_number(&order.public_id),
        ordered_at: order.created_at,
        total: Money::new(order.amount_total, *order.currency),
        titles: titles.remove(&order.public_id).unwrap_or_default(),
        url: order_url(shop, order),
    });
    Ok(found.collect())
}

/// What was never paid has nothing to open.
async fn of_address(shop: &Shop, email_normalized: &str, n: u64) -> Result<Vec<order::Model>> {
    let orders = order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::EmailNormalized.eq(email_normalized))
        .filter(order::Column::PaidAt.is_not_null());
    Ok(orders.order_by_desc(order::Column::Id).limit(n).all(&shop.db).await?)
}
