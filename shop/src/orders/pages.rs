//! Orders as pages of the dashboard show them: the list, and one with all that is known of it.

use super::list::{self, OrderPage, OrderQuery, find_for_member};
use crate::base::entities::{order, order_item};
use crate::{Result, Shop};
use domain::id::Id;
use domain::money::Money;
use domain::pages::dashboard::{
    AccessRow, DisputeRow, FailureRow, MailRow, NoteRow, OrderFile, OrderList, OrderRow, RefundRow, SignalRow, TimelineRow,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// A page of orders, newest first.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn rows(shop: &Shop, query: &OrderQuery) -> Result<OrderList> {
    shown(shop, list::list(shop, query).await?).await
}

/// The latest orders of a customer, as many as a page has.
pub(crate) async fn rows_of_customer(shop: &Shop, customer_id: Id) -> Result<OrderList> {
    shown(shop, list::of_customer(shop, customer_id).await?).await
}

async fn shown(shop: &Shop, page: OrderPage) -> Result<OrderList> {
    let mut titles = titles(shop, page.items.iter().map(|order| order.id.clone()).collect()).await?;
    let rows = page.items.into_iter().map(|order| OrderRow {
        titles: titles.remove(&order.id).unwrap_or_default(),
        id: order.id,
        number: order.number,
        status: order.status,
        total: Money::new(order.amount_total, order.currency),
        email: order.email,
        created_at: order.created_at,
    });
    Ok(OrderList { orders: rows.collect(), next_cursor: page.next_cursor })
}

/// The titles of the lines, by the order's public id.
pub(super) async fn titles(shop: &Shop, ids: Vec<String>) -> Result<HashMap<String, Vec<String>>> {
    let mut titles: HashMap<String, Vec<String>> = HashMap::new();
    if ids.is_empty() {
        return Ok(titles);
    }
    let lines = order_item::Entity::find().filter(order_item::Column::PartOfId.is_null()).order_by_asc(order_item::Column::Position);
    let lines = lines.inner_join(order::Entity).filter(order::Column::PublicId.is_in(ids)).select_only();
    let lines = lines.column(order::Column::PublicId).column(order_item::Column::ProductTitle);
    for (public_id, title) in lines.into_tuple::<(String, String)>().all(&shop.db).await? {
        titles.entry(public_id).or_default().push(title);
    }
    Ok(titles)
}

/// One order with all that is known of it.
///
/// # Errors
/// `NotFound` where the store has no such order.
pub async fn file(shop: &Shop, public_id: &str) -> Result<OrderFile> {
    let known = find_for_member(shop, public_id).await?;
    let view = known.view;
    let title_of = |product: &str, variant: &str| {
        view.items.iter().find(|line| line.product == product && line.variant == variant).map(|line| line.title.clone())
    };
    Ok(OrderFile {
        refunds: known
            .refunds
            .into_iter()
            .map(|refund| RefundRow {
                state: refund.state,
                amount: view.money(refund.amount),
                item: refund.item.and_then(|(product, variant)| title_of(&product, &variant)),
                reason: refund.reason,
                failure: refund.failure,
                by: refund.by,
                created_at: refund.created_at,
            })
            .collect(),
        disputes: known
            .disputes
            .into_iter()
            .map(|dispute| DisputeRow {
                status: *dispute.status,
                amount: view.money(dispute.amount),
                reason: dispute.reason,
                due_at: dispute.due_at,
                created_at: dispute.created_at,
            })
            .collect(),
        signals: known
            .fraud_signals
            .into_iter()
            .map(|signal| SignalRow { kind: *signal.kind, is_open: signal.is_open, reason: signal.reason, created_at: signal.created_at })
            .collect(),
        timeline: known
            .timeline
            .into_iter()
            .map(|entry| TimelineRow { step: entry.step, detail: entry.detail, at: entry.created_at })
            .collect(),
        refundable: view.money(known.refundable),
        refundable_lines: known.refundable_lines.into_iter().map(|(id, left)| (id, view.money(left))).collect(),
        customer: known.customer_id.map(|id| id.simple().to_string()),
        access: known
            .access
            .into_iter()
            .map(|line| AccessRow { item: line.item_id, state: line.state, cause: line.cause, closed_at: line.closed_at })
            .collect(),
        notes: known
            .notes
            .into_iter()
            .map(|note| NoteRow { author: note.author, body: note.body, created_at: note.created_at, order: None })
            .collect(),
        mails: known.mails.into_iter().map(MailRow::from).collect(),
        failures: known.failures.into_iter().map(FailureRow::from).collect(),
        is_undelivered: known.is_undelivered,
        payment: known.payment,
        customer_url: known.customer_url,
        order: view,
    })
}
