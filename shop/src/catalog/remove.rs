//! Products that go, come back, and are made a second time. Orders, their files and their links stay as they are.

use super::create::finish;
use super::draft::read;
use super::edit::{locked, slug_taken};
use super::save::save;
use super::{bundles, search, slugs, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{preview, product, release, variant};
use crate::base::once::{self, Once};
use crate::{Error, Result, Shop, base::world, catalog::releases, stores};
use domain::catalog::ProductStatus;
use domain::id::Id;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::HashMap;

/// Takes a product out of the shop and frees its slug; tells by which id it comes back.
pub async fn delete_product(shop: &Shop, by: &Actor, slug: &str) -> Result<Id> {
    retried(|| delete(shop, by, slug)).await
}

async fn delete(shop: &Shop, by: &Actor, slug: &str) -> Result<Id> {
    let tx = begin_write(&shop.db).await?;
    let row = locked(&tx, shop, slug).await?;
    bundles::check_unused(&tx, row.id, true).await?;
    let before = read(&tx, &row).await?;
    let (id, now) = (row.id, shop.clock.now_ms());
    let freed = format!("deleted-{}", id.simple());
    steps::delete(&tx, id, freed, now, &by.name).await?;
    search::index(&tx, id).await?;
    audit::record(&tx, shop, by, Action { act: "deleted", kind: "product", id: Some(id), name: &row.slug }, Some(&before), None).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(id)
}

/// Brings a deleted product back as it was, by its id or the slug that it had; tells the slug that it has now.
///
/// # Errors
/// `NotFound` where nothing of this name was deleted.
pub async fn restore_product(shop: &Shop, by: &Actor, name: &str) -> Result<String> {
    retried(|| restore(shop, by, name)).await
}

async fn restore(shop: &Shop, by: &Actor, name: &str) -> Result<String> {
    let is_named = match Id::try_parse(name) {
        Ok(id) => Condition::any().add(product::Column::Id.eq(id)).add(product::Column::DeletedSlug.eq(name)),
        Err(_) => Condition::any().add(product::Column::DeletedSlug.eq(name)),
    };
    let tx = begin_write(&shop.db).await?;
    let row = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::DeletedAt.is_not_null())
        .filter(is_named)
        .order_by_desc(product::Column::DeletedAt)
        .lock_exclusive()
        .one(&tx)
        .await?
        .ok_or(Error::NotFound)?;
    let wanted = row.deleted_slug.clone().or_else(|| slugs::from_title(&row.title).map(|slug| slug.as_str().to_owned()));
    let slug = slugs::free(&tx, shop, &wanted.unwrap_or_else(|| "product".to_owned())).await?;
    let status = row.deleted_status.unwrap_or(ProductStatus::Archived.into());
    let (id, revision, version) = (row.id, row.revision, row.version);
    let mut product = row.into_active_model();
    product.slug = Set(slug.clone());
    product.status = Set(status);
    product.deleted_at = Set(None);
    product.deleted_slug = Set(None);
    product.deleted_status = Set(None);
    product.revision = Set(revision + 1);
    product.version = Set(version + 1);
    product.updated_at = Set(shop.clock.now_ms());
    product.updated_by = Set(by.name.clone());
    let row = product.update(&tx).await.map_err(slug_taken)?;
    search::index(&tx, id).await?;
    slugs::forget(&tx, shop, &slug).await?;
    let after = read(&tx, &row).await?;
    audit::record(&tx, shop, by, Action { act: "restored", kind: "product", id: Some(id), name: &slug }, None, Some(&after)).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(slug)
}

/// Makes a draft with the same words, tiers, pictures and files, once; tells its slug.
pub async fn duplicate_product(shop: &Shop, by: &Actor, slug: &str, once: Option<&Once>) -> Result<String> {
    retried(|| duplicate(shop, by, slug, once)).await
}

async fn duplicate(shop: &Shop, by: &Actor, slug: &str, once: Option<&Once>) -> Result<String> {
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        let made = product::Entity::find_by_id(id).filter(product::Column::DeletedAt.is_null()).one(&tx).await?;
        return Ok(made.ok_or(Error::NotFound)?.slug);
    }
    let row = locked(&tx, shop, slug).await?;
    let wanted = format!("{}-copy", row.slug.chars().take(70).collect::<String>().trim_end_matches('-'));
    let mut draft = read(&tx, &row).await?;
    draft.texts.title = format!("{} (copy)", draft.texts.title.chars().take(190).collect::<String>());
    draft.slug = Some(slugs::free(&tx, shop, &wanted).await?);
    (draft.status, draft.published_at) = (ProductStatus::Draft, None);
    draft.tiers.retain(|tier| !tier.is_archived);
    // These are copied as rows: what is not sold any more may still come with a tier, and could not be chosen anew.
    draft.tiers.iter_mut().for_each(|tier| tier.includes.clear());
    let copy = save(&tx, shop, by, None, &draft).await?;
    let (of_old, of_copy) = (tier_ids(&tx, row.id).await?, tier_ids(&tx, copy.id).await?);
    for (key, id) in &of_copy {
        bundles::copy(&tx, of_old[key], *id).await?;
    }
    if let Some(cover) = row.cover_file_id {
        steps::set_cover(&tx, copy.id, cover, &row.cover_alt).await?;
    }
    copy_files(&tx, shop, row.id, copy.id).await?;
    finish(&tx, shop, by, &copy, once).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(copy.slug)
}

/// Pictures and samples, and the newest release with its files: rows of their own that speak of the same bytes.
async fn copy_files(tx: &DatabaseTransaction, shop: &Shop, old_id: Id, id: Id) -> Result<()> {
    for old in preview::Entity::find().filter(preview::Column::ProductId.eq(old_id)).order_by_asc(preview::Column::Id).all(tx).await? {
        let copy = preview::ActiveModel { id: Set(world::new_id()), product_id: Set(id), ..old.into_active_model() };
        copy.reset_all().insert(tx).await?;
    }
    let published = release::Entity::find().filter(release::Column::ProductId.eq(old_id)).filter(release::Column::IsDraft.eq(false));
    let newest = published.order_by_desc(release::Column::Id).one(tx).await?;
    let Some(old) = newest else { return Ok(()) };
    let new = releases::steps::New { version: old.version, notes: old.notes, is_draft: false };
    let release_id = releases::steps::add(tx, shop, id, new).await?;
    let (of_old, of_copy) = (tier_ids(tx, old_id).await?, tier_ids(tx, id).await?);
    let tier = |old: Option<Id>| match old {
        None => Some(None),
        // Not of a tier that is not sold any more.
        Some(old) => of_old.iter().find(|(_, id)| **id == old).and_then(|(key, _)| of_copy.get(key)).map(|new| Some(*new)),
    };
    releases::steps::take_over(tx, old.id, release_id, tier).await
}

/// The ids of all tiers of a product, by their keys.
async fn tier_ids(tx: &DatabaseTransaction, product_id: Id) -> Result<HashMap<String, Id>> {
    let variants = variant::Entity::find().filter(variant::Column::ProductId.eq(product_id)).all(tx).await?;
    Ok(variants.into_iter().map(|variant| (variant.key, variant.id)).collect())
}
