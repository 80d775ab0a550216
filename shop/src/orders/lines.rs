//! The lines of orders by their money: what each cost, what went back of it, what a bank took, and what is left.

use crate::Result;
use crate::base::database::word;
use crate::base::entities::{dispute, order, order_item, payment, refund};
use domain::id::Id;
use domain::ledger::{DisputeStatus, RefundState};
use domain::lines::{Back, spread};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

/// At most this many orders are asked for in one statement.
const ORDERS_AT_ONCE: usize = 500;

/// The lines of one order that have a price, and what each refund and each dispute that was lost took of them.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// In the order's own order.
    items: Vec<Line>,
    /// Refunds in the order in which they were asked for, then disputes: a bank takes what refunds have left.
    taken: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    /// Of the refund or the dispute.
    id: Id,
    way: Way,
    by_line: Vec<i64>,
}

/// How money left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// A refund that is written down; it is not away yet.
    Promised,
    Refunded,
    Lost,
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
        self.items.iter().enumerate().map(|(n, line)| line.amount - self.taken_of(n, |_| true)).collect()
    }

    fn taken_of(&self, place: usize, is_meant: impl Fn(Way) -> bool) -> i64 {
        self.taken.iter().filter(|taken| is_meant(taken.way)).map(|taken| taken.by_line[place]).sum()
    }

    /// What a refund or a dispute took of each product.
    pub fn taken_by(&self, id: Id) -> impl Iterator<Item = (Id, i64)> {
        let taken = self.taken.iter().find(|taken| taken.id == id).map(|taken| taken.by_line.as_slice()).unwrap_or_default();
        self.items.iter().zip(taken).map(|(line, taken)| (line.product_id, *taken))
    }

    /// What disputes that were lost took of all lines.
    pub fn lost(&self) -> i64 {
        (0..self.items.len()).map(|place| self.taken_of(place, |way| way == Way::Lost)).sum()
    }

    /// What was refunded of each line, and what a bank took of it, by its id.
    pub fn gone(&self) -> impl Iterator<Item = (Id, [i64; 2])> {
        self.items.iter().enumerate().map(|(place, line)| {
            let of = |wanted: Way| self.taken_of(place, |way| way == wanted);
            (line.id, [of(Way::Refunded), of(Way::Lost)])
        })
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
        let mut disputes = disputes(db, ids).await?;
        let payments: HashMap<Id, String> = payment::Entity::find()
            .filter(payment::Column::OrderId.is_in(ids.iter().copied()))
            .all(db)
            .await?
            .into_iter()
            .map(|payment| (payment.id, payment.provider_id))
            .collect();
        for order in orders {
            let items = items.remove(&order.id).unwrap_or_default();
            // As the figures have it: without a payment, or of the one that the goods stand on.
            let is_own = |payment_id: Option<Id>| {
                let payment = payment_id.and_then(|id| payments.get(&id));
                payment.is_none_or(|name| order.payment_intent_id.as_ref().is_none_or(|own| own == name))
            };
            let mut leaving: Vec<(Id, Way, Back)> = Vec::new();
            for refund in refunds.remove(&order.id).unwrap_or_default().into_iter().filter(|refund| is_own(refund.payment_id)) {
                let is_promised = refund.state == RefundState::Requested;
                leaving.push((refund.id, if is_promised { Way::Promised } else { Way::Refunded }, back(&refund, &items)));
            }
            for dispute in disputes.remove(&order.id).unwrap_or_default().into_iter().filter(|dispute| is_own(dispute.payment_id)) {
                leaving.push((dispute.id, Way::Lost, Back { amount: dispute.amount, line: None }));
            }
            found.insert(order.id, taken(&order, items, leaving));
        }
    }
    Ok(found)
}

fn taken(order: &order::Model, items: Vec<Line>, leaving: Vec<(Id, Way, Back)>) -> Lines {
    let amounts: Vec<i64> = items.iter().map(|line| line.amount).collect();
    let back: Vec<Back> = leaving.iter().map(|(_, _, back)| *back).collect();
    let step = order.currency.step();
    let by_line = spread(&amounts, &back, step);
    let taken = leaving.into_iter().zip(by_line).map(|((id, way, _), by_line)| Taken { id, way, by_line }).collect();
    Lines { items, taken }
}

/// What disputes that were lost took of those of some orders that ended so, by the order's id.
pub(crate) async fn lost(db: &impl ConnectionTrait, charged_back: &[Id]) -> Result<HashMap<Id, i64>> {
    Ok(of_orders(db, charged_back).await?.into_iter().map(|(id, lines)| (id, lines.lost())).collect())
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
        let line = Line { id: row.id, product_id: row.product_id, amount: row.amounts().total() };
        items.entry(row.order_id).or_default().push(line);
    }
    Ok(items)
}

async fn refunds(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Vec<refund::Model>>> {
    let came_back = [RefundState::Failed, RefundState::Canceled].map(word);
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

async fn disputes(db: &impl ConnectionTrait, ids: &[Id]) -> Result<HashMap<Id, Vec<dispute::Model>>> {
    let rows = dispute::Entity::find()
        .filter(dispute::Column::OrderId.is_in(ids.iter().copied()))
        .filter(dispute::Column::Status.eq(word(DisputeStatus::Lost)))
        .order_by_asc(dispute::Column::Id)
        .all(db)
        .await?;
    let mut disputes: HashMap<Id, Vec<dispute::Model>> = HashMap::new();
    for row in rows {
        disputes.entry(row.order_id).or_default().push(row);
    }
    Ok(disputes)
}
