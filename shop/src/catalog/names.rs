//! Products by their names, for those who run the shop.

use super::PictureRow;
use crate::base::database::Stored;
use crate::base::entities::{file, product};
use crate::{Result, Shop};
use domain::catalog::ProductStatus;
use domain::id::Id;
use domain::pages::storefront::Picture;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
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

/// How a product that was sold is known by now.
pub(crate) struct Face {
    /// Nothing where the viewer would not find it.
    pub slug: Option<String>,
    pub cover: Option<Picture>,
}

#[derive(FromQueryResult)]
struct FaceRow {
    id: Id,
    slug: String,
    status: Stored<ProductStatus, product::Entity>,
    published_at: Option<i64>,
    #[sea_orm(nested(prefix = "cover_"))]
    cover: Option<PictureRow>,
    cover_alt: String,
}

impl FaceRow {
    fn face(self, now: i64, viewer: Viewer) -> Face {
        let is_on_sale = *self.status == ProductStatus::Published && self.published_at.is_some_and(|at| at <= now);
        let cover = self.cover.map(|cover| cover.with_alt(&self.cover_alt));
        Face { slug: (viewer == Viewer::Member || is_on_sale).then_some(self.slug), cover }
    }
}

/// How products are known by now; those that were deleted are left out.
pub(crate) async fn faces_now(shop: &Shop, ids: impl Iterator<Item = Id>, viewer: Viewer) -> Result<HashMap<Id, Face>> {
    let mut ids: Vec<Id> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    let products = product::Entity::find().left_join(file::Entity).select_only();
    let products = products
        .columns([product::Column::Id, product::Column::Slug, product::Column::Status, product::Column::PublishedAt])
        .column(product::Column::CoverAlt)
        .column_as(file::Column::Id, "cover_id")
        .column_as(file::Column::Name, "cover_name")
        .column_as(file::Column::Width, "cover_width")
        .column_as(file::Column::Height, "cover_height")
        .column_as(file::Column::Sizes, "cover_sizes")
        .column_as(file::Column::Color, "cover_color")
        .filter(product::Column::Id.is_in(ids))
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::DeletedAt.is_null());
    let now = shop.clock.now_ms();
    let rows = products.into_model::<FaceRow>().all(&shop.db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.face(now, viewer))).collect())
}

/// Slugs and titles of the newest products, by title.
pub async fn names(shop: &Shop) -> Result<Vec<(String, String)>> {
    let newest = product::Entity::find().filter(product::Column::StoreId.eq(shop.settings.store_id)).order_by_desc(product::Column::Id);
    let newest = newest.select_only().columns([product::Column::Slug, product::Column::Title]).limit(N_NAMES);
    let mut names: Vec<(String, String)> = newest.into_tuple().all(&shop.db).await?;
    names.sort_by_key(|(_, title)| title.to_lowercase());
    Ok(names)
}
