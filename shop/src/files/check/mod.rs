//! Whether the bytes of all files are where they should be.

mod sql;

use crate::base::database::statement;
use crate::{Error, Result, Shop};
use domain::id::Id;
use futures::StreamExt;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

/// A page of the check.
#[derive(Clone, Debug)]
pub struct CheckedFiles {
    pub n_checked: u64,
    pub missing: Vec<MissingFile>,
    /// Where to go on; nothing at the end.
    pub next_cursor: Option<String>,
}

/// A file that products show or customers may fetch, and whose bytes are gone or of another length.
#[derive(Clone, Debug)]
pub struct MissingFile {
    pub id: Id,
    pub name: String,
    pub size_bytes: i64,
    /// Slug and title of a product that has it.
    pub product: Option<(String, String)>,
    /// What is there instead; nothing where nothing is.
    pub found_bytes: Option<u64>,
}

/// More are not asked for at once.
const MAX_PAGE: u64 = 500;
/// How many questions the store gets at a time.
const N_AT_ONCE: usize = 8;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    object_key: String,
    name: String,
    size_bytes: i64,
}

#[derive(FromQueryResult)]
struct ProductRow {
    slug: String,
    title: String,
}

/// Asks the store after the next `limit` files that something points to, in the order of their age.
///
/// # Errors
/// `storage_unavailable` when the store does not answer: then nothing is missing that is known of; refuses an invalid cursor.
pub async fn find_missing(shop: &Shop, cursor: Option<&str>, limit: u64) -> Result<CheckedFiles> {
    let after = match cursor.filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Uuid::try_parse(cursor)
            .map_err(|_| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))?,
        None => Uuid::nil(),
    };
    let limit = limit.clamp(1, MAX_PAGE);
    let rows =
        Row::find_by_statement(statement(&shop.db, sql::IN_USE, [shop.settings.store_id.into(), after.into(), limit.cast_signed().into()]))
            .all(&shop.db)
            .await?;
    let n_checked = rows.len() as u64;
    let next_cursor = rows.last().filter(|_| n_checked == limit).map(|row| row.id.simple().to_string());
    let mut answers = futures::stream::iter(rows)
        .map(|row| async move {
            let found = shop.files.head(&row.object_key).await;
            (row, found)
        })
        .buffered(N_AT_ONCE);
    let mut missing = Vec::new();
    while let Some((row, found)) = answers.next().await {
        let found_bytes = found?;
        if found_bytes != Some(row.size_bytes.unsigned_abs()) {
            let product = product_of(shop, row.id).await?;
            missing.push(MissingFile { id: row.id, name: row.name, size_bytes: row.size_bytes, product, found_bytes });
        }
    }
    Ok(CheckedFiles { n_checked, missing, next_cursor })
}

async fn product_of(shop: &Shop, file_id: Id) -> Result<Option<(String, String)>> {
    let row = ProductRow::find_by_statement(statement(&shop.db, sql::PRODUCT_OF, [file_id.into()])).one(&shop.db).await?;
    Ok(row.map(|row| (row.slug, row.title)))
}
