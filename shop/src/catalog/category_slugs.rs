//! Where categories were found before.

use super::categories;
use crate::database::{execute, statement};
use crate::{Result, Shop};
use domain::id::Id;
use domain::slug::Slug;
use sea_orm::ConnectionTrait;

/// What a slug of a category leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CategoryPlace {
    /// A category that shoppers see.
    Here,
    /// It has this slug now.
    MovedTo(String),
    Nowhere,
}

/// Where shoppers find the category of a slug.
pub async fn place_of_category(shop: &Shop, slug: &str) -> Result<CategoryPlace> {
    let all = categories::all(shop).await?;
    if all.iter().any(|category| category.slug == slug) {
        return Ok(CategoryPlace::Here);
    }
    if Slug::parse(slug).is_err() {
        return Ok(CategoryPlace::Nowhere);
    }
    let sql = "SELECT category_id FROM old_category_slugs WHERE store_id = $1 AND slug = $2";
    let row = shop.db.query_one_raw(statement(&shop.db, sql, [shop.settings.store_id.into(), slug.into()])).await?;
    let id: Option<Id> = row.map(|row| row.try_get("", "category_id")).transpose()?;
    let now = id.and_then(|id| all.iter().find(|category| category.id == id));
    Ok(now.map_or(CategoryPlace::Nowhere, |category| CategoryPlace::MovedTo(category.slug.clone())))
}

/// Lets a name that a category gives up lead to it.
pub(super) async fn remember(tx: &impl ConnectionTrait, shop: &Shop, slug: &str, category_id: Id) -> Result<()> {
    let sql = "INSERT INTO old_category_slugs (store_id, slug, category_id, created_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (store_id, slug) DO UPDATE SET category_id = $3, created_at = $4";
    execute(tx, sql, [shop.settings.store_id.into(), slug.into(), category_id.into(), shop.clock.now_ms().into()]).await?;
    Ok(())
}

/// Lets a name that a category takes lead nowhere else.
pub(super) async fn forget(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<()> {
    execute(tx, "DELETE FROM old_category_slugs WHERE store_id = $1 AND slug = $2", [shop.settings.store_id.into(), slug.into()]).await?;
    Ok(())
}
