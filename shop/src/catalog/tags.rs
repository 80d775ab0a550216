//! Tags: words that products share.

use super::check::{is_tag, parse_slug};
use super::{slugs, sql};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate, retried, statement};
use crate::base::entities::{product_tag, tag};
use crate::{Error, Result, Shop, base::world, stores};
use domain::id::Id;
use domain::pages::goods::TagRow;
use domain::slug::Slug;
use domain::text::{key, tidy, typed};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use serde::Serialize;

#[derive(FromQueryResult)]
struct NameRow {
    slug: String,
    name: String,
}

/// The tags of a product: slug and name.
pub(super) async fn of(db: &impl ConnectionTrait, product_id: Id) -> Result<Vec<(String, String)>> {
    let rows = NameRow::find_by_statement(statement(db, sql::TAGS_OF, [product_id.into()])).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.name)).collect())
}

/// What the tag of a slug is called.
pub async fn tag_name(shop: &Shop, slug: &str) -> Result<Option<String>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let found = tag::Entity::find().filter(tag::Column::StoreId.eq(shop.settings.store_id)).filter(tag::Column::Slug.eq(slug));
    Ok(found.select_only().column(tag::Column::Name).into_tuple().one(&shop.db).await?)
}

/// Gives a product these tags and no others; those that are new are made.
pub(super) async fn set(tx: &impl ConnectionTrait, shop: &Shop, product_id: Id, names: &[String]) -> Result<()> {
    product_tag::Entity::delete_many().filter(product_tag::Column::ProductId.eq(product_id)).exec(tx).await?;
    // In one order, so that two who make the same tags don't wait for each other.
    let mut named: Vec<(String, &String)> = names.iter().map(|name| (wanted_slug(name), name)).collect();
    named.sort();
    for (wanted, name) in named {
        let tag_id = find_or_make(tx, shop, &wanted, name).await?;
        let row = product_tag::ActiveModel { product_id: Set(product_id), tag_id: Set(tag_id) };
        product_tag::Entity::insert(row).on_conflict(unless_there()).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn unless_there() -> OnConflict {
    OnConflict::columns([product_tag::Column::ProductId, product_tag::Column::TagId]).do_nothing().to_owned()
}

/// A tag is a name, so its script is no matter: what has no letter is found under a number.
fn wanted_slug(name: &str) -> String {
    slugs::from_title(name).map_or_else(|| "tag".to_owned(), |slug| slug.as_str().to_owned())
}

/// Whether two names are one tag: written alike but for case and signs.
fn is_same(a: &str, b: &str) -> bool {
    a == b || (!key(a).is_empty() && key(a) == key(b))
}

/// At most this many names with the same slug are told apart by numbers.
const MAX_NAMESAKES: u32 = 200;

/// The slugs under which a name may be found, the likeliest first.
fn slugs_of(wanted: &str) -> impl Iterator<Item = String> {
    (1..=MAX_NAMESAKES).map(move |n| if n == 1 { wanted.to_owned() } else { slugs::with_number(wanted, n) })
}

/// The tag of this name. Names of two scripts may sound the same: the later one has a number in its slug.
async fn find_or_make(tx: &impl ConnectionTrait, shop: &Shop, wanted: &str, name: &str) -> Result<Id> {
    let store_id = shop.settings.store_id;
    for slug in slugs_of(wanted) {
        let row =
            tag::ActiveModel { id: Set(world::new_id()), store_id: Set(store_id), slug: Set(slug.clone()), name: Set(name.to_owned()) };
        let once = OnConflict::columns([tag::Column::StoreId, tag::Column::Slug]).do_nothing().to_owned();
        tag::Entity::insert(row).on_conflict(once).exec_without_returning(tx).await?;
        let tag = find(tx, shop, &slug).await?;
        // An ASCII name is a tag's slug in other signs: it is that tag, whatever it is called by now.
        if is_same(&tag.name, name) || (name.is_ascii() && slug == wanted) {
            return Ok(tag.id);
        }
    }
    Err(Error::conflict("tag_taken", "There are too many tags of this name. Choose another.").at("name"))
}

#[derive(FromQueryResult)]
struct CountedRow {
    slug: String,
    name: String,
    n_products: i64,
}

/// At most this many tags are listed; more than anybody reads.
const MAX_LISTED: u64 = 1_000;

/// Every tag with how many products have it.
pub async fn tags(shop: &Shop) -> Result<Vec<TagRow>> {
    let rows =
        CountedRow::find_by_statement(statement(&shop.db, sql::tags(MAX_LISTED), [shop.settings.store_id.into()])).all(&shop.db).await?;
    Ok(rows.into_iter().map(|row| TagRow { slug: row.slug, name: row.name, n_products: row.n_products }).collect())
}

#[derive(Serialize)]
struct TagFacts {
    name: String,
    slug: String,
}

async fn find(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<tag::Model> {
    tag::Entity::find()
        .filter(tag::Column::StoreId.eq(shop.settings.store_id))
        .filter(tag::Column::Slug.eq(slug))
        .one(tx)
        .await?
        .ok_or(Error::NotFound)
}

/// Gives a tag another name; its slug follows the name unless one is given.
///
/// # Errors
/// `NotFound`; `tags_invalid`; `tag_taken` where another tag is found under that slug.
pub async fn rename_tag(shop: &Shop, by: &Actor, slug: &str, name: &str, new_slug: Option<&str>) -> Result<String> {
    let name = tidy(name);
    if !is_tag(&name) {
        return Err(Error::refused("tags_invalid", "A tag needs a letter or a digit, and at most 60 characters.").at("name"));
    }
    let given = new_slug.map(typed).filter(|slug| !slug.is_empty()).map(|slug| parse_slug(&slug)).transpose()?;
    retried(|| rename(shop, by, slug, &name, given.as_ref())).await
}

async fn rename(shop: &Shop, by: &Actor, slug: &str, name: &str, given: Option<&Slug>) -> Result<String> {
    let tx = begin_write(&shop.db).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    let row = find(&tx, shop, slug).await?;
    let wanted = match given {
        Some(slug) => slug.as_str().to_owned(),
        None => free_for(&tx, shop, &row, name).await?,
    };
    let step =
        tag::Entity::update_many().col_expr(tag::Column::Name, Expr::value(name)).col_expr(tag::Column::Slug, Expr::value(wanted.as_str()));
    match step.filter(tag::Column::Id.eq(row.id)).exec(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => {
            return Err(Error::conflict("tag_taken", "There is a tag of this name already. Merge the two instead.").at("name"));
        }
        Err(error) => return Err(error.into()),
    }
    let before = TagFacts { name: row.name, slug: row.slug };
    let after = TagFacts { name: name.to_owned(), slug: wanted };
    let action = Action { act: "renamed", kind: "tag", id: Some(row.id), name: &before.slug };
    audit::record(&tx, shop, by, action, Some(&before), Some(&after)).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(after.slug)
}

/// The slug for another name of a tag: one that another tag of the same name has, which is then refused, or the first that is free.
async fn free_for(tx: &impl ConnectionTrait, shop: &Shop, row: &tag::Model, name: &str) -> Result<String> {
    let wanted = wanted_slug(name);
    for slug in slugs_of(&wanted) {
        match find(tx, shop, &slug).await {
            Ok(other) if other.id != row.id && !name.is_ascii() && !is_same(&other.name, name) => {}
            Ok(_) | Err(Error::NotFound) => return Ok(slug),
            Err(error) => return Err(error),
        }
    }
    Ok(wanted)
}

/// Gives every product of a tag another one instead, and takes the tag away.
///
/// # Errors
/// `NotFound`; `tags_invalid` where the two are one.
pub async fn merge_tag(shop: &Shop, by: &Actor, slug: &str, into: &str) -> Result<()> {
    retried(|| merge(shop, by, slug, into)).await
}

async fn merge(shop: &Shop, by: &Actor, slug: &str, into: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    let (row, other) = (find(&tx, shop, slug).await?, find(&tx, shop, into).await?);
    if row.id == other.id {
        return Err(Error::refused("tags_invalid", "A tag can't be merged into itself.").at("into"));
    }
    give_to_all(&tx, row.id, other.id).await?;
    remove(&tx, shop, by, &row, "merged", Some(&TagFacts { name: other.name, slug: other.slug })).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

/// Gives one tag to every product that has another.
async fn give_to_all(tx: &impl ConnectionTrait, having: Id, tag_id: Id) -> Result<()> {
    let products = product_tag::Entity::find().filter(product_tag::Column::TagId.eq(having)).select_only();
    let products = products.column(product_tag::Column::ProductId).expr(Expr::value(tag_id)).into_query();
    let mut insert = Query::insert();
    insert.into_table(product_tag::Entity).columns([product_tag::Column::ProductId, product_tag::Column::TagId]);
    insert.select_from(products).map_err(anyhow::Error::from)?.on_conflict(unless_there());
    tx.execute(&insert).await?;
    Ok(())
}

/// Takes a tag away from all that have it.
pub async fn delete_tag(shop: &Shop, by: &Actor, slug: &str) -> Result<()> {
    retried(|| delete(shop, by, slug)).await
}

async fn delete(shop: &Shop, by: &Actor, slug: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    stores::catalog_changed(&tx, shop.settings.store_id).await?;
    let row = find(&tx, shop, slug).await?;
    remove(&tx, shop, by, &row, "deleted", None).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

async fn remove(
    tx: &impl ConnectionTrait,
    shop: &Shop,
    by: &Actor,
    row: &tag::Model,
    act: &'static str,
    after: Option<&TagFacts>,
) -> Result<()> {
    product_tag::Entity::delete_many().filter(product_tag::Column::TagId.eq(row.id)).exec(tx).await?;
    tag::Entity::delete_by_id(row.id).exec(tx).await?;
    let before = TagFacts { name: row.name.clone(), slug: row.slug.clone() };
    audit::record(tx, shop, by, Action { act, kind: "tag", id: Some(row.id), name: &row.slug }, Some(&before), after).await
}
