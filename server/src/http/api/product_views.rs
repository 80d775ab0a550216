//! Products as the API shows them.

use super::instant::rfc3339;
use domain::pages::dashboard::ProductRow;
use domain::pages::storefront::{ProductCard, ProductDetail};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A page of published products.
#[derive(Serialize, ToSchema)]
pub struct ProductList {
    pub items: Vec<ProductItem>,
    pub next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ProductItem {
    slug: String,
    title: String,
    promise: String,
    kind: String,
    category: Option<String>,
    cover_url: Option<String>,
    /// Minor units of the cheapest variant.
    amount_from: i64,
    /// Whether that is the least of a price that the customer names; left out in a creator's list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pay_what_you_want: Option<bool>,
    /// Whether it is priced in the currency that the shop sells in.
    is_for_sale: bool,
    currency: String,
    /// In a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// When it appears, where that is still to come; in a creator's list alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    appears_at: Option<String>,
}

impl From<ProductCard> for ProductItem {
    fn from(card: ProductCard) -> Self {
        Self {
            slug: card.slug,
            title: card.title,
            promise: card.promise,
            kind: card.kind.as_str().to_owned(),
            category: card.category,
            cover_url: card.cover.map(|cover| cover.url),
            amount_from: card.price_from.amount,
            pay_what_you_want: Some(card.pay_what_you_want),
            is_for_sale: card.is_for_sale,
            currency: card.price_from.currency.code().to_owned(),
            status: None,
            appears_at: None,
        }
    }
}

impl From<ProductRow> for ProductItem {
    fn from(row: ProductRow) -> Self {
        Self {
            slug: row.slug,
            title: row.title,
            promise: row.promise,
            kind: row.kind.as_str().to_owned(),
            category: None,
            cover_url: None,
            amount_from: row.price_from.amount,
            pay_what_you_want: None,
            is_for_sale: row.is_for_sale,
            currency: row.price_from.currency.code().to_owned(),
            status: Some(row.status.as_str().to_owned()),
            appears_at: row.appears_at.map(rfc3339),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ProductView {
    slug: String,
    title: String,
    promise: String,
    description: String,
    /// `draft`, `published`, `unlisted` or `archived`.
    status: String,
    /// When it went on sale, or will.
    published_at: Option<String>,
    /// Counts the changes of its words and tiers; a change may name the one that it was made from.
    revision: i64,
    kind: String,
    edition: Option<String>,
    requirements: Option<String>,
    version: Option<String>,
    /// The slug of its category.
    category: Option<String>,
    tags: Vec<String>,
    seo_title: String,
    seo_description: String,
    variants: Vec<VariantView>,
    /// For creators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<String>,
    /// For creators alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, ToSchema)]
pub struct VariantView {
    key: String,
    name: String,
    summary: String,
    /// Minor units.
    amount: i64,
    currency: String,
    /// What it cost before.
    compare_at: Option<i64>,
    terms: String,
    attributes: Vec<Attribute>,
    download_limit: Option<i64>,
    license: Option<LicenseView>,
    /// Present where the customer names the price, and the amount is the least of it.
    pay_what_you_want: Option<OwnPrice>,
    /// Variants of other products that come with it.
    includes: Vec<TierName>,
    files: Vec<FileView>,
}

/// How the customer names the price.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPrice {
    /// What is proposed, in minor units; at least the amount.
    pub suggested_amount: Option<i64>,
}

/// A variant of a product.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierName {
    /// A slug.
    product: String,
    /// A key; the first variant when absent.
    variant: Option<String>,
}

impl From<TierName> for shop::catalog::TierName {
    fn from(name: TierName) -> Self {
        Self { product: name.product, variant: name.variant }
    }
}

/// What sets a variant apart, such as resolution or format.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    pub name: String,
    pub value: String,
}

#[derive(Serialize, ToSchema)]
pub struct LicenseView {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub struct FileView {
    name: String,
    media_type: String,
    size_bytes: i64,
}

impl From<ProductDetail> for ProductView {
    fn from(product: ProductDetail) -> Self {
        Self {
            kind: product.kind.as_str().to_owned(),
            status: product.status.as_str().to_owned(),
            slug: product.slug,
            title: product.title,
            promise: product.promise,
            description: product.description,
            edition: product.edition,
            requirements: product.requirements,
            version: product.version,
            published_at: product.published_at.map(rfc3339),
            revision: product.revision,
            category: product.category_path.into_iter().next_back().map(|(slug, _)| slug),
            seo_title: product.seo_title,
            seo_description: product.seo_description,
            sku: None,
            metadata: None,
            tags: product.tags.into_iter().map(|(slug, _)| slug).collect(),
            variants: product
                .variants
                .into_iter()
                .map(|offer| VariantView {
                    key: offer.key,
                    name: offer.name,
                    summary: offer.summary,
                    amount: offer.price.amount,
                    currency: offer.price.currency.code().to_owned(),
                    compare_at: offer.compare_at,
                    terms: offer.terms.as_str().to_owned(),
                    attributes: offer.attributes.into_iter().map(|(name, value)| Attribute { name, value }).collect(),
                    download_limit: offer.download_limit,
                    license: offer
                        .has_license
                        .then_some(LicenseView { activation_limit: offer.activation_limit, expires_after_days: offer.expires_after_days }),
                    pay_what_you_want: offer.pay_what_you_want.then_some(OwnPrice { suggested_amount: offer.suggested_amount }),
                    includes: offer
                        .includes
                        .into_iter()
                        .map(|tier| TierName { product: tier.product, variant: Some(tier.variant) })
                        .collect(),
                    files: offer
                        .files
                        .into_iter()
                        .map(|file| FileView { name: file.name, media_type: file.media_type, size_bytes: file.size_bytes })
                        .collect(),
                })
                .collect(),
        }
    }
}

impl ProductView {
    /// With what the seller keeps to himself.
    pub fn for_creator(product: ProductDetail) -> Self {
        let (sku, metadata) = (product.sku.clone(), product.metadata.iter().cloned().collect());
        Self { sku, metadata: Some(metadata), ..product.into() }
    }
}
