//! New products.

use super::check::{check, check_variants};
use super::edit::slug_taken;
use super::facts::{attributes_json, facts, metadata_json, status_columns};
use super::reprice::check_sold_in;
use super::{TierName, bundles, search, slugs, tags, tidy};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried, word};
use crate::base::entities::{price, product, variant};
use crate::base::once::{self, Once};
use crate::{Error, Result, Shop, base::world, stores};
use domain::catalog::{Kind, ProductStatus, VariantStatus};
use domain::id::Id;
use domain::money::Currency;
use domain::slug::Slug;
use domain::terms::LicenseTerms;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

/// A product as a creator describes it.
#[derive(Clone, Debug)]
pub struct NewProduct {
    pub title: String,
    /// Made from the title when absent.
    pub slug: Option<String>,
    pub sku: Option<String>,
    pub kind: Kind,
    pub promise: String,
    pub description: String,
    pub edition: Option<String>,
    pub requirements: Option<String>,
    pub category_id: Option<Id>,
    /// Names; those that are new are made.
    pub tags: Vec<String>,
    pub seo_title: String,
    pub seo_description: String,
    pub metadata: Vec<(String, String)>,
    pub status: ProductStatus,
    /// From when it is on sale, in milliseconds since 1970; at once when absent.
    pub published_at: Option<i64>,
    /// The first one is the one that a shopper sees chosen.
    pub variants: Vec<NewVariant>,
}

impl Default for NewProduct {
    fn default() -> Self {
        Self {
            title: String::new(),
            slug: None,
            sku: None,
            kind: Kind::Other,
            promise: String::new(),
            description: String::new(),
            edition: None,
            requirements: None,
            category_id: None,
            tags: Vec::new(),
            seo_title: String::new(),
            seo_description: String::new(),
            metadata: Vec::new(),
            status: ProductStatus::Draft,
            published_at: None,
            variants: Vec::new(),
        }
    }
}

/// A tier as a creator describes it.
#[derive(Clone, Debug, Default)]
pub struct NewVariant {
    pub key: String,
    pub name: String,
    pub summary: String,
    pub terms: LicenseTerms,
    pub amount: i64,
    pub currency: String,
    /// What it cost before; higher than the amount.
    pub compare_at: Option<i64>,
    pub attributes: Vec<(String, String)>,
    pub download_limit: Option<i64>,
    pub license: Option<NewLicense>,
    /// The amount is the least that is taken, and the customer names the price.
    pub pay_what_you_want: bool,
    /// What the customer finds typed in; minor units.
    pub suggested_amount: Option<i64>,
    /// Tiers of other products that come with it.
    pub includes: Vec<TierName>,
}

/// How the license of a tier is limited.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewLicense {
    pub activation_limit: Option<i64>,
    pub expires_after_days: Option<i64>,
}

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
pub async fn create_product(shop: &Shop, by: &Actor, new: NewProduct, once: Option<&Once>) -> Result<CreatedProduct> {
    let new = tidy::product(new);
    let slug = check(&new)?;
    let currency = check_variants(&new.variants)?;
    retried(|| create(shop, by, slug.as_ref(), currency, new.clone(), once)).await
}

async fn create(
    shop: &Shop,
    by: &Actor,
    slug: Option<&Slug>,
    currency: Currency,
    new: NewProduct,
    once: Option<&Once>,
) -> Result<CreatedProduct> {
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let cheapest = new.variants.iter().map(|variant| variant.amount).min().unwrap_or(0);
    let (status, is_listed) = status_columns(new.status);
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        return made(&tx, id).await;
    }
    if new.status.is_on_sale() {
        check_sold_in(&tx, shop, currency).await?;
    }
    let slug = match slug {
        Some(slug) => slug.clone(),
        None => slugs::for_product(&tx, shop, &new.title).await?,
    };
    let row = product::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        slug: Set(slug.as_str().to_owned()),
        title: Set(new.title.trim().to_owned()),
        sku: Set(filled(new.sku)),
        kind: Set(new.kind.into()),
        promise: Set(new.promise),
        description: Set(new.description),
        edition: Set(filled(new.edition)),
        requirements: Set(filled(new.requirements)),
        metadata: Set(metadata_json(&new.metadata)),
        category_id: Set(new.category_id),
        cover_file_id: Set(None),
        cover_alt: Set(String::new()),
        status: Set(status.into()),
        published_at: Set(new.published_at.or_else(|| new.status.is_on_sale().then_some(now))),
        price_from: Set(cheapest),
        currency: Set(currency.into()),
        has_price_range: Set(new.variants.iter().any(|variant| variant.amount != cheapest)),
        pay_what_you_want: Set(new.variants.iter().any(|variant| variant.amount == cheapest && variant.pay_what_you_want)),
        n_sold: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        is_listed: Set(is_listed),
        revision: Set(1),
        updated_by: Set(by.name.clone()),
        seo_title: Set(new.seo_title),
        seo_description: Set(new.seo_description),
        ..Default::default()
    };
    let row = row.insert(&tx).await.map_err(slug_taken)?;
    // Whoever has a name goes before those who had it.
    slugs::forget(&tx, shop, slug.as_str()).await?;
    search::index(&tx, id).await?;
    let mut variants = Vec::with_capacity(new.variants.len());
    for (position, variant) in new.variants.into_iter().enumerate() {
        let part = format!("variants.{position}");
        variants.push(insert_variant(&tx, shop, id, position as i64, variant, currency).await.map_err(|error| error.within(&part))?);
    }
    tags::set(&tx, shop, id, &new.tags).await?;
    let after = facts(&tx, &row).await?;
    let action = Action { act: "created", kind: "product", id: Some(id), name: slug.as_str() };
    audit::record(&tx, shop, by, action, None, Some(&after)).await?;
    once::remember(&tx, shop, once, id).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(CreatedProduct { id, slug: slug.as_str().to_owned(), variants })
}

/// A product that this wish made before, as it is now.
async fn made(tx: &DatabaseTransaction, id: Id) -> Result<CreatedProduct> {
    let row = product::Entity::find_by_id(id).filter(product::Column::DeletedAt.is_null()).one(tx).await?.ok_or(Error::NotFound)?;
    let variants =
        variant::Entity::find().filter(variant::Column::ProductId.eq(id)).filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    let variants = variants.order_by_asc(variant::Column::Position).order_by_asc(variant::Column::Id).all(tx).await?;
    Ok(CreatedProduct { id, slug: row.slug, variants: variants.into_iter().map(|variant| (variant.id, variant.key)).collect() })
}

/// What is left of a text that somebody emptied.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(super) async fn insert_variant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    product_id: Id,
    position: i64,
    new: NewVariant,
    currency: Currency,
) -> Result<(Id, String)> {
    let id = world::new_id();
    variant::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        product_id: Set(product_id),
        key: Set(new.key.clone()),
        name: Set(new.name.trim().to_owned()),
        summary: Set(new.summary.clone()),
        terms: Set(new.terms.into()),
        position: Set(position),
        status: Set(VariantStatus::Active.into()),
        download_limit: Set(new.download_limit),
        has_license: Set(new.license.is_some()),
        license_activation_limit: Set(new.license.and_then(|license| license.activation_limit)),
        license_expires_after_days: Set(new.license.and_then(|license| license.expires_after_days)),
        attributes: Set(attributes_json(&new.attributes)),
    }
    .insert(tx)
    .await?;
    insert_price(tx, shop, id, &new, currency).await?;
    bundles::set(tx, shop, product_id, id, &new.includes).await?;
    Ok((id, new.key))
}

/// The price that counts from now on.
pub(super) async fn insert_price(
    tx: &DatabaseTransaction,
    shop: &Shop,
    variant_id: Id,
    new: &NewVariant,
    currency: Currency,
) -> Result<()> {
    price::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        variant_id: Set(variant_id),
        amount: Set(new.amount),
        currency: Set(currency.into()),
        compare_at: Set(new.compare_at),
        pay_what_you_want: Set(new.pay_what_you_want),
        suggested_amount: Set(new.suggested_amount),
        is_active: Set(true),
        created_at: Set(shop.clock.now_ms()),
    }
    .insert(tx)
    .await?;
    Ok(())
}
