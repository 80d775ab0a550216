//! Tiers that deliver nothing: no file, no license key, nothing that comes with them. They are not sold.

use super::sql;
use crate::base::database::word;
use crate::base::entities::{product, variant};
use crate::{Error, Result, Shop};
use domain::catalog::{ProductStatus, VariantStatus};
use domain::id::Id;
use domain::pages::health::EmptyTier;
use domain::tier::TierRef;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use std::collections::HashSet;

/// As many of them as a page lists.
const MAX_LISTED: u64 = 100;

/// Tiers under a condition that is not so of them.
fn without(condition: String) -> Select<variant::Entity> {
    variant::Entity::find().filter(Expr::cust(format!("NOT {condition}")))
}

async fn ids(db: &impl ConnectionTrait, tiers: Select<variant::Entity>) -> Result<HashSet<Id>> {
    Ok(tiers.select_only().column(variant::Column::Id).into_tuple::<Id>().all(db).await?.into_iter().collect())
}

/// Which of some tiers deliver nothing now.
pub(crate) async fn empty_of(db: &impl ConnectionTrait, variant_ids: &[Id]) -> Result<HashSet<Id>> {
    ids(db, without(sql::delivers("variants")).filter(variant::Column::Id.is_in(variant_ids.iter().copied()))).await
}

/// Which of some tiers have no file now.
pub(crate) async fn without_files(db: &impl ConnectionTrait, variant_ids: &[Id]) -> Result<HashSet<Id>> {
    ids(db, without(sql::has_files("variants")).filter(variant::Column::Id.is_in(variant_ids.iter().copied()))).await
}

/// What is published and delivers nothing, or is about to appear so: the newest products first.
pub(crate) async fn empty_tiers(shop: &Shop) -> Result<Vec<EmptyTier>> {
    let rows: Vec<(String, String, String, String)> = without(sql::delivers("variants"))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)))
        .inner_join(product::Entity)
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Status.eq(word(ProductStatus::Published)))
        .filter(product::Column::DeletedAt.is_null())
        .order_by_desc(product::Column::Id)
        .order_by_asc(variant::Column::Position)
        .limit(MAX_LISTED)
        .select_only()
        .columns([product::Column::Slug, product::Column::Title])
        .columns([variant::Column::Key, variant::Column::Name])
        .into_tuple()
        .all(&shop.db)
        .await?;
    let tier = |(product, title, variant, variant_name)| EmptyTier { product, title, variant, variant_name };
    Ok(rows.into_iter().map(tier).collect())
}

/// Whether the tier of this name delivers something; the first one of the product where none is named.
pub(super) async fn is_delivering(shop: &Shop, name: &TierRef) -> Result<bool> {
    let mut tiers = variant::Entity::find()
        .inner_join(product::Entity)
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(&name.product))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    if let Some(key) = &name.variant {
        tiers = tiers.filter(variant::Column::Key.eq(key));
    }
    let Some(tier) = tiers.order_by_asc(variant::Column::Position).order_by_asc(variant::Column::Id).one(&shop.db).await? else {
        return Ok(false);
    };
    Ok(empty_of(&shop.db, &[tier.id]).await?.is_empty())
}

/// Nothing is sold that delivers nothing.
pub(crate) fn nothing_to_deliver(title: &str) -> Error {
    let text = format!("\u{201c}{title}\u{201d} can't be bought yet: there is nothing to deliver. Nothing was charged.");
    Error::conflict("nothing_to_deliver", text).at("product")
}
