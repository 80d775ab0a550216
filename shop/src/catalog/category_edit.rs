//! Categories are added, changed, moved and deleted.

use super::categories::{MAX_DEPTH, all_rows, find, find_id, path, subtree};
use super::check::{is_name, parse_slug};
use super::{category_slugs, slugs, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate, retried};
use crate::base::entities::{category, product};
use crate::base::once::{self, Once};
use crate::{
    Error, Result, Shop,
    base::{refusals, revisions, world},
    stores,
};
use domain::id::Id;
use domain::slug::Slug;
use domain::text::{tidy, typed};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, SelectExt};
use serde::Serialize;

/// A store has at most this many categories: the whole tree is on one page.
const MAX_CATEGORIES: usize = 500;

/// A category as a creator describes it.
#[derive(Clone, Debug, Default)]
pub struct NewCategory {
    pub name: String,
    /// Made from the name when absent.
    pub slug: Option<String>,
    /// The slug of the one above; empty for the top.
    pub parent: String,
}

/// What is to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct CategoryChange {
    /// The revision that the change was made from; it is refused where there is a newer one.
    pub revision: Option<i64>,
    pub name: Option<String>,
    pub slug: Option<String>,
    /// The slug of the one above; empty for the top.
    pub parent: Option<String>,
    pub is_active: Option<bool>,
    /// Its place among its siblings, from 0.
    pub position: Option<i64>,
}

#[derive(Serialize)]
struct CategoryFacts {
    name: String,
    slug: String,
    parent: Option<String>,
    is_active: bool,
    position: i64,
}

fn facts(all: &[category::Model], row: &category::Model) -> CategoryFacts {
    CategoryFacts {
        name: row.name.clone(),
        slug: row.slug.clone(),
        parent: row.parent_id.and_then(|id| all.iter().find(|other| other.id == id)).map(|parent| parent.slug.clone()),
        is_active: row.is_active,
        position: row.position,
    }
}

/// Begins a change of the tree; who changes it as well waits for the end of it.
async fn begin(shop: &Shop) -> Result<DatabaseTransaction> {
    let tx = begin_write(&shop.db).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    Ok(tx)
}

async fn end(shop: &Shop, tx: DatabaseTransaction) -> Result<()> {
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

fn check_name(name: &str) -> Result<String> {
    let invalid = || Error::refused("name_invalid", "The name needs 1 to 60 characters in one line.").at("name");
    if is_name(name) { Ok(tidy(name)) } else { Err(invalid()) }
}

fn slug_taken(error: sea_orm::DbErr) -> Error {
    if is_duplicate(&error) {
        Error::conflict("slug_taken", "Another category has this slug. Choose another.").at("slug")
    } else {
        error.into()
    }
}

/// Makes a category of the sample shop; tells its id.
pub(crate) async fn add_sample_category(
    tx: &DatabaseTransaction,
    store_id: Id,
    parent_id: Option<Id>,
    slug: &str,
    name: &str,
    position: i64,
) -> Result<Id> {
    let id = world::new_id();
    let row = category::ActiveModel {
        id: Set(id),
        store_id: Set(store_id),
        parent_id: Set(parent_id),
        slug: Set(slug.to_owned()),
        name: Set(name.to_owned()),
        position: Set(position),
        ..Default::default()
    };
    row.insert(tx).await?;
    Ok(id)
}

/// Adds a category at the end of its siblings, once; tells its slug.
pub async fn create_category(shop: &Shop, by: &Actor, new: NewCategory, once: Option<&Once>) -> Result<String> {
    let name = check_name(&new.name)?;
    let given = new.slug.as_deref().map(typed).filter(|slug| !slug.is_empty()).map(|slug| parse_slug(&slug)).transpose()?;
    let tx = begin(shop).await?;
    let mut all = all_rows(&tx, shop).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        return Ok(all.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)?.slug);
    }
    let slug = match given {
        Some(slug) => slug,
        None => slug_of(&all, &name)?,
    };
    if all.len() >= MAX_CATEGORIES {
        return Err(Error::refused("too_many", format!("A shop has at most {MAX_CATEGORIES} categories.")));
    }
    let parent_id = find_id(&tx, shop, &new.parent).await.map_err(|error| error.at("parent"))?;
    if path(&all, parent_id).len() >= MAX_DEPTH {
        return Err(too_deep());
    }
    let position = all.iter().filter(|other| other.parent_id == parent_id).map(|other| other.position + 1).max().unwrap_or(0);
    let row = category::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        parent_id: Set(parent_id),
        slug: Set(slug.as_str().to_owned()),
        name: Set(name),
        description: Set(String::new()),
        image_file_id: Set(None),
        position: Set(position),
        is_active: Set(true),
        revision: Set(1),
    };
    let row = row.insert(&tx).await.map_err(slug_taken)?;
    category_slugs::forget(&tx, shop, slug.as_str()).await?;
    all.push(row.clone());
    let action = Action { act: "created", kind: "category", id: Some(row.id), name: slug.as_str() };
    audit::record(&tx, shop, by, action, None, Some(&facts(&all, &row))).await?;
    once::remember(&tx, shop, once, row.id).await?;
    end(shop, tx).await?;
    Ok(row.slug)
}

/// A slug for a name in any script. Of two that sound the same the second has a number, where they may be two names.
fn slug_of(all: &[category::Model], name: &str) -> Result<Slug> {
    let wanted = slugs::from_title(name);
    let base = wanted.as_ref().map_or("category", Slug::as_str);
    let is_free = |slug: &String| !all.iter().any(|other| other.slug == *slug);
    let numbered = (if wanted.is_some() { 2 } else { 1 }..).map(|n| slugs::with_number(base, n)).take(all.len() + 1);
    let plain = wanted.iter().map(|slug| slug.as_str().to_owned()).filter(|slug| name.is_ascii() || is_free(slug));
    let slug = plain.chain(numbered.filter(is_free)).next();
    parse_slug(&slug.unwrap_or_else(|| base.to_owned()))
}

fn too_deep() -> Error {
    Error::refused("parent_invalid", format!("Categories go at most {MAX_DEPTH} deep.")).at("parent")
}

/// Changes a category, named by its slug or its id; tells its slug.
///
/// # Errors
/// `NotFound`; `parent_invalid` where it would stand below itself or too deep; `slug_taken`; `category_changed` (409) where somebody
/// was faster.
pub async fn update_category(shop: &Shop, by: &Actor, slug: &str, change: CategoryChange) -> Result<String> {
    let tx = begin(shop).await?;
    let all = all_rows(&tx, shop).await?;
    let row = named(&all, slug)?;
    let slug = change_row(&tx, shop, by, all, row, change).await?;
    end(shop, tx).await?;
    Ok(slug)
}

/// The category of this slug, else of this id: a form stays with its category when that has another slug by now.
fn named(all: &[category::Model], name: &str) -> Result<category::Model> {
    let of_id = || Uuid::try_parse(name).ok().and_then(|id| all.iter().find(|row| row.id == id));
    all.iter().find(|row| row.slug == name).or_else(of_id).cloned().ok_or(Error::NotFound)
}

async fn change_row(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    mut all: Vec<category::Model>,
    row: category::Model,
    change: CategoryChange,
) -> Result<String> {
    let name = change.name.as_deref().map(check_name).transpose()?;
    let new_slug = change.slug.as_deref().map(parse_slug).transpose()?;
    let before = facts(&all, &row);
    let (id, mut parent_id) = (row.id, row.parent_id);
    if let Some(parent) = &change.parent {
        parent_id = find_id(tx, shop, parent).await.map_err(|error| error.at("parent"))?;
        let below = subtree(&all, &row.slug);
        if parent_id.is_some_and(|parent| below.contains(&parent)) {
            return Err(Error::refused("parent_invalid", "A category can't stand below itself.").at("parent"));
        }
        let height = below.iter().map(|one| path(&all, Some(*one)).len()).max().unwrap_or(1) + 1 - path(&all, Some(id)).len();
        if path(&all, parent_id).len() + height > MAX_DEPTH {
            return Err(too_deep());
        }
    }
    let is_moved = parent_id != row.parent_id;
    let is_new = |given: Option<&str>, stands: &str| given.is_some_and(|given| given != stands);
    let is_other = is_moved || is_new(name.as_deref(), &row.name) || is_new(new_slug.as_ref().map(Slug::as_str), &row.slug);
    // What is sent again, as by a second click, stands already.
    if is_other || change.position.is_some() || change.is_active.is_some_and(|is_active| is_active != row.is_active) {
        let saved = revisions::Saved { kind: "category", id, revision: row.revision, code: "category_changed", noun: "this category" };
        revisions::check(tx, shop, saved, change.revision).await?;
    }
    let revision = row.revision + i64::from(is_other);
    let mut changed = row.into_active_model();
    changed.revision = Set(revision);
    if let Some(name) = name {
        changed.name = Set(name);
    }
    if let Some(slug) = &new_slug {
        changed.slug = Set(slug.as_str().to_owned());
    }
    if let Some(is_active) = change.is_active {
        changed.is_active = Set(is_active);
    }
    changed.parent_id = Set(parent_id);
    if is_moved {
        let last = all.iter().filter(|other| other.parent_id == parent_id).map(|other| other.position + 1).max().unwrap_or(0);
        changed.position = Set(last);
    }
    let row = changed.update(tx).await.map_err(slug_taken)?;
    if row.slug != before.slug {
        category_slugs::forget(tx, shop, &row.slug).await?;
        category_slugs::remember(tx, shop, &before.slug, id).await?;
    }
    if let Some(place) = all.iter_mut().find(|other| other.id == id) {
        *place = row.clone();
    }
    if let Some(position) = change.position {
        put_at(tx, &mut all, id, usize::try_from(position).unwrap_or(0)).await?;
    }
    let after = all.iter().find(|other| other.id == id).map(|row| facts(&all, row));
    let action = Action { act: "updated", kind: "category", id: Some(id), name: &row.slug };
    audit::record(tx, shop, by, action, Some(&before), after.as_ref()).await?;
    Ok(row.slug)
}

/// Puts a category before the sibling that it follows, or after the one that follows it.
pub async fn move_category(shop: &Shop, by: &Actor, slug: &str, is_up: bool) -> Result<()> {
    let tx = begin(shop).await?;
    let all = all_rows(&tx, shop).await?;
    let row = named(&all, slug)?;
    let place = all.iter().filter(|other| other.parent_id == row.parent_id).position(|other| other.id == row.id).unwrap_or(0) as i64;
    let position = Some(if is_up { (place - 1).max(0) } else { place + 1 });
    change_row(&tx, shop, by, all, row, CategoryChange { position, ..CategoryChange::default() }).await?;
    end(shop, tx).await
}

/// Numbers the siblings of a category anew, with it at this place.
async fn put_at(tx: &DatabaseTransaction, all: &mut [category::Model], id: Id, place: usize) -> Result<()> {
    let parent = all.iter().find(|row| row.id == id).and_then(|row| row.parent_id);
    let mut order: Vec<Id> = all.iter().filter(|row| row.parent_id == parent && row.id != id).map(|row| row.id).collect();
    order.insert(place.min(order.len()), id);
    for (position, id) in order.into_iter().enumerate() {
        category::Entity::update_many()
            .col_expr(category::Column::Position, Expr::value(position as i64))
            .filter(category::Column::Id.eq(id))
            .exec(tx)
            .await?;
        if let Some(row) = all.iter_mut().find(|row| row.id == id) {
            row.position = position as i64;
        }
    }
    Ok(())
}

/// Takes an empty category away.
///
/// # Errors
/// `NotFound`; `category_not_empty` where products or other categories are in it.
pub async fn delete_category(shop: &Shop, by: &Actor, slug: &str) -> Result<()> {
    retried(|| delete(shop, by, slug)).await
}

async fn delete(shop: &Shop, by: &Actor, slug: &str) -> Result<()> {
    let tx = begin(shop).await?;
    let all = all_rows(&tx, shop).await?;
    let row = find(&tx, shop, slug).await?;
    let products = product::Entity::find().filter(product::Column::CategoryId.eq(row.id)).filter(product::Column::DeletedAt.is_null());
    if products.exists(&tx).await? || all.iter().any(|other| other.parent_id == Some(row.id)) {
        return Err(refusals::CATEGORY_NOT_EMPTY.into());
    }
    // What was deleted may come back, without its category.
    steps::leave_category(&tx, row.id).await?;
    category::Entity::delete_by_id(row.id).exec(&tx).await?;
    let action = Action { act: "deleted", kind: "category", id: Some(row.id), name: &row.slug };
    audit::record(&tx, shop, by, action, Some(&facts(&all, &row)), None).await?;
    end(shop, tx).await
}
