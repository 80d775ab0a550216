//! What the customer gets: entitlements, licences, the mail. Each once.

use crate::database::{begin_write, execute, retried, statement};
use crate::entities::{order, order_item};
use crate::{Result, Shop, carts, entitlements, jobs, ledger, licenses, orders, promotions, world};
use domain::id::Id;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};
use std::collections::BTreeMap;

/// Everything that comes with the payment of an order, in its transaction.
pub(super) async fn deliver(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let customer_id = customer(tx, shop, order).await?;
    execute(tx, "UPDATE orders SET customer_id = $2 WHERE id = $1", [order.id.into(), customer_id.into()]).await?;
    let items = grant(tx, shop, order).await?;
    if let Some(cart_id) = order.cart_id {
        carts::take_out(tx, cart_id, order.id).await?;
    }
    enqueue_mail(tx, shop, order.id).await?;
    orders::note_both(tx, shop, order.id, ["paid", "entitled"]).await?;
    promotions::redeem(tx, order.id).await?;
    count_sold(tx, &items).await
}

async fn grant(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Vec<order_item::Model>> {
    let items = order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id)).all(tx).await?;
    for item in &items {
        for unit_no in 1..=item.quantity {
            let entitlement_id = entitlements::grant(tx, shop, order, item, unit_no).await?;
            if item.has_license {
                licenses::issue(tx, shop, order, item, unit_no, entitlement_id).await?;
            }
        }
    }
    Ok(items)
}

async fn enqueue_mail(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<()> {
    jobs::enqueue(tx, shop, jobs::Kind::OrderMail, &format!("order-mail:{order_id}"), &order_id.to_string(), Some(order_id)).await
}

/// Rows that orders share are locked last and in one order, so that two orders of the same goods wait for each other briefly, and never both.
async fn count_sold(tx: &DatabaseTransaction, items: &[order_item::Model]) -> Result<()> {
    let mut n_sold: BTreeMap<Id, i64> = BTreeMap::new();
    for item in items {
        *n_sold.entry(item.product_id).or_default() += item.quantity;
    }
    for (product_id, n) in n_sold {
        execute(tx, "UPDATE products SET n_sold = n_sold + $2 WHERE id = $1", [product_id.into(), n.into()]).await?;
    }
    Ok(())
}

async fn customer(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Id> {
    let sql = "INSERT INTO customers (id, store_id, email, email_normalized, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id, email_normalized) DO NOTHING RETURNING id";
    let values = [
        world::new_id().into(),
        order.store_id.into(),
        order.email.clone().into(),
        order.email_normalized.clone().into(),
        shop.clock.now_ms().into(),
    ];
    if let Some(new) = tx.query_one_raw(statement(tx, sql, values)).await? {
        return Ok(new.try_get("", "id")?);
    }
    let sql = "SELECT id FROM customers WHERE store_id = $1 AND email_normalized = $2";
    let row = tx.query_one_raw(statement(tx, sql, [order.store_id.into(), order.email_normalized.clone().into()])).await?;
    Ok(row.ok_or(crate::Error::NotFound)?.try_get("", "id")?)
}

/// How far back it is looked for deliveries that were not finished: three days.
const LOOK_BACK_MS: i64 = 3 * 24 * 60 * 60 * 1000;

#[derive(FromQueryResult)]
struct UnfinishedRow {
    id: Id,
}

/// Finishes deliveries of paid orders that lack a piece or their mail, whatever took it away. As a rule there is none: a
/// delivery is one transaction.
pub(crate) async fn complete_unfinished(shop: &Shop) -> Result<()> {
    let sql = "SELECT o.id FROM orders o WHERE o.store_id = $1 AND o.paid_at > $2 AND ( \
                 (SELECT COUNT(*) FROM entitlements e WHERE e.order_id = o.id) < (SELECT COALESCE(SUM(i.quantity), 0) FROM order_items i WHERE i.order_id = o.id) \
                 OR NOT EXISTS (SELECT 1 FROM jobs j WHERE j.order_id = o.id AND j.kind = 'order_mail') \
                    AND NOT EXISTS (SELECT 1 FROM order_events t WHERE t.order_id = o.id AND t.kind = 'mailed')) LIMIT 100";
    let since = shop.clock.now_ms() - LOOK_BACK_MS;
    for row in
        UnfinishedRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into(), since.into()])).all(&shop.db).await?
    {
        // One order in trouble must not keep the others waiting.
        if let Err(error) = retried(|| complete(shop, row.id)).await {
            tracing::error!(order = %row.id, ?error, "a delivery could not be finished; the next round tries again");
        }
    }
    Ok(())
}

async fn complete(shop: &Shop, order_id: Id) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order_id).await?;
    grant(&tx, shop, &order).await?;
    enqueue_mail(&tx, shop, order.id).await?;
    orders::note(&tx, shop, order.id, "completed", "").await?;
    ledger::follow(&tx, shop, &order).await?;
    tx.commit().await?;
    tracing::error!(order = %order.public_id, "a delivery that was not finished is finished now");
    metrics::counter!("deliveries_completed_total").increment(1);
    shop.wake.jobs.notify_one();
    Ok(())
}
