//! The steps of a refund: all that writes its row. Each is one statement, and tells whether this call took it.

use crate::Result;
use crate::base::database::{is_duplicate, word};
use crate::base::entities::refund::{Column, Entity, Model};
use crate::base::texts::{Act, FreeText};
use crate::orders::Orders;
use crate::payments::stripe::RefundFacts;
use domain::id::Id;
use domain::ledger::RefundState;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, UpdateMany,
};

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] = &[
    FreeText { table: "refunds", column: "reason", act: Act::Redact },
    FreeText { table: "refunds", column: "failure", act: Act::Redact },
];

/// The reasons that are words of Stripe's.
const STRIPE_REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

fn row(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Writes a new refund; not where its key or Stripe's name is taken, after which the transaction has to end.
pub(super) async fn add(tx: &DatabaseTransaction, refund: Model) -> Result<bool> {
    match refund.into_active_model().insert(tx).await {
        Ok(_) => Ok(true),
        Err(error) if is_duplicate(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes another key for the next call to Stripe, unless another worker did.
pub(super) async fn begin_anew(db: &impl ConnectionTrait, refund: &Model) -> Result<bool> {
    let step = row(refund.id)
        .col_expr(Column::Attempt, Expr::col(Column::Attempt).add(1))
        .filter(Column::Attempt.eq(refund.attempt))
        .filter(Column::State.eq(word(RefundState::Requested)));
    take(db, step).await
}

/// Ends a refund that Stripe does not have.
pub(super) async fn give_up(db: &impl ConnectionTrait, id: Id, failure: String, now: i64) -> Result<bool> {
    let step = row(id)
        .col_expr(Column::State, Expr::value(word(RefundState::Failed)))
        .col_expr(Column::Failure, Expr::value(failure))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::State.eq(word(RefundState::Requested)))
        .filter(Column::ProviderId.is_null());
    take(db, step).await
}

/// Writes what Stripe says.
pub(super) async fn follow(db: &impl ConnectionTrait, id: Id, state: RefundState, facts: &RefundFacts, now: i64) -> Result<bool> {
    let mut step = row(id)
        .col_expr(Column::ProviderId, Expr::value(facts.id.clone()))
        .col_expr(Column::State, Expr::value(word(state)))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::ProviderId.is_null().or(Column::State.ne(word(state))));
    if let Some(failure) = &facts.failure {
        step = step.col_expr(Column::Failure, Expr::value(failure.clone()));
    }
    take(db, step).await
}

/// Forgets reasons in somebody's own words.
pub(crate) async fn forget(db: &impl ConnectionTrait, orders: &Orders) -> Result<()> {
    let step = Entity::update_many()
        .col_expr(Column::Reason, Expr::value(None::<String>))
        .filter(Column::Reason.is_not_in(STRIPE_REASONS))
        .filter(orders.are_in(Column::OrderId));
    step.exec(db).await?;
    Ok(())
}
