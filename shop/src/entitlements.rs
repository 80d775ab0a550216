//! Entitlements: what a customer may have, one a piece.

use crate::database::statement;
use crate::entities::{order, order_item};
use crate::{Error, Result, Shop, world};
use domain::id::Id;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Grants one piece of a line, once; the id is that of the first time.
pub(crate) async fn grant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    item: &order_item::Model,
    unit_no: i64,
) -> Result<Id> {
    let sql = "INSERT INTO entitlements (id, store_id, order_id, order_item_id, unit_no, product_id, variant_id, email_normalized, download_limit, state, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10) ON CONFLICT (order_item_id, unit_no) DO NOTHING RETURNING id";
    let values = [
        world::new_id().into(),
        order.store_id.into(),
        order.id.into(),
        item.id.into(),
        unit_no.into(),
        item.product_id.into(),
        item.variant_id.into(),
        order.email_normalized.clone().into(),
        item.download_limit.into(),
        shop.clock.now_ms().into(),
    ];
    if let Some(new) = tx.query_one_raw(statement(tx, sql, values)).await? {
        return Ok(new.try_get("", "id")?);
    }
    let sql = "SELECT id FROM entitlements WHERE order_item_id = $1 AND unit_no = $2";
    let row = tx.query_one_raw(statement(tx, sql, [item.id.into(), unit_no.into()])).await?;
    Ok(row.ok_or(Error::NotFound)?.try_get("", "id")?)
}

/// Whether something of an order waits for a decision.
pub(crate) async fn has_suspended(db: &impl ConnectionTrait, order_id: Id) -> Result<bool> {
    let sql = "SELECT 1 AS n FROM entitlements WHERE order_id = $1 AND state = 'suspended' LIMIT 1";
    Ok(db.query_one_raw(statement(db, sql, [order_id.into()])).await?.is_some())
}
