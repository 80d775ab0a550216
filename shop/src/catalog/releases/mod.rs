//! Versions of a product's files. Customers have the newest one that is published; another may be in preparation meanwhile.
//!
//! A release takes over the files of the one before, and is changed until it is published: then customers get all of it at once.

mod change;
mod goods;
pub(crate) mod steps;

pub use change::{NewRelease, ReleaseChange, create, delete, publish, update};
pub use goods::{remove_file, set_tiers};

use crate::base::entities::{file, product, release, release_file, variant};
use crate::catalog::{file_view, product_named};
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::pages::files::{GoodView, ReleaseView};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// As many releases as a page shows; older ones stay where they are.
const MAX_LISTED: u64 = 100;

/// The releases of a product: the one in preparation, then the latest first, each with its files.
///
/// # Errors
/// `NotFound` for an unknown product.
pub async fn list(shop: &Shop, slug: &str) -> Result<Vec<ReleaseView>> {
    let product = product_named(shop, slug).await?;
    of_product(shop, &product).await
}

pub(crate) async fn of_product(shop: &Shop, product: &product::Model) -> Result<Vec<ReleaseView>> {
    let releases = release::Entity::find()
        .filter(release::Column::ProductId.eq(product.id))
        .order_by_desc(release::Column::IsDraft)
        .order_by_desc(release::Column::Id)
        .limit(MAX_LISTED)
        .all(&shop.db)
        .await?;
    let rows = release_file::Entity::find()
        .filter(release_file::Column::ReleaseId.is_in(releases.iter().map(|release| release.id)))
        .order_by_asc(release_file::Column::Position)
        .order_by_asc(release_file::Column::Id)
        .all(&shop.db)
        .await?;
    let tiers = variant::Entity::find().filter(variant::Column::ProductId.eq(product.id)).all(&shop.db).await?;
    let tier = |id: Option<Id>| tiers.iter().find(|tier| Some(tier.id) == id).map(|tier| tier.key.clone());
    let ids: std::collections::BTreeSet<Id> = rows.iter().map(|row| row.file_id).collect();
    let files = file::Entity::find().filter(file::Column::Id.is_in(ids)).all(&shop.db).await?;
    let newest = releases.iter().find(|release| !release.is_draft).map(|release| release.id);
    let version = |id: Id| releases.iter().find(|release| release.id == id).map(|release| release.version.clone());
    Ok(releases
        .iter()
        .map(|release| {
            let mut goods: Vec<GoodView> = Vec::new();
            for row in rows.iter().filter(|row| row.release_id == release.id) {
                let Some(file) = files.iter().find(|file| file.id == row.file_id) else { continue };
                let id = file.id.simple().to_string();
                if let Some(good) = goods.iter_mut().find(|good| good.file.id == id) {
                    good.tiers.extend(tier(row.variant_id));
                    continue;
                }
                let mut also_in = Vec::new();
                for other in rows.iter().filter(|other| other.file_id == file.id && other.release_id != release.id) {
                    also_in.extend(version(other.release_id).filter(|version| !also_in.contains(version)));
                }
                goods.push(GoodView { file: file_view(file), tiers: tier(row.variant_id).into_iter().collect(), also_in });
            }
            ReleaseView {
                id: release.id.simple().to_string(),
                version: release.version.clone(),
                notes: release.notes.clone(),
                is_draft: release.is_draft,
                is_newest: newest == Some(release.id),
                created_at: release.created_at,
                revision: release.revision,
                goods,
            }
        })
        .collect())
}

/// A release of this product.
async fn of(db: &impl ConnectionTrait, product_id: Id, id: &str) -> Result<release::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let found = release::Entity::find_by_id(id).filter(release::Column::ProductId.eq(product_id)).one(db).await?;
    found.ok_or(Error::NotFound)
}

/// The release that customers have.
pub(crate) async fn newest(db: &impl ConnectionTrait, product_id: Id) -> Result<Option<release::Model>> {
    let published = release::Entity::find().filter(release::Column::ProductId.eq(product_id)).filter(release::Column::IsDraft.eq(false));
    Ok(published.order_by_desc(release::Column::Id).one(db).await?)
}
