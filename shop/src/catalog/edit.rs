//! Products that change: words, prices, tiers, and whether they are on sale. Orders keep what they froze.

use super::check::check;
use super::draft::read;
use super::save::{Known, save};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate, retried};
use crate::base::entities::product;
use crate::{Error, Result, Shop, base::world, stores};
use domain::catalog::ProductStatus;
use domain::draft::ProductDraft;
use domain::slug::Slug;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// Changes what a product says, whatever its status. A price that changes is a new price: orders keep theirs.
///
/// `revision` is the one that the change was made from, where that matters. `change` may be called several times.
///
/// # Errors
/// `NotFound`; refuses what [`super::create_product`] refuses; `slug_taken`; `product_changed` where somebody was faster.
pub async fn update_product<C>(shop: &Shop, by: &Actor, slug: &str, revision: Option<i64>, change: C) -> Result<String>
where
    C: Fn(&mut ProductDraft) -> Result<()>,
{
    retried(|| update(shop, by, slug, revision, &change)).await
}

async fn update<C>(shop: &Shop, by: &Actor, slug: &str, revision: Option<i64>, change: &C) -> Result<String>
where
    C: Fn(&mut ProductDraft) -> Result<()>,
{
    let tx = begin_write(&shop.db).await?;
    // Held until the end, so that what is read here is what is changed.
    let row = locked(&tx, shop, slug).await?;
    let stale = check_revision(&row, revision).err();
    let known = Known { draft: read(&tx, &row).await?, row };
    // Whoever was slower learns that first, whatever else is wrong with a change of what is gone.
    let (row, after) = match (stale, write(&tx, shop, by, &known, change).await) {
        // What is sent again, as by a second click, stands already.
        (Some(_), Ok((row, after))) if after == known.draft => return Ok(row.slug),
        (Some(stale), _) => return Err(stale),
        (None, saved) => saved?,
    };
    let action = Action { act: "updated", kind: "product", id: Some(row.id), name: &row.slug };
    audit::record(&tx, shop, by, action, Some(&known.draft), Some(&after)).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(row.slug)
}

pub(super) fn slug_taken(error: DbErr) -> Error {
    if is_duplicate(&error) {
        Error::conflict("slug_taken", "Another product has this slug. Choose another.").at("slug")
    } else {
        error.into()
    }
}

async fn write<C>(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, known: &Known, change: &C) -> Result<(product::Model, ProductDraft)>
where
    C: Fn(&mut ProductDraft) -> Result<()>,
{
    let mut draft = known.draft.clone();
    change(&mut draft)?;
    draft.tidy();
    check(&draft, Some(&known.draft))?;
    let row = save(tx, shop, by, Some(known), &draft).await?;
    let after = read(tx, &row).await?;
    Ok((row, after))
}

/// Puts a product where it is to stand, and tells where it stood. Its tiers, words and times stay.
pub async fn set_status(shop: &Shop, by: &Actor, slug: &str, status: ProductStatus) -> Result<ProductStatus> {
    let before = find(shop, slug).await?;
    let change = |draft: &mut ProductDraft| {
        draft.status = status;
        Ok(())
    };
    update_product(shop, by, slug, None, change).await?;
    Ok(before.status())
}

/// The product of this name, which nobody else changes until the transaction ends.
pub(super) async fn locked(tx: &DatabaseTransaction, shop: &Shop, slug: &str) -> Result<product::Model> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug.as_str()))
        .filter(product::Column::DeletedAt.is_null())
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound)
}

/// A product of any status that was not deleted.
pub(super) async fn find(shop: &Shop, slug: &str) -> Result<product::Model> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug.as_str()))
        .filter(product::Column::DeletedAt.is_null())
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)
}

fn check_revision(row: &product::Model, made_from: Option<i64>) -> Result<()> {
    if made_from.is_none_or(|revision| revision == row.revision) {
        return Ok(());
    }
    let who = if row.updated_by.is_empty() { "Somebody" } else { &row.updated_by };
    let text =
        format!("{who} saved this product on {} while you were editing it. Nothing of yours was saved yet.", world::minute(row.updated_at));
    Err(Error::conflict("product_changed", text))
}
