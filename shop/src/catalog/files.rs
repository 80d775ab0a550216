//! All files of a product on one page.

use super::{Shown, product_named, releases, shown};
use crate::base::database::word;
use crate::base::entities::variant;
use crate::{Result, Shop, files::uploads};
use domain::catalog::VariantStatus;
use domain::pages::files::{ProductFiles, TierName};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// What a product consists of, shows, and is about to get.
///
/// # Errors
/// `NotFound` for an unknown product.
pub async fn files(shop: &Shop, slug: &str) -> Result<ProductFiles> {
    let product = product_named(shop, slug).await?;
    let Shown { cover, gallery, samples } = shown(shop, &product).await?;
    let tiers = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(&shop.db)
        .await?;
    Ok(ProductFiles {
        tiers: tiers.into_iter().map(|tier| TierName { key: tier.key, name: tier.name }).collect(),
        cover,
        gallery,
        samples,
        releases: releases::of_product(shop, &product).await?,
        uploads: uploads::open_ones(shop, product.id).await?,
        is_open: product.status().is_on_sale() && product.published_at.is_some_and(|at| at <= shop.clock.now_ms()),
        slug: product.slug,
        title: product.title,
    })
}
