//! Products as software describes them to the API.

use super::instant::Instant;
use super::patch::Patch;
use super::product_views::{Attribute, OwnPrice, TierName};
use domain::catalog::{Kind, ProductStatus};
use domain::id::Id;
use domain::terms::LicenseTerms;
use serde::Deserialize;
use shop::catalog::{NewLicense, NewProduct, NewVariant, ProductChange, VariantChange};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    title: String,
    slug: Option<String>,
    #[serde(default)]
    promise: String,
    #[serde(default)]
    description: String,
    kind: Option<String>,
    sku: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    /// The slug of a category.
    pub category: Option<String>,
    /// Names; those that are new are made.
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    seo_title: String,
    #[serde(default)]
    seo_description: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// `draft`, `published` or `unlisted`.
    status: Option<String>,
    /// When it goes on sale; at once when absent.
    published_at: Option<Instant>,
    variants: Vec<CreateVariant>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateVariant {
    key: String,
    name: String,
    #[serde(default)]
    summary: String,
    terms: Option<String>,
    /// Minor units.
    amount: i64,
    currency: String,
    /// What it cost before.
    compare_at: Option<i64>,
    #[serde(default)]
    attributes: Vec<Attribute>,
    download_limit: Option<i64>,
    license: Option<CreateLicense>,
    /// The customer names the price, and the amount is the least of it.
    pay_what_you_want: Option<OwnPrice>,
    /// Variants of other products that come with it.
    #[serde(default)]
    includes: Vec<TierName>,
}

impl CreateProduct {
    /// The product that is meant; `category_id` is that of its category.
    pub fn read(self, category_id: Option<Id>) -> shop::Result<NewProduct> {
        let status = match self.status.as_deref() {
            None | Some("draft") => ProductStatus::Draft,
            Some("published") => ProductStatus::Published,
            Some("unlisted") => ProductStatus::Unlisted,
            Some(_) => return Err(shop::Error::refused("status_invalid", "The status is draft, published or unlisted.").at("status")),
        };
        Ok(NewProduct {
            title: self.title,
            slug: self.slug,
            sku: self.sku,
            kind: Kind::from_word(self.kind.as_deref().unwrap_or("other")),
            promise: self.promise,
            description: self.description,
            edition: self.edition,
            requirements: self.requirements,
            category_id,
            tags: self.tags,
            seo_title: self.seo_title,
            seo_description: self.seo_description,
            metadata: self.metadata.into_iter().collect(),
            status,
            published_at: self.published_at.map(Instant::millis),
            variants: self.variants.into_iter().map(NewVariant::from).collect(),
        })
    }
}

impl From<CreateVariant> for NewVariant {
    fn from(variant: CreateVariant) -> Self {
        Self {
            key: variant.key,
            name: variant.name,
            summary: variant.summary,
            terms: LicenseTerms::from_word(variant.terms.as_deref().unwrap_or("personal")),
            amount: variant.amount,
            currency: variant.currency,
            compare_at: variant.compare_at,
            attributes: pairs(variant.attributes),
            download_limit: variant.download_limit,
            license: variant.license.map(NewLicense::from),
            pay_what_you_want: variant.pay_what_you_want.is_some(),
            suggested_amount: variant.pay_what_you_want.and_then(|price| price.suggested_amount),
            includes: variant.includes.into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateLicense {
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
}

impl From<CreateLicense> for NewLicense {
    fn from(license: CreateLicense) -> Self {
        Self { activation_limit: license.activation_limit, expires_after_days: license.expires_after_days }
    }
}

fn pairs(attributes: Vec<Attribute>) -> Vec<(String, String)> {
    attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect()
}

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProduct {
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    #[serde(alias = "revision")]
    version: Option<i64>,
    title: Option<String>,
    slug: Option<String>,
    promise: Option<String>,
    description: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    sku: Option<String>,
    kind: Option<String>,
    /// The slug of a category; empty for none.
    category: Option<String>,
    /// All of them by name; those that are new are made.
    tags: Option<Vec<String>>,
    seo_title: Option<String>,
    seo_description: Option<String>,
    /// All of it.
    metadata: Option<BTreeMap<String, String>>,
    /// `draft`, `published`, `unlisted` or `archived`.
    status: Option<String>,
    /// When it goes on sale; `null` for at once.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    published_at: Patch<Instant>,
    /// By their keys: known ones change, new ones are added, others stay.
    #[serde(default)]
    variants: Vec<ChangeVariant>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeVariant {
    key: String,
    name: Option<String>,
    summary: Option<String>,
    terms: Option<String>,
    /// Minor units.
    amount: Option<i64>,
    currency: Option<String>,
    /// What it cost before; `null` for nothing.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    compare_at: Patch<i64>,
    attributes: Option<Vec<Attribute>>,
    /// `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    download_limit: Patch<i64>,
    /// `null` for none.
    #[serde(default)]
    #[schema(value_type = Option<CreateLicense>)]
    license: Patch<CreateLicense>,
    /// `null` for a fixed price.
    #[serde(default)]
    #[schema(value_type = Option<OwnPrice>)]
    pay_what_you_want: Patch<OwnPrice>,
    /// All of them.
    includes: Option<Vec<TierName>>,
    /// `active`, or `archived`: not sold any more, and kept for its orders.
    status: Option<String>,
    /// Its place among the variants.
    position: Option<i64>,
}

impl ChangeProduct {
    /// The change that is meant.
    pub fn read(self) -> shop::Result<ProductChange> {
        let status = self.status.as_deref().map(|word| {
            word.parse::<ProductStatus>()
                .map_err(|_| shop::Error::refused("status_invalid", "The status is draft, published, unlisted or archived.").at("status"))
        });
        let mut variants = Vec::with_capacity(self.variants.len());
        for variant in self.variants {
            variants.push(variant.read()?);
        }
        Ok(ProductChange {
            revision: self.version,
            title: self.title,
            slug: self.slug,
            promise: self.promise,
            description: self.description,
            edition: self.edition,
            requirements: self.requirements,
            sku: self.sku,
            kind: self.kind.as_deref().map(Kind::from_word),
            category: self.category,
            tags: self.tags,
            seo_title: self.seo_title,
            seo_description: self.seo_description,
            metadata: self.metadata.map(|metadata| metadata.into_iter().collect()),
            status: status.transpose()?,
            published_at: self.published_at.map(Instant::millis).into(),
            variants,
            has_no_other_variants: false,
        })
    }
}

impl ChangeVariant {
    fn read(self) -> shop::Result<VariantChange> {
        let is_archived = match self.status.as_deref() {
            None => None,
            Some("active") => Some(false),
            Some("archived") => Some(true),
            Some(_) => return Err(shop::Error::refused("status_invalid", "The status of a variant is active or archived.").at("status")),
        };
        let own_price: Option<Option<OwnPrice>> = self.pay_what_you_want.into();
        Ok(VariantChange {
            key: self.key,
            name: self.name,
            summary: self.summary,
            terms: self.terms.as_deref().map(LicenseTerms::from_word),
            amount: self.amount,
            currency: self.currency,
            compare_at: self.compare_at.into(),
            attributes: self.attributes.map(pairs),
            download_limit: self.download_limit.into(),
            license: self.license.map(NewLicense::from).into(),
            pay_what_you_want: own_price.as_ref().map(Option::is_some),
            suggested_amount: own_price.map(|price| price.and_then(|price| price.suggested_amount)),
            includes: self.includes.map(|names| names.into_iter().map(Into::into).collect()),
            is_archived,
            position: self.position,
        })
    }
}
