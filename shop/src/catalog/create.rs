//! New products, and what is added to them.

use crate::database::{begin_write, execute, is_duplicate};
use crate::entities::{file, price, product, release, variant};
use crate::files::{ByteStream, media_type_of};
use crate::{Error, Result, Shop, stores, world};
use domain::catalog::{Kind, LicenseTerms, ProductStatus};
use domain::id::Id;
use domain::money::{Currency, MAX_CHARGE};
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
