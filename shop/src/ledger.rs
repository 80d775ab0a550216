//! The ledger of an order in the database: its rows are read, and what follows from them is written.

use crate::database::{execute, statement};
use crate::entities::{order, order_item};
use crate::{Error, Result, Shop, orders};
use domain::entitlement::EntitlementState;
use domain::id::Id;
use domain::ledger::{DisputeStatus, Fact, Ledger, RefundFact, RefundState};
use domain::order::OrderStatus;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// Where an order stood and stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub before: OrderStatus,
    pub after: OrderStatus,
}

/// Takes the order's row for this transaction, so that what is read of its ledger stays true until it ends.
pub(crate) async fn lock(tx: &DatabaseTransaction, order_id: Id) -> Result<order::Model> {
    execute(tx, "UPDATE orders SET version = version + 1 WHERE id = $1", [order_id.into()]).await?;
    order::Entity::find_by_id(order_id).one(tx).await?.ok_or(Error::NotFound)
}

/// Lets order and entitlements follow from the rows of their ledger. Running it again changes nothing. The row is locked.
pub(crate) async fn follow(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Standing> {
    let ledger = read(tx, order).await?;
    let before = OrderStatus::parse(&order.status).unwrap_or(OrderStatus::Pending);
    let after = ledger.status();
    let sql = "UPDATE orders SET status = $2, amount_refunded = $3, refund_reserved = $4 WHERE id = $1";
    let values = [order.id.into(), after.as_str().into(), ledger.amount_refunded().into(), ledger.amount_reserved().into()];
    execute(tx, sql, values).await?;
    for item in order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id)).all(tx).await? {
        // What came with a line follows the money of that line.
        let (state, cause) = ledger.entitlement(item.part_of_id.unwrap_or(item.id));
        set_entitlements(tx, item.id, state, cause.as_str()).await?;
    }
    if before != after {
        tracing::info!(order = %order.public_id, from = %before, to = %after, "order follows its ledger");
        // It was paid before; what happened is that it is so again.
        let step = if after == OrderStatus::Paid { "reinstated" } else { after.as_str() };
        orders::note(tx, shop, order.id, step, "").await?;
    }
    Ok(Standing { before, after })
}

/// What a member closed stays closed, whatever becomes of the money, and is as the money has it once it is opened again.
async fn set_entitlements(tx: &DatabaseTransaction, item_id: Id, state: EntitlementState, cause: &str) -> Result<()> {
    let sql =
        "UPDATE entitlements SET state = $2, cause = $3 WHERE order_item_id = $1 AND closed_at IS NULL AND (state <> $2 OR cause <> $3)";
    execute(tx, sql, [item_id.into(), state.as_str().into(), cause.into()]).await?;
    let sql = "UPDATE entitlements SET state = 'revoked', cause = 'member' WHERE order_item_id = $1 AND closed_at IS NOT NULL AND cause <> 'member'";
    execute(tx, sql, [item_id.into()]).await?;
    Ok(())
}

async fn read(tx: &DatabaseTransaction, order: &order::Model) -> Result<Ledger> {
    let mut ledger = Ledger { amount_total: order.amount_total, ..Ledger::default() };
    ledger.is_free = order.amount_total == 0 && order.paid_at.is_some();
    for row in rows(tx, "SELECT provider_id, amount FROM payments WHERE order_id = $1", order.id).await? {
        ledger.learn(Fact::Payment { name: row.try_get("", "provider_id")?, amount: row.try_get("", "amount")? });
    }
    for row in rows(tx, "SELECT id, order_item_id, amount, state FROM refunds WHERE order_id = $1", order.id).await? {
        let (id, state): (Id, String) = (row.try_get("", "id")?, row.try_get("", "state")?);
        let state = RefundState::parse(&state).ok_or_else(|| anyhow::anyhow!("refund {id} has the state {state}"))?;
        let refund = RefundFact { amount: row.try_get("", "amount")?, item: row.try_get("", "order_item_id")?, state };
        ledger.learn(Fact::Refund { name: id.to_string(), refund });
    }
    // What the goods stand on is the payment that was first.
    let disputes = "SELECT d.provider_id, d.status FROM disputes d JOIN orders o ON o.id = d.order_id LEFT JOIN payments p ON p.id = d.payment_id \
                    WHERE d.order_id = $1 AND (p.id IS NULL OR o.payment_intent_id IS NULL OR p.provider_id = o.payment_intent_id)";
    for row in rows(tx, disputes, order.id).await? {
        let (name, status): (String, String) = (row.try_get("", "provider_id")?, row.try_get("", "status")?);
        let status = DisputeStatus::parse(&status).ok_or_else(|| anyhow::anyhow!("dispute {name} has the status {status}"))?;
        ledger.learn(Fact::Dispute { name, status });
    }
    for row in rows(tx, "SELECT provider_id, is_open FROM fraud_signals WHERE order_id = $1 AND kind = 'review'", order.id).await? {
        ledger.learn(Fact::Review { name: row.try_get("", "provider_id")?, is_open: row.try_get("", "is_open")? });
    }
    Ok(ledger)
}

async fn rows(tx: &DatabaseTransaction, sql: &str, order_id: Id) -> Result<Vec<sea_orm::QueryResult>> {
    Ok(tx.query_all_raw(statement(tx, sql, [order_id.into()])).await?)
}
