//! The creator's list of products: every status, searched, paged by key.

use super::picture;
use super::search::{Fields, Part, Search};
use super::sql;
use crate::base::database::{Stored, is_sqlite, statement};
use crate::base::entities::product;
use crate::{Error, Result, Shop};
use domain::catalog::{Kind, ProductStatus};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::pages::dashboard::ProductRow;
use domain::pages::goods::{GoodsList, GoodsQuery};
use domain::pages::storefront::Picture;
use domain::word::Word;
use sea_orm::{FromQueryResult, Value, prelude::Uuid};

const PAGE: usize = 50;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    slug: String,
    title: String,
    promise: String,
    kind: Stored<Kind, product::Entity>,
    status: Stored<ProductStatus, product::Entity>,
    is_listed: bool,
    published_at: Option<i64>,
    price_from: i64,
    currency: Stored<Currency, product::Entity>,
    is_for_sale: bool,
    delivers: bool,
    n_sold: i64,
    cover_file_id: Option<Id>,
    cover_alt: String,
    cover_name: Option<String>,
    cover_width: Option<i64>,
    cover_height: Option<i64>,
    cover_sizes: Option<String>,
}

/// A page of products, those that were made last first; of a search those before whose title has each word whole. Deleted ones are
/// in none.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list_goods(shop: &Shop, query: &GoodsQuery) -> Result<GoodsList> {
    let cursor = match query.cursor.as_str() {
        "" => None,
        cursor => Some(Cursor::parse(cursor)?),
    };
    let parts = match Search::parse(&query.q) {
        // Signs alone are in no name.
        None if !query.q.trim().is_empty() => Vec::new(),
        None => vec![None],
        Some(search) => [Part::Whole, Part::Begun].map(|part| Some((search.clone(), part))).to_vec(),
    };
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for (n, part) in parts.iter().enumerate().skip(cursor.as_ref().map_or(0, |cursor| cursor.part)) {
        if rows.len() > PAGE {
            break;
        }
        let before = cursor.as_ref().filter(|cursor| cursor.part == n).map(|cursor| cursor.id);
        let found = rows_of(shop, &query.status, part.as_ref(), before, PAGE + 1 - rows.len()).await?;
        rows.extend(found.into_iter().map(|row| (n, row)));
    }
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next_cursor = rows.last().filter(|_| has_more).map(|(part, row)| Cursor { part: *part, id: row.id }.encode());
    let now = shop.clock.now_ms();
    Ok(GoodsList { products: rows.into_iter().map(|(_, row)| row.into_view(now)).collect(), next_cursor })
}

/// Where a page ended: behind this product, in this part of what a search finds.
struct Cursor {
    part: usize,
    id: Id,
}

impl Cursor {
    fn encode(&self) -> String {
        let part = if self.part == 0 { String::new() } else { format!("{}-", self.part) };
        format!("{part}{}", self.id.simple())
    }

    fn parse(text: &str) -> Result<Self> {
        let read = match text.split_once('-') {
            Some((part, id)) if id.len() == 32 => part.parse().ok().zip(Uuid::try_parse(id).ok()),
            _ => Uuid::try_parse(text).ok().map(|id| (0, id)),
        };
        let (part, id) =
            read.ok_or_else(|| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))?;
        Ok(Self { part, id })
    }
}

async fn rows_of(shop: &Shop, status: &str, part: Option<&(Search, Part)>, before: Option<Id>, limit: usize) -> Result<Vec<Row>> {
    let now = shop.clock.now_ms();
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    let mut conditions = vec!["p.store_id = $1".to_owned(), "p.deleted_at IS NULL".to_owned()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    match status {
        "scheduled" => conditions.push(format!("p.status = 'published' AND p.published_at > {}", bind(now.into()))),
        word => match word.parse::<ProductStatus>().ok() {
            Some(status @ (ProductStatus::Published | ProductStatus::Unlisted)) => {
                let listed = if status == ProductStatus::Published { "p.is_listed" } else { "NOT p.is_listed" };
                conditions.push(format!("{} AND {listed}", sql::is_on_sale(&bind(now.into()))));
            }
            Some(status) => conditions.push(format!("p.status = {}", bind(status.as_str().into()))),
            None => {}
        },
    }
    if let Some((search, part)) = part {
        if is_sqlite(&shop.db) {
            let words = bind(search.fts5(Fields::Names, *part).into());
            conditions.push(sql::has_words_sqlite(&words));
        } else {
            let words = bind(search.tsquery(Fields::Names, *part).into());
            conditions.push(sql::has_words_postgres(&words));
        }
    }
    if let Some(id) = before {
        conditions.push(format!("p.id < {}", bind(id.into())));
    }
    let sql = sql::goods(&conditions.join(" AND "), limit);
    Ok(Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?)
}

impl Row {
    fn cover(&self) -> Option<Picture> {
        let name = self.cover_name.as_deref().unwrap_or("cover");
        let sizes = self.cover_sizes.as_deref().unwrap_or_default();
        Some(picture(self.cover_file_id?, name, &self.cover_alt, self.cover_width, self.cover_height, sizes))
    }

    fn into_view(self, now: i64) -> ProductRow {
        let status = self.status.listed(self.is_listed);
        ProductRow {
            cover: self.cover(),
            status,
            appears_at: self.published_at.filter(|at| status.is_on_sale() && *at > now),
            price_from: Money::new(self.price_from, *self.currency),
            slug: self.slug,
            title: self.title,
            promise: self.promise,
            kind: *self.kind,
            is_for_sale: self.is_for_sale,
            delivers: self.delivers,
            n_sold: self.n_sold,
        }
    }
}
