//! Bundles: tiers that come with tiers of other products. One level deep, so that what is bought is what is written there.

use super::offer::Offer;
use super::sql;
use crate::base::database::{statement, word};
use crate::base::entities::{bundle_item, product, variant};
use crate::{Error, Result, Shop};
use domain::catalog::VariantStatus;
use domain::id::Id;
use domain::tier::TierRef;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    Value,
};
use std::collections::HashMap;

/// At most this many other tiers come with one.
pub const MAX_INCLUDED: usize = 20;

/// A tier that comes with another one, as it would be bought by itself.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Included {
    bundle_id: Id,
    /// Whether it can be bought by itself.
    pub is_on_sale: bool,
    #[sea_orm(nested)]
    pub offer: Offer,
}

/// What comes with each of some tiers, in the seller's order.
pub(crate) async fn included(db: &impl ConnectionTrait, now: i64, variant_ids: &[Id]) -> Result<HashMap<Id, Vec<Included>>> {
    let mut by_tier: HashMap<Id, Vec<Included>> = HashMap::new();
    if variant_ids.is_empty() {
        return Ok(by_tier);
    }
    let places = (2..variant_ids.len() + 2).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let values: Vec<Value> = std::iter::once(now.into()).chain(variant_ids.iter().map(|id| (*id).into())).collect();
    for row in Included::find_by_statement(statement(db, sql::included(&places), values)).all(db).await? {
        by_tier.entry(row.bundle_id).or_default().push(row);
    }
    Ok(by_tier)
}

/// Sets what comes with a tier, in the caller's transaction.
///
/// # Errors
/// Refuses tiers that are not there, tiers of the same product, and bundles in bundles.
pub(super) async fn set(tx: &DatabaseTransaction, shop: &Shop, product_id: Id, variant_id: Id, names: &[TierRef]) -> Result<()> {
    if names.len() > MAX_INCLUDED {
        return Err(refused(format!("A tier comes with at most {MAX_INCLUDED} others.")));
    }
    let before = bundle_item::Entity::find()
        .filter(bundle_item::Column::VariantId.eq(variant_id))
        .order_by_asc(bundle_item::Column::Position)
        .all(tx)
        .await?;
    let mut ids: Vec<Id> = Vec::with_capacity(names.len());
    for name in names {
        let id = find(tx, shop, product_id, name).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if before.iter().map(|item| item.included_variant_id).eq(ids.iter().copied()) {
        return Ok(());
    }
    if !ids.is_empty() {
        check_depth(tx, variant_id, &ids).await?;
    }
    bundle_item::Entity::delete_many().filter(bundle_item::Column::VariantId.eq(variant_id)).exec(tx).await?;
    let items = ids.into_iter().enumerate().map(|(position, id)| bundle_item::Model {
        variant_id,
        included_variant_id: id,
        store_id: shop.settings.store_id,
        position: position as i64,
    });
    insert(tx, items.collect()).await
}

async fn insert(tx: &DatabaseTransaction, items: Vec<bundle_item::Model>) -> Result<()> {
    if !items.is_empty() {
        let items = items.into_iter().map(bundle_item::Model::into_active_model);
        bundle_item::Entity::insert_many(items).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Lets the same tiers come with another tier as well.
pub(super) async fn copy(tx: &DatabaseTransaction, from: Id, to: Id) -> Result<()> {
    let items = bundle_item::Entity::find().filter(bundle_item::Column::VariantId.eq(from)).all(tx).await?;
    insert(tx, items.into_iter().map(|item| bundle_item::Model { variant_id: to, ..item }).collect()).await
}

/// The tier of this name. Its product is held until the transaction ends, so that it is not deleted or made a bundle meanwhile.
async fn find(tx: &DatabaseTransaction, shop: &Shop, product_id: Id, name: &TierRef) -> Result<Id> {
    let unknown = || refused(format!("There is no \u{201c}{}\u{201d} to come with this tier.", shown(name)));
    let product = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(&name.product))
        .filter(product::Column::DeletedAt.is_null())
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or_else(unknown)?;
    if product.id == product_id {
        return Err(refused("A tier can't come with its own product. Give it the files instead.".to_owned()));
    }
    let mut tiers = variant::Entity::find()
        .filter(variant::Column::ProductId.eq(product.id))
        .filter(variant::Column::Status.eq(word(VariantStatus::Active)));
    if let Some(key) = &name.variant {
        tiers = tiers.filter(variant::Column::Key.eq(key));
    }
    let tier = tiers.order_by_asc(variant::Column::Position).order_by_asc(variant::Column::Id).one(tx).await?;
    Ok(tier.ok_or_else(unknown)?.id)
}

fn shown(name: &TierRef) -> String {
    name.to_string().chars().filter(|c| !c.is_control()).take(120).collect()
}

async fn check_depth(tx: &DatabaseTransaction, variant_id: Id, ids: &[Id]) -> Result<()> {
    let nested = bundle_item::Entity::find().filter(bundle_item::Column::VariantId.is_in(ids.iter().copied())).one(tx).await?;
    if nested.is_some() {
        return Err(refused("What comes with a tier can't be a bundle itself. Take what is in it instead.".to_owned()));
    }
    let outer = bundle_item::Entity::find().filter(bundle_item::Column::IncludedVariantId.eq(variant_id)).one(tx).await?;
    if outer.is_some() {
        return Err(refused("This tier comes with another product already, so it can't be a bundle itself.".to_owned()));
    }
    Ok(())
}

fn refused(message: String) -> Error {
    Error::refused("bundle_invalid", message).at("includes")
}

/// Refuses to take tiers away that come with a tier of another product: of a product, those that are not sold any more.
///
/// # Errors
/// 409 that names the product whose tier they come with.
pub(super) async fn check_unused(tx: &DatabaseTransaction, product_id: Id, is_deleted: bool) -> Result<()> {
    let condition = if is_deleted { "" } else { "AND i.status <> 'active'" };
    let Some(row) = tx.query_one_raw(statement(tx, sql::bundled_with(condition), [product_id.into()])).await? else { return Ok(()) };
    let title: String = row.try_get("", "title")?;
    Err(Error::conflict("in_bundle", format!("It comes with \u{201c}{title}\u{201d}. Take it out of that product first.")))
}

/// The names of what comes with each of some tiers.
pub(super) async fn names(db: &impl ConnectionTrait, variant_ids: &[Id]) -> Result<HashMap<Id, Vec<TierRef>>> {
    let included = included(db, 0, variant_ids).await?;
    let name = |included: Included| TierRef { product: included.offer.slug, variant: Some(included.offer.key) };
    Ok(included.into_iter().map(|(id, tiers)| (id, tiers.into_iter().map(name).collect())).collect())
}

/// A browser gets at most this many tiers to choose from; others can be typed.
const N_CHOICES: usize = 300;

/// Tiers that can come with others, the newest products first: `slug/key`, and how people call it.
pub(super) async fn choices(shop: &Shop) -> Result<Vec<(String, String)>> {
    let mut choices = Vec::new();
    for row in shop.db.query_all_raw(statement(&shop.db, sql::tiers_to_bundle(N_CHOICES), [shop.settings.store_id.into()])).await? {
        let (slug, title): (String, String) = (row.try_get("", "slug")?, row.try_get("", "title")?);
        let (key, name): (String, String) = (row.try_get("", "key")?, row.try_get("", "name")?);
        // Who buys the bundle gets it, and reads its title, all the same.
        let is_draft: bool = row.try_get("", "is_draft")?;
        let mark = if is_draft { " (draft)" } else { "" };
        choices.push((format!("{slug}/{key}"), format!("{title}, {name}{mark}")));
    }
    Ok(choices)
}

/// The tier that somebody means who typed its name, what it is called in the list, or the title of a product with one tier.
///
/// # Errors
/// Refuses unknown names, and a title that more than one tier has.
pub(super) async fn meant(shop: &Shop, typed: &str) -> Result<String> {
    let typed = typed.trim();
    let name = TierRef::parse(typed);
    let is = |text: &str| text.to_lowercase() == typed.to_lowercase();
    let choices = choices(shop).await?;
    if let Some((name, _)) = choices.iter().find(|(name, _)| is(name)) {
        return Ok(name.clone());
    }
    let is_meant = |called: &str| is(called) || called.rsplit_once(", ").is_some_and(|(title, _)| is(title));
    let called: Vec<_> = choices.iter().filter(|(_, called)| is_meant(called)).collect();
    match called.as_slice() {
        [(name, _)] => return Ok(name.clone()),
        [] => {}
        _ => {
            let message = format!("More than one tier is called \u{201c}{}\u{201d}. Choose one from the list.", shown(&name));
            return Err(refused(message));
        }
    }
    // The list has the newest alone.
    let known = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(&name.product))
        .filter(product::Column::DeletedAt.is_null());
    match known.one(&shop.db).await? {
        Some(_) => Ok(typed.to_owned()),
        None => Err(refused(format!("There is no \u{201c}{}\u{201d} to come with this tier. Choose one from the list.", shown(&name)))),
    }
}
