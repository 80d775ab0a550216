//! What a bundle's page shows of the tiers that come with it: their covers and files. Read for bundles alone.

use super::{PictureRow, bundles};
use crate::base::entities::{file, product, release, release_file};
use crate::{Result, Shop};
use domain::catalog::Kind;
use domain::id::Id;
use domain::pages::offer::FileFact;
use domain::pages::storefront::Picture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};

/// How a tier of another product looks.
#[derive(Clone, Default)]
pub(super) struct Look {
    pub kind: Option<Kind>,
    pub cover: Option<Picture>,
    pub files: Vec<FileFact>,
}

/// The looks of some tiers, by their ids.
pub(super) async fn looks(shop: &Shop, included: impl Iterator<Item = &bundles::Included>) -> Result<HashMap<Id, Look>> {
    let tiers: Vec<(Id, Id)> = included.map(|tier| (tier.offer.product_id, tier.offer.variant_id)).collect();
    if tiers.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: HashSet<Id> = tiers.iter().map(|(product_id, _)| *product_id).collect();
    let covers = covers(shop, &ids).await?;
    let goods = goods(shop, &ids).await?;
    let look = |(product_id, variant_id): (Id, Id)| {
        let (kind, cover) = covers.get(&product_id).cloned().unzip();
        let is_its = |good: &&Good| good.product_id == product_id && good.variant_id.is_none_or(|id| id == variant_id);
        let files = goods.iter().filter(is_its).map(|good| good.fact.clone()).collect();
        (variant_id, Look { kind, cover: cover.flatten(), files })
    };
    Ok(tiers.into_iter().map(look).collect())
}

async fn covers(shop: &Shop, product_ids: &HashSet<Id>) -> Result<HashMap<Id, (Kind, Option<Picture>)>> {
    let products = product::Entity::find().filter(product::Column::Id.is_in(product_ids.iter().copied())).all(&shop.db).await?;
    let files = file::Entity::find().filter(file::Column::Id.is_in(products.iter().filter_map(|product| product.cover_file_id)));
    let files = files.all(&shop.db).await?;
    let cover = |product: product::Model| {
        let file = files.iter().find(|file| Some(file.id) == product.cover_file_id);
        let seen = file.map(|file| PictureRow::from(file).with_alt(&product.cover_alt));
        (product.id, (*product.kind, seen))
    };
    Ok(products.into_iter().map(cover).collect())
}

/// A file that is sold with a product: with one of its tiers, or with all.
struct Good {
    product_id: Id,
    variant_id: Option<Id>,
    fact: FileFact,
}

/// The files of the releases that customers of these products have.
async fn goods(shop: &Shop, product_ids: &HashSet<Id>) -> Result<Vec<Good>> {
    let releases: Vec<(Id, Id)> = release::Entity::find()
        .select_only()
        .columns([release::Column::ProductId, release::Column::Id])
        .filter(release::Column::ProductId.is_in(product_ids.iter().copied()))
        .filter(release::Column::IsDraft.eq(false))
        .order_by_asc(release::Column::Id)
        .into_tuple()
        .all(&shop.db)
        .await?;
    // The last one of each product stays.
    let newest: HashMap<Id, Id> = releases.into_iter().collect();
    let places = release_file::Entity::find()
        .filter(release_file::Column::ReleaseId.is_in(newest.values().copied()))
        .order_by_asc(release_file::Column::Position)
        .order_by_asc(release_file::Column::Id)
        .find_also_related(file::Entity)
        .all(&shop.db)
        .await?;
    let good = |(place, file): (release_file::Model, Option<file::Model>)| {
        let (product_id, _) = newest.iter().find(|(_, release_id)| **release_id == place.release_id)?;
        let file = file?;
        let fact = FileFact { name: file.name, media_type: file.media_type, size_bytes: file.size_bytes };
        Some(Good { product_id: *product_id, variant_id: place.variant_id, fact })
    };
    Ok(places.into_iter().filter_map(good).collect())
}
