//! What Stripe told of a customer who is forgotten.

use super::steps;
use crate::Result;
use crate::base::entities::{dispute, fraud_signal, order, payment, refund};
use crate::base::texts::{Act, FreeText};
use crate::orders::Orders;
use sea_orm::sea_query::{Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait};

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] = &[
    FreeText { table: "inbox_events", column: "last_error", act: Act::Redact },
    FreeText { table: "inbox_events", column: "raw", act: Act::Empty },
];

/// Forgets the events that speak of some orders, of their sessions, payments, refunds and disputes.
pub(in crate::jobs) async fn forget(tx: &DatabaseTransaction, orders: &Orders) -> Result<()> {
    let mut names = named(orders, order::Entity, order::Column::Id, order::Column::CheckoutSessionId);
    // One list, so that an index is searched for each name.
    for others in [
        named(orders, order::Entity, order::Column::Id, order::Column::PaymentIntentId),
        named(orders, payment::Entity, payment::Column::OrderId, payment::Column::ProviderId),
        named(orders, payment::Entity, payment::Column::OrderId, payment::Column::ChargeId),
        named(orders, refund::Entity, refund::Column::OrderId, refund::Column::ProviderId),
        named(orders, dispute::Entity, dispute::Column::OrderId, dispute::Column::ProviderId),
        named(orders, fraud_signal::Entity, fraud_signal::Column::OrderId, fraud_signal::Column::ProviderId),
    ] {
        names.union(UnionType::Distinct, others);
    }
    steps::forget(tx, names).await
}

/// Stripe's names in a column of rows that belong to orders.
fn named<E: EntityTrait>(orders: &Orders, of: E, order_id: E::Column, name: E::Column) -> SelectStatement {
    Query::select().column((of, name)).from(of).and_where(orders.are_in(order_id)).and_where(name.is_not_null()).take()
}
