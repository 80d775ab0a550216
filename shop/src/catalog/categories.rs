//! The tree of categories.

use crate::base::entities::{category, product};
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::pages::goods::CategoryRow;
use domain::pages::storefront::CategoryNode;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;

/// The active categories as a tree, in the seller's order.
pub async fn categories(shop: &Shop) -> Result<Vec<CategoryNode>> {
    let all = all(shop).await?;
    Ok(children(&all, None, 0))
}

/// The active ones, kept until they change.
pub(super) async fn all(shop: &Shop) -> Result<Arc<[category::Model]>> {
    let read = async { Ok(all_rows(&shop.db, shop).await?.into_iter().filter(|category| category.is_active).collect()) };
    shop.memos.categories.or_read(shop, read).await
}

pub(super) async fn all_rows(db: &impl ConnectionTrait, shop: &Shop) -> Result<Vec<category::Model>> {
    Ok(category::Entity::find()
        .filter(category::Column::StoreId.eq(shop.settings.store_id))
        .order_by_asc(category::Column::Position)
        .order_by_asc(category::Column::Name)
        .all(db)
        .await?)
}

/// Deeper than anybody sorts books; also what a circle of parents would be cut at.
pub(super) const MAX_DEPTH: usize = 8;

fn children(all: &[category::Model], parent: Option<Id>, depth: usize) -> Vec<CategoryNode> {
    if depth == MAX_DEPTH {
        return Vec::new();
    }
    all.iter()
        .filter(|category| category.parent_id == parent)
        .map(|category| CategoryNode {
            slug: category.slug.clone(),
            name: category.name.clone(),
            description: category.description.clone(),
            children: children(all, Some(category.id), depth + 1),
        })
        .collect()
}

/// The category with this slug and all below it; empty when there is none.
pub(super) fn subtree(all: &[category::Model], slug: &str) -> Vec<Id> {
    let mut ids: Vec<Id> = all.iter().filter(|category| category.slug == slug).map(|category| category.id).collect();
    let mut next = 0;
    while next < ids.len() && ids.len() <= all.len() {
        let parent = ids[next];
        ids.extend(all.iter().filter(|category| category.parent_id == Some(parent)).map(|category| category.id));
        next += 1;
    }
    ids
}

/// From the root down to the category: slug and name.
pub(super) fn path(all: &[category::Model], id: Option<Id>) -> Vec<(String, String)> {
    let mut path = Vec::new();
    let mut at = id;
    while let Some(category) = at.and_then(|id| all.iter().find(|category| category.id == id)) {
        path.insert(0, (category.slug.clone(), category.name.clone()));
        at = category.parent_id.filter(|_| path.len() < MAX_DEPTH);
    }
    path
}

/// The id of the category with this slug; nothing for an empty one.
///
/// # Errors
/// `category_unknown`.
pub(super) async fn find_id(db: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<Option<Id>> {
    if slug.is_empty() {
        return Ok(None);
    }
    match find(db, shop, slug).await {
        Ok(row) => Ok(Some(row.id)),
        Err(Error::NotFound) => Err(Error::refused("category_unknown", "There is no such category. Choose another.").at("category")),
        Err(other) => Err(other),
    }
}

pub(super) async fn find(db: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<category::Model> {
    category::Entity::find()
        .filter(category::Column::StoreId.eq(shop.settings.store_id))
        .filter(category::Column::Slug.eq(slug))
        .one(db)
        .await?
        .ok_or(Error::NotFound)
}

/// Every category, hidden ones too, from the top of the tree down.
pub async fn all_categories(shop: &Shop) -> Result<Vec<CategoryRow>> {
    let all = all_rows(&shop.db, shop).await?;
    let counts: Vec<(Option<Id>, i64)> = product::Entity::find()
        .select_only()
        .column(product::Column::CategoryId)
        .column_as(product::Column::Id.count(), "n")
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::DeletedAt.is_null())
        .group_by(product::Column::CategoryId)
        .into_tuple()
        .all(&shop.db)
        .await?;
    let mut rows = Vec::with_capacity(all.len());
    list(&all, &counts, None, 0, &mut rows);
    Ok(rows)
}

fn list(
    all: &[category::Model],
    counts: &[(Option<Id>, i64)],
    parent: Option<&category::Model>,
    depth: usize,
    rows: &mut Vec<CategoryRow>,
) {
    if depth == MAX_DEPTH {
        return;
    }
    for category in all.iter().filter(|category| category.parent_id == parent.map(|parent| parent.id)) {
        let below = subtree(all, &category.slug);
        rows.push(CategoryRow {
            id: category.id.simple().to_string(),
            revision: category.revision,
            slug: category.slug.clone(),
            name: category.name.clone(),
            parent: parent.map(|parent| parent.slug.clone()),
            depth,
            is_active: category.is_active,
            n_products: counts.iter().find(|(id, _)| *id == Some(category.id)).map_or(0, |(_, n)| *n),
            n_in_all: counts.iter().filter(|(id, _)| id.is_some_and(|id| below.contains(&id))).map(|(_, n)| n).sum(),
            has_children: all.iter().any(|other| other.parent_id == Some(category.id)),
        });
        list(all, counts, Some(category), depth + 1, rows);
    }
}
