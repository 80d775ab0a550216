//! Orders as a member sees them: the list, and one with all that is known of it.

use super::notes::{self, NoteView};
use super::order_url;
use super::sql;
use super::timeline::{self, TimelineEntry};
use super::typed::meant;
use super::walk::{Conditions, Key, Side, Way};
use crate::base::database::{Stored, statement};
use crate::base::entities::order;
use crate::fulfillment::entitlements::{self, LineAccess};
use crate::jobs::{self, FailedWork, MailView};
use crate::payments::disputes::{self, DisputeView};
use crate::payments::fraud::{self, SignalView};
use crate::payments::method;
use crate::payments::refunds::{self, RefundView};
use crate::{Error, Result, Shop, catalog, checkout::promotions, fulfillment, orders::lines};
use domain::id::{Id, order_number};
use domain::money::Currency;
use domain::order::{OrderStatus, OrderView};
use domain::pages::dashboard::{OrderColumn, PaymentFacts};
use domain::sorting::Sorting;
use domain::text;
use domain::word::Word;
use sea_orm::{FromQueryResult, Value};
use std::collections::HashMap;

/// Which orders.
#[derive(Clone, Debug, Default)]
pub struct OrderQuery {
    pub status: Option<OrderStatus>,
    /// An order's id or number, one of Stripe's ids, or the beginning of an email address.
    pub q: Option<String>,
    /// The slug of a product that is in the order.
    pub product: Option<String>,
    /// The code of the promotion that the order was placed with.
    pub promotion: Option<String>,
    /// The code of the country that was paid from.
    pub country: Option<String>,
    /// Where the visitor came from, as the figures name it.
    pub referrer: Option<String>,
    /// Begun at this instant or later, milliseconds since 1970.
    pub from: Option<i64>,
    /// Begun before this instant.
    pub to: Option<i64>,
    /// The two instants are those of the payment instead.
    pub is_by_payment: bool,
    /// The total, minor units; both ends count.
    pub amount_from: Option<i64>,
    pub amount_to: Option<i64>,
    /// None but these, by their public ids.
    pub chosen: Option<Vec<String>>,
    pub sort: Sorting<OrderColumn>,
    /// From [`OrderPage::next_cursor`].
    pub cursor: Option<String>,
    /// How many at most, up to fifty.
    pub limit: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedOrder {
    pub id: String,
    pub number: String,
    pub status: OrderStatus,
    pub email: String,
    pub currency: Currency,
    pub amount_total: i64,
    pub amount_refunded: i64,
    /// What a bank took back in disputes that were lost.
    pub amount_lost: i64,
    pub created_at: i64,
    pub paid_at: Option<i64>,
}

/// A page of orders. Where few orders fit, a page may have less than its number and yet a cursor.
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
    /// The same of each line that has a price, by its id.
    pub refundable_lines: HashMap<Id, i64>,
    /// Its page with the key.
    pub customer_url: String,
    pub customer_id: Option<Id>,
    pub access: Vec<LineAccess>,
    pub notes: Vec<NoteView>,
    /// The mails to its customer.
    pub mails: Vec<MailView>,
    /// Work for it that was given up.
    pub failures: Vec<FailedWork>,
    /// It is paid, and a piece of it was not handed over.
    pub is_undelivered: bool,
    /// How it was paid; nothing for what was free or is not paid.
    pub payment: Option<PaymentFacts>,
}

const PAGE: usize = 50;
/// What no index answers is looked for in this many orders at a time, so that a page costs the same in a shop of any size.
const WINDOW: usize = 10_000;
/// So long after it was begun an order may be paid at the latest: some banks take two weeks, and then some days.
const LONGEST_PAYMENT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// An address that more orders than these begin with is no search but a filter.
const MAX_FOUND: i64 = 2_000;

#[derive(FromQueryResult)]
pub(crate) struct Row {
    pub id: Id,
    pub public_id: String,
    pub status: Stored<OrderStatus, order::Entity>,
    pub livemode: bool,
    pub email: String,
    pub currency: Stored<Currency, order::Entity>,
    pub amount_subtotal: i64,
    pub amount_discount: i64,
    pub amount_tax: i64,
    pub amount_total: i64,
    pub amount_refunded: i64,
    /// What a bank took back in disputes that were lost.
    #[sea_orm(skip)]
    pub amount_lost: i64,
    pub payment_intent_id: Option<String>,
    pub created_at: i64,
    pub paid_at: Option<i64>,
}

/// Orders by age or total; paged by key, so that the last page costs what the first does.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list(shop: &Shop, query: &OrderQuery) -> Result<OrderPage> {
    let (rows, next_cursor) = page(shop, query, query.limit.unwrap_or(PAGE).min(PAGE)).await?;
    Ok(listed(rows, next_cursor))
}

/// The latest orders of a customer, as many as a page has, and whether there are more.
pub(crate) async fn of_customer(shop: &Shop, customer_id: Id) -> Result<OrderPage> {
    let sql = sql::page("orders o", "o.customer_id = $1", "o.paid_at DESC, o.id DESC", PAGE + 1);
    let mut rows = Row::find_by_statement(statement(&shop.db, sql, [customer_id.into()])).all(&shop.db).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    add_lost(shop, &mut rows).await?;
    let last = rows.last().filter(|_| has_more).map(|row| Key { value: row.created_at, id: row.id }.cursor());
    Ok(listed(rows, last))
}

/// Few orders end with a lost dispute, so only those are asked for more.
async fn add_lost(shop: &Shop, rows: &mut [Row]) -> Result<()> {
    let charged_back: Vec<Id> = rows.iter().filter(|row| *row.status == OrderStatus::ChargedBack).map(|row| row.id).collect();
    let lost = lines::lost(&shop.db, &charged_back).await?;
    for row in rows {
        row.amount_lost = lost.get(&row.id).copied().unwrap_or(0);
    }
    Ok(())
}

fn listed(rows: Vec<Row>, next_cursor: Option<String>) -> OrderPage {
    let items = rows.into_iter().map(|row| ListedOrder {
        number: order_number(&row.public_id),
        status: *row.status,
        id: row.public_id,
        email: row.email,
        currency: *row.currency,
        amount_total: row.amount_total,
        amount_refunded: row.amount_refunded,
        amount_lost: row.amount_lost,
        created_at: row.created_at,
        paid_at: row.paid_at,
    });
    OrderPage { items: items.collect(), next_cursor }
}

/// What was typed without what no column holds.
fn plain(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).collect()
}

/// As [`list`], with all that is kept of each order and in pages of any size.
pub(crate) async fn page(shop: &Shop, query: &OrderQuery, size: usize) -> Result<(Vec<Row>, Option<String>)> {
    let cursor = query.cursor.as_deref().map(Key::parse).transpose()?;
    let q = plain(&text::typed(query.q.as_deref().unwrap_or_default()));
    let found = if q.is_empty() { None } else { Some(meant(shop, &q).await?) };
    // A search that finds little is answered whole; one that finds thousands is a filter among others.
    let is_search = match &found {
        Some(found) => found.is_exact || is_rare(shop, &found.condition, found.values.clone()).await?,
        None => false,
    };
    let product = match &query.product {
        Some(slug) => match catalog::find_id(shop, slug).await? {
            // No order has a product that is not there.
            None => return Ok((Vec::new(), None)),
            id => id,
        },
        None => None,
    };
    let promotion = match &query.promotion {
        Some(code) => match promotions::id_of_code(shop, code).await? {
            None => return Ok((Vec::new(), None)),
            id => id,
        },
        None => None,
    };
    let mut walk = Conditions::default();
    let mut rest: Vec<(String, Vec<Value>)> = Vec::new();
    let store: Value = shop.settings.store_id.into();
    let mut status = query.status;
    let by_total = query.sort.by == OrderColumn::Total;
    let way = match (product, promotion) {
        _ if by_total => Way::TOTAL,
        _ if is_search => Way::TIME,
        (Some(product), _) => {
            walk.add("i.product_id = #1", vec![product.into()]);
            Way::PRODUCT
        }
        (None, Some(promotion)) => {
            walk.add("u.promotion_id = #1", vec![promotion.into()]);
            Way::PROMOTION
        }
        _ => Way::TIME,
    };
    let way = way.towards(query.sort.is_descending);
    let is_of_orders = way.source == Way::TIME.source;
    let goes_by_time = is_of_orders && !by_total;
    if is_of_orders {
        walk.add("o.store_id = #1", vec![store.clone()]);
    }
    if goes_by_time && let Some(status) = status.take() {
        walk.add("o.status = #1", vec![status.as_str().into()]);
    }
    let mut narrow = |condition: &str, wanted: Vec<Value>, is_walked: bool| match is_walked {
        true => walk.add(condition, wanted),
        false => rest.push((condition.to_owned(), wanted)),
    };
    if let Some(found) = found {
        narrow(&found.condition, found.values, is_search);
    }
    if let Some(status) = status {
        narrow("o.status = #1", vec![status.as_str().into()], is_search);
    }
    if let Some(country) = query.country.as_deref().map(plain).filter(|text| !text.is_empty()) {
        narrow("o.country = #1", vec![country.to_uppercase().into()], is_search);
    }
    if let Some(referrer) = query.referrer.as_deref().map(plain).filter(|text| !text.is_empty()) {
        narrow("o.referrer = #1", vec![referrer.into()], is_search);
    }
    if let Some(from) = query.from {
        let begun = if query.is_by_payment { from.saturating_sub(LONGEST_PAYMENT_MS) } else { from };
        narrow("o.created_at >= #1", vec![begun.into()], goes_by_time || is_search);
    }
    if let Some(to) = query.to {
        narrow("o.created_at < #1", vec![to.into()], goes_by_time || is_search);
    }
    if query.is_by_payment {
        narrow("o.paid_at >= #1", vec![query.from.unwrap_or(0).into()], is_search);
        narrow("o.paid_at < #1", vec![query.to.unwrap_or(i64::MAX).into()], is_search);
    }
    if let Some(least) = query.amount_from {
        narrow("o.amount_total >= #1", vec![least.into()], is_search);
    }
    if let Some(most) = query.amount_to {
        narrow("o.amount_total <= #1", vec![most.into()], is_search);
    }
    if let (Some(product), true) = (product, is_of_orders) {
        let condition = "EXISTS (SELECT 1 FROM order_items i WHERE i.order_id = o.id AND i.product_id = #1)";
        narrow(condition, vec![product.into()], is_search);
    }
    if let (Some(promotion), true) = (promotion, way.source != Way::PROMOTION.source) {
        let condition = "EXISTS (SELECT 1 FROM promotion_uses u WHERE u.order_id = o.id AND u.promotion_id = #1)";
        narrow(condition, vec![promotion.into()], is_search);
    }
    if let Some(chosen) = &query.chosen {
        walk.among("o.public_id", chosen);
    }
    if let Some(cursor) = &cursor {
        way.keep(&mut walk, cursor, Side::Behind);
    }
    let floor = if rest.is_empty() { None } else { floor(shop, &way, &walk).await? };
    if let Some(floor) = &floor {
        way.keep(&mut walk, floor, Side::UpTo);
    }
    for (condition, wanted) in rest {
        walk.add(&condition, wanted);
    }
    match way.source {
        source if source == Way::PRODUCT.source => {
            walk.sql.push("o.id = i.order_id".to_owned());
            // An order with several tiers of the product is one order.
            walk.sql.push(
                "NOT EXISTS (SELECT 1 FROM order_items e WHERE e.order_id = i.order_id AND e.product_id = i.product_id AND \
                e.position < i.position)"
                    .to_owned(),
            );
        }
        source if source == Way::PROMOTION.source => walk.sql.push("o.id = u.order_id".to_owned()),
        _ => {}
    }
    let sql = sql::page(way.source, &walk.joined(), &way.order(), size + 1);
    let mut rows = Row::find_by_statement(statement(&shop.db, sql, walk.values)).all(&shop.db).await?;
    let has_more = rows.len() > size;
    rows.truncate(size);
    add_lost(shop, &mut rows).await?;
    let next = match rows.last() {
        Some(last) if has_more => Some(Key { value: if by_total { last.amount_total } else { last.created_at }, id: last.id }),
        _ => floor,
    };
    Ok((rows, next.map(|key| key.cursor())))
}

/// The last order of the window that is looked at; nothing where the window reaches to the end.
async fn floor(shop: &Shop, way: &Way, walk: &Conditions) -> Result<Option<Key>> {
    let source = way.source.split(" CROSS JOIN").next().unwrap_or(way.source);
    let sql = sql::key_at(&way.key(), source, &walk.joined(), &way.order(), WINDOW - 1);
    Ok(Key::find_by_statement(statement(&shop.db, sql, walk.values.clone())).one(&shop.db).await?)
}

/// Whether so few orders fit a condition that they can be sorted at once.
async fn is_rare(shop: &Shop, condition: &str, wanted: Vec<Value>) -> Result<bool> {
    let mut conditions = Conditions::default();
    conditions.add(condition, wanted);
    let sql = sql::n_fitting(&conditions.joined(), MAX_FOUND + 1);
    let row = sea_orm::ConnectionTrait::query_one_raw(&shop.db, statement(&shop.db, sql, conditions.values)).await?;
    let n: i64 = row.ok_or(Error::NotFound)?.try_get("", "n")?;
    Ok(n <= MAX_FOUND)
}

/// One order with all that is known of it.
///
/// # Errors
/// `NotFound` where the store has no such order.
pub async fn find_for_member(shop: &Shop, public_id: &str) -> Result<CompleteOrder> {
    let order = super::find(shop, public_id).await?;
    let refundable = refunds::refundable(&order);
    let left = lines::of_order(&shop.db, order.id).await?.left();
    let payment = method::of_order(&shop.db, &order).await?;
    Ok(CompleteOrder {
        refundable,
        refundable_lines: left.into_iter().map(|(id, left)| (id, left.clamp(0, refundable.max(0)))).collect(),
        customer_url: order_url(shop, &order),
        refunds: refunds::of_order(&shop.db, order.id).await?,
        disputes: disputes::of_order(&shop.db, order.id).await?,
        fraud_signals: fraud::of_order(&shop.db, order.id).await?,
        timeline: timeline::of_order(&shop.db, order.id).await?,
        customer_id: order.customer_id,
        access: entitlements::access_of_order(&shop.db, order.id).await?,
        notes: notes::of_order(&shop.db, order.id).await?,
        mails: jobs::mails_of_order(shop, order.id).await?,
        failures: jobs::failures_of_order(shop, order.id).await?,
        is_undelivered: fulfillment::is_unfinished(shop, order.id).await?,
        payment: order.payment_intent_id.as_ref().filter(|_| order.paid_at.is_some()).map(|intent| PaymentFacts {
            fee: payment.as_ref().and_then(method::fee),
            url: shop.stripe.page_of_payment(intent, order.livemode),
            is_live: order.livemode,
            reference: intent.clone(),
        }),
        view: super::view_for(shop, &order, catalog::Viewer::Member).await?,
    })
}
