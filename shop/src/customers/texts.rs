//! The texts in which anybody may have written an address. They are looked through without the writer, a window of rows at a time,
//! and the row in `erasures` marks how far that came.

use super::mentions::Mentions;
use super::sql;
use crate::base::database::{begin_write, execute, is_sqlite, retried, statement};
use crate::base::drafts;
use crate::base::entities::erasure;
use crate::base::texts::{Act, FreeText};
use crate::checkout::carts;
use crate::fulfillment::licenses;
use crate::payments::{fraud, refunds};
use crate::{Result, Shop, jobs, orders};
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryResult, Value};

/// How much is looked through before somebody else has a turn.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Rows that one step reads.
    pub n_rows: u64,
    /// Steps before the rest is left to a job.
    pub n_steps: usize,
}

impl Pace {
    /// A second or two.
    pub const USUAL: Self = Self { n_rows: 5_000, n_steps: 100 };
}

/// At most this many rows change in one transaction.
const CHANGED_AT_ONCE: usize = 200;

/// What each noun names, in the order in which it is looked through.
const PLACES: [&[FreeText]; 9] = [
    drafts::TEXTS,
    carts::TEXTS,
    orders::NOTE_TEXTS,
    refunds::TEXTS,
    fraud::TEXTS,
    orders::EVENT_TEXTS,
    licenses::TEXTS,
    jobs::TEXTS,
    jobs::EVENT_TEXTS,
];

fn places() -> impl Iterator<Item = &'static FreeText> {
    PLACES.into_iter().flatten()
}

/// The place that follows one, by their names; the first follows nothing, and what an older program called otherwise.
fn next_place(name: &str) -> Option<&'static FreeText> {
    let known = places().position(|place| place.name() == name);
    places().nth(known.map_or(0, |n| n + 1))
}

/// Makes a step; `false` once every place was looked through.
pub(super) async fn step(shop: &Shop, erasure: &erasure::Model, n_rows: u64) -> Result<bool> {
    let Some(place) = places().find(|place| place.name() == erasure.place).or_else(|| next_place(&erasure.place)) else {
        return Ok(false);
    };
    let mentions = Mentions::of(erasure.addresses.lines());
    let after = if place.name() == erasure.place { erasure.after_id.as_str() } else { "" };
    let Some((rows, until)) = place.find(shop, &mentions, after, n_rows).await? else {
        let Some(next) = next_place(&place.name()) else { return Ok(false) };
        move_mark(&shop.db, erasure, &next.name(), "").await?;
        return Ok(true);
    };
    let name = place.name();
    retried(|| async {
        let tx = begin_write(&shop.db).await?;
        // Whoever is further has done this.
        if move_mark(&tx, erasure, &name, &until).await? {
            for row in &rows {
                place.change(&tx, &mentions, row).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    })
    .await?;
    Ok(true)
}

/// Notes how far the erasure came, unless somebody else went on with it.
async fn move_mark(db: &impl ConnectionTrait, erasure: &erasure::Model, place: &str, after_id: &str) -> Result<bool> {
    let marked = erasure::Entity::update_many()
        .col_expr(erasure::Column::Place, Value::from(place).into())
        .col_expr(erasure::Column::AfterId, Value::from(after_id).into())
        .filter(erasure::Column::CustomerId.eq(erasure.customer_id))
        .filter(erasure::Column::Place.eq(erasure.place.as_str()))
        .filter(erasure::Column::AfterId.eq(erasure.after_id.as_str()))
        .exec(db)
        .await?;
    Ok(marked.rows_affected == 1)
}

impl FreeText {
    fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }

    fn is_by_uuid(&self) -> bool {
        self.table != "inbox_events"
    }

    fn key(&self, text: &str) -> Result<Value> {
        if !self.is_by_uuid() {
            return Ok(text.into());
        }
        let id = if text.is_empty() { Uuid::nil() } else { Uuid::try_parse(text).map_err(|_| anyhow::anyhow!("{text} is no id"))? };
        Ok(id.into())
    }

    fn id_in(&self, row: &QueryResult) -> Result<String> {
        Ok(if self.is_by_uuid() { row.try_get::<Id>("", "id")?.to_string() } else { row.try_get("", "id")? })
    }

    fn text_in(&self, row: &QueryResult) -> Result<String> {
        let text = match self.act {
            Act::Empty => String::from_utf8_lossy(&row.try_get::<Vec<u8>>("", "text")?).into_owned(),
            _ => row.try_get::<Option<String>>("", "text")?.unwrap_or_default(),
        };
        Ok(text)
    }

    /// The rows of the next window that speak of the customer, and its last row; nothing after the last window.
    async fn find(&self, shop: &Shop, mentions: &Mentions, after: &str, n_rows: u64) -> Result<Option<(Vec<String>, String)>> {
        let Self { table, column, .. } = self;
        let end = statement(&shop.db, sql::end_of_window(table, n_rows), [self.key(after)?]);
        let Some(last) = shop.db.query_one_raw(end).await? else { return Ok(None) };
        let last = self.id_in(&last)?;
        let text = match self.act {
            Act::Empty if is_sqlite(&shop.db) => format!("CAST({column} AS TEXT)"),
            Act::Empty => format!("encode({column}, 'escape')"),
            _ => (*column).to_owned(),
        };
        let patterns = mentions.patterns();
        if patterns.is_empty() {
            return Ok(Some((Vec::new(), last)));
        }
        let sql = sql::like_in_window(table, column, &text, patterns.len(), CHANGED_AT_ONCE);
        let values = [self.key(after)?, self.key(&last)?].into_iter().chain(patterns.into_iter().map(Value::from));
        let near = shop.db.query_all_raw(statement(&shop.db, sql, values)).await?;
        let until = match near.last() {
            Some(row) if near.len() == CHANGED_AT_ONCE => self.id_in(row)?,
            _ => last,
        };
        let mut ids = Vec::new();
        for row in &near {
            if mentions.without(&self.text_in(row)?).is_some() {
                ids.push(self.id_in(row)?);
            }
        }
        Ok(Some((ids, until)))
    }

    async fn change(&self, tx: &DatabaseTransaction, mentions: &Mentions, id: &str) -> Result<()> {
        let Self { table, column, .. } = self;
        let by_id = [self.key(id)?];
        match self.act {
            Act::Delete => execute(tx, &sql::delete_text(table), by_id).await?,
            Act::Clear => execute(tx, &sql::write_text(table, column), [self.key(id)?, None::<String>.into()]).await?,
            Act::Empty => execute(tx, &sql::write_text(table, column), [self.key(id)?, Vec::<u8>::new().into()]).await?,
            Act::Redact => {
                // Read again, as it may have changed since it was found.
                let again = statement(tx, sql::read_text(table, column, is_sqlite(tx)), by_id);
                let Some(row) = tx.query_one_raw(again).await? else { return Ok(()) };
                let Some(text) = mentions.without(&self.text_in(&row)?) else { return Ok(()) };
                execute(tx, &sql::write_text(table, column), [self.key(id)?, text.into()]).await?
            }
        };
        Ok(())
    }
}
