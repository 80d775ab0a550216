//! Lists of products: search, filter, sort, keyset paging.

use super::cards::{CARD_COLUMNS, CARD_JOINS, CardRow};
use super::cursor::Cursor;
use super::{categories, search};
use crate::database::{is_sqlite, statement};
use crate::{Result, Shop};
use domain::catalog::{ProductPage, ProductQuery, Sort};
use domain::slug::Slug;
use sea_orm::{FromQueryResult, Value};

/// A page of published products. One statement, two with a category.
pub async fn list(shop: &Shop, query: &ProductQuery, limit: u64) -> Result<ProductPage> {
    let limit = limit.clamp(1, 100);
    let mut filter = Filter::published(shop);
    if !query.category.is_empty() {
        let ids = categories::subtree(&categories::all(shop).await?, &query.category);
        if ids.is_empty() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
        let places: Vec<String> = ids.into_iter().map(|id| filter.bind(id)).collect();
        filter.and(format!("p.category_id IN ({})", places.join(", ")));
    }
    if !query.tag.is_empty() {
        if Slug::parse(&query.tag).is_err() {
            return Ok(ProductPage { items: Vec::new(), next_cursor: None });
        }
        let tag = filter.bind(query.tag.as_str());
        filter.and(format!("EXISTS (SELECT 1 FROM product_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.product_id = p.id AND t.store_id = p.store_id AND t.slug = {tag})"));
    }
    if !query.q.trim().is_empty() && !filter.search(shop, &query.q) {
        return Ok(ProductPage { items: Vec::new(), next_cursor: None });
    }
    let (column, is_descending) = order(query.sort);
    if let Some(cursor) = Cursor::parse(&query.page) {
        let (value, id) = (filter.bind(cursor.value), filter.bind(cursor.id));
        filter.and(format!("({column}, p.id) {} ({value}, {id})", if is_descending { "<" } else { ">" }));
    }
    let direction = if is_descending { "DESC" } else { "ASC" };
    let sql = format!(
        "SELECT {CARD_COLUMNS}, {column} AS sort_value FROM products p {CARD_JOINS} WHERE {} ORDER BY {column} {direction}, p.id {direction} LIMIT {}",
        filter.sql,
        limit + 1
    );
    let mut rows = CardRow::find_by_statement(statement(&shop.db, sql, filter.values)).all(&shop.db).await?;
    let has_more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| Cursor { value: row.sort_value, id: row.id }.encode());
    Ok(ProductPage { items: rows.into_iter().map(CardRow::into_card).collect(), next_cursor })
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
    pub fn published(shop: &Shop) -> Self {
        Self { sql: "p.store_id = $1 AND p.status = 'published'".to_owned(), values: vec![shop.settings.store_id.into()] }
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub fn and(&mut self, condition: String) {
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition);
    }

    /// Adds the search; `false` when nothing can match.
    fn search(&mut self, shop: &Shop, q: &str) -> bool {
        if is_sqlite(&shop.db) {
            let Some(expression) = search::fts5(q) else { return false };
            let place = self.bind(expression);
            self.and(format!("p.id IN (SELECT st.product_id FROM product_search s JOIN product_search_text st ON st.number = s.rowid WHERE product_search MATCH {place})"));
        } else {
            let Some(expression) = search::tsquery(q) else { return false };
            let (words, typo) = (self.bind(expression), self.bind(search::plain(q)));
            // A title that is nearly what was typed counts too: people misspell.
            self.and(format!("(p.search @@ to_tsquery('simple', {words}) OR lower(p.title) % {typo})"));
        }
        true
    }
}
