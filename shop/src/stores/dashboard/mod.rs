//! What creators see of their shop.

mod audit;
mod files;
mod orders;
mod search;

pub use audit::audit;
pub use files::files;
pub(crate) use orders::mail;
pub use orders::{order, orders, orders_of_customer};
pub use search::search;

use crate::analytics::sales::{self, Ledger};
use crate::catalog::list_goods;
use crate::jobs::{self, FailedWork, FailureKind, Kind};
use crate::orders::OrderQuery;
use crate::{Result, Shop};
use domain::member::{Permission, Role};
use domain::pages::dashboard::{FailureRow, Overview};
use domain::pages::goods::GoodsQuery;

const PERIOD_DAYS: i64 = 30;
const N_ORDERS: usize = 20;

/// The last thirty days with today, in the store's time zone, the latest orders, and what is on the shelves; of these what the role may see.
pub async fn overview(shop: &Shop, role: Role) -> Result<Overview> {
    let (mut now, mut before) = (None, None);
    if role.may(Permission::SeeSales) {
        let ledger = Ledger::of(shop).await?;
        let end = ledger.today(shop) + 1;
        let start = end - PERIOD_DAYS;
        let sold = sales::by_day(shop, &ledger, start - PERIOD_DAYS..end).await?;
        now = Some(sales::total(&sold, start..end, ledger.currency));
        before = Some(sales::total(&sold, start - PERIOD_DAYS..start, ledger.currency));
    }
    let (mut latest, mut failed) = (Vec::new(), Vec::new());
    if role.may(Permission::SeeOrders) {
        latest = orders(shop, &OrderQuery { limit: Some(N_ORDERS), ..OrderQuery::default() }).await?.orders;
        failed = jobs::failures(shop).await?.into_iter().map(failure).collect();
    }
    Ok(Overview { now, before, orders: latest, products: list_goods(shop, &GoodsQuery::default()).await?.products, failures: failed })
}

fn job_text(kind: Kind) -> &'static str {
    match kind {
        Kind::OrderMail => "Mail with an order",
        Kind::RefundMail => "Mail about a refund",
        Kind::PaymentFailedMail => "Mail about a failed payment",
        Kind::Refund => "Refund",
        Kind::EntryMail => "Mail with a link into the shop",
        Kind::Erasure => "Erasure of a customer",
        Kind::Alert => "Mail to you",
    }
}

pub(crate) fn failure(work: FailedWork) -> FailureRow {
    let what = match (work.kind, work.job) {
        (FailureKind::Event, _) if work.lost.is_some() => "A paid order whose goods are not here".to_owned(),
        (FailureKind::Event, _) => format!("News from Stripe: {} of {}", work.name, work.object.as_deref().unwrap_or_default()),
        (FailureKind::Job, Some(kind)) => job_text(kind).to_owned(),
        (FailureKind::Job, None) => work.name.clone(),
    };
    FailureRow {
        order: work.order_number(),
        is_mail: work.job.is_some_and(Kind::is_mail),
        is_mismatch: work.lost.is_some() || work.cause.is_some(),
        order_id: work.order,
        id: work.id,
        what,
        reason: work.error,
        created_at: work.created_at,
    }
}
