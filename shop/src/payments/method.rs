//! How a payment was made and what it cost, as Stripe tells it of the charge. Nothing waits for it: an order is delivered without.

use super::ledger;
use crate::base::database::{begin_write, retried};
use crate::base::entities::order;
use crate::base::entities::payment::{Column, Entity, Model};
use crate::orders::Orders;
use crate::payments::stripe::{ChargeFacts, Failure};
use crate::{Error, Result, Shop, customers};
use domain::id::Id;
use domain::money::Money;
use domain::payment::PaymentMethod;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::time::Duration;

/// How long a mail or a worker waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The payment that an order stands on.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order: &order::Model) -> Result<Option<Model>> {
    let Some(intent) = order.payment_intent_id.as_ref().filter(|_| order.paid_at.is_some()) else { return Ok(None) };
    Ok(Entity::find().filter(Column::OrderId.eq(order.id)).filter(Column::ProviderId.eq(intent)).one(db).await?)
}

/// How it was made, where that is known.
pub(crate) fn method(payment: &Model) -> Option<PaymentMethod> {
    let Model { method, brand, last4, wallet, .. } = payment.clone();
    (!method.is_empty()).then_some(PaymentMethod { kind: method, brand, last4, wallet })
}

/// What Stripe kept of it, where that is known.
pub(crate) fn fee(payment: &Model) -> Option<Money> {
    Some(Money::new(payment.fee?, **payment.fee_currency.as_ref()?))
}

/// Asks Stripe about a payment, and keeps the answer; tells whether Stripe has booked it, and so knows its fee.
///
/// # Errors
/// `NotFound` where there is no such payment.
pub(crate) async fn learn(shop: &Shop, id: Id) -> Result<std::result::Result<bool, Failure>> {
    let payment = Entity::find_by_id(id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let Some(charge) = &payment.charge_id else { return Ok(Ok(true)) };
    match shop.stripe.retrieve_charge(charge).await {
        Ok(facts) => retried(|| keep(shop, &payment, &facts)).await.map(|()| Ok(facts.is_booked)),
        Err(failure) => Ok(Err(failure)),
    }
}

/// As [`learn`], for a mail that is about to be written: it goes without, should that fail or take long.
pub(crate) async fn learn_in_time(shop: &Shop, order: &order::Model) -> Result<()> {
    let Some(payment) = of_order(&shop.db, order).await?.filter(|payment| payment.method.is_empty()) else { return Ok(()) };
    match tokio::time::timeout(PATIENCE, learn(shop, payment.id)).await {
        Ok(Ok(Ok(_))) => {}
        Ok(Ok(Err(failure))) => tracing::info!(order = %order.public_id, %failure, "Stripe didn't tell how the order was paid"),
        Ok(Err(error)) => tracing::warn!(order = %order.public_id, ?error, "how the order was paid could not be kept"),
        Err(_) => tracing::info!(order = %order.public_id, "Stripe was slow to tell how the order was paid"),
    }
    Ok(())
}

async fn keep(shop: &Shop, payment: &Model, facts: &ChargeFacts) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    // An erasure changes the order's row: what it forgets must not come back.
    let order = ledger::lock(&tx, payment.order_id).await?;
    let mut step = Entity::update_many().filter(Column::Id.eq(payment.id));
    let is_erased = customers::is_erased_address(&order.email);
    if let Some(PaymentMethod { kind, brand, last4, wallet }) = facts.method.clone() {
        let own = |text: String| if is_erased { String::new() } else { text };
        step = step
            .col_expr(Column::Method, Expr::value(kind))
            .col_expr(Column::Brand, Expr::value(own(brand)))
            .col_expr(Column::Last4, Expr::value(own(last4)))
            .col_expr(Column::Wallet, Expr::value(own(wallet)));
    }
    if let Some(fee) = facts.fee {
        step = step.col_expr(Column::Fee, Expr::value(fee.amount)).col_expr(Column::FeeCurrency, Expr::value(fee.currency.code()));
    }
    if facts.method.is_some() || facts.fee.is_some() {
        step.exec(&tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets which cards and accounts orders were paid from; that they were, and what it cost, stays.
pub(crate) async fn forget(db: &impl ConnectionTrait, orders: &Orders) -> Result<()> {
    let step = Entity::update_many()
        .col_expr(Column::Brand, Expr::value(""))
        .col_expr(Column::Last4, Expr::value(""))
        .col_expr(Column::Wallet, Expr::value(""))
        .filter(orders.are_in(Column::OrderId));
    step.exec(db).await?;
    Ok(())
}
