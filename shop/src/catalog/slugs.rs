//! Where products were found before, and names that are free.

use crate::database::{execute, statement};
use crate::entities::product;
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::slug::Slug;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};

/// The name under which customers find the product that had this one.
pub async fn moved_to(shop: &Shop, slug: &str) -> Result<Option<String>> {
    let condition = "p.status = 'published' AND p.published_at <= $3";
    find(shop, slug, condition, Some(shop.clock.now_ms())).await
}

/// As [`moved_to`], for those who run the shop.
pub async fn moved_to_for_member(shop: &Shop, slug: &str) -> Result<Option<String>> {
    find(shop, slug, "p.deleted_at IS NULL", None).await
}

async fn find(shop: &Shop, slug: &str, condition: &str, now: Option<i64>) -> Result<Option<String>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT p.slug FROM old_slugs o JOIN products p ON p.id = o.product_id WHERE o.store_id = $1 AND o.slug = $2 AND {condition}"
    );
    let values = [shop.settings.store_id.into(), slug.into()].into_iter().chain(now.map(Into::into));
    let row = shop.db.query_one_raw(statement(&shop.db, sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "slug")).transpose()?)
}

/// Lets a name that a product gives up lead to it.
pub(super) async fn remember(tx: &impl ConnectionTrait, shop: &Shop, slug: &str, product_id: Id) -> Result<()> {
    let sql = "INSERT INTO old_slugs (store_id, slug, product_id, created_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (store_id, slug) DO UPDATE SET product_id = $3, created_at = $4";
    execute(tx, sql, [shop.settings.store_id.into(), slug.into(), product_id.into(), shop.clock.now_ms().into()]).await?;
    Ok(())
}

/// Lets a name that a product takes lead nowhere else.
pub(super) async fn forget(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<()> {
    execute(tx, "DELETE FROM old_slugs WHERE store_id = $1 AND slug = $2", [shop.settings.store_id.into(), slug.into()]).await?;
    Ok(())
}

/// So many goods of one name are told apart by numbers.
const MAX_TRIES: u32 = 200;

/// A slug that no product has: this one, or this one with a number.
///
/// # Errors
/// `slug_taken` where there are too many of the name.
pub(super) async fn free(tx: &impl ConnectionTrait, shop: &Shop, wanted: &str) -> Result<String> {
    for n in 1..=MAX_TRIES {
        let end = if n == 1 { String::new() } else { format!("-{n}") };
        let start: String = wanted.chars().take(80 - end.len()).collect();
        let slug = format!("{}{end}", start.trim_end_matches('-'));
        if super::check::check_slug(&slug).is_err() {
            continue;
        }
        let taken = product::Entity::find()
            .filter(product::Column::StoreId.eq(shop.settings.store_id))
            .filter(product::Column::Slug.eq(&slug))
            .select_only()
            .column(product::Column::Id)
            .into_tuple::<Uuid>()
            .one(tx)
            .await?;
        if taken.is_none() {
            return Ok(slug);
        }
    }
    Err(Error::conflict("slug_taken", "There are too many products of this name. Choose another slug."))
}
