//! What creators see of their shop.

mod search;

pub use search::search;

use crate::analytics::sales::{self, Ledger};
use crate::catalog::list_goods;
use crate::orders::{self, OrderQuery};
use crate::{Result, Shop, jobs};
use domain::member::{Permission, Role};
use domain::pages::dashboard::{FailureRow, Overview};
use domain::pages::goods::GoodsQuery;

const PERIOD_DAYS: i64 = 30;
const N_ORDERS: usize = 20;

/// The last thirty days with today, in the store's time zone, the latest orders, and what is on the shelves; of these what the role may
/// see.
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
        latest = orders::rows(shop, &OrderQuery { limit: Some(N_ORDERS), ..OrderQuery::default() }).await?.orders;
        failed = jobs::failures(shop).await?.into_iter().map(FailureRow::from).collect();
    }
    Ok(Overview { now, before, orders: latest, products: list_goods(shop, &GoodsQuery::default()).await?.products, failures: failed })
}
