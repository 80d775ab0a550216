//! The creator's list of products: every status, searched, paged by key.

use super::PictureRow;
use super::search::{Fields, Part, Search};
use super::sql;
use crate::base::database::{Stored, is_sqlite, statement, word};
use crate::base::entities::product;
use crate::{Error, Result, Shop};
use domain::catalog::{Kind, ProductStatus};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::pages::dashboard::ProductRow;
use domain::pages::goods::{GoodsColumn, GoodsList, GoodsQuery};
use domain::sorting::Sorting;
use domain::word::Word;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Value, prelude::Uuid};

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
    price_to: Option<i64>,
    currency: Stored<Currency, product::Entity>,
    is_for_sale: bool,
    delivers: bool,
    n_sold: i64,
    updated_at: i64,
    #[sea_orm(nested(prefix = "cover_"))]
    cover: Option<PictureRow>,
    cover_alt: String,
}

/// A page of products; where no order is asked for, those that were made last first, and of a search those before whose title has each
/// word whole. Deleted ones are in none.
///
/// # Errors
/// Refuses an invalid cursor.
pub async fn list_goods(shop: &Shop, query: &GoodsQuery) -> Result<GoodsList> {
    let cursor = match query.cursor.as_str() {
        "" => None,
        cursor => Some(Cursor::parse(cursor)?),
    };
    let sorting = Sorting::parse(&query.sort);
    let parts = match Search::parse(&query.q) {
        // Signs alone are in no name.
        None if !query.q.trim().is_empty() => Vec::new(),
        None => vec![None],
        Some(search) if sorting != Sorting::default() => vec![Some((search, Part::Every))],
        Some(search) => [Part::Whole, Part::Begun].map(|part| Some((search.clone(), part))).to_vec(),
    };
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for (n, part) in parts.iter().enumerate().skip(cursor.as_ref().map_or(0, |cursor| cursor.part)) {
        if rows.len() > PAGE {
            break;
        }
        let after = cursor.as_ref().filter(|cursor| cursor.part == n).map(|cursor| cursor.id);
        let found = rows_of(shop, &query.status, sorting, part.as_ref(), after, PAGE + 1 - rows.len()).await?;
        rows.extend(found.into_iter().map(|row| (n, row)));
    }
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next_cursor = rows.last().filter(|_| has_more).map(|(part, row)| Cursor { part: *part, id: row.id }.encode());
    let now = shop.clock.now_ms();
    Ok(GoodsList { products: rows.into_iter().map(|(_, row)| row.into_view(now)).collect(), next_cursor })
}

/// Whether a product is published, scheduled and unlisted ones among them.
pub(crate) async fn has_published(shop: &Shop) -> Result<bool> {
    let published = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Status.eq(word(ProductStatus::Published)));
    Ok(published.select_only().column(product::Column::Id).into_tuple::<Id>().one(&shop.db).await?.is_some())
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

async fn rows_of(
    shop: &Shop,
    status: &str,
    sorting: Sorting<GoodsColumn>,
    part: Option<&(Search, Part)>,
    after: Option<Id>,
    limit: usize,
) -> Result<Vec<Row>> {
    let now = shop.clock.now_ms();
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    let mut conditions = vec!["p.store_id = $1".to_owned(), "p.deleted_at IS NULL".to_owned()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    let known = status.parse::<ProductStatus>().ok();
    // As the column has it.
    let statuses = match known {
        _ if status == "scheduled" => vec!["published"],
        Some(status) => vec![status.columns().0.as_str()],
        None => vec!["published", "draft", "archived"],
    };
    match known {
        _ if status == "scheduled" => conditions.push(format!("p.status = 'published' AND p.published_at > {}", bind(now.into()))),
        Some(status @ (ProductStatus::Published | ProductStatus::Unlisted)) => {
            let listed = if status == ProductStatus::Published { "p.is_listed" } else { "NOT p.is_listed" };
            conditions.push(format!("{} AND {listed}", sql::is_on_sale(&bind(now.into()))));
        }
        Some(status) => conditions.push(format!("p.status = {}", bind(status.as_str().into()))),
        None => {}
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
    let (column, direction) = (sorted_by(sorting.by), sorting.direction());
    if let Some(id) = after {
        conditions.push(sql::after(column, sorting.is_descending, &bind(id.into())));
    }
    let by = match column {
        Some(column) => format!("ORDER BY {column} {direction}, p.id {direction}"),
        None => format!("ORDER BY p.id {direction}"),
    };
    let condition = conditions.join(" AND ");
    // An index has each status in order; what a search finds is sorted by itself.
    let sql = match part {
        None => {
            let of = |status| sql::stream(&sql::found("products p", &format!("{condition} AND p.status = '{status}'"), &by, limit as u64));
            let streams = statuses.into_iter().map(of).collect::<Vec<_>>().join(" UNION ALL ");
            sql::goods(&format!("({streams}) found JOIN products p ON p.id = found.product_id"), "1 = 1", &by, limit)
        }
        Some(_) => {
            let found = sql::found("products p", &condition, &by, limit as u64);
            sql::goods(&format!("({found}) found JOIN products p ON p.id = found.product_id"), "1 = 1", &by, limit)
        }
    };
    Ok(Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?)
}

/// What products are sorted by, as their index has it; nothing for their ids, which are in the order of time.
fn sorted_by(column: GoodsColumn) -> Option<&'static str> {
    Some(match column {
        GoodsColumn::Made => return None,
        GoodsColumn::Title => "LOWER(p.title)",
        GoodsColumn::Price => "p.price_from",
        GoodsColumn::Sold => "p.n_sold",
        GoodsColumn::Updated => "p.updated_at",
    })
}

impl Row {
    fn into_view(self, now: i64) -> ProductRow {
        let status = self.status.listed(self.is_listed);
        ProductRow {
            cover: self.cover.map(|row| row.with_alt(&self.cover_alt)),
            status,
            appears_at: self.published_at.filter(|at| status.is_on_sale() && *at > now),
            price_from: Money::new(self.price_from, *self.currency),
            price_to: self.price_to.map(|amount| Money::new(amount, *self.currency)),
            slug: self.slug,
            title: self.title,
            promise: self.promise,
            kind: *self.kind,
            is_for_sale: self.is_for_sale,
            delivers: self.delivers,
            n_sold: self.n_sold,
            updated_at: self.updated_at,
        }
    }
}
