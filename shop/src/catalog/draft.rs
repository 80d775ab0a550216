//! A product as its rows say it.

use super::{bundles, tags};
use crate::Result;
use crate::base::entities::{category, price, product, variant};
use domain::draft::{ProductDraft, TierPrice};
use domain::money::Money;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// All that its seller set, as it stands in the caller's transaction. The audit log compares it.
pub(super) async fn read(db: &impl ConnectionTrait, row: &product::Model) -> Result<ProductDraft> {
    let category = match row.category_id {
        Some(id) => category::Entity::find_by_id(id).one(db).await?.map(|category| category.slug),
        None => None,
    };
    let variants = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(row.id))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<_> = variants.iter().map(|variant| variant.id).collect();
    let prices = price::Entity::find()
        .filter(price::Column::VariantId.is_in(ids.clone()))
        .filter(price::Column::IsActive.eq(true))
        .order_by_desc(price::Column::Id)
        .all(db)
        .await?;
    let mut includes = bundles::names(db, &ids).await?;
    let price_of = |variant: &variant::Model| {
        let mut active = prices.iter().filter(|price| price.variant_id == variant.id);
        // A tier that was archived may be priced in a currency that the product left since.
        let price = active.clone().find(|price| *price.currency == *row.currency).or_else(|| active.next());
        price.map_or_else(|| TierPrice::fixed(Money::new(0, *row.currency)), price::Model::price)
    };
    let tiers = variants.into_iter().map(|variant| {
        let (price, includes) = (price_of(&variant), includes.remove(&variant.id).unwrap_or_default());
        variant.draft(price, includes)
    });
    let tiers = tiers.collect();
    let tags = tags::of(db, row.id).await?.into_iter().map(|(_, name)| name).collect();
    let mut draft = ProductDraft { category, tags, tiers, ..row.draft() };
    // What is older than a rule is compared as it would be kept today.
    draft.tidy();
    Ok(draft)
}
