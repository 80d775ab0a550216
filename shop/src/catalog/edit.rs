//! Products that change: words, prices, tiers, and whether they are on sale. Orders keep what they froze.

use super::create::{check_description, check_title, check_variants, insert_variant, is_line};
use super::{NewLicense, NewVariant};
use crate::database::{begin_write, execute, is_duplicate};
use crate::entities::{price, product, variant};
use crate::{Error, Result, Shop, stores, world};
use domain::catalog::{LicenseTerms, ProductStatus};
use domain::money::Currency;
use domain::slug::Slug;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};

/// What a creator wants to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ProductChange {
    pub title: Option<String>,
    pub slug: Option<String>,
    pub promise: Option<String>,
    pub description: Option<String>,
    pub edition: Option<String>,
    pub requirements: Option<String>,
    pub sku: Option<String>,
    pub status: Option<ProductStatus>,
    /// Tiers by their key: known ones change, new ones are added, others stay.
    pub variants: Vec<VariantChange>,
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
    pub download_limit: Option<i64>,
    pub license: Option<NewLicense>,
}

/// Changes a product, whatever its status. A price that changes is a new price: orders keep theirs.
///
/// # Errors
/// `NotFound`; refuses what [`super::create_product`] refuses; `slug_taken`.
pub async fn update_product(shop: &Shop, slug: &str, change: ProductChange) -> Result<String> {
    let row = find(shop, slug).await?;
    check(&change)?;
    let now = shop.clock.now_ms();
    let tx = begin_write(&shop.db).await?;
    for variant in &change.variants {
        change_variant(&tx, shop, &row, variant).await?;
    }
    let (id, was_published) = (row.id, row.published_at.is_some());
    let new_slug = change.slug.clone().unwrap_or_else(|| row.slug.clone());
    let version = row.version;
    let mut product = row.into_active_model();
    if let Some(title) = change.title {
        product.title = Set(title.trim().to_owned());
    }
    if let Some(promise) = change.promise {
        product.promise = Set(promise);
    }
    if let Some(description) = change.description {
        product.description = Set(description);
    }
    if change.edition.is_some() {
        product.edition = Set(change.edition);
    }
    if change.requirements.is_some() {
        product.requirements = Set(change.requirements);
    }
    if change.sku.is_some() {
        product.sku = Set(change.sku);
    }
    if let Some(status) = change.status {
        product.status = Set(status.as_str().to_owned());
        if status == ProductStatus::Published && !was_published {
            product.published_at = Set(Some(now));
        }
    }
    product.slug = Set(new_slug.clone());
    product.version = Set(version + 1);
    product.updated_at = Set(now);
    match product.update(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => return Err(Error::conflict("slug_taken", "Another product has this slug. Choose another.")),
        Err(error) => return Err(error.into()),
    }
    let of_product =
        "FROM prices pr JOIN variants v ON v.id = pr.variant_id WHERE v.product_id = products.id AND v.status = 'active' AND pr.is_active";
    let sql = format!(
        "UPDATE products SET price_from = (SELECT MIN(pr.amount) {of_product}), has_price_range = (SELECT MIN(pr.amount) <> MAX(pr.amount) {of_product}) WHERE id = $1"
    );
    execute(&tx, &sql, [id.into()]).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(new_slug)
}

/// Takes a product off sale for good and frees its slug. Orders, their files and their links stay as they are.
pub async fn delete_product(shop: &Shop, slug: &str) -> Result<()> {
    let row = find(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    let freed = format!("deleted-{}", row.id.simple());
    let sql = "UPDATE products SET status = 'archived', slug = $2, version = version + 1, updated_at = $3 WHERE id = $1";
    execute(&tx, sql, [row.id.into(), freed.into(), shop.clock.now_ms().into()]).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

async fn find(shop: &Shop, slug: &str) -> Result<product::Model> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug.as_str()))
        .one(&shop.db)
        .await?
        .filter(|row| !row.slug.starts_with("deleted-") || row.status != ProductStatus::Archived.as_str())
        .ok_or(Error::NotFound)
}

fn check(change: &ProductChange) -> Result<()> {
    if let Some(title) = &change.title {
        check_title(title)?;
    }
    if let Some(description) = &change.description {
        check_description(description)?;
    }
    if let Some(slug) = &change.slug {
        Slug::parse(slug).map_err(|error| Error::refused("slug_invalid", format!("{error}.")))?;
    }
    let lines = [&change.promise, &change.edition, &change.requirements, &change.sku];
    if lines.into_iter().flatten().any(|text| !is_line(text)) {
        return Err(Error::refused("text_invalid", "Promise, SKU, edition and requirements are one line each."));
    }
    Ok(())
}

async fn change_variant(tx: &DatabaseTransaction, shop: &Shop, product: &product::Model, change: &VariantChange) -> Result<()> {
    let row = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Key.eq(change.key.as_str()))
        .one(tx)
        .await?;
    let currency = change.currency.clone().unwrap_or_else(|| product.currency.clone());
    let store_currency = Currency::parse(&product.currency).unwrap_or(Currency::USD);
    if Currency::parse(&currency) != Ok(store_currency) {
        return Err(Error::refused("currency_mixed", "All variants of a product have one currency."));
    }
    let Some(row) = row else {
        let (Some(name), Some(amount)) = (change.name.clone(), change.amount) else {
            return Err(Error::refused("variant_incomplete", "A new variant needs a name and an amount."));
        };
        let new = NewVariant {
            key: change.key.clone(),
            name,
            summary: change.summary.clone().unwrap_or_default(),
            terms: change.terms.unwrap_or(LicenseTerms::Personal),
            amount,
            currency,
            download_limit: change.download_limit,
            license: change.license,
        };
        check_variants(std::slice::from_ref(&new))?;
        let position =
            i64::try_from(variant::Entity::find().filter(variant::Column::ProductId.eq(product.id)).all(tx).await?.len()).unwrap_or(0);
        insert_variant(tx, shop, product.id, position, new, store_currency).await?;
        return Ok(());
    };
    let price = price::Entity::find().filter(price::Column::VariantId.eq(row.id)).filter(price::Column::IsActive.eq(true)).one(tx).await?;
    let now_amount = price.map_or(0, |price| price.amount);
    let whole = NewVariant {
        key: row.key.clone(),
        name: change.name.clone().unwrap_or_else(|| row.name.clone()),
        summary: change.summary.clone().unwrap_or_else(|| row.summary.clone()),
        terms: change.terms.unwrap_or_else(|| LicenseTerms::from_word(&row.terms)),
        amount: change.amount.unwrap_or(now_amount),
        currency,
        download_limit: change.download_limit.or(row.download_limit),
        license: change.license,
    };
    check_variants(std::slice::from_ref(&whole))?;
    if whole.amount != now_amount {
        execute(tx, "UPDATE prices SET is_active = FALSE WHERE variant_id = $1", [row.id.into()]).await?;
        let sql =
            "INSERT INTO prices (id, store_id, variant_id, amount, currency, is_active, created_at) VALUES ($1, $2, $3, $4, $5, TRUE, $6)";
        let values = [
            world::new_id().into(),
            row.store_id.into(),
            row.id.into(),
            whole.amount.into(),
            product.currency.clone().into(),
            shop.clock.now_ms().into(),
        ];
        execute(tx, sql, values).await?;
    }
    let mut row = row.into_active_model();
    row.name = Set(whole.name);
    row.summary = Set(whole.summary);
    row.terms = Set(whole.terms.as_str().to_owned());
    row.download_limit = Set(whole.download_limit);
    if let Some(license) = whole.license {
        row.has_license = Set(true);
        row.license_activation_limit = Set(license.activation_limit);
        row.license_expires_after_days = Set(license.expires_after_days);
    }
    row.update(tx).await?;
    Ok(())
}
