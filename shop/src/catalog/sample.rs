//! The sample shop: real goods that came with the program, and as many generated products as a test of scale wants.

use crate::accounts::audit::Actor;
use crate::base::database::begin_write;
use crate::base::entities::product;
use crate::catalog::{FileRole, Generated, NewFile, add_file, create_product};
use crate::files::stream_of;
use crate::{Result, Shop, catalog, stores};
use anyhow::Context;
use domain::catalog::{Kind, ProductStatus};
use domain::draft::{ProductDraft, ProductTexts, TierDraft, TierPrice};
use domain::id::Id;
use domain::license::LicensePolicy;
use domain::money::{Currency, Money};
use domain::terms::LicenseTerms;
use domain::tier::TierRef;
use rust_embed::RustEmbed;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../sample"]
#[include = "catalog.json"]
#[include = "covers/*"]
#[include = "gallery/*"]
#[include = "goods/*"]
#[include = "policies/*"]
#[include = "previews/*"]
struct Goods;

#[derive(Deserialize)]
struct Catalog {
    store: StoreWords,
    categories: Vec<CategoryWords>,
    products: Vec<ProductWords>,
}

#[derive(Deserialize)]
struct StoreWords {
    name: String,
    tagline: String,
    legal_name: String,
    address: String,
    support_email: String,
    refund_days: i64,
}

#[derive(Deserialize)]
struct CategoryWords {
    slug: String,
    name: String,
    parent: Option<String>,
    position: i64,
}

#[derive(Deserialize)]
struct ProductWords {
    slug: String,
    title: String,
    promise: String,
    description_md: String,
    category: String,
    tags: Vec<String>,
    sku: Option<String>,
    cover: String,
    cover_alt: String,
    #[serde(default)]
    gallery: Vec<PictureWords>,
    kind: String,
    requirements: Option<String>,
    edition: Option<String>,
    #[serde(default)]
    previews: Vec<PreviewWords>,
    variants: Vec<VariantWords>,
}

#[derive(Deserialize)]
struct PictureWords {
    file: String,
    alt: String,
}

#[derive(Deserialize)]
struct PreviewWords {
    file: String,
    title: String,
}

#[derive(Deserialize)]
struct VariantWords {
    key: String,
    name: String,
    amount: i64,
    currency: String,
    summary: String,
    terms: String,
    files: Vec<String>,
    license: Option<LicenseWords>,
    pay_what_you_want: Option<OwnPriceWords>,
    /// `slug/key` of tiers that stand further down in the catalog.
    #[serde(default)]
    includes: Vec<String>,
}

#[derive(Deserialize)]
struct OwnPriceWords {
    suggested_amount: Option<i64>,
}

#[derive(Deserialize)]
struct LicenseWords {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
    #[serde(default)]
    policy: LicensePolicy,
}

/// Fills an empty shop with the sample goods and tells how many products that were; a shop with products is left alone.
pub async fn load(shop: &Shop) -> Result<usize> {
    if product::Entity::find().filter(product::Column::StoreId.eq(shop.settings.store_id)).count(&shop.db).await? > 0 {
        return Ok(0);
    }
    let catalog: Catalog = serde_json::from_slice(&bytes("catalog.json")?).context("reading the sample catalog")?;
    words_of_the_store(shop, &catalog).await?;
    let n = catalog.products.len();
    // The first of the list is to be the newest on the shelf.
    for product in catalog.products.into_iter().rev() {
        load_product(shop, product).await?;
    }
    Ok(n)
}

fn bytes(name: &str) -> Result<Vec<u8>> {
    Ok(Goods::get(name).with_context(|| format!("the sample file {name} is missing"))?.data.into_owned())
}

async fn words_of_the_store(shop: &Shop, catalog: &Catalog) -> Result<()> {
    let store_id = shop.settings.store_id;
    let tx = begin_write(&shop.db).await?;
    stores::steps::rename(&tx, store_id, &catalog.store.name, &catalog.store.tagline).await?;
    let mut ids = HashMap::new();
    for category in &catalog.categories {
        let parent = category.parent.as_ref().and_then(|slug| ids.get(slug)).copied();
        let id = catalog::add_sample_category(&tx, store_id, parent, &category.slug, &category.name, category.position).await?;
        ids.insert(category.slug.clone(), id);
    }
    tx.commit().await?;
    let text = |name: &str| Ok::<_, crate::Error>(String::from_utf8_lossy(&bytes(&format!("policies/{name}.md"))?).into_owned());
    let (terms, privacy, refunds) = (text("terms")?, text("privacy")?, text("refunds")?);
    // What an owner has written already stays.
    stores::settings::change(shop, &Actor::operator(), None, |settings| {
        let fill = |field: &mut String, text: &str| {
            if field.is_empty() {
                text.clone_into(field);
            }
        };
        fill(&mut settings.legal_name, &catalog.store.legal_name);
        fill(&mut settings.address, &catalog.store.address);
        fill(&mut settings.terms_text, &terms);
        fill(&mut settings.privacy_text, &privacy);
        fill(&mut settings.refund_text, &refunds);
        settings.support_email.get_or_insert_with(|| catalog.store.support_email.clone());
        settings.refund_days.get_or_insert(catalog.store.refund_days);
    })
    .await
}

async fn load_product(shop: &Shop, words: ProductWords) -> Result<()> {
    let sold_in = stores::currency(shop).await?;
    let in_currency = |amount: i64, from: &str| {
        let from = Currency::parse(from).ok();
        from.and_then(|from| Money::new(amount, from).same_number_in(sold_in)).map_or(amount, |money| money.amount)
    };
    let tiers = words.variants.iter().map(|variant| {
        let price = Money::new(in_currency(variant.amount, &variant.currency), sold_in);
        let suggested = variant.pay_what_you_want.as_ref().and_then(|price| price.suggested_amount);
        let license = variant.license.as_ref();
        TierDraft {
            summary: variant.summary.clone(),
            terms: LicenseTerms::from_word(&variant.terms),
            price: TierPrice {
                pay_what_you_want: variant.pay_what_you_want.is_some(),
                suggested_amount: suggested.map(|amount| in_currency(amount, &variant.currency)),
                ..TierPrice::fixed(price)
            },
            has_license: license.is_some(),
            activation_limit: license.and_then(|license| license.activation_limit),
            expires_after_days: license.and_then(|license| license.expires_after_days),
            license_policy: license.map(|license| license.policy.clone()).unwrap_or_default(),
            includes: variant.includes.iter().map(|name| TierRef::parse(name)).collect(),
            ..TierDraft::new(&variant.key, &variant.name, price)
        }
    });
    let draft = ProductDraft {
        texts: ProductTexts {
            title: words.title,
            promise: words.promise,
            description: words.description_md,
            edition: words.edition,
            requirements: words.requirements,
            sku: words.sku,
            ..ProductTexts::default()
        },
        slug: Some(words.slug.clone()),
        kind: Kind::from_word(&words.kind),
        category: Some(words.category),
        tags: words.tags,
        status: ProductStatus::Published,
        tiers: tiers.collect(),
        ..ProductDraft::default()
    };
    create_product(shop, &Actor::operator(), draft, None).await?;
    attach(shop, &words.slug, &[], FileRole::Cover, &words.cover, &words.cover_alt).await?;
    for picture in &words.gallery {
        attach(shop, &words.slug, &[], FileRole::Gallery, &picture.file, &picture.alt).await?;
    }
    for preview in &words.previews {
        attach(shop, &words.slug, &[], FileRole::Sample, &preview.file, &preview.title).await?;
    }
    // A file that several tiers carry is stored once.
    let mut goods: Vec<(&str, Vec<String>)> = Vec::new();
    for variant in &words.variants {
        for file in &variant.files {
            match goods.iter_mut().find(|(name, _)| name == file) {
                Some((_, keys)) => keys.push(variant.key.clone()),
                None => goods.push((file, vec![variant.key.clone()])),
            }
        }
    }
    for (file, keys) in goods {
        attach(shop, &words.slug, &keys, FileRole::Good, file, "").await?;
    }
    Ok(())
}

async fn attach(shop: &Shop, slug: &str, variants: &[String], role: FileRole, file: &str, title: &str) -> Result<()> {
    let content = bytes(file)?;
    let head = content[..content.len().min(64)].to_vec();
    add_file(shop, &Actor::operator(), slug, variants, NewFile { role, name: file, title, head: &head, body: stream_of(content) }).await?;
    Ok(())
}

const ADJECTIVES: [&str; 12] =
    ["Quiet", "Northern", "Paper", "Silver", "Slow", "Hidden", "Morning", "Open", "Small", "Winter", "Plain", "Distant"];
const NOUNS: [&str; 12] =
    ["Harbor", "Field", "Letters", "Signal", "Garden", "Index", "Lantern", "Atlas", "Meadow", "Ledger", "Thread", "Orchard"];
/// Products of one transaction.
const BATCH: usize = 2_000;
/// Products of one statement: many for few calls, yet far from what either database takes as values of one.
const ROWS: usize = 50;

/// Adds `n` generated products for tests of scale. Their numbers go on where an earlier call stopped.
pub async fn generate(shop: &Shop, n: u64) -> Result<()> {
    let first = product::Entity::find().filter(product::Column::Slug.starts_with("generated-")).count(&shop.db).await?;
    let categories: Vec<Id> =
        crate::base::entities::category::Entity::find().all(&shop.db).await?.into_iter().map(|category| category.id).collect();
    let numbers: Vec<u64> = (first..first + n).collect();
    for batch in numbers.chunks(BATCH) {
        let tx = begin_write(&shop.db).await?;
        for numbers in batch.chunks(ROWS) {
            let products = numbers.iter().map(|number| generated(*number, &categories, shop.clock.now_ms()));
            catalog::add_generated(&tx, shop, products.collect()).await?;
        }
        catalog::index_all(&tx).await?;
        tx.commit().await?;
    }
    let tx = begin_write(&shop.db).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// The product of a number.
fn generated(number: u64, categories: &[Id], now: i64) -> Generated {
    let (adjective, noun) = (ADJECTIVES[(number % 12) as usize], NOUNS[(number / 12 % 12) as usize]);
    Generated {
        slug: format!("generated-{number}"),
        title: format!("{adjective} {noun} {number}"),
        promise: format!("Number {number} of a long row."),
        description: format!("A generated product named {adjective} {noun}, made to see how the shop behaves when the shelves are full."),
        category_id: categories.get(number as usize % categories.len().max(1)).copied(),
        published_at: now - (number as i64) * 1000,
        amount: 100 + (number * 37 % 4900) as i64,
        n_sold: (number * 7919 % 1000) as i64,
    }
}
