//! What search engines are told of: everything that stands on the shelves.

use crate::base::database::is_literally;
use crate::base::entities::product;
use crate::{Result, Shop};
use domain::catalog::ProductStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// A sitemap names at most 50,000 pages; the rest is room for categories. Older products are found by their categories.
/// Source: <https://www.sitemaps.org/protocol.html>
const MAX_PRODUCTS: u64 = 45_000;

/// Slugs of listed products with the time of their last change in milliseconds, the newest first.
pub async fn sitemap(shop: &Shop) -> Result<Vec<(String, i64)>> {
    let listed = product::Entity::find()
        .select_only()
        .columns([product::Column::Slug, product::Column::UpdatedAt])
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(is_literally(product::Column::Status, ProductStatus::Published))
        .filter(product::Column::IsListed.eq(true))
        .filter(product::Column::PublishedAt.lte(shop.clock.now_ms()))
        .order_by_desc(product::Column::PublishedAt)
        .order_by_desc(product::Column::Id)
        .limit(MAX_PRODUCTS);
    Ok(listed.into_tuple().all(&shop.db).await?)
}
