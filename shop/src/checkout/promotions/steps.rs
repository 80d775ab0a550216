//! The steps of a promotion and of its use by an order: all that writes `promotions` while goods are sold, and `promotion_uses`.
//!
//! Each is one statement with its guard in it. A use is `reserved` with its order, then `redeemed` or `released`; the promotion
//! counts those that are reserved and redeemed, and never more than its limit.

use super::sql;
use crate::Result;
use crate::base::database::{execute, is_duplicate, word};
use crate::base::entities::promotion_use::Model as Use;
use crate::base::entities::{promotion, promotion_use};
use crate::orders::Orders;
use domain::id::Id;
use domain::promotion::{PromotionStatus, UseState};
use sea_orm::sea_query::{Condition, Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, UpdateMany,
};

type Promotions = promotion::Column;
type Uses = promotion_use::Column;

fn row(id: Id) -> UpdateMany<promotion::Entity> {
    promotion::Entity::update_many().filter(Promotions::Id.eq(id))
}

fn of_order(order_id: Id) -> UpdateMany<promotion_use::Entity> {
    promotion_use::Entity::update_many().filter(Uses::OrderId.eq(order_id))
}

/// The promotion that an order uses.
fn used_by(order_id: Id) -> SelectStatement {
    promotion_use::Entity::find().filter(Uses::OrderId.eq(order_id)).select_only().column(Uses::PromotionId).into_query()
}

/// Holds one use more, while the promotion runs and has one left.
pub(super) async fn hold(db: &impl ConnectionTrait, id: Id, now: i64) -> Result<bool> {
    let counted = Expr::col(Promotions::NReserved).add(Expr::col(Promotions::NRedeemed));
    let has_left = Promotions::MaxRedemptions.is_null().or(counted.lt(Expr::col(Promotions::MaxRedemptions)));
    let step = row(id)
        .col_expr(Promotions::NReserved, Expr::col(Promotions::NReserved).add(1))
        .filter(Promotions::Status.eq(word(PromotionStatus::Active)))
        .filter(Promotions::ExpiresAt.is_null().or(Promotions::ExpiresAt.gt(now)))
        .filter(has_left);
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Holds one use more for an order that is paid after its own was released, while there is one left.
pub(super) async fn hold_late(db: &impl ConnectionTrait, order_id: Id) -> Result<bool> {
    Ok(execute(db, sql::HOLD_LATE, [order_id.into()]).await? == 1)
}

/// Writes the use of an order; not where its customer has used the promotion, after which the transaction has to end.
pub(super) async fn add_use(db: &impl ConnectionTrait, row: Use) -> Result<bool> {
    unless_taken(promotion_use::Entity::insert(row.into_active_model()).exec_without_returning(db).await.map(|_| ()))
}

/// Holds the use of an order again that was released; not where its customer has used the promotion meanwhile, after which the
/// transaction has to end.
pub(super) async fn reserve_again(db: &impl ConnectionTrait, order_id: Id) -> Result<bool> {
    let step =
        of_order(order_id).col_expr(Uses::State, Expr::value(word(UseState::Reserved))).filter(Uses::State.eq(word(UseState::Released)));
    unless_taken(step.exec(db).await.map(|_| ()))
}

fn unless_taken(written: std::result::Result<(), DbErr>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if is_duplicate(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes the use of an order from reserved to another state, and tells whether it was reserved.
pub(super) async fn end_use(db: &impl ConnectionTrait, order_id: Id, state: UseState) -> Result<bool> {
    let step = of_order(order_id).col_expr(Uses::State, Expr::value(word(state))).filter(Uses::State.eq(word(UseState::Reserved)));
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Counts the use of an order as redeemed that was counted as reserved, and what it sold and gave.
pub(super) async fn count_redeemed(db: &impl ConnectionTrait, order_id: Id, sold: i64, given: i64) -> Result<()> {
    promotion::Entity::update_many()
        .col_expr(Promotions::NReserved, Expr::col(Promotions::NReserved).sub(1))
        .col_expr(Promotions::NRedeemed, Expr::col(Promotions::NRedeemed).add(1))
        .col_expr(Promotions::AmountSold, Expr::col(Promotions::AmountSold).add(sold))
        .col_expr(Promotions::AmountGiven, Expr::col(Promotions::AmountGiven).add(given))
        .filter(Promotions::Id.in_subquery(used_by(order_id)))
        .exec(db)
        .await?;
    Ok(())
}

/// Counts the use of an order no more that was counted as reserved.
pub(super) async fn count_released(db: &impl ConnectionTrait, order_id: Id) -> Result<()> {
    promotion::Entity::update_many()
        .col_expr(Promotions::NReserved, Expr::col(Promotions::NReserved).sub(1))
        .filter(Promotions::Id.in_subquery(used_by(order_id)))
        .exec(db)
        .await?;
    Ok(())
}

/// Takes the row for this transaction: nobody reserves or redeems it meanwhile.
pub(super) async fn lock(db: &impl ConnectionTrait, id: Id) -> Result<()> {
    row(id).col_expr(Promotions::NReserved, Expr::col(Promotions::NReserved)).exec(db).await?;
    Ok(())
}

pub(super) async fn set_status(db: &impl ConnectionTrait, id: Id, status: PromotionStatus) -> Result<()> {
    row(id).col_expr(Promotions::Status, Expr::value(word(status))).exec(db).await?;
    Ok(())
}

/// Lets the use of an order count for another customer, unless that one has used the promotion by another order.
pub(super) async fn move_use(db: &impl ConnectionTrait, order_id: Id, customer_key: &str) -> Result<bool> {
    let other = sea_orm::sea_query::Alias::new("other");
    let of_other = |column: Uses| Expr::col((other.clone(), column));
    let used = Query::select()
        .expr(Expr::value(1))
        .from_as(promotion_use::Entity, other.clone())
        .and_where(of_other(Uses::PromotionId).eq(Expr::col((promotion_use::Entity, Uses::PromotionId))))
        .and_where(of_other(Uses::CustomerKey).eq(customer_key))
        // As the partial index says it: SQLite uses none by a parameter.
        .and_where(of_other(Uses::OncePerCustomer))
        .and_where(of_other(Uses::State).ne(Expr::Constant(word(UseState::Released))))
        .and_where(of_other(Uses::OrderId).ne(order_id))
        .take();
    let has_used =
        Condition::all().add(Uses::OncePerCustomer.eq(true)).add(Uses::State.ne(word(UseState::Released))).add(Expr::exists(used));
    let step = of_order(order_id).col_expr(Uses::CustomerKey, Expr::value(customer_key)).filter(has_used.not());
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Names who the use of an order counts for, whatever else they have used.
pub(super) async fn name_customer(db: &impl ConnectionTrait, order_id: Id, customer_key: &str) -> Result<()> {
    of_order(order_id).col_expr(Uses::CustomerKey, Expr::value(customer_key)).exec(db).await?;
    Ok(())
}

/// Names another in the place of who the uses of some orders count for.
pub(crate) async fn forget(db: &impl ConnectionTrait, orders: &Orders, customer_key: &str) -> Result<()> {
    let step = promotion_use::Entity::update_many().col_expr(Uses::CustomerKey, Expr::value(customer_key));
    step.filter(orders.are_in(Uses::OrderId)).exec(db).await?;
    Ok(())
}

/// Throws away the uses of orders that go as well.
pub(crate) async fn throw_away_uses(db: &impl ConnectionTrait, orders: &[Id]) -> Result<()> {
    promotion_use::Entity::delete_many().filter(Uses::OrderId.is_in(orders.iter().copied())).exec(db).await?;
    Ok(())
}
