//! The lines of orders by their money: what each cost, what went back of it, and what is left.

use crate::Result;
use crate::entities::{order, order_item, payment, refund};
use domain::id::Id;
use domain::ledger::RefundState;
use domain::lines::{Back, spread};
use domain::money::Currency;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// So many orders are asked for in one statement.
const ORDERS_AT_ONCE: usize = 500;

/// The lines of one order that have a price, and what each refund took of them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// In the order's own order.
    items: Vec<Line>,
    /// Refunds that are made or promised, by id, in the order in which they were asked for.
    taken: Vec<(Id, Vec<i64>)>,
}

#[derive(Debug)]
struct Line {
    id: Id,
    product_id: Id,
    /// What it cost, with tax and after what was taken off.
    amount: i64,
}

impl Lines {
    /// What is left of each line, by its id.
    pub fn left(&self) -> HashMap<Id, i64> {
        self.items.iter().zip(self.left_by_place()).map(|(line, left)| (line.id, left)).collect()
    }

    fn left_by_place(&self) -> Vec<i64> {
        let taken = |n: usize| self.taken.iter().map(|(_, taken)| taken[n]).sum::<i64>();
        self.items.iter().enumerate().map(|(n, line)| line.amount - taken(n)).collect()
    }

    /// What a refund took of each product.
    pub fn taken_by(&self, refund: Id) -> impl Iterator<Item = (Id, i64)> {
        let taken = self.taken.iter().find(|(id, _)| *id == refund).map(|(_, taken)| taken.as_slice()).unwrap_or_default();
        self.items.iter().zip(taken).map(|(line, taken)| (line.product_id, *taken))
    }
}

/// The lines of an order.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Lines> {
    Ok(of_orders(db, &[order_id]).await?.remove(&order_id).unwrap_or_default())
}

/// The lines of some orders, by the order's id. The way back of a second payment is no refund of them.
pub(crate) async fn of_orders(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Lines>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(ORDERS_AT_ONCE) {
        let orders = order::Entity::find().filter(order::Column::Id.is_in(ids.iter().copied())).all(db).await?;
        let mut items = items(db, ids).await?;
        let mut refunds = refunds(db, ids).await?;
        let payments: HashMap<Id, String> = payment::Entity::find()
            .filter(payment::Column::OrderId.is_in(ids.iter().copied()))
            .all(db)
            .await?
            .into_iter()
            .map(|payment| (payment.id, payment.provider_id))
            .collect();
        for order in orders {
            let items = items.remove(&order.id).unwrap_or_default();
            let mut refunds = refunds.remove(&order.id).unwrap_or_default();
            // As the figures have it: without a payment, or of the one that the goods stand on.
            refunds.retain(|refund| {
                let payment = refund.payment_id.and_then(|id| payments.get(&id));
                payment.is_none_or(|name| Some(name) == order.payment_intent_id.as_ref())
            });
            let back: Vec<Back> = refunds.iter().map(|refund| back(refund, &items)).collect();
            let amounts: Vec<i64> = items.iter().map(|line| line.amount).collect();
            let step = Currency::parse(&order.currency).map_or(1, |currency| currency.step());
            let taken = refunds.iter().map(|refund| refund.id).zip(spread(&amounts, &back, step)).collect();
            found.insert(order.id, Lines { items, taken });
        }
    }
    Ok(found)
}

fn back(refund: &refund::Model, items: &[Line]) -> Back {
    let line = refund.order_item_id.and_then(|id| items.iter().position(|line| line.id == id));
    Back { amount: refund.amount, line }
}

async fn items(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Vec<Line>>> {
    let rows = order_item::Entity::find()
        .filter(order_item::Column::OrderId.is_in(ids.iter().copied()))
        .filter(order_item::Column::PartOfId.is_null())
        .order_by_asc(order_item::Column::Position)
        .order_by_asc(order_item::Column::Id)
        .all(db)
        .await?;
    let mut items: HashMap<Id, Vec<Line>> = HashMap::new();
    for row in rows {
        let amount = row.unit_amount * row.quantity - row.amount_discount + row.amount_tax;
        items.entry(row.order_id).or_default().push(Line { id: row.id, product_id: row.product_id, amount });
    }
    Ok(items)
}

async fn refunds(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Vec<refund::Model>>> {
    let came_back = [RefundState::Failed, RefundState::Canceled].map(RefundState::as_str);
    let rows = refund::Entity::find()
        .filter(refund::Column::OrderId.is_in(ids.iter().copied()))
        .filter(refund::Column::State.is_not_in(came_back))
        .order_by_asc(refund::Column::Id)
        .all(db)
        .await?;
    let mut refunds: HashMap<Id, Vec<refund::Model>> = HashMap::new();
    for row in rows {
        refunds.entry(row.order_id).or_default().push(row);
    }
    Ok(refunds)
}
