//! The words of products in the database.
//!
//! `products.is_indexed` says whether they are those of its text. A trigger takes that back whenever the text changes, whoever does
//! it, so that the worker finds what a program wrote that knows no such index.

use super::sql;
use super::words::kept;
use crate::base::database::{begin_write, execute, is_sqlite, statement};
use crate::jobs::skip_locked;
use crate::{Result, Shop, stores};
use domain::id::Id;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Value};

/// Products of one transaction.
const BATCH: usize = 500;
/// Products of one statement.
const ROWS: usize = 50;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    /// Under which the index has it (SQLite).
    number: i64,
    title: String,
    promise: String,
    description: String,
    slug: String,
    sku: Option<String>,
    /// What its tags and its category are called, and the one above that.
    tags: Option<String>,
    category: Option<String>,
}

/// Brings the words of a product up to date.
pub(in crate::catalog) async fn index(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    let rows = unindexed(tx, "p.id = $1", [id.into()]).await?;
    write(tx, &rows).await
}

/// As [`index`], for all products that need it.
pub(crate) async fn index_all(tx: &DatabaseTransaction) -> Result<()> {
    while index_batch(tx).await? > 0 {}
    Ok(())
}

/// Brings the words of all products up to date, some hundred in a transaction: those of before an upgrade, and those that an older
/// program wrote. Part of the worker's rounds.
pub async fn index_missing(shop: &Shop) -> Result<()> {
    // The one who writes is not asked for where nothing is to be written.
    while shop.db.query_one_raw(statement(&shop.db, sql::ANY_UNINDEXED, [])).await?.is_some() {
        let tx = begin_write(&shop.db).await?;
        if index_batch(&tx).await? == 0 {
            // Somebody else has the rest in hand.
            break;
        }
        stores::catalog_changed(&tx, shop.settings.store_id).await?;
        tx.commit().await?;
        shop.catalog_has_changed();
    }
    Ok(())
}

async fn index_batch(tx: &DatabaseTransaction) -> Result<usize> {
    let rows = unindexed(tx, "1 = 1", []).await?;
    write(tx, &rows).await?;
    Ok(rows.len())
}

async fn unindexed(tx: &DatabaseTransaction, which: &str, values: impl IntoIterator<Item = Value>) -> Result<Vec<Row>> {
    let sql = sql::unindexed(is_sqlite(tx), which, BATCH, skip_locked(tx));
    Ok(Row::find_by_statement(statement(tx, sql, values)).all(tx).await?)
}

async fn write(tx: &DatabaseTransaction, rows: &[Row]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        if is_sqlite(tx) {
            write_sqlite(tx, rows).await?;
        } else {
            write_postgres(tx, rows).await?;
        }
    }
    Ok(())
}

async fn write_sqlite(tx: &DatabaseTransaction, rows: &[Row]) -> Result<()> {
    let mut values: Vec<Value> = Vec::new();
    for row in rows {
        values.push(row.number.into());
        values.extend(row.fields().map(|words| Value::from(words.join(" "))));
    }
    let places = places(rows.len(), 5);
    execute(tx, &sql::write_sqlite(&places), values).await?;
    let ids: Vec<String> = (1..=rows.len()).map(|n| format!("${n}")).collect();
    execute(tx, &sql::note_indexed(&ids.join(", ")), rows.iter().map(|row| row.id.into())).await?;
    Ok(())
}

async fn write_postgres(tx: &DatabaseTransaction, rows: &[Row]) -> Result<()> {
    let values = rows.iter().flat_map(|row| [row.id.into(), row.tsvector().into()]);
    execute(tx, &sql::write_postgres(&places(rows.len(), 2)), values).await?;
    Ok(())
}

/// The placeholders of `VALUES` for this many rows.
fn places(n_rows: usize, n_columns: usize) -> String {
    let row = |i: usize| (1..=n_columns).map(|n| format!("${}", i * n_columns + n)).collect::<Vec<_>>().join(", ");
    (0..n_rows).map(|i| format!("({})", row(i))).collect::<Vec<_>>().join(", ")
}

impl Row {
    /// Title, promise, description with tags and categories, and the names that only members search by.
    fn fields(&self) -> [Vec<String>; 4] {
        let names = format!("{} {}", self.slug, self.sku.as_deref().unwrap_or_default());
        let around = [&self.tags, &self.category].map(|text| text.as_deref().unwrap_or_default()).join(" ");
        [kept(&self.title), kept(&self.promise), kept(&format!("{} {around}", self.description)), kept(&names)]
    }

    /// Written out, so that no parser of PostgreSQL's cuts the words anew. A weight needs a place, and a place has one weight.
    fn tsvector(&self) -> String {
        let mut lexemes = Vec::new();
        for (words, place) in self.fields().iter().zip(["1A", "2B", "3C", "4D"]) {
            lexemes.extend(words.iter().map(|word| format!("'{word}':{place}")));
        }
        lexemes.join(" ")
    }
}
