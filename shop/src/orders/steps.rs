//! The steps of an order: all that writes its row, and nothing else does.
//!
//! Each is one statement with its guard in it, so that of two who take a step at once one has taken it. The steps that answer a
//! `bool` tell whether this call did. `version` rises with each step after which who read the row before has to look again.

use super::several::Orders;
use crate::Result;
use crate::base::database::is_duplicate;
use crate::base::entities::order::{Column, Entity, Model};
use crate::base::entities::order_item;
use crate::payments::stripe::CheckoutFacts;
use domain::id::Id;
use domain::order::OrderStatus;
use domain::word::Word;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, UpdateMany,
};

fn row(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

fn raised(step: UpdateMany<Entity>) -> UpdateMany<Entity> {
    step.col_expr(Column::Version, Expr::col(Column::Version).add(1))
}

fn set(status: OrderStatus) -> Expr {
    Expr::value(status.as_str())
}

/// The words of the statuses of which something holds.
fn words(holds: impl Fn(OrderStatus) -> bool) -> impl Iterator<Item = &'static str> {
    OrderStatus::all().filter(move |status| holds(*status)).map(OrderStatus::as_str)
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Writes a new order; `None` where its id, its name or its key is there already, after which the transaction has to end.
pub(crate) async fn place(tx: &DatabaseTransaction, order: Model) -> Result<Option<Model>> {
    match order.into_active_model().insert(tx).await {
        Ok(order) => Ok(Some(order)),
        Err(error) if is_duplicate(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes the lines of a new order.
pub(crate) async fn add_lines(tx: &DatabaseTransaction, lines: Vec<order_item::Model>) -> Result<()> {
    let lines = lines.into_iter().map(order_item::Model::into_active_model);
    order_item::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

/// Takes the row for this transaction. Raises `version`.
pub(crate) async fn lock(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, raised(row(id))).await
}

/// Frees a request key of orders from before an instant, for the store's next order under it.
pub(crate) async fn free_key(db: &impl ConnectionTrait, store_id: Id, key: &str, until: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::IdempotencyKey, Expr::value(None::<String>))
        .filter(Column::StoreId.eq(store_id))
        .filter(Column::IdempotencyKey.eq(key))
        .filter(Column::CreatedAt.lte(until))
        .exec(db)
        .await?;
    Ok(())
}

/// Makes room for another session, unless the order has changed since it was read, or is paid or with a bank. Raises `version`.
pub(crate) async fn open_attempt(db: &impl ConnectionTrait, order: &Model, expires_at: i64, next_check_at: i64) -> Result<bool> {
    let step = raised(row(order.id))
        .col_expr(Column::CheckoutAttempt, Expr::col(Column::CheckoutAttempt).add(1))
        .col_expr(Column::CheckoutSessionId, Expr::value(None::<String>))
        .col_expr(Column::CheckoutUrl, Expr::value(None::<String>))
        .col_expr(Column::CheckoutExpiresAt, Expr::value(expires_at))
        .col_expr(Column::NextCheckAt, Expr::value(next_check_at))
        .col_expr(Column::Status, set(OrderStatus::Pending))
        .filter(Column::Version.eq(order.version))
        .filter(Column::Status.is_in(words(|status| status.may_become_paid() && status != OrderStatus::Processing)));
    take(db, step).await
}

/// Gives an attempt another number whose session Stripe can't open, so that the next call is another one to Stripe.
pub(crate) async fn skip_attempt(db: &impl ConnectionTrait, order: &Model) -> Result<bool> {
    let step = row(order.id)
        .col_expr(Column::CheckoutAttempt, Expr::col(Column::CheckoutAttempt).add(1))
        .filter(Column::CheckoutAttempt.eq(order.checkout_attempt))
        .filter(Column::CheckoutSessionId.is_null());
    take(db, step).await
}

/// Keeps the session of an attempt that still waits for one. Raises `version`.
pub(crate) async fn opened(db: &impl ConnectionTrait, order: &Model, facts: &CheckoutFacts) -> Result<bool> {
    let step = raised(row(order.id))
        .col_expr(Column::CheckoutSessionId, Expr::value(facts.id.clone()))
        .col_expr(Column::CheckoutUrl, Expr::value(facts.url.clone()))
        .col_expr(Column::CheckoutExpiresAt, Expr::value(facts.expires_at * 1000))
        .filter(Column::Status.eq(OrderStatus::Pending.as_str()))
        .filter(Column::CheckoutAttempt.eq(order.checkout_attempt))
        .filter(Column::CheckoutSessionId.is_null());
    take(db, step).await
}

/// What an unpaid order must still be for a step to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum While<'a> {
    /// This is its session: an older attempt's end says nothing of the newer.
    Session(&'a str),
    /// Its attempt has no session yet.
    WithoutSession { attempt: i64 },
    /// Nobody has changed it.
    Version(i64),
}

impl While<'_> {
    fn holds(self) -> Condition {
        match self {
            While::Session(id) => Condition::all().add(Column::CheckoutSessionId.eq(id)),
            While::WithoutSession { attempt } => {
                Condition::all().add(Column::CheckoutSessionId.is_null()).add(Column::CheckoutAttempt.eq(attempt))
            }
            While::Version(version) => Condition::all().add(Column::Version.eq(version)),
        }
    }
}

/// Moves an unpaid order from one status to another; one that ends is not asked after any more. Raises `version`.
pub(crate) async fn follow_payment(
    db: &impl ConnectionTrait,
    id: Id,
    from: OrderStatus,
    to: OrderStatus,
    condition: While<'_>,
) -> Result<bool> {
    let step = raised(row(id)).col_expr(Column::Status, set(to)).filter(Column::Status.eq(from.as_str())).filter(condition.holds());
    let has_ended = to != OrderStatus::Processing;
    take(db, if has_ended { step.col_expr(Column::NextCheckAt, Expr::value(None::<i64>)) } else { step }).await
}

/// The one step from unpaid to paid, whatever became of the order's session meanwhile. An order over nothing has no facts. Raises
/// `version`.
pub(crate) async fn paid(db: &impl ConnectionTrait, id: Id, now: i64, facts: Option<&CheckoutFacts>) -> Result<bool> {
    let mut step = raised(row(id))
        .col_expr(Column::Status, set(OrderStatus::Paid))
        .col_expr(Column::AmountPaid, Expr::col(Column::AmountTotal))
        .col_expr(Column::PaidAt, Expr::value(now))
        .col_expr(Column::NextCheckAt, Expr::value(None::<i64>))
        .col_expr(Column::PaymentIntentId, Expr::value(facts.and_then(|facts| facts.payment_intent.clone())))
        .filter(Column::Status.is_in(words(OrderStatus::may_become_paid)));
    if let Some(facts) = facts {
        step = step.col_expr(Column::CheckoutSessionId, Expr::col(Column::CheckoutSessionId).if_null(facts.id.clone()));
    }
    if let Some(country) = facts.and_then(|facts| facts.country.clone()) {
        step = step.col_expr(Column::Country, Expr::value(country));
    }
    take(db, step).await
}

/// Gives a paid order to its customer.
pub(crate) async fn belongs_to(db: &impl ConnectionTrait, id: Id, customer_id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::CustomerId, Expr::value(customer_id))).await
}

/// Marks an order whose cart was paid by another one before.
pub(crate) async fn is_duplicate_of(db: &impl ConnectionTrait, id: Id, first: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::DuplicateOfId, Expr::value(first))).await
}

/// Writes what follows from the ledger. The row is locked, which raised `version`.
pub(crate) async fn follow_ledger(
    db: &impl ConnectionTrait,
    id: Id,
    status: OrderStatus,
    amount_refunded: i64,
    amount_reserved: i64,
) -> Result<bool> {
    let step = row(id)
        .col_expr(Column::Status, set(status))
        .col_expr(Column::AmountRefunded, Expr::value(amount_refunded))
        .col_expr(Column::RefundReserved, Expr::value(amount_reserved));
    take(db, step).await
}

/// Reserves an amount for a refund, unless more would go back than was paid. The row is locked, which raised `version`.
pub(crate) async fn reserve_refund(db: &impl ConnectionTrait, id: Id, amount: i64) -> Result<bool> {
    let reserved = Expr::col(Column::RefundReserved).add(amount);
    let step = row(id)
        .col_expr(Column::RefundReserved, reserved.clone())
        .filter(Expr::col(Column::AmountRefunded).add(reserved).lte(Expr::col(Column::AmountPaid)));
    take(db, step).await
}

/// Keeps when the customer first saw the goods.
pub(crate) async fn seen(db: &impl ConnectionTrait, id: Id, now: i64) -> Result<bool> {
    take(db, row(id).col_expr(Column::SeenAt, Expr::value(now)).filter(Column::SeenAt.is_null())).await
}

/// Keeps when a page asked Stripe after the order, unless another did since.
pub(crate) async fn checked(db: &impl ConnectionTrait, id: Id, now: i64, since: i64) -> Result<bool> {
    let long_ago = Condition::any().add(Column::CheckedAt.is_null()).add(Column::CheckedAt.lt(since));
    take(db, row(id).col_expr(Column::CheckedAt, Expr::value(now)).filter(long_ago)).await
}

/// Takes an order that is due for a worker to ask after, and sets when it is due next.
pub(crate) async fn take_check(db: &impl ConnectionTrait, id: Id, now: i64, next: i64) -> Result<bool> {
    take(db, row(id).col_expr(Column::NextCheckAt, Expr::value(next)).filter(Column::NextCheckAt.lte(now))).await
}

/// Stripe is not asked after the order any more.
pub(crate) async fn end_checks(db: &impl ConnectionTrait, id: Id) -> Result<bool> {
    take(db, row(id).col_expr(Column::NextCheckAt, Expr::value(None::<i64>))).await
}

/// Corrects the address. The row is locked, which raised `version`.
pub(crate) async fn move_to(db: &impl ConnectionTrait, id: Id, email: &str, email_normalized: &str, customer_id: Id) -> Result<bool> {
    let step = row(id)
        .col_expr(Column::Email, Expr::value(email))
        .col_expr(Column::EmailNormalized, Expr::value(email_normalized))
        .col_expr(Column::CustomerId, Expr::value(customer_id));
    take(db, step).await
}

/// Replaces what the order's key is derived from; the request that made the order tells its key no more.
pub(crate) async fn replace_key(db: &impl ConnectionTrait, id: Id, nonce: Vec<u8>) -> Result<bool> {
    let step = row(id).col_expr(Column::AccessNonce, Expr::value(nonce)).col_expr(Column::IdempotencyKey, Expr::value(None::<String>));
    take(db, step).await
}

/// Puts an address in the place of the customer's; requests that made the orders are not known any more.
pub(super) async fn forget_address(db: &impl ConnectionTrait, orders: &Orders, address: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Email, Expr::value(address))
        .col_expr(Column::EmailNormalized, Expr::value(address))
        .col_expr(Column::IdempotencyKey, Expr::value(None::<String>))
        .col_expr(Column::RequestHash, Expr::value(None::<String>))
        .filter(orders.are_in(Column::Id))
        .exec(db)
        .await?;
    Ok(())
}

/// Throws orders away with their lines; what else speaks of them is gone.
pub(super) async fn throw_away(tx: &DatabaseTransaction, ids: &[Id]) -> Result<()> {
    let lines = |is_part: bool| {
        let part_of = order_item::Column::PartOfId;
        let of_these = order_item::Entity::delete_many().filter(order_item::Column::OrderId.is_in(ids.iter().copied()));
        of_these.filter(if is_part { part_of.is_not_null() } else { part_of.is_null() })
    };
    lines(true).exec(tx).await?;
    lines(false).exec(tx).await?;
    Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied())).exec(tx).await?;
    Ok(())
}
