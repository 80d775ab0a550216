//! Which files a release has, and for which tiers.

use super::{of, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::{file, product, release, release_file, variant};
use crate::catalog::{lock_product, product_named, tier_ids};
use crate::{Error, Result, Shop, files::tombstones};
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct Tiers<'a> {
    release: &'a str,
    variants: &'a [String],
}

struct Place {
    product: product::Model,
    release: release::Model,
    file: file::Model,
    /// The tiers that it belongs to now; none means all.
    tiers: Vec<String>,
    position: i64,
}

async fn place(tx: &DatabaseTransaction, product: product::Model, release_id: &str, file_id: &str) -> Result<Place> {
    let release = of(tx, product.id, release_id).await?;
    let file_id = Uuid::try_parse(file_id).map_err(|_| Error::NotFound)?;
    let places = release_file::Entity::find()
        .filter(release_file::Column::ReleaseId.eq(release.id))
        .filter(release_file::Column::FileId.eq(file_id))
        .order_by_asc(release_file::Column::Id)
        .all(tx)
        .await?;
    let position = places.first().ok_or(Error::NotFound)?.position;
    let tiers = variant::Entity::find().filter(variant::Column::Id.is_in(places.iter().filter_map(|place| place.variant_id)));
    let keys: HashMap<Id, String> = tiers.all(tx).await?.into_iter().map(|tier| (tier.id, tier.key)).collect();
    let tiers = places.iter().filter_map(|place| keys.get(&place.variant_id?).cloned()).collect();
    let file = file::Entity::find_by_id(file_id).one(tx).await?.ok_or(Error::NotFound)?;
    Ok(Place { product, release, file, tiers, position })
}

/// Takes a file out of a release; of a published one customers lose it at once. Other releases keep it.
///
/// # Errors
/// `NotFound` where the release does not have the file.
pub async fn remove_file(shop: &Shop, by: &Actor, slug: &str, release_id: &str, file_id: &str) -> Result<()> {
    let product = product_named(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let place = place(&tx, product, release_id, file_id).await?;
    steps::take_out(&tx, place.release.id, place.file.id).await?;
    // Nothing happens to it where another release has it.
    tombstones::record_file(&tx, shop, place.file.id).await?;
    log(&tx, shop, by, &place, "removed", Some(&place.tiers), None).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// Says which tiers a file of a release belongs to; none means all.
///
/// # Errors
/// `NotFound` where the release does not have the file; refuses tiers that the product does not have.
pub async fn set_tiers(shop: &Shop, by: &Actor, slug: &str, release_id: &str, file_id: &str, tiers: &[String]) -> Result<()> {
    let product = product_named(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let place = place(&tx, product, release_id, file_id).await?;
    let ids = tier_ids(&tx, place.product.id, tiers).await?;
    steps::take_out(&tx, place.release.id, place.file.id).await?;
    steps::place(&tx, shop, place.release.id, place.file.id, &ids, place.position).await?;
    log(&tx, shop, by, &place, "assigned", Some(&place.tiers), Some(tiers)).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

async fn log(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    place: &Place,
    act: &'static str,
    before: Option<&[String]>,
    after: Option<&[String]>,
) -> Result<()> {
    let name = format!("{}: {}", place.product.slug, place.file.name);
    let release = place.release.version.as_str();
    let before = before.map(|variants| Tiers { release, variants });
    let after = after.map(|variants| Tiers { release, variants });
    audit::record(tx, shop, by, Action { act, kind: "file", id: Some(place.file.id), name: &name }, before.as_ref(), after.as_ref()).await
}
