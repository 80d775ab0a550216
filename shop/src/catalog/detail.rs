//! One product with all that its page shows.

use super::looks::{Look, looks};
use super::{PictureRow, bundles, cards, categories, media_path, sql, tags, terms};
use crate::base::database::{JsonText, Stored, pairs, statement};
use crate::base::entities::{preview, price, product, variant};
use crate::{Result, Shop, catalog::markdown};
use domain::catalog::Kind;
use domain::files::FileRole;
use domain::id::Id;
use domain::license::LicensePolicy;
use domain::money::{Currency, Money};
use domain::pages::offer::{FileFact, IncludedTier, VariantOffer};
use domain::pages::storefront::{Picture, ProductDetail, Sample};
use domain::slug::Slug;
use domain::terms::LicenseTerms;
use sea_orm::{FromQueryResult, IdenStatic, Iterable};
use std::collections::HashMap;

/// A product that is on sale, listed or not; `None` when there is none under this name. One that is priced in another currency than
/// the store's has no tiers.
pub async fn find_product(shop: &Shop, slug: &str) -> Result<Option<ProductDetail>> {
    let now = shop.clock.now_ms();
    let is_open = |product: &ProductDetail| product.status.is_on_sale() && product.published_at.is_some_and(|at| at <= now);
    let Some(mut product) = find_any_product(shop, slug).await?.filter(is_open) else { return Ok(None) };
    if product.variants.iter().any(|offer| !offer.is_in_currency) {
        product.variants.clear();
    }
    Ok(Some(product))
}

/// A product of any status, for those who run the shop.
pub async fn find_any_product(shop: &Shop, slug: &str) -> Result<Option<ProductDetail>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let columns: Vec<String> = product::Column::iter().map(|column| format!("p.{}", column.as_str())).collect();
    let found =
        Found::find_by_statement(statement(&shop.db, sql::with_release(&columns.join(", ")), [shop.settings.store_id.into(), slug.into()]))
            .one(&shop.db)
            .await?;
    let Some(Found { product, release_id, release_version, release_notes }) = found else { return Ok(None) };
    let Files { cover, gallery, samples, goods } = files(shop, &product, release_id).await?;
    let variants = offers(shop, &product, &goods).await?;
    let tree = categories::all(shop).await?;
    let within: Vec<&str> = variants.iter().flat_map(|offer| offer.includes.iter().map(|tier| tier.product.as_str())).collect();
    let more = cards::more_like(shop, product.id, &tree, product.category_id, &within).await?;
    Ok(Some(ProductDetail {
        kind: *product.kind,
        status: product.status(),
        published_at: product.published_at,
        revision: product.revision,
        metadata: product.metadata(),
        terms: terms::shown_terms(shop)
            .await?
            .iter()
            .filter(|words| variants.iter().any(|offer| offer.terms == words.terms))
            .cloned()
            .collect(),
        description_html: markdown::rendered(&product.description).await?,
        category_path: categories::path(&tree, product.category_id),
        tags: tags::of(&shop.db, product.id).await?,
        more,
        version: release_version,
        release_notes: release_notes.filter(|notes| !notes.is_empty()),
        updated_at: product.updated_at,
        texts: product.texts(),
        slug: product.slug,
        cover,
        gallery,
        samples,
        variants,
    }))
}

/// A product and the release that customers have.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    product: product::Model,
    release_id: Option<Id>,
    release_version: Option<String>,
    release_notes: Option<String>,
}

#[derive(FromQueryResult)]
struct FileRow {
    #[sea_orm(nested)]
    picture: PictureRow,
    role: Stored<FileRole, preview::Entity>,
    title: String,
    name: String,
    media_type: String,
    size_bytes: i64,
    position: i64,
    place_id: Id,
    variant_id: Option<Id>,
}

/// The files of a page, by what they are for.
#[derive(Default)]
struct Files {
    cover: Option<Picture>,
    gallery: Vec<Picture>,
    samples: Vec<Sample>,
    goods: Vec<Good>,
}

/// A file that is sold: of one tier, or of all.
pub(super) struct Good {
    variant_id: Option<Id>,
    fact: FileFact,
}

async fn files(shop: &Shop, product: &product::Model, release_id: Option<Id>) -> Result<Files> {
    let values = [product.id.into(), product.cover_file_id.into(), release_id.into()];
    let mut rows = FileRow::find_by_statement(statement(&shop.db, sql::files_of_page(), values)).all(&shop.db).await?;
    // The seller's order; ids are as old as their rows, which decides where none was given.
    rows.sort_by_key(|row| (row.position, row.place_id));
    let mut files = Files::default();
    for row in rows {
        let alt = if row.role == FileRole::Cover { &product.cover_alt } else { &row.title };
        let seen = || row.picture.with_alt(alt);
        match *row.role {
            FileRole::Cover => files.cover = Some(seen()),
            FileRole::Gallery => files.gallery.push(seen()),
            FileRole::Good => {
                let fact = FileFact { name: row.name, media_type: row.media_type, size_bytes: row.size_bytes };
                files.goods.push(Good { variant_id: row.variant_id, fact });
            }
            FileRole::Sample => files.samples.push(Sample {
                file_id: row.picture.id.simple().to_string(),
                url: media_path(row.picture.id, &row.name),
                title: sample_title(&files.samples, row.title, &row.name),
                media_type: row.media_type,
                size_bytes: row.size_bytes,
            }),
        }
    }
    Ok(files)
}

/// What a sample is called: its file's name where it has no title, and a number where another is called so already.
fn sample_title(others: &[Sample], title: String, name: &str) -> String {
    let title = if title.trim().is_empty() { name.to_owned() } else { title };
    let is_taken = |title: &str| others.iter().any(|other| other.title == title);
    if !is_taken(&title) {
        return title;
    }
    (2..).map(|n| format!("{title} ({n})")).find(|numbered| !is_taken(numbered)).unwrap_or(title)
}

#[derive(FromQueryResult)]
struct OfferRow {
    id: Id,
    key: String,
    name: String,
    summary: String,
    terms: Stored<LicenseTerms, variant::Entity>,
    has_license: bool,
    license_activation_limit: Option<i64>,
    license_expires_after_days: Option<i64>,
    license_policy: JsonText<LicensePolicy>,
    download_limit: Option<i64>,
    attributes: String,
    amount: i64,
    currency: Stored<Currency, price::Entity>,
    is_in_currency: bool,
    compare_at: Option<i64>,
    pay_what_you_want: bool,
    suggested_amount: Option<i64>,
    is_bundle: bool,
}

/// What of a product is on sale, with these files.
pub(super) async fn offers(shop: &Shop, product: &product::Model, goods: &[Good]) -> Result<Vec<VariantOffer>> {
    let rows =
        OfferRow::find_by_statement(statement(&shop.db, sql::TIERS, [product.id.into(), product.currency.into()])).all(&shop.db).await?;
    let bundles: Vec<Id> = rows.iter().filter(|row| row.is_bundle).map(|row| row.id).collect();
    let mut included = bundles::included(&shop.db, shop.clock.now_ms(), &bundles).await?;
    let looks = looks(shop, included.values().flatten()).await?;
    Ok(rows
        .into_iter()
        .map(|row| VariantOffer {
            includes: included.remove(&row.id).unwrap_or_default().into_iter().map(|tier| included_tier(tier, &looks)).collect(),
            pay_what_you_want: row.pay_what_you_want,
            suggested_amount: row.suggested_amount,
            is_in_currency: row.is_in_currency,
            price: Money::new(row.amount, *row.currency),
            compare_at: row.compare_at.filter(|before| *before > row.amount),
            terms: *row.terms,
            files: goods
                .iter()
                .filter(|good| good.variant_id.is_none_or(|variant| variant == row.id))
                .map(|good| good.fact.clone())
                .collect(),
            key: row.key,
            name: row.name,
            summary: row.summary,
            has_license: row.has_license,
            activation_limit: row.license_activation_limit,
            expires_after_days: row.license_expires_after_days,
            license_policy: row.license_policy.0,
            download_limit: row.download_limit,
            attributes: pairs::read_list(&row.attributes),
        })
        .collect())
}

fn included_tier(included: bundles::Included, looks: &HashMap<Id, Look>) -> IncludedTier {
    let look = looks.get(&included.offer.variant_id).cloned().unwrap_or_default();
    IncludedTier {
        price: included.offer.price().amount,
        is_on_sale: included.is_on_sale,
        delivers: included.offer.delivers,
        product: included.offer.slug,
        title: included.offer.title,
        variant: included.offer.key,
        variant_name: included.offer.name,
        kind: look.kind.unwrap_or(Kind::Other),
        cover: look.cover,
        files: look.files,
    }
}
