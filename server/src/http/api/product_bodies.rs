//! A product as software describes it to the API, and as the API describes it.

use super::instant::{Instant, rfc3339};
use super::patch::{Patch, put};
use super::tier_bodies::{ChangeVariant, CreateVariant, VariantView};
use domain::catalog::{Kind, ProductStatus};
use domain::draft::{ProductDraft, ProductTexts};
use domain::pages::storefront::ProductDetail;
use domain::word::Word;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProduct {
    title: String,
    slug: Option<String>,
    /// Who made it: author, narrator, artist or label.
    #[serde(default)]
    credits: String,
    #[serde(default)]
    promise: String,
    #[serde(default)]
    description: String,
    kind: Option<String>,
    sku: Option<String>,
    edition: Option<String>,
    requirements: Option<String>,
    /// The slug of a category.
    category: Option<String>,
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

impl CreateProduct {
    /// The product that is meant.
    pub fn read(self) -> shop::Result<ProductDraft> {
        let status = match self.status.as_deref() {
            None | Some("draft") => ProductStatus::Draft,
            Some("published") => ProductStatus::Published,
            Some("unlisted") => ProductStatus::Unlisted,
            Some(_) => return Err(shop::Error::refused("status_invalid", "The status is draft, published or unlisted.").at("status")),
        };
        Ok(ProductDraft {
            texts: ProductTexts {
                title: self.title,
                credits: self.credits,
                promise: self.promise,
                description: self.description,
                edition: self.edition,
                requirements: self.requirements,
                sku: self.sku,
                seo_title: self.seo_title,
                seo_description: self.seo_description,
            },
            slug: self.slug,
            kind: self.kind.as_deref().map(Kind::from_word).unwrap_or_default(),
            category: named(self.category),
            tags: self.tags,
            metadata: self.metadata.into_iter().collect(),
            status,
            published_at: self.published_at.map(Instant::millis),
            tiers: CreateVariant::read(self.variants)?,
        })
    }
}

/// An empty slug names nothing.
fn named(slug: Option<String>) -> Option<String> {
    slug.filter(|slug| !slug.is_empty())
}

/// What changes; what is absent stays.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProduct {
    /// The `revision` that the change was made from: with it, 409 where there is a newer one.
    #[serde(alias = "revision")]
    pub version: Option<i64>,
    title: Option<String>,
    slug: Option<String>,
    /// Who made it; empty for nobody.
    credits: Option<String>,
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

impl ChangeProduct {
    /// Changes the product that is meant.
    pub fn apply(self, draft: &mut ProductDraft) -> shop::Result<()> {
        let status = self.status.as_deref().map(|word| {
            word.parse::<ProductStatus>()
                .map_err(|_| shop::Error::refused("status_invalid", "The status is draft, published, unlisted or archived.").at("status"))
        });
        let texts = &mut draft.texts;
        put(&mut texts.title, self.title);
        put(&mut texts.credits, self.credits);
        put(&mut texts.promise, self.promise);
        put(&mut texts.description, self.description);
        put(&mut texts.edition, self.edition.map(Some));
        put(&mut texts.requirements, self.requirements.map(Some));
        put(&mut texts.sku, self.sku.map(Some));
        put(&mut texts.seo_title, self.seo_title);
        put(&mut texts.seo_description, self.seo_description);
        put(&mut draft.slug, self.slug.map(Some));
        put(&mut draft.kind, self.kind.as_deref().map(Kind::from_word));
        put(&mut draft.category, self.category.map(|slug| named(Some(slug))));
        put(&mut draft.tags, self.tags);
        put(&mut draft.metadata, self.metadata.map(|metadata| metadata.into_iter().collect()));
        put(&mut draft.status, status.transpose()?);
        self.published_at.map(Instant::millis).apply(&mut draft.published_at);
        ChangeVariant::apply(self.variants, &mut draft.tiers)
    }
}

#[derive(Serialize, ToSchema)]
pub struct ProductView {
    slug: String,
    title: String,
    /// Who made it; empty where nobody is named.
    credits: String,
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

impl From<ProductDetail> for ProductView {
    fn from(product: ProductDetail) -> Self {
        let texts = product.texts;
        Self {
            title: texts.title,
            credits: texts.credits,
            promise: texts.promise,
            description: texts.description,
            edition: texts.edition,
            requirements: texts.requirements,
            seo_title: texts.seo_title,
            seo_description: texts.seo_description,
            kind: product.kind.as_str().to_owned(),
            status: product.status.as_str().to_owned(),
            slug: product.slug,
            version: product.version,
            published_at: product.published_at.map(rfc3339),
            revision: product.revision,
            category: product.category_path.into_iter().next_back().map(|(slug, _)| slug),
            sku: None,
            metadata: None,
            tags: product.tags.into_iter().map(|(slug, _)| slug).collect(),
            variants: product.variants.into_iter().map(VariantView::from).collect(),
        }
    }
}

impl ProductView {
    /// With what the seller keeps to himself.
    pub fn for_creator(product: ProductDetail) -> Self {
        let (sku, metadata) = (product.texts.sku.clone(), product.metadata.iter().cloned().collect());
        Self { sku, metadata: Some(metadata), ..product.into() }
    }
}
