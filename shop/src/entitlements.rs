//! Entitlements: what a customer may have, one a piece.

use crate::database::{execute, statement};
use crate::entities::{order, order_item};
use crate::{Error, Result, Shop, world};
use domain::entitlement::EntitlementState;
use domain::id::Id;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};

/// Grants one piece of a line, once; the id is that of the first time.
pub(crate) async fn grant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    item: &order_item::Model,
    unit_no: i64,
) -> Result<Id> {
    // A piece that is handed over later is as closed as a member has made its line.
    let sql = "INSERT INTO entitlements (id, store_id, order_id, order_item_id, unit_no, product_id, variant_id, email_normalized, download_limit, state, created_at, closed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, (SELECT MAX(e.closed_at) FROM entitlements e WHERE e.order_item_id = $4)) ON CONFLICT (order_item_id, unit_no) DO NOTHING RETURNING id";
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

/// Why nothing of a paid order is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halt {
    /// Something waits for a decision.
    pub has_suspended: bool,
    /// A member has closed all that the money would leave open.
    pub is_closed: bool,
}

/// Why nothing of an order is open, as it seems.
pub(crate) async fn halt(db: &impl ConnectionTrait, order_id: Id) -> Result<Halt> {
    let sql = "SELECT state, cause FROM entitlements WHERE order_id = $1";
    let mut halt = Halt::default();
    for row in db.query_all_raw(statement(db, sql, [order_id.into()])).await? {
        let (state, cause): (String, String) = (row.try_get("", "state")?, row.try_get("", "cause")?);
        match state.as_str() {
            // It has no files, and is open all the same.
            "active" => return Ok(Halt::default()),
            "suspended" => halt.has_suspended = true,
            _ => halt.is_closed |= cause == "member",
        }
    }
    halt.is_closed &= !halt.has_suspended;
    Ok(halt)
}

/// How open a line of an order is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAccess {
    pub item_id: Id,
    pub state: EntitlementState,
    /// `refund`, `dispute`, `review` or `member`; empty while it is open.
    pub cause: String,
    /// Since when a member keeps it closed.
    pub closed_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct AccessRow {
    order_item_id: Id,
    state: String,
    cause: String,
    closed_at: Option<i64>,
}

/// How open the lines of an order are. All pieces of a line are as open as the first.
pub(crate) async fn access_of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<LineAccess>> {
    let sql = "SELECT e.order_item_id, e.state, e.cause, e.closed_at FROM entitlements e JOIN order_items i ON i.id = e.order_item_id \
               WHERE e.order_id = $1 AND e.unit_no = 1 ORDER BY i.position";
    let rows = AccessRow::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| LineAccess {
            item_id: row.order_item_id,
            state: EntitlementState::parse(&row.state).unwrap_or(EntitlementState::Revoked),
            cause: row.cause,
            closed_at: row.closed_at,
        })
        .collect())
}

/// Keeps an order or a line of it closed since an instant, or no more; tells how many pieces that changes. What is open then
/// follows from the ledger.
pub(crate) async fn set_closed(tx: &DatabaseTransaction, order_id: Id, item_id: Option<Id>, since: Option<i64>) -> Result<u64> {
    let sql = "UPDATE entitlements SET closed_at = $3 WHERE order_id = $1 AND (closed_at IS NULL) = $4 \
         AND ($2 IS NULL OR order_item_id = $2 OR order_item_id IN (SELECT i.id FROM order_items i WHERE i.part_of_id = $2))";
    // PostgreSQL wants to know of what kind a NULL is.
    let sql = sql.replace("$2 IS NULL", "CAST($2 AS UUID) IS NULL");
    let sql = if crate::database::is_sqlite(tx) { sql.replace("CAST($2 AS UUID)", "$2") } else { sql };
    Ok(execute(tx, &sql, [order_id.into(), item_id.into(), since.into(), since.is_some().into()]).await?)
}

/// Lets what was bought belong to another address.
pub(crate) async fn move_to(tx: &DatabaseTransaction, order_id: Id, email_normalized: &str) -> Result<()> {
    execute(tx, "UPDATE entitlements SET email_normalized = $2 WHERE order_id = $1", [order_id.into(), email_normalized.into()]).await?;
    Ok(())
}
