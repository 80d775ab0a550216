//! The tree of categories.

use crate::entities::category;
use crate::{Result, Shop};
use domain::catalog::CategoryNode;
use domain::id::Id;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// The active categories as a tree, in the seller's order.
pub async fn categories(shop: &Shop) -> Result<Vec<CategoryNode>> {
    let all = all(shop).await?;
    Ok(children(&all, None, 0))
}

pub(super) async fn all(shop: &Shop) -> Result<Vec<category::Model>> {
    Ok(category::Entity::find()
        .filter(category::Column::StoreId.eq(shop.settings.store_id))
        .filter(category::Column::IsActive.eq(true))
        .order_by_asc(category::Column::Position)
        .order_by_asc(category::Column::Name)
        .all(&shop.db)
        .await?)
}

/// Deeper than anybody sorts books; also what a circle of parents would be cut at.
const MAX_DEPTH: usize = 8;

fn children(all: &[category::Model], parent: Option<Id>, depth: usize) -> Vec<CategoryNode> {
    if depth == MAX_DEPTH {
        return Vec::new();
    }
    all.iter()
        .filter(|category| category.parent_id == parent)
        .map(|category| CategoryNode {
            slug: category.slug.clone(),
            name: category.name.clone(),
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
