//! Entitlements: what a customer may have, one a piece.

use crate::base::database::word;
use crate::base::entities::entitlement::{self, Column, Entity};
use crate::base::entities::{order, order_item};
use crate::orders::Orders;
use crate::{Error, Result, Shop, base::world};
use domain::entitlement::{Cause, EntitlementState};
use domain::id::Id;
use sea_orm::sea_query::{Condition, Expr, OnConflict, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

/// Grants one piece of a line, once; the id is that of the first time. A piece that is handed over later is as closed as a member has
/// made its line: see [`closed_since`].
pub(crate) async fn grant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    item: &order_item::Model,
    unit_no: i64,
    closed_at: Option<i64>,
) -> Result<Id> {
    let id = world::new_id();
    let row = entitlement::ActiveModel {
        id: Set(id),
        store_id: Set(order.store_id),
        order_id: Set(order.id),
        order_item_id: Set(item.id),
        unit_no: Set(unit_no),
        product_id: Set(item.product_id),
        variant_id: Set(item.variant_id),
        email_normalized: Set(order.email_normalized.clone()),
        download_limit: Set(item.download_limit),
        state: Set(EntitlementState::Active.into()),
        cause: Set(Cause::None.into()),
        created_at: Set(shop.clock.now_ms()),
        closed_at: Set(closed_at),
    };
    let once = OnConflict::columns([Column::OrderItemId, Column::UnitNo]).do_nothing().to_owned();
    if Entity::insert(row).on_conflict(once).exec_without_returning(tx).await? == 1 {
        return Ok(id);
    }
    let granted = Entity::find().filter(Column::OrderItemId.eq(item.id)).filter(Column::UnitNo.eq(unit_no)).one(tx).await?;
    Ok(granted.ok_or(Error::NotFound)?.id)
}

/// Since when a member keeps a line closed.
pub(crate) async fn closed_since(tx: &DatabaseTransaction, item_id: Id) -> Result<Option<i64>> {
    let closed = Entity::find().filter(Column::OrderItemId.eq(item_id)).order_by_desc(Column::ClosedAt);
    Ok(closed.filter(Column::ClosedAt.is_not_null()).one(tx).await?.and_then(|row| row.closed_at))
}

/// Lets the pieces of a line follow the money. What a member closed stays closed, whatever becomes of it, and is as the money has it
/// once it is opened again.
pub(crate) async fn follow_ledger(tx: &DatabaseTransaction, item_id: Id, state: EntitlementState, cause: Cause) -> Result<()> {
    let of_item = || Entity::update_many().filter(Column::OrderItemId.eq(item_id));
    of_item()
        .col_expr(Column::State, Expr::value(word(state)))
        .col_expr(Column::Cause, Expr::value(word(cause)))
        .filter(Column::ClosedAt.is_null())
        .filter(Column::State.ne(word(state)).or(Column::Cause.ne(word(cause))))
        .exec(tx)
        .await?;
    of_item()
        .col_expr(Column::State, Expr::value(word(EntitlementState::Revoked)))
        .col_expr(Column::Cause, Expr::value(word(Cause::Member)))
        .filter(Column::ClosedAt.is_not_null())
        .filter(Column::Cause.ne(word(Cause::Member)))
        .exec(tx)
        .await?;
    Ok(())
}
/// The ids of all that an order brought, for a condition.
pub(crate) fn ids_of_order(order_id: Id) -> SelectStatement {
    Entity::find().filter(Column::OrderId.eq(order_id)).select_only().column(Column::Id).into_query()
}

/// Why nothing of a paid order is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Suspension {
    /// Something waits for a decision.
    pub has_suspended: bool,
    /// A member has closed all that the money would leave open.
    pub is_closed: bool,
}

/// Why nothing of an order is open, as it seems.
pub(crate) async fn suspension(db: &impl ConnectionTrait, order_id: Id) -> Result<Suspension> {
    let mut suspension = Suspension::default();
    for row in Entity::find().filter(Column::OrderId.eq(order_id)).all(db).await? {
        match *row.state {
            // It has no files, and is open all the same.
            EntitlementState::Active => return Ok(Suspension::default()),
            EntitlementState::Suspended => suspension.has_suspended = true,
            EntitlementState::Revoked => suspension.is_closed |= row.cause == Cause::Member,
        }
    }
    suspension.is_closed &= !suspension.has_suspended;
    Ok(suspension)
}

/// How open a line of an order is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineAccess {
    pub item_id: Id,
    pub state: EntitlementState,
    pub cause: Cause,
    /// Since when a member keeps it closed.
    pub closed_at: Option<i64>,
}

/// How open the lines of an order are. All pieces of a line are as open as the first.
pub(crate) async fn access_of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<LineAccess>> {
    let first_pieces = Entity::find().filter(Column::OrderId.eq(order_id)).filter(Column::UnitNo.eq(1));
    let rows = first_pieces.inner_join(order_item::Entity).order_by_asc(order_item::Column::Position).all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| LineAccess { item_id: row.order_item_id, state: *row.state, cause: *row.cause, closed_at: row.closed_at })
        .collect())
}

/// Keeps an order or a line of it, with what came with that, closed since an instant, or no more; tells how many pieces that changes.
/// What is open then follows from the ledger.
pub(crate) async fn set_closed(tx: &DatabaseTransaction, order_id: Id, item_id: Option<Id>, since: Option<i64>) -> Result<u64> {
    let mut which = Condition::all().add(Column::OrderId.eq(order_id));
    which = which.add(if since.is_some() { Column::ClosedAt.is_null() } else { Column::ClosedAt.is_not_null() });
    if let Some(item_id) = item_id {
        let parts = order_item::Entity::find().filter(order_item::Column::PartOfId.eq(item_id));
        let parts = parts.select_only().column(order_item::Column::Id).into_query();
        which = which.add(Condition::any().add(Column::OrderItemId.eq(item_id)).add(Column::OrderItemId.in_subquery(parts)));
    }
    let step = Entity::update_many().col_expr(Column::ClosedAt, Expr::value(since)).filter(which);
    Ok(step.exec(tx).await?.rows_affected)
}

/// Lets what was bought belong to another address.
pub(crate) async fn move_to(tx: &DatabaseTransaction, order_id: Id, email_normalized: &str) -> Result<()> {
    let step = Entity::update_many().col_expr(Column::EmailNormalized, Expr::value(email_normalized)).filter(Column::OrderId.eq(order_id));
    step.exec(tx).await?;
    Ok(())
}

/// Puts an address in the place of the customer's.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders, address: &str) -> Result<()> {
    let step = Entity::update_many().col_expr(Column::EmailNormalized, Expr::value(address)).filter(orders.are_in(Column::OrderId));
    step.exec(tx).await?;
    Ok(())
}

/// The ids of all that some orders brought, for a condition.
pub(crate) fn ids_of(orders: &Orders) -> SelectStatement {
    Entity::find().filter(orders.are_in(Column::OrderId)).select_only().column(Column::Id).into_query()
}
