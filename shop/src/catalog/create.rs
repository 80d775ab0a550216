//! New products.

use super::check::check;
use super::draft::read;
use super::save::save;
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried, word};
use crate::base::entities::{product, variant};
use crate::base::once::{self, Once};
use crate::{Error, Result, Shop, stores};
use domain::catalog::VariantStatus;
use domain::draft::ProductDraft;
use domain::id::Id;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

/// A product that was made.
#[derive(Clone, Debug)]
pub struct CreatedProduct {
    pub id: Id,
    pub slug: String,
    /// Id and key, in the order given.
    pub variants: Vec<(Id, String)>,
}

/// Makes a product with its tiers and prices, once.
///
/// # Errors
/// Refuses what can't be sold; `Conflict` when the slug is taken.
pub async fn create_product(shop: &Shop, by: &Actor, mut draft: ProductDraft, once: Option<&Once>) -> Result<CreatedProduct> {
    draft.tidy();
    for (place, tier) in draft.tiers.iter_mut().enumerate() {
        tier.position = place as i64;
    }
    check(&draft, None)?;
    retried(|| create(shop, by, &draft, once)).await
}

async fn create(shop: &Shop, by: &Actor, draft: &ProductDraft, once: Option<&Once>) -> Result<CreatedProduct> {
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        return made(&tx, id).await;
    }
    let row = save(&tx, shop, by, None, draft).await?;
    finish(&tx, shop, by, &row, once).await?;
    let made = made(&tx, row.id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(made)
}

/// Notes that a product was made.
pub(super) async fn finish(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, row: &product::Model, once: Option<&Once>) -> Result<()> {
    let after = read(tx, row).await?;
    let action = Action { act: "created", kind: "product", id: Some(row.id), name: &row.slug };
    audit::record(tx, shop, by, action, None, Some(&after)).await?;
    once::remember(tx, shop, once, row.id).await?;
    stores::catalog_changed(tx, shop.settings.store_id).await
}

/// A product that was made now, or by the same request before, as it is now.
async fn made(tx: &DatabaseTransaction, id: Id) -> Result<CreatedProduct> {
    let row = product::Entity::find_by_id(id).filter(product::Column::DeletedAt.is_null()).one(tx).await?.ok_or(Error::NotFound)?;
    let variants =
        variant::Entity::find().filter(variant::Column::ProductId.eq(id)).filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    let variants = variants.order_by_asc(variant::Column::Position).order_by_asc(variant::Column::Id).all(tx).await?;
    Ok(CreatedProduct { id, slug: row.slug, variants: variants.into_iter().map(|variant| (variant.id, variant.key)).collect() })
}
