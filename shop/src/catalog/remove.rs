//! Products that go, come back, and are made a second time. Orders, their files and their links stay as they are.

use super::edit::{locked, slug_taken};
use super::facts::{facts, status_columns};
use super::{bundles, search, slugs, steps, tags};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried, word};
use crate::base::entities::{preview, price, product, release, variant};
use crate::base::once::{self, Once};
use crate::{Error, Result, Shop, base::world, catalog::releases, stores};
use domain::catalog::{ProductStatus, VariantStatus};
use domain::id::Id;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Takes a product out of the shop and frees its slug; tells by which id it comes back.
pub async fn delete_product(shop: &Shop, by: &Actor, slug: &str) -> Result<Id> {
    retried(|| delete(shop, by, slug)).await
}

async fn delete(shop: &Shop, by: &Actor, slug: &str) -> Result<Id> {
    let tx = begin_write(&shop.db).await?;
    let row = locked(&tx, shop, slug).await?;
    bundles::check_unused(&tx, row.id, true).await?;
    let before = facts(&tx, &row).await?;
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
    let after = facts(&tx, &row).await?;
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
    let now = shop.clock.now_ms();
    let (old_id, id) = (row.id, world::new_id());
    let slug = slugs::free(&tx, shop, &format!("{}-copy", row.slug.chars().take(70).collect::<String>().trim_end_matches('-'))).await?;
    let (status, is_listed) = status_columns(ProductStatus::Draft);
    let title = format!("{} (copy)", row.title.chars().take(190).collect::<String>());
    let copy = product::ActiveModel {
        id: Set(id),
        slug: Set(slug.clone()),
        title: Set(title),
        status: Set(status.into()),
        is_listed: Set(is_listed),
        published_at: Set(None),
        n_sold: Set(0),
        version: Set(1),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        updated_by: Set(by.name.clone()),
        ..row.into_active_model()
    };
    let row = copy.reset_all().insert(&tx).await.map_err(slug_taken)?;
    slugs::forget(&tx, shop, &slug).await?;
    search::index(&tx, id).await?;
    copy_variants(&tx, shop, old_id, id).await?;
    let names: Vec<String> = tags::of(&tx, old_id).await?.into_iter().map(|(_, name)| name).collect();
    tags::set(&tx, shop, id, &names).await?;
    let after = facts(&tx, &row).await?;
    audit::record(&tx, shop, by, Action { act: "created", kind: "product", id: Some(id), name: &slug }, None, Some(&after)).await?;
    once::remember(&tx, shop, once, id).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(slug)
}

/// Tiers with their prices, and the newest release with its files: rows of their own that speak of the same bytes.
async fn copy_variants(tx: &DatabaseTransaction, shop: &Shop, old_id: Id, id: Id) -> Result<()> {
    let now = shop.clock.now_ms();
    let mut variant_ids = Vec::new();
    let variants = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(old_id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)))
        .all(tx)
        .await?;
    for old in variants {
        let (old_variant, variant_id) = (old.id, world::new_id());
        variant_ids.push((old_variant, variant_id));
        let prices =
            price::Entity::find().filter(price::Column::VariantId.eq(old.id)).filter(price::Column::IsActive.eq(true)).all(tx).await?;
        variant::ActiveModel { id: Set(variant_id), product_id: Set(id), ..old.into_active_model() }.reset_all().insert(tx).await?;
        for price in prices {
            let copy = price::ActiveModel {
                id: Set(world::new_id()),
                variant_id: Set(variant_id),
                created_at: Set(now),
                ..price.into_active_model()
            };
            copy.reset_all().insert(tx).await?;
        }
        bundles::copy(tx, old_variant, variant_id).await?;
    }
    for old in preview::Entity::find().filter(preview::Column::ProductId.eq(old_id)).order_by_asc(preview::Column::Id).all(tx).await? {
        let copy = preview::ActiveModel { id: Set(world::new_id()), product_id: Set(id), ..old.into_active_model() };
        copy.reset_all().insert(tx).await?;
    }
    let published = release::Entity::find().filter(release::Column::ProductId.eq(old_id)).filter(release::Column::IsDraft.eq(false));
    let newest = published.order_by_desc(release::Column::Id).one(tx).await?;
    let Some(old) = newest else { return Ok(()) };
    let new = releases::steps::New { version: old.version, notes: old.notes, is_draft: false };
    let release_id = releases::steps::add(tx, shop, id, new).await?;
    let tier = |old: Option<Id>| match old {
        None => Some(None),
        // Not of a tier that is not sold any more.
        Some(old) => variant_ids.iter().find(|(known, _)| *known == old).map(|(_, new)| Some(*new)),
    };
    releases::steps::take_over(tx, old.id, release_id, tier).await
}
