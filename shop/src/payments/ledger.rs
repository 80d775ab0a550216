//! The ledger of an order in the database: its rows are read, and what follows from them is written.

use crate::base::database::word;
use crate::base::entities::{dispute, fraud_signal, order, order_item, payment, refund};
use crate::orders::{self, steps};
use crate::{Error, Result, Shop, fulfillment::entitlements};
use domain::id::Id;
use domain::ledger::{Fact, Ledger, RefundFact, SignalKind};
use domain::order::OrderStatus;
use domain::timeline::Step;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// Where an order stood and stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusChange {
    pub before: OrderStatus,
    pub after: OrderStatus,
}

/// Takes the order's row for this transaction, so that what is read of its ledger stays true until it ends.
pub(crate) async fn lock(tx: &DatabaseTransaction, order_id: Id) -> Result<order::Model> {
    steps::lock(tx, order_id).await?;
    order::Entity::find_by_id(order_id).one(tx).await?.ok_or(Error::NotFound)
}

/// Lets order and entitlements follow from the rows of their ledger. Running it again changes nothing. The row is locked.
pub(crate) async fn follow(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<StatusChange> {
    let ledger = read(tx, order).await?;
    let before = *order.status;
    let after = ledger.status();
    steps::follow_ledger(tx, order.id, after, ledger.amount_refunded(), ledger.amount_reserved()).await?;
    for item in order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id)).all(tx).await? {
        // What came with a line follows the money of that line.
        let (state, cause) = ledger.entitlement(item.part_of_id.unwrap_or(item.id));
        entitlements::follow_ledger(tx, item.id, state, cause).await?;
    }
    if before != after {
        tracing::info!(order = %order.public_id, from = %before, to = %after, "order follows its ledger");
        // It was paid before; what happened is that it is so again.
        let step = if after == OrderStatus::Paid { Step::Reinstated } else { after.into() };
        orders::note(tx, shop, order.id, step, "").await?;
    }
    Ok(StatusChange { before, after })
}

async fn read(tx: &DatabaseTransaction, order: &order::Model) -> Result<Ledger> {
    let mut ledger = Ledger { amount_total: order.amount_total, ..Ledger::default() };
    ledger.is_free = order.amount_total == 0 && order.paid_at.is_some();
    let payments = payment::Entity::find().filter(payment::Column::OrderId.eq(order.id)).all(tx).await?;
    for row in &payments {
        ledger.learn(Fact::Payment { name: row.provider_id.clone(), amount: row.amount });
    }
    for row in refund::Entity::find().filter(refund::Column::OrderId.eq(order.id)).all(tx).await? {
        let refund = RefundFact { amount: row.amount, item: row.order_item_id, state: *row.state };
        ledger.learn(Fact::Refund { name: row.id.to_string(), refund });
    }
    for row in dispute::Entity::find().filter(dispute::Column::OrderId.eq(order.id)).all(tx).await? {
        let payment = payments.iter().find(|payment| Some(payment.id) == row.payment_id);
        // What the goods stand on is the payment that was first.
        if !is_of_first(order, payment) {
            continue;
        }
        ledger.learn(Fact::Dispute { name: row.provider_id, status: *row.status });
    }
    let reviews = fraud_signal::Entity::find()
        .filter(fraud_signal::Column::OrderId.eq(order.id))
        .filter(fraud_signal::Column::Kind.eq(word(SignalKind::Review)));
    for row in reviews.all(tx).await? {
        ledger.learn(Fact::Review { name: row.provider_id, is_open: row.is_open });
    }
    Ok(ledger)
}

/// Whether a dispute is about the first payment of an order, as far as is known.
fn is_of_first(order: &order::Model, payment: Option<&payment::Model>) -> bool {
    match (payment, &order.payment_intent_id) {
        (Some(payment), Some(first)) => payment.provider_id == *first,
        _ => true,
    }
}
