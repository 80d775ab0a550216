//! Products that are made by the thousand, for tests of scale.

use crate::base::entities::{price, product, variant};
use crate::{Result, Shop, base::world};
use domain::catalog::{Kind, ProductStatus, VariantStatus};
use domain::id::Id;
use domain::money::Currency;
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait};

/// A product with one tier.
pub(crate) struct Generated {
    pub slug: String,
    pub title: String,
    pub promise: String,
    pub description: String,
    pub category_id: Option<Id>,
    pub published_at: i64,
    /// Minor units.
    pub amount: i64,
    pub n_sold: i64,
}

/// Writes products by one statement a table.
pub(crate) async fn add_generated(tx: &DatabaseTransaction, shop: &Shop, generated: Vec<Generated>) -> Result<()> {
    let (store_id, now, currency) = (shop.settings.store_id, shop.clock.now_ms(), Currency::USD);
    let (mut products, mut variants, mut prices) = (Vec::new(), Vec::new(), Vec::new());
    for new in generated {
        let (product_id, variant_id) = (world::new_id(), world::new_id());
        products.push(product::ActiveModel {
            id: Set(product_id),
            store_id: Set(store_id),
            slug: Set(new.slug),
            title: Set(new.title),
            kind: Set(Kind::Other.into()),
            promise: Set(new.promise),
            description: Set(new.description),
            category_id: Set(new.category_id),
            status: Set(ProductStatus::Published.into()),
            published_at: Set(Some(new.published_at)),
            price_from: Set(new.amount),
            currency: Set(currency.into()),
            n_sold: Set(new.n_sold),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        });
        variants.push(variant::ActiveModel {
            id: Set(variant_id),
            store_id: Set(store_id),
            product_id: Set(product_id),
            key: Set("standard".to_owned()),
            name: Set("Standard".to_owned()),
            status: Set(VariantStatus::Active.into()),
            // What delivers nothing is not sold.
            has_license: Set(true),
            ..Default::default()
        });
        prices.push(price::ActiveModel {
            id: Set(world::new_id()),
            store_id: Set(store_id),
            variant_id: Set(variant_id),
            amount: Set(new.amount),
            currency: Set(currency.into()),
            created_at: Set(now),
            ..Default::default()
        });
    }
    product::Entity::insert_many(products).exec_without_returning(tx).await?;
    variant::Entity::insert_many(variants).exec_without_returning(tx).await?;
    price::Entity::insert_many(prices).exec_without_returning(tx).await?;
    Ok(())
}
