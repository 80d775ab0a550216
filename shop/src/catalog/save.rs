//! A product that is saved: what a draft says is written over what stands there, or over nothing.

use super::check::currency_of;
use super::edit::slug_taken;
use super::reprice::check_sold_in;
use super::{bundles, categories, search, slugs, steps, tags};
use crate::accounts::audit::Actor;
use crate::base::entities::{price, product, variant};
use crate::{Result, Shop, base::world};
use domain::draft::{ProductDraft, TierDraft, TierPrice};
use domain::id::Id;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

/// A product that is there: its row, which nobody else changes meanwhile, and what it says.
pub(super) struct Known {
    pub row: product::Model,
    pub draft: ProductDraft,
}

/// Writes a draft that was checked, in the caller's transaction; tells the row as it is now.
pub(super) async fn save(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    known: Option<&Known>,
    draft: &ProductDraft,
) -> Result<product::Model> {
    let now = shop.clock.now_ms();
    let before = known.map(|known| &known.draft);
    let currency = currency_of(&draft.tiers)?;
    let was_sold_so = known.is_some_and(|known| *known.row.currency == currency);
    let was_on_sale = before.is_some_and(|before| before.status.is_on_sale());
    if !was_sold_so && known.is_some() || draft.status.is_on_sale() && !was_on_sale {
        check_sold_in(tx, shop, currency).await?;
    }
    let slug = match (&draft.slug, known) {
        (Some(slug), _) => slug.clone(),
        (None, Some(known)) => known.row.slug.clone(),
        (None, None) => slugs::for_product(tx, shop, &draft.texts.title).await?.as_str().to_owned(),
    };
    let published_at = match (draft.published_at, before.and_then(|before| before.published_at)) {
        (Some(at), _) => Some(at),
        (None, Some(at)) if at > now => None,
        (None, known) => known,
    };
    let mut product = known.map_or_else(|| blank(shop, now), |known| known.row.clone().into_active_model());
    product.describe(draft);
    product.slug = Set(slug.clone());
    // By its id, where it stays: its slug may change meanwhile.
    product.category_id = Set(match known {
        Some(known) if known.draft.category == draft.category => known.row.category_id,
        _ => categories::find_id(tx, shop, draft.category.as_deref().unwrap_or_default()).await?,
    });
    product.currency = Set(currency.into());
    product.published_at = Set(published_at.or_else(|| draft.status.is_on_sale().then_some(now)));
    product.revision = Set(known.map_or(0, |known| known.row.revision) + 1);
    product.updated_at = Set(now);
    product.updated_by = Set(by.name.clone());
    let row = if known.is_some() { product.update(tx).await } else { product.insert(tx).await };
    let row = row.map_err(slug_taken)?;
    if known.is_none_or(|known| known.row.slug != slug) {
        // Whoever has a name goes before those who had it.
        slugs::forget(tx, shop, &slug).await?;
    }
    if let Some(known) = known.filter(|known| known.row.slug != slug) {
        slugs::remember(tx, shop, &known.row.slug, row.id).await?;
    }
    save_tiers(tx, shop, row.id, before.map_or(&[], |before| &before.tiers), &draft.tiers).await?;
    if before.map_or(&[][..], |before| &before.tags) != draft.tags {
        tags::set(tx, shop, row.id, &draft.tags).await?;
    }
    search::index(tx, row.id).await?;
    steps::sum_up(tx, row.id).await?;
    Ok(row)
}

/// The row of a new product before anything is said of it.
fn blank(shop: &Shop, now: i64) -> product::ActiveModel {
    product::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        cover_file_id: Set(None),
        cover_alt: Set(String::new()),
        price_from: Set(0),
        has_price_range: Set(false),
        pay_what_you_want: Set(false),
        n_sold: Set(0),
        // Raised as its prices are summed up.
        version: Set(0),
        created_at: Set(now),
        ..Default::default()
    }
}

async fn save_tiers(tx: &DatabaseTransaction, shop: &Shop, product_id: Id, before: &[TierDraft], tiers: &[TierDraft]) -> Result<()> {
    if before == tiers {
        return Ok(());
    }
    let gone = before.iter().filter(|old| tiers.iter().all(|tier| tier.key != old.key));
    steps::archive_tiers(tx, product_id, gone.map(|old| old.key.as_str())).await?;
    for (i, tier) in tiers.iter().enumerate() {
        let old = before.iter().find(|old| old.key == tier.key);
        if old != Some(tier) {
            save_tier(tx, shop, product_id, old, tier).await.map_err(|error| error.within(&format!("variants.{i}")))?;
        }
    }
    bundles::check_unused(tx, product_id, false).await.map_err(|error| error.at("variants"))
}

async fn save_tier(tx: &DatabaseTransaction, shop: &Shop, product_id: Id, old: Option<&TierDraft>, tier: &TierDraft) -> Result<()> {
    let known = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product_id))
        .filter(variant::Column::Key.eq(tier.key.as_str()))
        .one(tx)
        .await?;
    let is_new = known.is_none();
    let mut row = known.map_or_else(
        || variant::ActiveModel {
            id: Set(world::new_id()),
            store_id: Set(shop.settings.store_id),
            product_id: Set(product_id),
            ..Default::default()
        },
        IntoActiveModel::into_active_model,
    );
    row.describe(tier);
    let row = if is_new { row.insert(tx).await? } else { row.update(tx).await? };
    if old.map(|old| &old.price) != Some(&tier.price) {
        steps::end_price(tx, row.id).await?;
        insert_price(tx, shop, row.id, &tier.price).await?;
    }
    if old.map_or(&[][..], |old| &old.includes) != tier.includes {
        bundles::set(tx, shop, product_id, row.id, &tier.includes).await?;
    }
    Ok(())
}

/// The price that counts from now on.
async fn insert_price(tx: &DatabaseTransaction, shop: &Shop, variant_id: Id, price: &TierPrice) -> Result<()> {
    let mut row = price::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        variant_id: Set(variant_id),
        is_active: Set(true),
        created_at: Set(shop.clock.now_ms()),
        ..Default::default()
    };
    row.describe(price);
    row.insert(tx).await?;
    Ok(())
}
