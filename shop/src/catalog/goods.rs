//! The creator's list of products: every status, searched, paged by key.

use super::{search, status_from};
use crate::database::{is_sqlite, statement};
use crate::{Error, Result, Shop};
use domain::catalog::{Kind, ProductStatus};
use domain::dashboard::ProductRow;
use domain::goods::{GoodsList, GoodsQuery};
use domain::id::Id;
use domain::money::{Currency, Money};
use sea_orm::{FromQueryResult, Value, prelude::Uuid};

const PAGE: usize = 50;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    slug: String,
    title: String,
    promise: String,
    kind: String,
    status: String,
    is_listed: bool,
    published_at: Option<i64>,
    price_from: i64,
    currency: String,
    n_sold: i64,
}

/// A page of products, those that were made last first. Deleted ones are in none.
///
/// # Errors
/// Refuses a cursor that is none.
pub async fn list_goods(shop: &Shop, query: &GoodsQuery) -> Result<GoodsList> {
    let now = shop.clock.now_ms();
    let mut values: Vec<Value> = vec![shop.settings.store_id.into()];
    let mut conditions = vec!["p.store_id = $1".to_owned(), "p.deleted_at IS NULL".to_owned()];
    let mut bind = |value: Value| {
        values.push(value);
        format!("${}", values.len())
    };
    match query.status.as_str() {
        "scheduled" => conditions.push(format!("p.status = 'published' AND p.published_at > {}", bind(now.into()))),
        word => match ProductStatus::parse(word) {
            Some(status @ (ProductStatus::Published | ProductStatus::Unlisted)) => {
                let listed = if status == ProductStatus::Published { "p.is_listed" } else { "NOT p.is_listed" };
                conditions.push(format!("p.status = 'published' AND {listed} AND p.published_at <= {}", bind(now.into())));
            }
            Some(status) => conditions.push(format!("p.status = {}", bind(status.as_str().into()))),
            None => {}
        },
    }
    let q = search::plain(&query.q);
    if !q.is_empty() {
        let beginning = bind(format!("{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")).into());
        let mut ways = vec![format!("p.slug LIKE {beginning} ESCAPE '\\'"), format!("LOWER(p.sku) LIKE {beginning} ESCAPE '\\'")];
        if is_sqlite(&shop.db) {
            if let Some(words) = search::fts5(&q) {
                let words = bind(format!("title : ({})", words.replace("* \"", "* AND \"")).into());
                ways.push(format!("p.id IN (SELECT st.product_id FROM product_search s JOIN product_search_text st ON st.number = s.rowid WHERE product_search MATCH {words})"));
            }
        } else if let Some(words) = search::tsquery(&q) {
            let words = bind(words.replace(":*", ":*A").into());
            ways.push(format!("p.search @@ to_tsquery('simple', {words})"));
        }
        conditions.push(format!("({})", ways.join(" OR ")));
    }
    if !query.cursor.is_empty() {
        let id = Uuid::try_parse(&query.cursor).map_err(|_| Error::refused("cursor_invalid", "This cursor is none that a list gave."))?;
        conditions.push(format!("p.id < {}", bind(id.into())));
    }
    let sql = format!(
        "SELECT p.id, p.slug, p.title, p.promise, p.kind, p.status, p.is_listed, p.published_at, p.price_from, p.currency, p.n_sold FROM products p WHERE {} ORDER BY p.id DESC LIMIT {}",
        conditions.join(" AND "),
        PAGE + 1
    );
    let mut rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let has_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.simple().to_string());
    Ok(GoodsList { products: rows.into_iter().map(|row| row.into_view(now)).collect(), next_cursor })
}

impl Row {
    fn into_view(self, now: i64) -> ProductRow {
        let status = status_from(&self.status, self.is_listed);
        ProductRow {
            status,
            appears_at: self.published_at.filter(|at| status.is_on_sale() && *at > now),
            price_from: Money::new(self.price_from, Currency::parse(&self.currency).unwrap_or(Currency::USD)),
            slug: self.slug,
            title: self.title,
            promise: self.promise,
            kind: Kind::from_word(&self.kind),
            n_sold: self.n_sold,
        }
    }
}
