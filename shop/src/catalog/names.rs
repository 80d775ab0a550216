//! Products by their names, for those who run the shop.

use crate::database::statement;
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::{ConnectionTrait, FromQueryResult};

/// So many are offered to choose from.
const N_NAMES: usize = 200;

#[derive(FromQueryResult)]
struct NameRow {
    slug: String,
    title: String,
}

/// The product of a slug, whatever its status.
pub(crate) async fn id_of(shop: &Shop, slug: &str) -> Result<Option<Id>> {
    // PostgreSQL takes no text with a NUL.
    if slug.chars().any(char::is_control) {
        return Ok(None);
    }
    let sql = "SELECT id FROM products WHERE store_id = $1 AND slug = $2";
    let row = shop.db.query_one_raw(statement(&shop.db, sql, [shop.settings.store_id.into(), slug.into()])).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

/// Slugs and titles of the newest products, by title.
pub async fn names(shop: &Shop) -> Result<Vec<(String, String)>> {
    let sql = format!("SELECT slug, title FROM products WHERE store_id = $1 ORDER BY id DESC LIMIT {N_NAMES}");
    let rows = NameRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    let mut names: Vec<(String, String)> = rows.into_iter().map(|row| (row.slug, row.title)).collect();
    names.sort_by_key(|(_, title)| title.to_lowercase());
    Ok(names)
}
