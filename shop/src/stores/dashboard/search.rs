//! What a member looks for from anywhere.

use crate::catalog::list_goods;
use crate::customers::{self, CustomerQuery};
use crate::orders::{self, OrderQuery};
use crate::{Result, Shop};
use domain::member::{Permission, Role};
use domain::pages::dashboard::Hit;
use domain::pages::goods::GoodsQuery;

/// At most this many of each kind.
const N_HITS: usize = 5;
/// Nobody types more.
const MAX_CHARS: usize = 254;

/// Products, orders and customers that fit what was typed, of these what the role may see; nothing for nothing.
pub async fn search(shop: &Shop, role: Role, q: &str) -> Result<Vec<Hit>> {
    let q: String = q.trim().chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect();
    let mut hits = Vec::new();
    if q.is_empty() {
        return Ok(hits);
    }
    if role.may(Permission::SeeProducts) {
        let found = list_goods(shop, &GoodsQuery { q: q.clone(), ..GoodsQuery::default() }).await?;
        // Who may not change a product sees it as a buyer would.
        let rest = if role.may(Permission::EditProducts) { "" } else { "/see" };
        hits.extend(found.products.into_iter().take(N_HITS).map(|product| Hit {
            url: format!("/dashboard/products/{}{rest}", product.slug),
            title: product.title,
            kind: "Product".to_owned(),
        }));
    }
    if role.may(Permission::SeeOrders) {
        let found = orders::list(shop, &OrderQuery { q: Some(q.clone()), limit: Some(N_HITS), ..OrderQuery::default() }).await?;
        hits.extend(found.items.into_iter().map(|order| Hit {
            title: format!("{} · {}", order.number, order.email),
            kind: "Order".to_owned(),
            url: format!("/dashboard/orders/{}", order.id),
        }));
        let found = customers::list(shop, &CustomerQuery { q: Some(q), cursor: None }).await?;
        hits.extend(found.customers.into_iter().take(N_HITS).map(|customer| Hit {
            title: customer.email,
            kind: "Customer".to_owned(),
            url: format!("/dashboard/customers/{}", customer.id),
        }));
    }
    Ok(hits)
}
