//! Orders as a member sees them: the list, and one with all that is known of it.

use super::timeline::{self, TimelineEntry};
use super::{order_url, view};
use crate::database::{is_sqlite, statement};
use crate::disputes::{self, DisputeView};
use crate::fraud::{self, SignalView};
use crate::refunds::{self, RefundView};
use crate::{Error, Result, Shop};
use domain::id::{Id, PublicId, order_number};
use domain::order::{OrderStatus, OrderView};
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};

/// Which orders.
#[derive(Clone, Debug, Default)]
pub struct OrderQuery {
    pub status: Option<OrderStatus>,
    /// An order's id or number, one of Stripe's ids, or the beginning of an e-mail address.
    pub q: Option<String>,
    /// From [`OrderPage::next_cursor`].
    pub cursor: Option<String>,
    /// At most so many, up to fifty.
    pub limit: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    pub id: String,
    pub number: String,
    pub status: OrderStatus,
    pub email: String,
    pub currency: String,
    pub amount_total: i64,
    pub amount_refunded: i64,
    pub created_at: i64,
    pub paid_at: Option<i64>,
}

/// A page of orders, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    pub items: Vec<ListedOrder>,
    pub next_cursor: Option<String>,
}

/// Everything that is known of one order.
#[derive(Clone, Debug)]
pub struct CompleteOrder {
    pub view: OrderView,
    pub refunds: Vec<RefundView>,
    pub disputes: Vec<DisputeView>,
    pub fraud_signals: Vec<SignalView>,
    pub timeline: Vec<TimelineEntry>,
    /// What can still be given back.
    pub refundable: i64,
    /// Its page with the key.
    pub customer_url: String,
}

const PAGE: usize = 50;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    public_id: String,
    status: String,
    email: String,
    currency: String,
    amount_total: i64,
    amount_refunded: i64,
    created_at: i64,
    paid_at: Option<i64>,
}

/// Orders by age, newest first; paged by key, so that the last page costs what the first does.
///
/// # Errors
/// Refuses a cursor that is none.
pub async fn list(shop: &Shop, query: &OrderQuery) -> Result<OrderPage> {
    let mut conditions = vec!["store_id = $1".to_owned()];
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    let mut add = |condition: &str, wanted: Vec<Value>| {
        let mut condition = condition.to_owned();
        for (n, value) in wanted.into_iter().enumerate() {
            values.push(value);
            condition = condition.replace(&format!("#{}", n + 1), &format!("${}", values.len()));
        }
        conditions.push(condition);
    };
    if let Some(status) = query.status {
        add("status = #1", vec![status.as_str().into()]);
    }
    if let Some(cursor) = &query.cursor {
        let id = Uuid::try_parse(cursor).map_err(|_| Error::refused("cursor_invalid", "This cursor is none that a list gave."))?;
        add("id < #1", vec![id.into()]);
    }
    let q: String = query.q.iter().flat_map(|q| q.trim().chars()).filter(|c| !c.is_control()).collect();
    if !q.is_empty() {
        let (condition, wanted) = matching(&q, is_sqlite(&shop.db));
        add(condition, wanted);
    }
    let page = query.limit.unwrap_or(PAGE).min(PAGE);
    let sql = format!(
        "SELECT id, public_id, status, email, currency, amount_total, amount_refunded, created_at, paid_at FROM orders WHERE {} ORDER BY id DESC LIMIT {}",
        conditions.join(" AND "),
        page + 1
    );
    let mut rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let has_more = rows.len() > page;
    rows.truncate(page);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.simple().to_string());
    let items = rows.into_iter().filter_map(|row| {
        Some(ListedOrder {
            number: order_number(&row.public_id),
            status: OrderStatus::parse(&row.status)?,
            id: row.public_id,
            email: row.email,
            currency: row.currency,
            amount_total: row.amount_total,
            amount_refunded: row.amount_refunded,
            created_at: row.created_at,
            paid_at: row.paid_at,
        })
    });
    Ok(OrderPage { items: items.collect(), next_cursor })
}

/// What a search means, by its looks; each is served by an index.
fn matching(q: &str, is_sqlite: bool) -> (&'static str, Vec<Value>) {
    let lower = q.to_lowercase();
    if PublicId::parse(&lower).is_some() {
        return ("public_id = #1", vec![lower.into()]);
    }
    let digits: String = lower.chars().filter(|c| *c != '-').collect();
    if q.starts_with("cs_") {
        return ("checkout_session_id = #1", vec![q.into()]);
    }
    if q.starts_with("pi_") || q.starts_with("ch_") {
        return ("id IN (SELECT order_id FROM payments WHERE provider_id = #1 OR charge_id = #1)", vec![q.into()]);
    }
    if digits.len() == 8 && lower.len() == 9 && lower.as_bytes()[4] == b'-' {
        return ("SUBSTR(public_id, 19) = #1", vec![digits.into()]);
    }
    // All addresses that begin so, compared byte by byte; nothing sorts behind the last of the basic plane.
    let condition =
        if is_sqlite { "email_normalized >= #1 AND email_normalized < #2" } else { "email_normalized ~>=~ #1 AND email_normalized ~<~ #2" };
    (condition, vec![lower.clone().into(), format!("{lower}\u{ffff}").into()])
}

/// One order with all that is known of it.
///
/// # Errors
/// `NotFound` where the store has no such order.
pub async fn find_for_member(shop: &Shop, public_id: &str) -> Result<CompleteOrder> {
    let order = super::find(shop, public_id).await?;
    Ok(CompleteOrder {
        refundable: refunds::refundable(&order),
        customer_url: order_url(shop, &order),
        refunds: refunds::of_order(&shop.db, order.id).await?,
        disputes: disputes::of_order(&shop.db, order.id).await?,
        fraud_signals: fraud::of_order(&shop.db, order.id).await?,
        timeline: timeline::of_order(&shop.db, order.id).await?,
        view: view(shop, &order).await?,
    })
}
