//! One product with all that its page shows.

use super::facts::{attributes_of, metadata_of, status_of};
use super::{bundles, cards, categories, media_path, picture, tags, terms};
use crate::database::statement;
use crate::entities::{product, release};
use crate::{Result, Shop, markdown};
use domain::catalog::{Kind, Picture, ProductDetail, Sample};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::offer::{FileFact, IncludedTier, VariantOffer};
use domain::slug::Slug;
use domain::terms::LicenseTerms;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

/// A product that is on sale, listed or not; `None` when there is none under this name.
pub async fn find_product(shop: &Shop, slug: &str) -> Result<Option<ProductDetail>> {
    let now = shop.clock.now_ms();
    let is_open = |product: &ProductDetail| product.status.is_on_sale() && product.published_at.is_some_and(|at| at <= now);
    Ok(find_any_product(shop, slug).await?.filter(is_open))
}

/// A product of any status, for those who run the shop.
pub async fn find_any_product(shop: &Shop, slug: &str) -> Result<Option<ProductDetail>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let store = product::Column::StoreId.eq(shop.settings.store_id);
    let Some(product) = product::Entity::find()
        .filter(store)
        .filter(product::Column::Slug.eq(slug))
        .filter(product::Column::DeletedAt.is_null())
        .one(&shop.db)
        .await?
    else {
        return Ok(None);
    };
    let release = release::Entity::find()
        .filter(release::Column::ProductId.eq(product.id))
        .filter(release::Column::IsDraft.eq(false))
        .order_by_desc(release::Column::Id)
        .one(&shop.db)
        .await?;
    let (cover, gallery, samples) = pictures(shop, &product).await?;
    let variants = offers(shop, &product, release.as_ref().map(|release| release.id)).await?;
    let tree = categories::all(shop).await?;
    Ok(Some(ProductDetail {
        kind: Kind::from_word(&product.kind),
        status: status_of(&product),
        published_at: product.published_at,
        revision: product.revision,
        metadata: metadata_of(&product.metadata),
        terms: terms::terms(shop).await?.into_iter().filter(|words| variants.iter().any(|offer| offer.terms == words.terms)).collect(),
        description_html: markdown::render(&product.description),
        category_path: categories::path(&tree, product.category_id),
        tags: tags::of(&shop.db, product.id).await?,
        more: cards::more_like(shop, product.id, product.category_id).await?,
        version: release.as_ref().map(|release| release.version.clone()),
        release_notes: release.map(|release| release.notes).filter(|notes| !notes.is_empty()),
        updated_at: product.updated_at,
        slug: product.slug,
        title: product.title,
        promise: product.promise,
        seo_title: product.seo_title,
        seo_description: product.seo_description,
        sku: product.sku,
        description: product.description,
        edition: product.edition,
        requirements: product.requirements,
        cover,
        gallery,
        samples,
        variants,
    }))
}

#[derive(FromQueryResult)]
struct PictureRow {
    file_id: Id,
    role: String,
    title: String,
    name: String,
    media_type: String,
    size_bytes: i64,
    width: Option<i64>,
    height: Option<i64>,
    sizes: String,
    position: i64,
}

async fn pictures(shop: &Shop, product: &product::Model) -> Result<(Option<Picture>, Vec<Picture>, Vec<Sample>)> {
    let sql = "SELECT f.id AS file_id, v.role, v.title, f.name, f.media_type, f.size_bytes, f.width, f.height, f.sizes, v.position FROM previews v JOIN files f ON f.id = v.file_id WHERE v.product_id = $1 \
               UNION ALL SELECT f.id, 'cover', '', f.name, f.media_type, f.size_bytes, f.width, f.height, f.sizes, 0 FROM files f WHERE f.id = $2";
    let mut rows =
        PictureRow::find_by_statement(statement(&shop.db, sql, [product.id.into(), product.cover_file_id.into()])).all(&shop.db).await?;
    // The seller's order; ids are as old as their rows, which decides where none was given.
    rows.sort_by_key(|row| (row.position, row.file_id));
    let (mut cover, mut gallery, mut samples) = (None, Vec::new(), Vec::new());
    for row in rows {
        let alt = if row.role == "cover" { &product.cover_alt } else { &row.title };
        let seen = picture(row.file_id, &row.name, alt, row.width, row.height, &row.sizes);
        match row.role.as_str() {
            "cover" => cover = Some(seen),
            "gallery" => gallery.push(seen),
            _ => samples.push(Sample {
                title: row.title,
                url: media_path(row.file_id, &row.name),
                media_type: row.media_type,
                size_bytes: row.size_bytes,
            }),
        }
    }
    Ok((cover, gallery, samples))
}

#[derive(FromQueryResult)]
struct OfferRow {
    id: Id,
    key: String,
    name: String,
    summary: String,
    terms: String,
    has_license: bool,
    license_activation_limit: Option<i64>,
    license_expires_after_days: Option<i64>,
    download_limit: Option<i64>,
    attributes: String,
    amount: i64,
    currency: String,
    compare_at: Option<i64>,
    pay_what_you_want: bool,
    suggested_amount: Option<i64>,
    is_bundle: bool,
}

#[derive(FromQueryResult)]
struct FileRow {
    variant_id: Option<Id>,
    name: String,
    media_type: String,
    size_bytes: i64,
}

pub(super) async fn offers(shop: &Shop, product: &product::Model, release_id: Option<Id>) -> Result<Vec<VariantOffer>> {
    let sql = "SELECT v.id, v.key, v.name, v.summary, v.terms, v.has_license, v.license_activation_limit, v.license_expires_after_days, v.download_limit, v.attributes, pr.amount, pr.currency, pr.compare_at, pr.pay_what_you_want, pr.suggested_amount, EXISTS (SELECT 1 FROM bundle_items b WHERE b.variant_id = v.id) AS is_bundle \
               FROM variants v JOIN prices pr ON pr.variant_id = v.id AND pr.is_active AND pr.currency = $2 WHERE v.product_id = $1 AND v.status = 'active' ORDER BY v.position, v.id";
    let rows =
        OfferRow::find_by_statement(statement(&shop.db, sql, [product.id.into(), product.currency.clone().into()])).all(&shop.db).await?;
    let files = match release_id {
        Some(release_id) => {
            let sql = "SELECT rf.variant_id, f.name, f.media_type, f.size_bytes FROM release_files rf JOIN files f ON f.id = rf.file_id WHERE rf.release_id = $1 ORDER BY rf.position, rf.id";
            FileRow::find_by_statement(statement(&shop.db, sql, [release_id.into()])).all(&shop.db).await?
        }
        None => Vec::new(),
    };
    let bundles: Vec<Id> = rows.iter().filter(|row| row.is_bundle).map(|row| row.id).collect();
    let mut included = bundles::included(&shop.db, shop.clock.now_ms(), &bundles).await?;
    Ok(rows
        .into_iter()
        .map(|row| VariantOffer {
            includes: included.remove(&row.id).unwrap_or_default().into_iter().map(included_tier).collect(),
            pay_what_you_want: row.pay_what_you_want,
            suggested_amount: row.suggested_amount,
            price: Money::new(row.amount, Currency::parse(&row.currency).unwrap_or(Currency::USD)),
            compare_at: row.compare_at.filter(|before| *before > row.amount),
            terms: LicenseTerms::from_word(&row.terms),
            files: files
                .iter()
                .filter(|file| file.variant_id.is_none_or(|variant| variant == row.id))
                .map(|file| FileFact { name: file.name.clone(), media_type: file.media_type.clone(), size_bytes: file.size_bytes })
                .collect(),
            key: row.key,
            name: row.name,
            summary: row.summary,
            has_license: row.has_license,
            activation_limit: row.license_activation_limit,
            expires_after_days: row.license_expires_after_days,
            download_limit: row.download_limit,
            attributes: attributes_of(&row.attributes),
        })
        .collect())
}

fn included_tier(included: bundles::Included) -> IncludedTier {
    IncludedTier {
        price: included.offer.price().amount,
        is_on_sale: included.is_on_sale,
        product: included.offer.slug,
        title: included.offer.title,
        variant: included.offer.key,
        variant_name: included.offer.name,
    }
}
