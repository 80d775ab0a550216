//! Where categories were found before.

use super::categories;
use crate::base::entities::old_category_slug;
use crate::{Result, Shop};
use domain::id::Id;
use domain::slug::Slug;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};

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
    let old = old_category_slug::Entity::find_by_id((shop.settings.store_id, slug.to_owned())).one(&shop.db).await?;
    let now = old.and_then(|old| all.iter().find(|category| category.id == old.category_id));
    Ok(now.map_or(CategoryPlace::Nowhere, |category| CategoryPlace::MovedTo(category.slug.clone())))
}

/// Lets a name that a category gives up lead to it.
pub(super) async fn remember(tx: &impl ConnectionTrait, shop: &Shop, slug: &str, category_id: Id) -> Result<()> {
    let row = old_category_slug::ActiveModel {
        store_id: Set(shop.settings.store_id),
        slug: Set(slug.to_owned()),
        category_id: Set(category_id),
        created_at: Set(shop.clock.now_ms()),
    };
    let over = OnConflict::columns([old_category_slug::Column::StoreId, old_category_slug::Column::Slug])
        .update_columns([old_category_slug::Column::CategoryId, old_category_slug::Column::CreatedAt])
        .to_owned();
    old_category_slug::Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

/// Lets a name that a category takes lead nowhere else.
pub(super) async fn forget(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<()> {
    old_category_slug::Entity::delete_by_id((shop.settings.store_id, slug.to_owned())).exec(tx).await?;
    Ok(())
}
