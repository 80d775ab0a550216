//! What creators see of their shop.

mod search;
mod setup;

pub use search::search;

use crate::analytics::{self, RangeQuery};
use crate::catalog::list_goods;
use crate::orders::{self, OrderQuery};
use crate::{Result, Shop, jobs};
use domain::member::{Permission, Role};
use domain::pages::analytics::{By, Figures};
use domain::pages::dashboard::{FailureRow, Overview, Sales};
use domain::pages::goods::GoodsQuery;

const N_ORDERS: usize = 8;
const N_PRODUCTS: usize = 5;

/// The last thirty days with today, in the store's time zone, the latest orders, what is on the shelves, and what there is to do; of
/// these what the role may see.
pub async fn overview(shop: &Shop, role: Role) -> Result<Overview> {
    let days = RangeQuery::default();
    let (mut sales, mut best) = (None, Vec::new());
    if role.may(Permission::SeeSales) {
        sales = Some(analytics::summary(shop, &days, true).await?);
        best = analytics::breakdown(shop, &days, By::Product).await?.rows;
        best.retain(|row| row.n_orders > 0);
        best.truncate(N_PRODUCTS);
    }
    let (mut latest, mut failed, mut open) = (Vec::new(), Vec::new(), jobs::health::Unsettled::default());
    if role.may(Permission::SeeOrders) {
        latest = orders::rows(shop, &OrderQuery { limit: Some(N_ORDERS), ..OrderQuery::default() }).await?.orders;
        failed = jobs::failures(shop).await?.into_iter().map(FailureRow::from).collect();
        open = jobs::health::unsettled(shop).await?;
    }
    let mut products = list_goods(shop, &GoodsQuery::default()).await?.products;
    let setup = if role.may(Permission::EditSettings) { setup::steps(shop, &latest).await? } else { Vec::new() };
    products.truncate(N_PRODUCTS);
    Ok(Overview {
        now: sales.as_ref().map(|sales| of_figures(&sales.now)),
        before: sales.as_ref().and_then(|sales| sales.before.as_ref()).map(|before| of_figures(&before.figures)),
        sales,
        best,
        orders: latest,
        products,
        failures: failed,
        n_undelivered: open.n_undelivered,
        n_failed_refunds: open.n_failed_refunds,
        disputes: open.disputes,
        setup,
    })
}

fn of_figures(figures: &Figures) -> Sales {
    Sales {
        revenue: figures.revenue(),
        n_orders: figures.n_orders,
        n_downloads: figures.n_downloads,
        n_new_customers: figures.n_new_customers,
    }
}
