//! New products.

use crate::database::{begin_write, is_duplicate};
use crate::entities::{price, product, variant};
use crate::{Error, Result, Shop, stores, world};
use domain::catalog::{Kind, LicenseTerms, ProductStatus};
use domain::id::Id;
use domain::money::{Currency, MAX_CHARGE};
use domain::slug::Slug;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction};

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
    pub status: ProductStatus,
    /// The first one is the one that a shopper sees chosen.
    pub variants: Vec<NewVariant>,
}

/// A tier as a creator describes it.
#[derive(Clone, Debug)]
pub struct NewVariant {
    pub key: String,
    pub name: String,
    pub summary: String,
    pub terms: LicenseTerms,
    pub amount: i64,
    pub currency: String,
    pub download_limit: Option<i64>,
    pub license: Option<NewLicense>,
}

/// How the licence of a tier is limited.
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

pub(super) const MAX_TITLE_CHARS: usize = 200;
/// What stands in one line beside the title.
const MAX_LINE_CHARS: usize = 500;
pub(super) const MAX_DESCRIPTION_CHARS: usize = 50_000;
pub(super) const MAX_VARIANTS: usize = 50;

/// Makes a product with its tiers and prices.
///
/// # Errors
/// Refuses what can't be sold; `Conflict` when the slug is taken.
pub async fn create_product(shop: &Shop, new: NewProduct) -> Result<CreatedProduct> {
    let slug = check(&new)?;
    let currency = check_variants(&new.variants)?;
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let cheapest = new.variants.iter().map(|variant| variant.amount).min().unwrap_or(0);
    let tx = begin_write(&shop.db).await?;
    let row = product::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        slug: Set(slug.as_str().to_owned()),
        title: Set(new.title.trim().to_owned()),
        sku: Set(new.sku),
        kind: Set(new.kind.as_str().to_owned()),
        promise: Set(new.promise),
        description: Set(new.description),
        edition: Set(new.edition),
        requirements: Set(new.requirements),
        metadata: Set("{}".to_owned()),
        category_id: Set(new.category_id),
        cover_file_id: Set(None),
        cover_alt: Set(String::new()),
        status: Set(new.status.as_str().to_owned()),
        published_at: Set((new.status == ProductStatus::Published).then_some(now)),
        price_from: Set(cheapest),
        currency: Set(currency.code().to_owned()),
        has_price_range: Set(new.variants.iter().any(|variant| variant.amount != cheapest)),
        n_sold: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    match row.insert(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => {
            return Err(Error::conflict(
                "slug_taken",
                format!("There is a product named \u{201c}{}\u{201d} already. Choose another slug.", slug.as_str()),
            ));
        }
        Err(error) => return Err(error.into()),
    }
    let mut variants = Vec::with_capacity(new.variants.len());
    for (position, variant) in new.variants.into_iter().enumerate() {
        variants.push(insert_variant(&tx, shop, id, position as i64, variant, currency).await?);
    }
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(CreatedProduct { id, slug: slug.as_str().to_owned(), variants })
}

pub(super) fn check_title(title: &str) -> Result<()> {
    let title = title.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS || title.chars().any(char::is_control) {
        return Err(Error::refused("title_invalid", format!("The title needs 1 to {MAX_TITLE_CHARS} characters in one line.")));
    }
    Ok(())
}

pub(super) fn check_description(description: &str) -> Result<()> {
    if description.chars().count() > MAX_DESCRIPTION_CHARS || description.contains('\0') {
        return Err(Error::refused("description_invalid", format!("The description may have {MAX_DESCRIPTION_CHARS} characters.")));
    }
    Ok(())
}

fn check(new: &NewProduct) -> Result<Slug> {
    let title = new.title.trim();
    check_title(title)?;
    check_description(&new.description)?;
    let lines = [Some(&new.promise), new.sku.as_ref(), new.edition.as_ref(), new.requirements.as_ref()];
    if lines.into_iter().flatten().any(|text| !is_line(text)) {
        return Err(Error::refused(
            "text_invalid",
            format!("Promise, SKU, edition and requirements have at most {MAX_LINE_CHARS} characters in one line."),
        ));
    }
    match &new.slug {
        Some(slug) => Slug::parse(slug).map_err(|error| Error::refused("slug_invalid", format!("{error}."))),
        None => {
            Slug::from_title(title).ok_or_else(|| Error::refused("slug_invalid", "No slug can be made from this title. Please give one."))
        }
    }
}

pub(super) fn is_line(text: &str) -> bool {
    text.chars().count() <= MAX_LINE_CHARS && !text.chars().any(char::is_control)
}

pub(super) fn check_variants(variants: &[NewVariant]) -> Result<Currency> {
    if variants.is_empty() || variants.len() > MAX_VARIANTS {
        return Err(Error::refused("variants_invalid", format!("A product needs 1 to {MAX_VARIANTS} variants.")));
    }
    let currency = Currency::parse(&variants[0].currency).map_err(|error| Error::refused("currency_invalid", format!("{error}.")))?;
    for (i, variant) in variants.iter().enumerate() {
        if Currency::parse(&variant.currency) != Ok(currency) {
            return Err(Error::refused("currency_mixed", "All variants of a product have one currency."));
        }
        if !(0..=MAX_CHARGE).contains(&variant.amount) {
            return Err(Error::refused("amount_invalid", format!("A price is between 0 and {MAX_CHARGE} minor units.")));
        }
        if variant.amount % currency.step() != 0 {
            let text = format!("Prices in {currency} are multiples of {} minor units: nothing finer can be charged.", currency.step());
            return Err(Error::refused("amount_invalid", text));
        }
        if Slug::parse(&variant.key).is_err() || variants[..i].iter().any(|other| other.key == variant.key) {
            return Err(Error::refused(
                "variant_key_invalid",
                "Each variant needs a key of its own: lower-case letters, digits and hyphens.",
            ));
        }
        if variant.name.trim().is_empty() || !is_line(&variant.name) || !is_line(&variant.summary) {
            return Err(Error::refused("variant_name_invalid", "Each variant needs a name, and name and summary are one line each."));
        }
        let limits = [
            variant.download_limit,
            variant.license.and_then(|license| license.activation_limit),
            variant.license.and_then(|license| license.expires_after_days),
        ];
        if limits.into_iter().flatten().any(|limit| !(1..=1_000_000).contains(&limit)) {
            return Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000; leave it out for none."));
        }
    }
    Ok(currency)
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
        name: Set(new.name),
        summary: Set(new.summary),
        terms: Set(new.terms.as_str().to_owned()),
        position: Set(position),
        status: Set("active".to_owned()),
        download_limit: Set(new.download_limit),
        has_license: Set(new.license.is_some()),
        license_activation_limit: Set(new.license.and_then(|license| license.activation_limit)),
        license_expires_after_days: Set(new.license.and_then(|license| license.expires_after_days)),
    }
    .insert(tx)
    .await?;
    price::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        variant_id: Set(id),
        amount: Set(new.amount),
        currency: Set(currency.code().to_owned()),
        compare_at: Set(None),
        is_active: Set(true),
        created_at: Set(shop.clock.now_ms()),
    }
    .insert(tx)
    .await?;
    Ok((id, new.key))
}
