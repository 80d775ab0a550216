//! A product as the audit log compares it, and how its columns are read and written.

use crate::Result;
use crate::base::database::word;
use crate::base::entities::{category, price, product, variant};
use domain::catalog::{ProductStatus, VariantStatus};
use domain::word::Word;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use std::collections::BTreeMap;

/// What can be changed about a product.
#[derive(PartialEq, Serialize)]
pub(super) struct Facts {
    title: String,
    slug: String,
    sku: Option<String>,
    kind: &'static str,
    promise: String,
    description: String,
    edition: Option<String>,
    requirements: Option<String>,
    category: Option<String>,
    tags: Vec<String>,
    seo_title: String,
    seo_description: String,
    metadata: BTreeMap<String, String>,
    status: &'static str,
    published_at: Option<i64>,
    tiers: Vec<TierFacts>,
}

#[derive(PartialEq, Serialize)]
struct TierFacts {
    key: String,
    name: String,
    summary: String,
    terms: &'static str,
    amount: Option<i64>,
    compare_at: Option<i64>,
    currency: &'static str,
    attributes: Vec<(String, String)>,
    download_limit: Option<i64>,
    has_license: bool,
    activation_limit: Option<i64>,
    expires_after_days: Option<i64>,
    pay_what_you_want: bool,
    suggested_amount: Option<i64>,
    includes: Vec<String>,
}

/// All of it, as it stands in the caller's transaction.
pub(super) async fn facts(tx: &impl ConnectionTrait, row: &product::Model) -> Result<Facts> {
    let row = product::Entity::find_by_id(row.id).one(tx).await?.unwrap_or_else(|| row.clone());
    let category = match row.category_id {
        Some(id) => category::Entity::find_by_id(id).one(tx).await?.map(|category| category.slug),
        None => None,
    };
    let variants = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(row.id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)))
        .order_by_asc(variant::Column::Position)
        .order_by_asc(variant::Column::Id)
        .all(tx)
        .await?;
    let ids: Vec<_> = variants.iter().map(|variant| variant.id).collect();
    let prices =
        price::Entity::find().filter(price::Column::VariantId.is_in(ids.clone())).filter(price::Column::IsActive.eq(true)).all(tx).await?;
    let mut includes = super::bundles::names(tx, &ids).await?;
    Ok(Facts {
        status: status_of(&row).as_str(),
        metadata: metadata_of(&row.metadata).into_iter().collect(),
        tags: super::tags::of(tx, row.id).await?.into_iter().map(|(_, name)| name).collect(),
        title: row.title,
        slug: row.slug,
        sku: row.sku,
        kind: row.kind.as_str(),
        promise: row.promise,
        description: row.description,
        edition: row.edition,
        requirements: row.requirements,
        category,
        seo_title: row.seo_title,
        seo_description: row.seo_description,
        published_at: row.published_at,
        tiers: variants
            .into_iter()
            .map(|variant| {
                let price = prices.iter().find(|price| price.variant_id == variant.id && *price.currency == *row.currency);
                TierFacts {
                    amount: price.map(|price| price.amount),
                    compare_at: price.and_then(|price| price.compare_at),
                    pay_what_you_want: price.is_some_and(|price| price.pay_what_you_want),
                    suggested_amount: price.and_then(|price| price.suggested_amount),
                    includes: includes.remove(&variant.id).unwrap_or_default(),
                    currency: row.currency.code(),
                    attributes: attributes_of(&variant.attributes),
                    key: variant.key,
                    name: variant.name,
                    summary: variant.summary,
                    terms: variant.terms.as_str(),
                    download_limit: variant.download_limit,
                    has_license: variant.has_license,
                    activation_limit: variant.license_activation_limit,
                    expires_after_days: variant.license_expires_after_days,
                }
            })
            .collect(),
    })
}

/// A status as it stands in `status` and `is_listed`.
pub(super) fn status_columns(status: ProductStatus) -> (ProductStatus, bool) {
    match status {
        ProductStatus::Unlisted => (ProductStatus::Published, false),
        other => (other, true),
    }
}

/// The status that two columns stand for.
pub fn status_from(status: ProductStatus, is_listed: bool) -> ProductStatus {
    if status == ProductStatus::Published && !is_listed { ProductStatus::Unlisted } else { status }
}

pub(super) fn status_of(row: &product::Model) -> ProductStatus {
    status_from(*row.status, row.is_listed)
}

/// Names and values as a JSON object of texts.
pub(super) fn metadata_json(pairs: &[(String, String)]) -> String {
    serde_json::to_string(&pairs.iter().cloned().collect::<BTreeMap<_, _>>()).unwrap_or_else(|_| "{}".to_owned())
}

pub(super) fn metadata_of(json: &str) -> Vec<(String, String)> {
    serde_json::from_str::<BTreeMap<String, String>>(json).unwrap_or_default().into_iter().collect()
}

/// Names and values as a JSON array of pairs, in their order.
pub(super) fn attributes_json(pairs: &[(String, String)]) -> String {
    serde_json::to_string(pairs).unwrap_or_else(|_| "[]".to_owned())
}

pub(super) fn attributes_of(json: &str) -> Vec<(String, String)> {
    serde_json::from_str(json).unwrap_or_default()
}
