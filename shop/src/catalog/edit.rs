//! Products that change: words, prices, tiers, and whether they are on sale. Orders keep what they froze.

use super::check::{
    MAX_VARIANTS, check_description, check_instant, check_lines, check_metadata, check_seo, check_slug, check_tags, check_title,
    check_variant, not_a_key, wrong_number,
};
use super::create::{filled, insert_price, insert_variant};
use super::facts::{Facts, attributes_json, attributes_of, facts, metadata_json, status_columns, status_of};
use super::reprice::check_sold_in;
use super::{NewLicense, NewVariant, TierName, bundles, categories, search, slugs, steps, tags, tidy};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate, retried, word};
use crate::base::entities::{price, product, variant};
use crate::{Error, Result, Shop, base::world, stores};
use domain::catalog::{Kind, ProductStatus, VariantStatus};
use domain::id::Id;
use domain::money::{Currency, NotACurrency};
use domain::slug::Slug;
use domain::terms::LicenseTerms;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

/// What a creator wants to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    /// The revision that the change was made from; it is refused where there is a newer one.
    pub revision: Option<i64>,
    pub title: Option<String>,
    pub slug: Option<String>,
    pub kind: Option<Kind>,
    pub promise: Option<String>,
    pub description: Option<String>,
    pub edition: Option<String>,
    pub requirements: Option<String>,
    pub sku: Option<String>,
    /// The slug of a category; empty for none.
    pub category: Option<String>,
    /// Names; those that are new are made.
    pub tags: Option<Vec<String>>,
    pub seo_title: Option<String>,
    pub seo_description: Option<String>,
    pub metadata: Option<Vec<(String, String)>>,
    pub status: Option<ProductStatus>,
    /// When it goes on sale; `Some(None)` is at once, where it is not on sale yet.
    pub published_at: Option<Option<i64>>,
    /// Tiers by their key: known ones change, new ones are added, others stay.
    pub variants: Vec<VariantChange>,
    /// Whether the tiers above are all that stay, in their order.
    pub has_no_other_variants: bool,
}

#[derive(Clone, Debug, Default)]
pub struct VariantChange {
    pub key: String,
    pub name: Option<String>,
    pub summary: Option<String>,
    pub terms: Option<LicenseTerms>,
    /// Minor units.
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub compare_at: Option<Option<i64>>,
    pub attributes: Option<Vec<(String, String)>>,
    pub download_limit: Option<Option<i64>>,
    pub license: Option<Option<NewLicense>>,
    pub pay_what_you_want: Option<bool>,
    pub suggested_amount: Option<Option<i64>>,
    /// All of them.
    pub includes: Option<Vec<TierName>>,
    /// Whether it is taken off sale; orders keep it.
    pub is_archived: Option<bool>,
    pub position: Option<i64>,
}

/// Changes a product, whatever its status. A price that changes is a new price: orders keep theirs.
///
/// # Errors
/// `NotFound`; refuses what [`super::create_product`] refuses; `slug_taken`; `product_changed` where somebody was faster.
pub async fn update_product(shop: &Shop, by: &Actor, slug: &str, change: ProductChange) -> Result<String> {
    let change = tidy::change(change);
    check(&change)?;
    retried(|| update(shop, by, slug, change.clone())).await
}

async fn update(shop: &Shop, by: &Actor, slug: &str, change: ProductChange) -> Result<String> {
    let tx = begin_write(&shop.db).await?;
    // Held until the end, so that what is read here is what is changed.
    let row = locked(&tx, shop, slug).await?;
    let stale = check_revision(&row, change.revision).err();
    let (id, before) = (row.id, facts(&tx, &row).await?);
    let changed = write(&tx, shop, by, row, change).await;
    let (new_slug, after) = match (stale, changed) {
        // What is sent again, as by a second click, stands already.
        (Some(_), Ok((slug, after))) if after == before => return Ok(slug),
        (Some(stale), _) => return Err(stale),
        (None, changed) => changed?,
    };
    let action = Action { act: "updated", kind: "product", id: Some(id), name: &new_slug };
    audit::record(&tx, shop, by, action, Some(&before), Some(&after)).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(new_slug)
}

/// Writes the change down; tells the slug, and how the product stands now.
async fn write(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    mut row: product::Model,
    change: ProductChange,
) -> Result<(String, Facts)> {
    let now = shop.clock.now_ms();
    let was_on_sale = status_of(&row).is_on_sale();
    let new_currency = new_currency(tx, shop, &row, &change).await?;
    if let Some(currency) = new_currency {
        row.currency = currency.into();
    }
    let category_id = match change.category.as_deref() {
        Some(slug) => Some(categories::find_id(tx, shop, slug).await?),
        None => None,
    };
    change_variants(tx, shop, &row, &change).await?;
    let (id, old_slug, revision) = (row.id, row.slug.clone(), row.revision);
    let new_slug = change.slug.unwrap_or_else(|| row.slug.clone());
    let status = change.status.unwrap_or_else(|| status_of(&row));
    if status.is_on_sale() && !was_on_sale {
        check_sold_in(tx, shop, *row.currency).await?;
    }
    let published_at = match (change.published_at, row.published_at) {
        (Some(Some(at)), _) => Some(at),
        (Some(None), Some(at)) if at > now => None,
        (_, known) => known,
    };
    let mut product = row.into_active_model();
    if let Some(title) = change.title {
        product.title = Set(title.trim().to_owned());
    }
    if let Some(kind) = change.kind {
        product.kind = Set(kind.into());
    }
    if let Some(promise) = change.promise {
        product.promise = Set(promise);
    }
    if let Some(description) = change.description {
        product.description = Set(description);
    }
    if change.edition.is_some() {
        product.edition = Set(filled(change.edition));
    }
    if change.requirements.is_some() {
        product.requirements = Set(filled(change.requirements));
    }
    if change.sku.is_some() {
        product.sku = Set(filled(change.sku));
    }
    if let Some(category_id) = category_id {
        product.category_id = Set(category_id);
    }
    if let Some(title) = change.seo_title {
        product.seo_title = Set(title);
    }
    if let Some(description) = change.seo_description {
        product.seo_description = Set(description);
    }
    if let Some(metadata) = change.metadata {
        product.metadata = Set(metadata_json(&metadata));
    }
    if let Some(currency) = new_currency {
        product.currency = Set(currency.into());
    }
    let (stored, is_listed) = status_columns(status);
    product.status = Set(stored.into());
    product.is_listed = Set(is_listed);
    product.published_at = Set(published_at.or_else(|| status.is_on_sale().then_some(now)));
    product.slug = Set(new_slug.clone());
    product.revision = Set(revision + 1);
    product.updated_at = Set(now);
    product.updated_by = Set(by.name.clone());
    let row = product.update(tx).await.map_err(slug_taken)?;
    search::index(tx, id).await?;
    if new_slug != old_slug {
        slugs::forget(tx, shop, &new_slug).await?;
        slugs::remember(tx, shop, &old_slug, id).await?;
    }
    if let Some(names) = change.tags {
        tags::set(tx, shop, id, &names).await?;
    }
    sum_up(tx, id).await?;
    Ok((new_slug, facts(tx, &row).await?))
}

/// The currency that a change gives to all tiers of a product; nothing where they keep theirs.
///
/// # Errors
/// `currency_mixed` where it does not name each of them with its amount, `currency_not_sold` for another one than the store's.
async fn new_currency(tx: &DatabaseTransaction, shop: &Shop, product: &product::Model, change: &ProductChange) -> Result<Option<Currency>> {
    let named = |variant: &VariantChange| variant.currency.as_deref().map(Currency::parse).transpose();
    let invalid = |error: NotACurrency| Error::refused("currency_invalid", format!("{error}.")).at("currency");
    let mut wanted = None;
    for variant in &change.variants {
        wanted = wanted.or(named(variant).map_err(invalid)?.filter(|currency| *currency != *product.currency));
    }
    let Some(wanted) = wanted else { return Ok(None) };
    let keys = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    let keys: Vec<String> = keys.select_only().column(variant::Column::Key).into_tuple().all(tx).await?;
    let is_whole = change.variants.iter().all(|variant| named(variant) == Ok(Some(wanted)) && variant.amount.is_some())
        && (change.has_no_other_variants || keys.iter().all(|key| change.variants.iter().any(|variant| variant.key == *key)));
    if !is_whole {
        let text = "All tiers of a product have one currency. To change it, name each of them with its currency and its amount.";
        return Err(Error::refused("currency_mixed", text));
    }
    check_sold_in(tx, shop, wanted).await?;
    Ok(Some(wanted))
}

/// What lists show of a product, from its prices.
pub(super) async fn sum_up(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    steps::sum_up(tx, id).await?;
    Ok(())
}

pub(super) fn slug_taken(error: DbErr) -> Error {
    if is_duplicate(&error) {
        Error::conflict("slug_taken", "Another product has this slug. Choose another.").at("slug")
    } else {
        error.into()
    }
}

/// Puts a product where it is to stand, and tells where it stood. Its tiers, words and times stay.
pub async fn set_status(shop: &Shop, by: &Actor, slug: &str, status: ProductStatus) -> Result<ProductStatus> {
    let before = find(shop, slug).await?;
    update_product(shop, by, slug, ProductChange { status: Some(status), ..ProductChange::default() }).await?;
    Ok(status_of(&before))
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

fn check(change: &ProductChange) -> Result<()> {
    if let Some(title) = &change.title {
        check_title(title)?;
    }
    if let Some(description) = &change.description {
        check_description(description)?;
    }
    if let Some(slug) = &change.slug {
        check_slug(slug)?;
    }
    check_lines(&[
        ("promise", change.promise.as_ref()),
        ("edition", change.edition.as_ref()),
        ("requirements", change.requirements.as_ref()),
        ("sku", change.sku.as_ref()),
    ])?;
    check_seo(&[("seo_title", change.seo_title.as_ref()), ("seo_description", change.seo_description.as_ref())])?;
    check_tags(change.tags.as_deref().unwrap_or_default())?;
    check_metadata(change.metadata.as_deref().unwrap_or_default())?;
    check_instant(change.published_at.flatten())?;
    if change.variants.len() > MAX_VARIANTS {
        return Err(wrong_number());
    }
    Ok(())
}

async fn change_variants(tx: &DatabaseTransaction, shop: &Shop, product: &product::Model, change: &ProductChange) -> Result<()> {
    if change.has_no_other_variants {
        steps::archive_tiers(tx, product.id).await?;
    }
    for (i, variant) in change.variants.iter().enumerate() {
        if change.variants[..i].iter().any(|other| other.key == variant.key) {
            return Err(not_a_key().within(&format!("variants.{i}")));
        }
        let mut variant = variant.clone();
        if change.has_no_other_variants {
            variant.is_archived = Some(false);
            variant.position = Some(i as i64);
        }
        change_variant(tx, shop, product, variant).await.map_err(|error| error.within(&format!("variants.{i}")))?;
    }
    if !change.variants.is_empty() {
        bundles::check_unused(tx, product.id, false).await.map_err(|error| error.at("variants"))?;
    }
    let sold = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    let n = sold.count(tx).await?;
    if (1..=MAX_VARIANTS as u64).contains(&n) || change.variants.is_empty() { Ok(()) } else { Err(wrong_number()) }
}

async fn change_variant(tx: &DatabaseTransaction, shop: &Shop, product: &product::Model, change: VariantChange) -> Result<()> {
    let row = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Key.eq(change.key.as_str()))
        .one(tx)
        .await?;
    let currency = *product.currency;
    let Some(row) = row else { return add_variant(tx, shop, product, change, currency).await };
    let price = price::Entity::find()
        .filter(price::Column::VariantId.eq(row.id))
        .filter(price::Column::IsActive.eq(true))
        .order_by_desc(price::Column::Id)
        .one(tx)
        .await?;
    let is_in_currency = price.as_ref().is_some_and(|price| *price.currency == *product.currency);
    // Amounts of another currency are none of this one.
    let now = price.map_or((0, None, false, None), |price| match is_in_currency {
        true => (price.amount, price.compare_at, price.pay_what_you_want, price.suggested_amount),
        false => (0, None, price.pay_what_you_want, None),
    });
    let (now_amount, now_compare_at, now_pay_what_you_want, now_suggested_amount) = now;
    let license = NewLicense { activation_limit: row.license_activation_limit, expires_after_days: row.license_expires_after_days };
    let amount = change.amount.unwrap_or(now_amount);
    let pay_what_you_want = change.pay_what_you_want.unwrap_or(now_pay_what_you_want);
    let whole = NewVariant {
        key: row.key.clone(),
        name: change.name.unwrap_or_else(|| row.name.clone()),
        summary: change.summary.unwrap_or_else(|| row.summary.clone()),
        terms: change.terms.unwrap_or_else(|| *row.terms),
        amount,
        currency: change.currency.unwrap_or_else(|| product.currency.code().to_owned()),
        // A price that rises above the one that it was compared with is compared with none.
        compare_at: change.compare_at.unwrap_or(now_compare_at.filter(|before| *before > amount)),
        attributes: change.attributes.unwrap_or_else(|| attributes_of(&row.attributes)),
        download_limit: change.download_limit.unwrap_or(row.download_limit),
        license: change.license.unwrap_or(row.has_license.then_some(license)),
        pay_what_you_want,
        // As a price that was fixed again, or rose above it, has no suggestion.
        suggested_amount: change.suggested_amount.unwrap_or(now_suggested_amount.filter(|at| pay_what_you_want && *at >= amount)),
        includes: Vec::new(),
    };
    check_variant(&whole, currency)?;
    if !is_in_currency || (whole.amount, whole.compare_at, whole.pay_what_you_want, whole.suggested_amount) != now {
        steps::end_price(tx, row.id).await?;
        insert_price(tx, shop, row.id, &whole, *product.currency).await?;
    }
    if let Some(names) = &change.includes {
        bundles::set(tx, shop, product.id, row.id, names).await?;
    }
    let mut row = row.into_active_model();
    row.name = Set(whole.name.trim().to_owned());
    row.summary = Set(whole.summary);
    row.terms = Set(whole.terms.into());
    row.attributes = Set(attributes_json(&whole.attributes));
    row.download_limit = Set(whole.download_limit);
    row.has_license = Set(whole.license.is_some());
    row.license_activation_limit = Set(whole.license.and_then(|license| license.activation_limit));
    row.license_expires_after_days = Set(whole.license.and_then(|license| license.expires_after_days));
    if let Some(is_archived) = change.is_archived {
        row.status = Set(if is_archived { VariantStatus::Archived } else { VariantStatus::Active }.into());
    }
    if let Some(position) = change.position {
        row.position = Set(position);
    }
    row.update(tx).await?;
    Ok(())
}

async fn add_variant(
    tx: &DatabaseTransaction,
    shop: &Shop,
    product: &product::Model,
    change: VariantChange,
    currency: Currency,
) -> Result<()> {
    let (Some(name), Some(amount)) = (change.name, change.amount) else {
        return Err(Error::refused("variant_incomplete", "A new tier needs a name and an amount."));
    };
    let new = NewVariant {
        key: change.key,
        name,
        summary: change.summary.unwrap_or_default(),
        terms: change.terms.unwrap_or_default(),
        amount,
        currency: change.currency.unwrap_or_else(|| product.currency.code().to_owned()),
        compare_at: change.compare_at.flatten(),
        attributes: change.attributes.unwrap_or_default(),
        download_limit: change.download_limit.flatten(),
        license: change.license.flatten(),
        pay_what_you_want: change.pay_what_you_want.unwrap_or_default(),
        suggested_amount: change.suggested_amount.flatten(),
        includes: change.includes.unwrap_or_default(),
    };
    check_variant(&new, currency)?;
    let position = match change.position {
        Some(position) => position,
        None => {
            let last = variant::Entity::find().filter(variant::Column::ProductId.eq(product.id)).order_by_desc(variant::Column::Position);
            last.one(tx).await?.map_or(0, |last| last.position + 1)
        }
    };
    insert_variant(tx, shop, product.id, position, new, currency).await?;
    Ok(())
}
