//! Products by their names, for those who run the shop.

use crate::base::database::word;
use crate::base::entities::product;
use crate::{Result, Shop};
use domain::catalog::ProductStatus;
use domain::id::Id;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::HashMap;

/// At most this many are offered to choose from.
const N_NAMES: u64 = 200;

/// The product of a slug, whatever its status.
pub(crate) async fn id_of(db: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<Option<Id>> {
    // PostgreSQL takes no text with a NUL.
    if slug.chars().any(char::is_control) {
        return Ok(None);
    }
    let found = product::Entity::find().filter(product::Column::StoreId.eq(shop.settings.store_id)).filter(product::Column::Slug.eq(slug));
    Ok(found.select_only().column(product::Column::Id).into_tuple().one(db).await?)
}

/// The product of a slug, or the one that had it where no product has it now.
pub(crate) async fn find_id(shop: &Shop, slug: &str) -> Result<Option<Id>> {
    match id_of(&shop.db, shop, slug).await? {
        None => super::slugs::id_that_had(&shop.db, shop, slug).await,
        found => Ok(found),
    }
}

/// Who is led to a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// To what is on sale.
    Customer,
    /// To what was not deleted.
    Member,
}

/// The slugs that products have by now; those that the viewer would not find are left out.
pub(crate) async fn slugs_now(shop: &Shop, ids: impl Iterator<Item = Id>, viewer: Viewer) -> Result<HashMap<Id, String>> {
    let mut ids: Vec<Id> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let mut products = product::Entity::find()
        .select_only()
        .columns([product::Column::Id, product::Column::Slug])
        .filter(product::Column::Id.is_in(ids))
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::DeletedAt.is_null());
    if viewer == Viewer::Customer {
        products = products
            .filter(product::Column::Status.eq(word(ProductStatus::Published)))
            .filter(product::Column::PublishedAt.lte(shop.clock.now_ms()));
    }
    Ok(products.into_tuple::<(Id, String)>().all(&shop.db).await?.into_iter().collect())
}

/// Slugs and titles of the newest products, by title.
pub async fn names(shop: &Shop) -> Result<Vec<(String, String)>> {
    let newest = product::Entity::find().filter(product::Column::StoreId.eq(shop.settings.store_id)).order_by_desc(product::Column::Id);
    let newest = newest.select_only().columns([product::Column::Slug, product::Column::Title]).limit(N_NAMES);
    let mut names: Vec<(String, String)> = newest.into_tuple().all(&shop.db).await?;
    names.sort_by_key(|(_, title)| title.to_lowercase());
    Ok(names)
}
