//! What a creator sees first.

use crate::database::statement;
use crate::jobs::{self, FailedWork, FailureKind};
use crate::{Result, Shop, sales, stores};
use domain::catalog::ProductStatus;
use domain::dashboard::{FailureRow, OrderRow, Overview, ProductRow};
use domain::id::{Id, order_number};
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use sea_orm::FromQueryResult;
use std::collections::HashMap;

const PERIOD_DAYS: i64 = 30;
const N_ORDERS: u64 = 20;
const N_PRODUCTS: u64 = 50;

/// The last thirty days with today (UTC), the latest orders, and what is on the shelves.
pub async fn overview(shop: &Shop) -> Result<Overview> {
    let end = sales::day_of(shop.clock.now_ms()) + 1;
    let start = end - PERIOD_DAYS;
    let currency = stores::currency(shop).await?;
    Ok(Overview {
        now: sales::of_days(shop, currency, start..end).await?,
        before: sales::of_days(shop, currency, start - PERIOD_DAYS..start).await?,
        orders: orders(shop).await?,
        products: products(shop).await?,
        failures: jobs::failures(shop).await?.into_iter().map(failure).collect(),
    })
}

fn failure(work: FailedWork) -> FailureRow {
    let what = match (work.kind, work.name.as_str()) {
        (FailureKind::Event, name) => format!("News from Stripe: {name} of {}", work.object.as_deref().unwrap_or_default()),
        (FailureKind::Job, "order_mail") => "Mail with an order".to_owned(),
        (FailureKind::Job, "refund_mail") => "Mail about a refund".to_owned(),
        (FailureKind::Job, "payment_failed_mail") => "Mail about a failed payment".to_owned(),
        (FailureKind::Job, "refund") => "Refund".to_owned(),
        (FailureKind::Job, "alert") => "Mail to you".to_owned(),
        (FailureKind::Job, name) => name.to_owned(),
    };
    FailureRow { order: work.order_number(), id: work.id, what, reason: work.error, created_at: work.created_at }
}

#[derive(FromQueryResult)]
struct LatestRow {
    id: Id,
    public_id: String,
    email: String,
    status: String,
    currency: String,
    amount_total: i64,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct TitleRow {
    order_id: Id,
    product_title: String,
}

async fn orders(shop: &Shop) -> Result<Vec<OrderRow>> {
    let sql = format!(
        "SELECT id, public_id, email, status, currency, amount_total, created_at FROM orders WHERE store_id = $1 ORDER BY id DESC LIMIT {N_ORDERS}"
    );
    let rows = LatestRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    let mut titles: HashMap<Id, Vec<String>> = HashMap::new();
    let places: Vec<String> = (1..=rows.len()).map(|n| format!("${n}")).collect();
    if !rows.is_empty() {
        let sql = format!("SELECT order_id, product_title FROM order_items WHERE order_id IN ({}) ORDER BY position", places.join(", "));
        let ids = rows.iter().map(|row| row.id.into());
        for row in TitleRow::find_by_statement(statement(&shop.db, sql, ids)).all(&shop.db).await? {
            titles.entry(row.order_id).or_default().push(row.product_title);
        }
    }
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(OrderRow {
                number: order_number(&row.public_id),
                status: OrderStatus::parse(&row.status)?,
                total: Money::new(row.amount_total, Currency::parse(&row.currency).ok()?),
                titles: titles.remove(&row.id).unwrap_or_default(),
                email: row.email,
                created_at: row.created_at,
            })
        })
        .collect())
}

#[derive(FromQueryResult)]
struct ShelfRow {
    slug: String,
    title: String,
    status: String,
    price_from: i64,
    currency: String,
    n_sold: i64,
}

async fn products(shop: &Shop) -> Result<Vec<ProductRow>> {
    let sql = format!(
        "SELECT slug, title, status, price_from, currency, n_sold FROM products WHERE store_id = $1 ORDER BY id DESC LIMIT {N_PRODUCTS}"
    );
    let rows = ShelfRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(ProductRow {
                slug: row.slug,
                title: row.title,
                status: ProductStatus::parse(&row.status)?,
                price_from: Money::new(row.price_from, Currency::parse(&row.currency).ok()?),
                n_sold: row.n_sold,
            })
        })
        .collect())
}
