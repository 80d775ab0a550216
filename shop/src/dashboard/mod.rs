//! What creators see of their shop.

mod audit;
mod files;
mod orders;

pub use audit::audit;
pub use files::files;
pub use orders::{order, orders};

use crate::database::statement;
use crate::jobs::{self, FailedWork, FailureKind};
use crate::orders::OrderQuery;
use crate::{Result, Shop, sales, stores};
use domain::catalog::ProductStatus;
use domain::dashboard::{FailureRow, Overview, ProductRow};
use domain::member::{Permission, Role};
use domain::money::{Currency, Money};
use sea_orm::FromQueryResult;

const PERIOD_DAYS: i64 = 30;
const N_ORDERS: usize = 20;
const N_PRODUCTS: u64 = 50;

/// The last thirty days with today (UTC), the latest orders, and what is on the shelves; of these what the role may see.
pub async fn overview(shop: &Shop, role: Role) -> Result<Overview> {
    let end = sales::day_of(shop.clock.now_ms()) + 1;
    let start = end - PERIOD_DAYS;
    let (mut now, mut before) = (None, None);
    if role.may(Permission::SeeSales) {
        let currency = stores::currency(shop).await?;
        now = Some(sales::of_days(shop, currency, start..end).await?);
        before = Some(sales::of_days(shop, currency, start - PERIOD_DAYS..start).await?);
    }
    let (mut latest, mut failed) = (Vec::new(), Vec::new());
    if role.may(Permission::SeeOrders) {
        latest = orders(shop, &OrderQuery { limit: Some(N_ORDERS), ..OrderQuery::default() }).await?.orders;
        failed = jobs::failures(shop).await?.into_iter().map(failure).collect();
    }
    Ok(Overview { now, before, orders: latest, products: products(shop).await?, failures: failed })
}

fn failure(work: FailedWork) -> FailureRow {
    let what = match (work.kind, work.name.as_str()) {
        (FailureKind::Event, name) => format!("News from Stripe: {name} of {}", work.object.as_deref().unwrap_or_default()),
        (FailureKind::Job, "order_mail") => "Mail with an order".to_owned(),
        (FailureKind::Job, "refund_mail") => "Mail about a refund".to_owned(),
        (FailureKind::Job, "payment_failed_mail") => "Mail about a failed payment".to_owned(),
        (FailureKind::Job, "refund") => "Refund".to_owned(),
        (FailureKind::Job, "entry_mail") => "Mail with a link into the shop".to_owned(),
        (FailureKind::Job, "alert") => "Mail to you".to_owned(),
        (FailureKind::Job, name) => name.to_owned(),
    };
    FailureRow { order: work.order_number(), id: work.id, what, reason: work.error, created_at: work.created_at }
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
