//! The way back of who has lost the mail: links to all orders of an address, mailed there and told nobody else.

use super::{order_url, pages};
use crate::base::entities::order;
use crate::{Result, Shop, jobs};
use domain::email::Email;
use domain::id::order_number;
use domain::money::Money;
use domain::order::FoundOrder;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// So long after a mail no other one follows, however often it is asked for.
const PAUSE_MS: i64 = 10 * 60 * 1000;
/// At most this many mails in a day.
const MAX_A_DAY: usize = 3;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// At most this many orders are in a mail, the latest.
const MAX_ORDERS: u64 = 30;

/// Mails an address the links to its orders. The answer is the same, and as quick, whether there are any or not.
///
/// # Errors
/// Refuses what is no address.
pub async fn request_links(shop: &Shop, email: &str) -> Result<()> {
    let email = Email::parse(email)?;
    let shop = shop.clone();
    // Not waited for: how long it takes would tell who is a customer.
    tokio::spawn(async move {
        if let Err(error) = mail_links(&shop, &email).await {
            tracing::error!(?error, "links to orders could not be mailed");
        }
    });
    Ok(())
}

/// As [`request_links`], waited for.
pub async fn mail_links(shop: &Shop, email: &Email) -> Result<()> {
    let Some(latest) = of_address(shop, email, 1).await?.pop() else { return Ok(()) };
    let now = shop.clock.now_ms();
    let sent = jobs::made_since(&shop.db, jobs::Kind::OrderLinksMail, latest.id, now - DAY_MS).await?;
    if sent.len() >= MAX_A_DAY || sent.iter().any(|at| *at > now - PAUSE_MS) {
        return Ok(());
    }
    // Of those who ask at once, one is heard.
    let key = format!("order-links:{}:{}", latest.id, now / PAUSE_MS);
    jobs::enqueue(&shop.db, shop, jobs::Kind::OrderLinksMail, &key, &latest.id.to_string(), Some(latest.id)).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// The orders of the address that this one has now, latest first.
pub(crate) async fn found_with(shop: &Shop, order: &order::Model) -> Result<Vec<FoundOrder>> {
    let Ok(email) = Email::parse(&order.email) else { return Ok(Vec::new()) };
    let orders = of_address(shop, &email, MAX_ORDERS).await?;
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

/// The orders of exactly this address in any case: on some hosts `ann+x@…` is somebody else's than `ann@…`, though both count as one
/// customer. What was never paid has nothing to open.
async fn of_address(shop: &Shop, email: &Email, n: u64) -> Result<Vec<order::Model>> {
    let lower = Expr::expr(Func::lower(Expr::col(order::Column::Email)));
    let orders = order::Entity::find()
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::EmailNormalized.eq(email.normalized()))
        .filter(lower.eq(email.as_str().to_lowercase()).or(order::Column::Email.eq(email.as_str())))
        .filter(order::Column::PaidAt.is_not_null());
    Ok(orders.order_by_desc(order::Column::Id).limit(n).all(&shop.db).await?)
}
