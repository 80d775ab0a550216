//! New products, and what is added to them.

use super::check::{check, check_variants};
use super::facts::{attributes_json, facts, metadata_json, status_columns};
use super::{slugs, tags};
use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, is_duplicate, retried};
use crate::entities::{file, price, product, release, variant};
use crate::files::{ByteStream, media_type_of};
use crate::{Error, Result, Shop, stores, world};
use domain::catalog::{Kind, LicenseTerms, ProductStatus};
use domain::id::Id;
use domain::money::Currency;
use domain::slug::Slug;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use std::time::Duration;

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

/// Makes a product with its tiers and prices.
///
/// # Errors
/// Refuses what can't be sold; `Conflict` when the slug is taken.
pub async fn create_product(shop: &Shop, by: &Actor, new: NewProduct) -> Result<CreatedProduct> {
    let slug = check(&new)?;
    let currency = check_variants(&new.variants)?;
    retried(|| create(shop, by, &slug, currency, new.clone())).await
}

async fn create(shop: &Shop, by: &Actor, slug: &Slug, currency: Currency, new: NewProduct) -> Result<CreatedProduct> {
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let cheapest = new.variants.iter().map(|variant| variant.amount).min().unwrap_or(0);
    let (status, is_listed) = status_columns(new.status);
    let tx = begin_write(&shop.db).await?;
    let row = product::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        slug: Set(slug.as_str().to_owned()),
        title: Set(new.title.trim().to_owned()),
        sku: Set(filled(new.sku)),
        kind: Set(new.kind.as_str().to_owned()),
        promise: Set(new.promise),
        description: Set(new.description),
        edition: Set(filled(new.edition)),
        requirements: Set(filled(new.requirements)),
        metadata: Set(metadata_json(&new.metadata)),
        category_id: Set(new.category_id),
        cover_file_id: Set(None),
        cover_alt: Set(String::new()),
        status: Set(status.to_owned()),
        published_at: Set(new.published_at.or_else(|| new.status.is_on_sale().then_some(now))),
        price_from: Set(cheapest),
        currency: Set(currency.code().to_owned()),
        has_price_range: Set(new.variants.iter().any(|variant| variant.amount != cheapest)),
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
    let row = match row.insert(&tx).await {
        Ok(row) => row,
        Err(error) if is_duplicate(&error) => {
            return Err(Error::conflict(
                "slug_taken",
                format!("There is a product named \u{201c}{}\u{201d} already. Choose another slug.", slug.as_str()),
            ));
        }
        Err(error) => return Err(error.into()),
    };
    // Whoever has a name goes before those who had it.
    slugs::forget(&tx, shop, slug.as_str()).await?;
    let mut variants = Vec::with_capacity(new.variants.len());
    for (position, variant) in new.variants.into_iter().enumerate() {
        variants.push(insert_variant(&tx, shop, id, position as i64, variant, currency).await?);
    }
    tags::set(&tx, shop, id, &new.tags).await?;
    let after = facts(&tx, &row).await?;
    let deed = Deed { act: "created", kind: "product", id: Some(id), name: slug.as_str() };
    audit::record(&tx, shop, by, deed, None, Some(&after)).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(CreatedProduct { id, slug: slug.as_str().to_owned(), variants })
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
        summary: Set(new.summary),
        terms: Set(new.terms.as_str().to_owned()),
        position: Set(position),
        status: Set("active".to_owned()),
        download_limit: Set(new.download_limit),
        has_license: Set(new.license.is_some()),
        license_activation_limit: Set(new.license.and_then(|license| license.activation_limit)),
        license_expires_after_days: Set(new.license.and_then(|license| license.expires_after_days)),
        attributes: Set(attributes_json(&new.attributes)),
    }
    .insert(tx)
    .await?;
    insert_price(tx, shop, id, new.amount, new.compare_at, currency.code()).await?;
    Ok((id, new.key))
}

/// The price that counts from now on.
pub(super) async fn insert_price(
    tx: &DatabaseTransaction,
    shop: &Shop,
    variant_id: Id,
    amount: i64,
    compare_at: Option<i64>,
    currency: &str,
) -> Result<()> {
    price::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        variant_id: Set(variant_id),
        amount: Set(amount),
        currency: Set(currency.to_owned()),
        compare_at: Set(compare_at),
        is_active: Set(true),
        created_at: Set(shop.clock.now_ms()),
    }
    .insert(tx)
    .await?;
    Ok(())
}

/// What a file is to its product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    Cover,
    Gallery,
    Sample,
    /// Bought, never public.
    Good,
}

/// A file as it comes in.
pub struct NewFile<'a> {
    pub role: FileRole,
    pub name: &'a str,
    /// What people read beside it; the words for who cannot see a picture.
    pub title: &'a str,
    /// The first bytes, by which its kind is told.
    pub head: &'a [u8],
    pub body: ByteStream,
}

/// Keeps a file and gives it to a product. A good belongs to the tiers named, or to all when none is.
///
/// The bytes are stored before the transaction; should that fail, they are removed again, unless a row may speak of them.
pub async fn add_file(shop: &Shop, slug: &str, variants: &[String], new: NewFile<'_>) -> Result<file::Model> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    let product = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug.as_str()))
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)?;
    let base = new.name.rsplit(['/', '\\']).next().unwrap_or(new.name);
    let line = |text: &str| text.chars().filter(|c| !c.is_control()).take(150).collect::<String>();
    let (name, title) = (line(base), line(new.title));
    if name.trim().is_empty() {
        return Err(Error::refused("file_name_invalid", "The file needs a name."));
    }
    let media_type = media_type_of(&name, new.head);
    let stored = shop.files.put(new.body, media_type).await?;
    let inserted = insert_file(shop, &product, variants, new.role, &name, &title, media_type, &stored).await;
    let Err(error) = inserted else { return inserted };
    // A commit whose answer was lost may have come through, and then the bytes are sold already.
    match tokio::time::timeout(MAX_DOUBT, find_row(shop, &stored)).await {
        Ok(Ok(Some(file))) => {
            shop.catalog_has_changed();
            return Ok(file);
        }
        Ok(Ok(None)) => {
            if let Err(cause) = shop.files.delete(&stored.object_key).await {
                tracing::warn!(?cause, "the bytes of a file that was not added stay behind");
            }
        }
        Ok(Err(cause)) => tracing::warn!(?cause, "whether a file was added can't be told; its bytes stay"),
        Err(_) => tracing::warn!("whether a file was added can't be told in time; its bytes stay"),
    }
    Err(error)
}

/// How long it is asked after a row whose commit is in doubt.
const MAX_DOUBT: Duration = Duration::from_secs(10);

/// The row of these bytes. Asked by writing it once more, which waits for a commit that is still under way where reading does not.
async fn find_row(shop: &Shop, stored: &crate::files::Stored) -> Result<Option<file::Model>> {
    let tx = begin_write(&shop.db).await?;
    let sql = "INSERT INTO files (id, store_id, object_key, name, media_type, size_bytes, sha256, created_at) VALUES ($1, $2, $3, '', '', 0, '', 0) ON CONFLICT (object_key) DO NOTHING";
    let is_new = execute(&tx, sql, [world::new_id().into(), shop.settings.store_id.into(), stored.object_key.clone().into()]).await? == 1;
    tx.rollback().await?;
    if is_new {
        return Ok(None);
    }
    Ok(file::Entity::find().filter(file::Column::ObjectKey.eq(&stored.object_key)).one(&shop.db).await?)
}

#[expect(clippy::too_many_arguments, reason = "the facts of one row")]
async fn insert_file(
    shop: &Shop,
    product: &product::Model,
    variants: &[String],
    role: FileRole,
    name: &str,
    title: &str,
    media_type: &str,
    stored: &crate::files::Stored,
) -> Result<file::Model> {
    let now = shop.clock.now_ms();
    let tx = begin_write(&shop.db).await?;
    let file = file::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        object_key: Set(stored.object_key.clone()),
        name: Set(name.to_owned()),
        media_type: Set(media_type.to_owned()),
        size_bytes: Set(stored.size_bytes),
        sha256: Set(stored.sha256.clone()),
        created_at: Set(now),
    }
    .insert(&tx)
    .await?;
    match role {
        FileRole::Cover => {
            execute(
                &tx,
                "UPDATE products SET cover_file_id = $2, cover_alt = $3 WHERE id = $1",
                [product.id.into(), file.id.into(), title.into()],
            )
            .await?;
        }
        FileRole::Gallery | FileRole::Sample => {
            let sql = "INSERT INTO previews (id, store_id, product_id, file_id, role, title) VALUES ($1, $2, $3, $4, $5, $6)";
            let role = if role == FileRole::Gallery { "gallery" } else { "sample" };
            execute(
                &tx,
                sql,
                [world::new_id().into(), shop.settings.store_id.into(), product.id.into(), file.id.into(), role.into(), title.into()],
            )
            .await?;
        }
        FileRole::Good => {
            let release_id = release_for(&tx, shop, product.id).await?;
            for variant_id in variant_ids(&tx, product.id, variants).await? {
                let sql = "INSERT INTO release_files (id, store_id, release_id, variant_id, file_id) VALUES ($1, $2, $3, $4, $5)";
                execute(
                    &tx,
                    sql,
                    [world::new_id().into(), shop.settings.store_id.into(), release_id.into(), variant_id.into(), file.id.into()],
                )
                .await?;
            }
        }
    }
    execute(&tx, "UPDATE products SET updated_at = $2, version = version + 1 WHERE id = $1", [product.id.into(), now.into()]).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(file)
}

/// The product's newest release; the first one is made with the first file.
async fn release_for(tx: &DatabaseTransaction, shop: &Shop, product_id: Id) -> Result<Id> {
    if let Some(release) =
        release::Entity::find().filter(release::Column::ProductId.eq(product_id)).order_by_desc(release::Column::Id).one(tx).await?
    {
        return Ok(release.id);
    }
    let id = world::new_id();
    let row = release::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        product_id: Set(product_id),
        version: Set("1.0".to_owned()),
        notes: Set(String::new()),
        created_at: Set(shop.clock.now_ms()),
    };
    row.insert(tx).await?;
    Ok(id)
}

/// The tiers with these keys, or one `None` for all of them.
async fn variant_ids(tx: &DatabaseTransaction, product_id: Id, keys: &[String]) -> Result<Vec<Option<Id>>> {
    if keys.is_empty() {
        return Ok(vec![None]);
    }
    let found =
        variant::Entity::find().filter(variant::Column::ProductId.eq(product_id)).filter(variant::Column::Key.is_in(keys)).all(tx).await?;
    if found.len() != keys.len() {
        return Err(Error::refused("variant_unknown", "This product has no such variant."));
    }
    Ok(found.into_iter().map(|variant| Some(variant.id)).collect())
}
