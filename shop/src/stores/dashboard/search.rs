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
        hits.extend(found.products.into_iter().take(N_HITS).map(|product| Hit::Product { slug: product.slug, title: product.title }));
    }
    if role.may(Permission::SeeOrders) {
        let found = orders::list(shop, &OrderQuery { q: Some(q.clone()), limit: Some(N_HITS), ..OrderQuery::default() }).await?;
        hits.extend(found.items.into_iter().map(|order| Hit::Order { id: order.id, number: order.number, email: order.email }));
        let found = customers::list(shop, &CustomerQuery { q: Some(q), ..CustomerQuery::default() }).await?;
        let found = found.customers.into_iter().take(N_HITS);
        hits.extend(found.map(|customer| Hit::Customer { id: customer.id, email: customer.email }));
    }
    Ok(hits)
}
