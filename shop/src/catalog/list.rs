//! Lists of products: search, filter, sort, keyset paging.

use super::cards::CardRow;
use super::cursor::Cursor;
use super::search::{self, Fields, Part, Search};
use super::{categories, sql};
use crate::base::database::{is_literally, is_sqlite, statement};
use crate::base::entities::product;
use crate::{Result, Shop};
use domain::id::Id;
use domain::slug::Slug;
use domain::{
    catalog::{ProductStatus, Sort},
    pages::storefront::{ProductPage, ProductQuery},
};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Value};

/// A search lists at most this many products, those that were added last: what a common word costs must not grow with the shop.
const MAX_FOUND: u64 = 1_000;
/// How many products of a list are looked at before the index of words is asked (PostgreSQL).
const WINDOW: u64 = 2_000;
/// More categories than these are looked for in one list, because a statement has only so many parts.
const MAX_STREAMS: usize = 50;

/// A page of published products.
pub async fn list(shop: &Shop, query: &ProductQuery, limit: u64) -> Result<ProductPage> {
    let limit = limit.clamp(1, 100);
    let mut categories = Vec::new();
    if !query.category.is_empty() {
        categories = categories::subtree(&categories::all(shop).await?, &query.category);
        if categories.is_empty() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
    }
    if !query.tag.is_empty() && Slug::parse(&query.tag).is_err() {
        return Ok(ProductPage { items: Vec::new(), next_cursor: None });
    }
    let parts = parts(query);
    let cursor = Cursor::parse(&query.page);
    let first = cursor.as_ref().map_or(0, |cursor| cursor.part);
    let mut rows: Vec<(usize, CardRow)> = Vec::new();
    for (n, part) in parts.iter().enumerate().skip(first) {
        // What is only like what was typed is listed where nothing else is.
        let is_enough = rows.len() as u64 > limit || part.is_none() && n > first && (!rows.is_empty() || cursor.is_some());
        if is_enough {
            break;
        }
        let after = cursor.as_ref().filter(|cursor| cursor.part == n);
        let wanted = limit + 1 - rows.len() as u64;
        rows.extend(rows_of(shop, query, &categories, part.as_ref(), after, wanted).await?.into_iter().map(|row| (n, row)));
    }
    let has_more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next_cursor =
        rows.last().filter(|_| has_more).map(|(part, row)| Cursor { part: *part, value: row.sort_value, id: row.id }.encode());
    Ok(ProductPage { items: rows.into_iter().map(|(_, row)| row.into_card()).collect(), next_cursor })
}

/// What a list is made of, one behind the other. `None` stands for what is only like what was typed.
fn parts(query: &ProductQuery) -> Vec<Option<Wanted>> {
    if query.q.trim().is_empty() {
        return vec![Some(Wanted::All)];
    }
    let Some(search) = Search::parse(&query.q) else { return Vec::new() };
    let parts: &[Part] = if query.sort == Sort::Relevance { &[Part::Whole, Part::Begun] } else { &[Part::Every] };
    let found = parts.iter().map(|part| Some(Wanted::Found(search.clone(), *part)));
    found.chain([None]).collect()
}

/// Which goods one part of a list has.
enum Wanted {
    All,
    Found(Search, Part),
}

/// The next rows of a part.
async fn rows_of(
    shop: &Shop,
    query: &ProductQuery,
    categories: &[Id],
    part: Option<&Wanted>,
    after: Option<&Cursor>,
    limit: u64,
) -> Result<Vec<CardRow>> {
    let mut filter = Filter::published(shop);
    let shelf = filter.sql.clone();
    let categories: Vec<String> = categories.iter().map(|id| filter.bind(*id)).collect();
    if !query.tag.is_empty() {
        let tag = filter.bind(query.tag.as_str());
        filter.and(sql::has_tag(&tag));
    }
    let found = match part {
        Some(Wanted::All) => Found::Everything,
        Some(Wanted::Found(search, part)) => filter.search(shop, search, *part),
        // By the words that there are; PostgreSQL has an index of trigrams over titles.
        None if is_sqlite(&shop.db) => {
            let Some(search) = Search::parse(&query.q) else { return Ok(Vec::new()) };
            let Some(search) = search::alike(shop, &search).await? else { return Ok(Vec::new()) };
            filter.search(shop, &search, Part::Every)
        }
        None => {
            let typed = filter.bind(search::plain(&query.q));
            filter.and(format!("p.title % {typed}"));
            Found::ByTitle
        }
    };
    let (column, is_descending) = order(query.sort);
    let after = match after {
        Some(cursor) => {
            let (value, id) = (filter.bind(cursor.value), filter.bind(cursor.id));
            format!("({column}, p.id) {} ({value}, {id})", if is_descending { "<" } else { ">" })
        }
        None => "1 = 1".to_owned(),
    };
    let direction = if is_descending { "DESC" } else { "ASC" };
    let by = format!("ORDER BY {column} {direction}, p.id {direction}");
    let of_categories = format!("p.category_id IN ({})", categories.join(", "));
    let are_streams = matches!(found, Found::Everything) && (2..=MAX_STREAMS).contains(&categories.len());
    if !(categories.is_empty() || are_streams) {
        filter.and(of_categories);
    }
    let among = |matches: String| (format!("({matches}) found JOIN products p ON p.id = found.product_id"), "1 = 1".to_owned());
    // Sorted by what no index has, or PostgreSQL walks through the whole shop for words whose number it can't guess.
    let sorted = || {
        let by = format!("ORDER BY {column} + 0 {direction}, p.id {direction}");
        among(sql::found("products p", &format!("{} AND {after}", filter.sql), &by, limit))
    };
    let tries = match found {
        // CROSS JOIN is SQLite's word for "in this order"; left to itself it walks through the whole shop for a rare word. Only the
        // first of all that is found become cards, which are read from many tables.
        Found::ByText(text) => {
            let of = |found: &str| format!("({found}) found CROSS JOIN products p ON p.id = found.product_id");
            let matches = sql::found_by_text(&text, &filter.sql, MAX_FOUND);
            vec![(of(&sql::found(&of(&matches), &after, &by, limit)), "1 = 1".to_owned())]
        }
        // What many goods have is among the first ones; what few have is found by the index of words.
        Found::ByWords => {
            let matches = sql::found_among_first(&format!("{shelf} AND {after}"), WINDOW, &filter.sql, &by, limit);
            vec![among(matches), sorted()]
        }
        Found::ByTitle => vec![sorted()],
        // The first of each category, which an index has in order, and the first of these: neither walks through the others' goods.
        Found::Everything if are_streams => {
            let first_of = |category| {
                let condition = format!("{} AND p.category_id = {category} AND {after}", filter.sql);
                sql::stream(&sql::found("products p", &condition, &by, limit))
            };
            let (all, condition) = among(categories.iter().map(first_of).collect::<Vec<_>>().join(" UNION ALL "));
            vec![among(sql::found(&all, &condition, &by, limit))]
        }
        Found::Everything => vec![("products p".to_owned(), format!("{} AND {after}", filter.sql))],
    };
    let mut rows = Vec::new();
    for (source, condition) in tries {
        let sql = sql::cards(column, &source, &condition, &by, limit);
        rows = CardRow::find_by_statement(statement(&shop.db, sql, filter.values.clone())).all(&shop.db).await?;
        if rows.len() as u64 == limit {
            break;
        }
    }
    Ok(rows)
}

/// The newest products of each of these categories, the newest of all first: an index has each category in order.
pub(super) async fn newest_of_each(shop: &Shop, categories: &[Id], limit: u64) -> Result<Vec<CardRow>> {
    if categories.is_empty() {
        return Ok(Vec::new());
    }
    let mut filter = Filter::published(shop);
    let shelf = filter.sql.clone();
    let by = "ORDER BY p.published_at DESC, p.id DESC";
    let of = |id: &Id| {
        let condition = format!("{shelf} AND p.category_id = {}", filter.bind(*id));
        sql::stream(&sql::found("products p", &condition, by, limit))
    };
    let streams: Vec<String> = categories.iter().take(MAX_STREAMS).map(of).collect();
    let source = format!("({}) found JOIN products p ON p.id = found.product_id", streams.join(" UNION ALL "));
    let sql = sql::cards("p.published_at", &source, "1 = 1", by, limit * streams.len() as u64);
    Ok(CardRow::find_by_statement(statement(&shop.db, sql, filter.values)).all(&shop.db).await?)
}

/// Whether something went on sale by itself after one instant and up to another.
pub async fn has_appeared(shop: &Shop, after: i64, until: i64) -> Result<bool> {
    let appeared = product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(is_literally(product::Column::Status, ProductStatus::Published))
        .filter(product::Column::PublishedAt.gt(after))
        .filter(product::Column::PublishedAt.lte(until));
    Ok(appeared.select_only().column(product::Column::Id).into_tuple::<Id>().one(&shop.db).await?.is_some())
}

fn order(sort: Sort) -> (&'static str, bool) {
    match sort {
        Sort::Relevance | Sort::Newest => ("p.published_at", true),
        Sort::Popular => ("p.n_sold", true),
        Sort::Price => ("p.price_from", false),
        Sort::PriceDesc => ("p.price_from", true),
    }
}

/// The conditions of a list with their values.
pub(super) struct Filter {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Filter {
    /// What stands on the shelves at this moment.
    ///
    /// The plus keeps the instant out of the indexes: bounded by it, a page deep in a list would read all that is newer than its
    /// cursor, while hardly anything waits for its time.
    pub fn published(shop: &Shop) -> Self {
        Self {
            sql: format!("p.store_id = $1 AND {} AND p.is_listed", sql::is_on_sale("$2").replace("p.published_at", "+p.published_at")),
            values: vec![shop.settings.store_id.into(), shop.clock.now_ms().into()],
        }
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub fn and(&mut self, condition: String) {
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition);
    }

    /// Adds a part of a search.
    fn search(&mut self, shop: &Shop, search: &Search, part: Part) -> Found {
        if is_sqlite(&shop.db) {
            let place = self.bind(search.fts5(Fields::Public, part));
            return Found::ByText(sql::by_text(&place));
        }
        let place = self.bind(search.tsquery(Fields::Public, part));
        self.and(format!("p.words @@ CAST(CAST({place} AS TEXT) AS tsquery)"));
        Found::ByWords
    }
}

/// Where a part of a list is found.
enum Found {
    Everything,
    /// From the index of words, which leads to the products (SQLite).
    ByText(String),
    /// By a condition on the words of products (PostgreSQL).
    ByWords,
    /// By a condition on their titles.
    ByTitle,
}
