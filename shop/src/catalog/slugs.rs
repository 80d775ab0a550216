//! Where products were found before, and names that are free.

use super::sql;
use crate::base::database::statement;
use crate::base::entities::{old_slug, product};
use crate::{Error, Result, Shop};
use deunicode::deunicode_char;
use domain::id::Id;
use domain::slug::Slug;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The name under which customers find the product that had this one.
pub async fn moved_to(shop: &Shop, slug: &str) -> Result<Option<String>> {
    find(shop, slug, &sql::is_on_sale("$3"), Some(shop.clock.now_ms())).await
}

/// As [`moved_to`], for those who run the shop.
pub async fn moved_to_for_member(shop: &Shop, slug: &str) -> Result<Option<String>> {
    find(shop, slug, "p.deleted_at IS NULL", None).await
}

/// The slug of the product that has this one or had it; the same one where there is none.
pub async fn slug_now(shop: &Shop, slug: &str) -> Result<String> {
    if super::edit::find(shop, slug).await.is_ok() {
        return Ok(slug.to_owned());
    }
    Ok(moved_to_for_member(shop, slug).await?.unwrap_or_else(|| slug.to_owned()))
}

async fn find(shop: &Shop, slug: &str, condition: &str, now: Option<i64>) -> Result<Option<String>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let values = [shop.settings.store_id.into(), slug.into()].into_iter().chain(now.map(Into::into));
    let row = shop.db.query_one_raw(statement(&shop.db, sql::moved_to(condition), values)).await?;
    Ok(row.map(|row| row.try_get("", "slug")).transpose()?)
}

/// The product that had this slug last, where none has it now.
pub(crate) async fn id_that_had(db: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<Option<Id>> {
    if Slug::parse(slug).is_err() {
        return Ok(None);
    }
    let found = old_slug::Entity::find_by_id((shop.settings.store_id, slug.to_owned())).one(db).await?;
    Ok(found.map(|row| row.product_id))
}

/// Lets a name that a product gives up lead to it.
pub(super) async fn remember(tx: &impl ConnectionTrait, shop: &Shop, slug: &str, product_id: Id) -> Result<()> {
    let row = old_slug::ActiveModel {
        store_id: Set(shop.settings.store_id),
        slug: Set(slug.to_owned()),
        product_id: Set(product_id),
        created_at: Set(shop.clock.now_ms()),
    };
    let over = OnConflict::columns([old_slug::Column::StoreId, old_slug::Column::Slug])
        .update_columns([old_slug::Column::ProductId, old_slug::Column::CreatedAt])
        .to_owned();
    old_slug::Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

/// Lets a name that a product takes lead nowhere else.
pub(super) async fn forget(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<()> {
    old_slug::Entity::delete_by_id((shop.settings.store_id, slug.to_owned())).exec(tx).await?;
    Ok(())
}

/// A slug for a title in any script: letters are written in Latin ones, and what is no letter parts words. `None` where no letter is
/// left, as of a title of pictures.
pub(super) fn from_title(title: &str) -> Option<Slug> {
    let latin = title.nfkc().map(|c| match c {
        c if c.is_ascii() => c.to_string(),
        // A mark on a letter that has no form with it is not heard.
        c if is_combining_mark(c) => String::new(),
        c if c.is_alphanumeric() => deunicode_char(c).unwrap_or_default().to_owned(),
        // As in "l’été".
        '\u{2018}' | '\u{2019}' => "-".to_owned(),
        _ => " ".to_owned(),
    });
    Slug::from_title(&latin.collect::<String>())
}

/// The slug of a new product. A title that is no ASCII leaves its sound at most, so that two of them may meet: the second one has a
/// number, as has one without letters.
///
/// # Errors
/// `slug_taken` where there are too many of the name, `slug_invalid` for a name of the dashboard's.
pub(super) async fn for_product(tx: &impl ConnectionTrait, shop: &Shop, title: &str) -> Result<Slug> {
    let free = match from_title(title) {
        Some(slug) if title.is_ascii() => return super::check::check_slug(slug.as_str()),
        Some(slug) => free(tx, shop, slug.as_str()).await?,
        None => numbered(tx, shop, "product", 1).await?,
    };
    super::check::parse_slug(&free)
}

/// At most this many products of one name are told apart by numbers.
const MAX_TRIES: u32 = 200;

/// A slug that no product has: this one, or this one with a number.
///
/// # Errors
/// `slug_taken` where there are too many of the name.
pub(super) async fn free(tx: &impl ConnectionTrait, shop: &Shop, wanted: &str) -> Result<String> {
    if is_free(tx, shop, wanted).await? {
        return Ok(wanted.to_owned());
    }
    numbered(tx, shop, wanted, 2).await
}

async fn numbered(tx: &impl ConnectionTrait, shop: &Shop, wanted: &str, first: u32) -> Result<String> {
    for n in first..=MAX_TRIES {
        let slug = with_number(wanted, n);
        if is_free(tx, shop, &slug).await? {
            return Ok(slug);
        }
    }
    Err(Error::conflict("slug_taken", "There are too many products of this name. Choose another slug.").at("slug"))
}

/// A slug with a number at its end, as long as a slug may be.
pub(super) fn with_number(wanted: &str, n: u32) -> String {
    let end = format!("-{n}");
    let start: String = wanted.chars().take(80 - end.len()).collect();
    format!("{}{end}", start.trim_end_matches('-'))
}

async fn is_free(tx: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<bool> {
    if super::check::check_slug(slug).is_err() {
        return Ok(false);
    }
    let taken = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug))
        .select_only()
        .column(product::Column::Id)
        .into_tuple::<Uuid>()
        .one(tx)
        .await?;
    Ok(taken.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_in_any_script_has_an_address() {
        for (title, slug) in [
            ("Größe", "grosse"),
            ("Gro\u{308}ße", "grosse"),
            ("Łódź at night", "lodz-at-night"),
            ("Ærø", "aero"),
            ("naïve café", "naive-cafe"),
            ("L’été", "l-ete"),
            ("Книга рецептов", "kniga-retseptov"),
            ("日本語の本", "ri-ben-yu-noben"),
            ("Ελλάδα", "ellada"),
            ("The Quiet Manual 🎨", "the-quiet-manual"),
        ] {
            assert_eq!(from_title(title).map(|slug| slug.as_str().to_owned()).as_deref(), Some(slug), "{title}");
        }
        assert_eq!(from_title("🎨🎨"), None);
        assert_eq!(with_number(&"a".repeat(80), 12).len(), 80);
    }
}
