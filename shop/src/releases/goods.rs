//! Which files a release has, and for which tiers.

use super::of;
use crate::audit::{self, Actor, Deed};
use crate::catalog::{lock_product, product_named, tier_ids};
use crate::database::{begin_write, execute, statement};
use crate::entities::{file, product, release};
use crate::{Error, Result, Shop, tombstones, world};
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult};
use serde::Serialize;

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

#[derive(FromQueryResult)]
struct Row {
    tier: Option<String>,
    position: i64,
}

async fn place(tx: &DatabaseTransaction, product: product::Model, release_id: &str, file_id: &str) -> Result<Place> {
    let release = of(tx, product.id, release_id).await?;
    let file_id = Uuid::try_parse(file_id).map_err(|_| Error::NotFound)?;
    let sql = "SELECT v.key AS tier, rf.position FROM release_files rf LEFT JOIN variants v ON v.id = rf.variant_id \
               WHERE rf.release_id = $1 AND rf.file_id = $2 ORDER BY rf.id";
    let rows = Row::find_by_statement(statement(tx, sql, [release.id.into(), file_id.into()])).all(tx).await?;
    let position = rows.first().ok_or(Error::NotFound)?.position;
    let file = file::Entity::find_by_id(file_id).one(tx).await?.ok_or(Error::NotFound)?;
    Ok(Place { product, release, file, tiers: rows.into_iter().filter_map(|row| row.tier).collect(), position })
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
    let sql = "DELETE FROM release_files WHERE release_id = $1 AND file_id = $2";
    execute(&tx, sql, [place.release.id.into(), place.file.id.into()]).await?;
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
    let sql = "DELETE FROM release_files WHERE release_id = $1 AND file_id = $2";
    execute(&tx, sql, [place.release.id.into(), place.file.id.into()]).await?;
    for variant_id in ids {
        insert(&tx, shop, &place, variant_id).await?;
    }
    log(&tx, shop, by, &place, "assigned", Some(&place.tiers), Some(tiers)).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

async fn insert(tx: &impl ConnectionTrait, shop: &Shop, place: &Place, variant_id: Option<Id>) -> Result<()> {
    let sql = "INSERT INTO release_files (id, store_id, release_id, variant_id, file_id, position) VALUES ($1, $2, $3, $4, $5, $6)";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        place.release.id.into(),
        variant_id.into(),
        place.file.id.into(),
        place.position.into(),
    ];
    execute(tx, sql, values).await?;
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
    audit::record(tx, shop, by, Deed { act, kind: "file", id: Some(place.file.id), name: &name }, before.as_ref(), after.as_ref()).await
}
