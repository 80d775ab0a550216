//! Lists of products: search, filter, sort, keyset paging.

use super::cards::{CARD_COLUMNS, CARD_JOINS, CardRow};
use super::cursor::Cursor;
use super::{categories, search};
use crate::database::{is_sqlite, statement};
use crate::{Result, Shop};
use domain::catalog::{ProductPage, ProductQuery, Sort};
use domain::slug::Slug;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

/// A search lists at most so many goods, those that were added last: what a common word costs must not grow with the shop.
const MAX_FOUND: u64 = 1_000;
/// More categories than these are looked for in one list, because a statement has only so many parts.
const MAX_STREAMS: usize = 50;

/// A page of published products. One statement, two with a category.
pub async fn list(shop: &Shop, query: &ProductQuery, limit: u64) -> Result<ProductPage> {
    let limit = limit.clamp(1, 100);
    let mut filter = Filter::published(shop);
    let mut categories = Vec::new();
    if !query.category.is_empty() {
        let ids = categories::subtree(&categories::all(shop).await?, &query.category);
        if ids.is_empty() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
        categories = ids.into_iter().map(|id| filter.bind(id)).collect();
    }
    if !query.tag.is_empty() {
        if Slug::parse(&query.tag).is_err() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
        let tag = filter.bind(query.tag.as_str());
        filter.and(format!("EXISTS (SELECT 1 FROM product_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.product_id = p.id AND t.store_id = p.store_id AND t.slug = {tag})"));
    }
    let mut found = None;
    if !query.q.trim().is_empty() {
        found = filter.search(shop, &query.q);
        if found.is_none() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
    }
    let (column, is_descending) = order(query.sort);
    let after = match Cursor::parse(&query.page) {
        Some(cursor) => {
            let (value, id) = (filter.bind(cursor.value), filter.bind(cursor.id));
            format!("({column}, p.id) {} ({value}, {id})", if is_descending { "<" } else { ">" })
        }
        None => "1 = 1".to_owned(),
    };
    let direction = if is_descending { "DESC" } else { "ASC" };
    let order = format!("ORDER BY {column} {direction}, p.id {direction} LIMIT {}", limit + 1);
    let is_of_categories = format!("p.category_id IN ({})", categories.join(", "));
    let (source, condition) = match found {
        // CROSS JOIN is SQLite's word for "in this order"; left to itself it walks through the whole shop for a rare word.
        Some(Found::ByText(text)) => {
            if !categories.is_empty() {
                filter.and(is_of_categories);
            }
            let matches = format!("SELECT p.id AS product_id {text} AND {} ORDER BY s.rowid DESC LIMIT {MAX_FOUND}", filter.sql);
            (format!("({matches}) found CROSS JOIN products p ON p.id = found.product_id"), after)
        }
        // The first of each category, which an index has in order, and the first of these: neither walks through the others' goods.
        _ if (2..=MAX_STREAMS).contains(&categories.len()) => {
            let first_of = |category| {
                let sql = format!("SELECT p.id AS product_id FROM products p WHERE {} AND p.category_id = {category}", filter.sql);
                format!("SELECT * FROM ({sql} AND {after} {order}) one")
            };
            let each: Vec<String> = categories.iter().map(first_of).collect();
            (format!("({}) found JOIN products p ON p.id = found.product_id", each.join(" UNION ALL ")), "1 = 1".to_owned())
        }
        _ => {
            if !categories.is_empty() {
                filter.and(is_of_categories);
            }
            ("products p".to_owned(), format!("{} AND {after}", filter.sql))
        }
    };
    let sql = format!("SELECT {CARD_COLUMNS}, {column} AS sort_value FROM {source} {CARD_JOINS} WHERE {condition} {order}");
    let mut rows = CardRow::find_by_statement(statement(&shop.db, sql, filter.values)).all(&shop.db).await?;
    let has_more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| Cursor { value: row.sort_value, id: row.id }.encode());
    Ok(ProductPage { items: rows.into_iter().map(CardRow::into_card).collect(), next_cursor })
}

/// Whether something went on sale by itself after one instant and up to another.
pub async fn has_appeared(shop: &Shop, after: i64, until: i64) -> Result<bool> {
    let sql = "SELECT id FROM products WHERE store_id = $1 AND status = 'published' AND published_at > $2 AND published_at <= $3 LIMIT 1";
    let values = [shop.settings.store_id.into(), after.into(), until.into()];
    Ok(shop.db.query_one_raw(statement(&shop.db, sql, values)).await?.is_some())
}

fn order(sort: Sort) -> (&'static str, bool) {
    match sort {
        Sort::Newest => ("p.published_at", true),
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
            sql: "p.store_id = $1 AND p.status = 'published' AND +p.published_at <= $2 AND p.is_listed".to_owned(),
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

    /// Adds the search; `None` when nothing can match.
    fn search(&mut self, shop: &Shop, q: &str) -> Option<Found> {
        if is_sqlite(&shop.db) {
            let place = self.bind(search::fts5(q)?);
            Some(Found::ByText(format!(
                "FROM product_search s CROSS JOIN product_search_text st ON st.number = s.rowid CROSS JOIN products p ON p.id = st.product_id WHERE product_search MATCH {place}"
            )))
        } else {
            let (words, typo) = (self.bind(search::tsquery(q)?), self.bind(search::plain(q)));
            // A title that is nearly what was typed counts too: people misspell. Trigrams know no case.
            self.and(format!("(p.search @@ to_tsquery('simple', {words}) OR p.title % {typo})"));
            Some(Found::ByFilter)
        }
    }
}

/// Where a search is answered.
enum Found {
    /// From the index of words, whose matches lead to the products (SQLite).
    ByText(String),
    /// By a condition on products, which the planner weighs against the others (PostgreSQL).
    ByFilter,
}
