//! Customers as members see them: the list, and one with everything that was bought.

use super::sql;
use crate::base::database::{Stored, is_sqlite, statement, word};
use crate::base::entities::{entitlement, order};
use crate::orders::beginning;
use crate::{
    Error, Result, Shop,
    fulfillment::licenses,
    orders::{self, lines},
};
use domain::entitlement::EntitlementState;
use domain::id::{Id, order_number};
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::pages::customer::{CustomerColumn, CustomerFile, CustomerList, CustomerRow, GoodRow, Spent};
use domain::pages::dashboard::NoteRow;
use domain::sorting::Sorting;
use domain::text;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;

/// Which customers.
#[derive(Clone, Debug, Default)]
pub struct CustomerQuery {
    /// The beginning of an email address or of a name.
    pub q: Option<String>,
    /// Of what is not searched; what is goes by address.
    pub sort: Sorting<CustomerColumn>,
    /// From [`CustomerList::next_cursor`].
    pub cursor: Option<String>,
}

const PAGE: usize = 50;
/// At most this many purchases of a customer are shown.
const N_GOODS: i64 = 200;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    email: String,
    name: String,
    erased_at: Option<i64>,
    created_at: i64,
    n_orders: i64,
    last_order_at: Option<i64>,
}

/// Customers by age or by their last order; what a search finds goes by address.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list(shop: &Shop, query: &CustomerQuery) -> Result<CustomerList> {
    let cursor = match query.cursor.as_deref() {
        Some(cursor) => Some(
            Cursor::parse(cursor)
                .ok_or_else(|| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))?,
        ),
        None => None,
    };
    let q: String = text::typed(query.q.as_deref().unwrap_or_default()).chars().filter(|c| !c.is_control()).collect();
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    let goes_by_order = q.is_empty() && query.sort.by == CustomerColumn::LastOrder;
    let sql = if goes_by_order {
        let after = cursor.is_some();
        values.extend(cursor.into_iter().flat_map(|cursor| [Value::from(cursor.id), cursor.last_order_at.unwrap_or(0).into()]));
        sql::by_last_order(after, query.sort.is_descending, PAGE + 1)
    } else if q.is_empty() {
        let after = cursor.is_some();
        values.extend(cursor.map(|cursor| Value::from(cursor.id)));
        sql::by_age(after, query.sort.is_descending, PAGE + 1)
    } else {
        let mut bind = |text: &str| {
            values.extend(beginning(text));
            values.len() - 1
        };
        let is_sqlite = is_sqlite(&shop.db);
        let by_address = sql::by_address(&q.to_lowercase(), &mut bind, is_sqlite);
        let names = if is_sqlite { lowered_by_sqlite(&q) } else { vec![q.to_lowercase()] };
        let by_name: Vec<String> = names.iter().map(|name| sql::by_name(bind(name), is_sqlite)).collect();
        let after = cursor.map(|cursor| {
            values.push(cursor.id.into());
            values.len()
        });
        sql::searched(after, &by_address, &by_name, is_sqlite, PAGE + 1)
    };
    let mut rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let end_of = |row: &Row| Cursor { last_order_at: row.last_order_at.filter(|_| goes_by_order), id: row.id };
    let next_cursor = rows.last().filter(|_| has_more).map(|row| end_of(row).encode());
    Ok(CustomerList { customers: shown(shop, rows).await?, next_cursor })
}

/// Where a page ended: the customer, and the last order where the list goes by that.
struct Cursor {
    last_order_at: Option<i64>,
    id: Id,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (last_order_at, id) = match text.split_once('.') {
            Some((at, id)) => (Some(at.parse().ok()?), id),
            None => (None, text),
        };
        Some(Self { last_order_at, id: Uuid::try_parse(id).ok()? })
    }

    fn encode(&self) -> String {
        let at = self.last_order_at.map(|at| format!("{at}.")).unwrap_or_default();
        format!("{at}{}", self.id.simple())
    }
}

/// What SQLite may have made of a name that begins so: it lowers the letters of ASCII alone, and an `É` stays one.
fn lowered_by_sqlite(q: &str) -> Vec<String> {
    let lower = q.to_lowercase();
    let upper = |c: char| if c.is_ascii() { c.to_string() } else { c.to_uppercase().collect() };
    let mut is_first = true;
    let title: String = lower
        .chars()
        .map(|c| {
            let written = if is_first { upper(c) } else { c.to_string() };
            is_first = !c.is_alphanumeric();
            written
        })
        .collect();
    let mut all = vec![title, lower.chars().map(upper).collect(), lower];
    all.sort();
    all.dedup();
    all
}

#[derive(FromQueryResult)]
struct SpentRow {
    customer_id: Id,
    currency: Stored<Currency, order::Entity>,
    paid: i64,
    refunded: i64,
}

async fn shown(shop: &Shop, rows: Vec<Row>) -> Result<Vec<CustomerRow>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // PostgreSQL sums whole numbers as decimals.
    let sum = |column: order::Column| column.sum().cast_as("BIGINT");
    let sums = order::Entity::find()
        .select_only()
        .columns([order::Column::CustomerId, order::Column::Currency])
        .column_as(sum(order::Column::AmountPaid), "paid")
        .column_as(sum(order::Column::AmountRefunded), "refunded")
        .filter(order::Column::CustomerId.is_in(rows.iter().map(|row| row.id)))
        .filter(order::Column::PaidAt.is_not_null())
        .group_by(order::Column::CustomerId)
        .group_by(order::Column::Currency)
        .order_by_asc(order::Column::Currency)
        .into_model::<SpentRow>()
        .all(&shop.db)
        .await?;
    let lost = lost(shop, &rows).await?;
    let mut spent: HashMap<Id, Vec<Spent>> = HashMap::new();
    for row in sums {
        let currency = *row.currency;
        let lost = lost.get(&(row.customer_id, currency)).copied().unwrap_or(0);
        let money = |amount| Money::new(amount, currency);
        let sum = Spent { paid: money(row.paid), refunded: money(row.refunded), lost: money(lost) };
        spent.entry(row.customer_id).or_default().push(sum);
    }
    Ok(rows
        .into_iter()
        .map(|row| CustomerRow {
            spent: spent.remove(&row.id).unwrap_or_default(),
            id: row.id.simple().to_string(),
            email: row.email,
            name: row.name,
            is_erased: row.erased_at.is_some(),
            n_orders: row.n_orders,
            last_order_at: row.last_order_at,
            created_at: row.created_at,
        })
        .collect())
}

/// What banks took back in disputes that were lost, by customer and currency.
async fn lost(shop: &Shop, rows: &[Row]) -> Result<HashMap<(Id, Currency), i64>> {
    let charged_back = order::Entity::find()
        .filter(order::Column::CustomerId.is_in(rows.iter().map(|row| row.id)))
        .filter(order::Column::PaidAt.is_not_null())
        .filter(order::Column::Status.eq(word(OrderStatus::ChargedBack)))
        .all(&shop.db)
        .await?;
    let amounts = lines::lost(&shop.db, &charged_back.iter().map(|order| order.id).collect::<Vec<_>>()).await?;
    let mut lost = HashMap::new();
    for order in charged_back {
        let Some(customer) = order.customer_id else { continue };
        *lost.entry((customer, *order.currency)).or_insert(0) += amounts.get(&order.id).copied().unwrap_or(0);
    }
    Ok(lost)
}

#[derive(FromQueryResult)]
struct BoughtRow {
    public_id: String,
    product_title: String,
    variant_name: String,
    quantity: i64,
    state: Option<Stored<EntitlementState, entitlement::Entity>>,
    created_at: i64,
}

/// A customer with everything that was bought.
///
/// # Errors
/// `NotFound` where the store has no such customer.
pub async fn file(shop: &Shop, id: &str) -> Result<CustomerFile> {
    let id = super::find(shop, id).await?.id;
    let rows = Row::find_by_statement(statement(&shop.db, sql::one(), [id.into()])).all(&shop.db).await?;
    let customer = shown(shop, rows).await?.pop().ok_or(Error::NotFound)?;
    let page = orders::rows_of_customer(shop, id).await?;
    let notes = orders::notes_of_customer(&shop.db, id).await?;
    Ok(CustomerFile {
        customer,
        has_more_orders: page.next_cursor.is_some(),
        orders: page.orders,
        goods: goods(shop, id).await?,
        licenses: licenses::of_customer(shop, id).await?,
        notes: notes
            .into_iter()
            .map(|note| NoteRow {
                author: note.author,
                body: note.body,
                created_at: note.created_at,
                order: Some((note.public_id.clone(), order_number(&note.public_id))),
            })
            .collect(),
    })
}

async fn goods(shop: &Shop, id: Id) -> Result<Vec<GoodRow>> {
    let rows = BoughtRow::find_by_statement(statement(&shop.db, sql::GOODS, [id.into(), N_GOODS.into()])).all(&shop.db).await?;
    Ok(rows
        .into_iter()
        .map(|row| GoodRow {
            order: (row.public_id.clone(), order_number(&row.public_id)),
            title: row.product_title,
            variant_name: row.variant_name,
            quantity: row.quantity,
            state: row.state.map_or(EntitlementState::Revoked, |state| *state),
            created_at: row.created_at,
        })
        .collect())
}
