//! What somebody who looks for an order typed: an id, a number, or the beginning of an email address.

use super::sql;
use crate::base::database::{is_sqlite, statement};
use crate::{Result, Shop};
use domain::email;
use domain::id::PublicId;
use sea_orm::{ConnectionTrait, Value};

/// Which orders are meant. Each condition is served by an index; `#1`, `#2`, … stand for the values.
pub struct Meant {
    pub condition: String,
    pub values: Vec<Value>,
    /// Whether that is one order.
    pub is_exact: bool,
}

/// Tells by its looks what was typed. What only looks like an id may still begin an address: `cs_lab@uni.test`, `anna-lena@…`.
pub async fn meant(shop: &Shop, q: &str) -> Result<Meant> {
    if let Some(meant) = by_id(q)
        && is_there(shop, &meant).await?
    {
        return Ok(meant);
    }
    Ok(by_address(q, is_sqlite(&shop.db)))
}

fn by_id(q: &str) -> Option<Meant> {
    let lower = q.to_lowercase();
    let exact =
        |condition: &str, value: String| Some(Meant { condition: condition.to_owned(), values: vec![value.into()], is_exact: true });
    if PublicId::parse(&lower).is_some() {
        return exact("o.public_id = #1", lower);
    }
    if q.starts_with("cs_") {
        return exact("o.checkout_session_id = #1", q.to_owned());
    }
    if q.starts_with("pi_") || q.starts_with("ch_") {
        return exact("o.id IN (SELECT order_id FROM payments WHERE provider_id = #1 OR charge_id = #1)", q.to_owned());
    }
    let digits: String = lower.chars().filter(|c| *c != '-').collect();
    if digits.len() == 8 && lower.len() == 9 && lower.as_bytes()[4] == b'-' {
        return exact("SUBSTR(o.public_id, 19) = #1", digits);
    }
    None
}

async fn is_there(shop: &Shop, meant: &Meant) -> Result<bool> {
    let sql = sql::key_at(&sql::key("o.created_at", "o.id"), "orders o", &meant.condition.replace('#', "$"), "o.id", 0);
    Ok(shop.db.query_one_raw(statement(&shop.db, sql, meant.values.clone())).await?.is_some())
}

fn by_address(q: &str, is_sqlite: bool) -> Meant {
    let lower = q.to_lowercase();
    let recognized = email::recognized_beginning(&lower);
    let mut values = beginning(&recognized).to_vec();
    let mut condition = begins("o.email_normalized", 1, is_sqlite);
    if recognized != lower {
        condition.push_str(&format!(" AND {}", begins("LOWER(o.email)", 3, is_sqlite)));
        values.extend(beginning(&lower));
    }
    Meant { condition, values, is_exact: false }
}

/// All texts that begin so, from the value `#n` on and before the next, compared byte by byte as PostgreSQL's index of beginnings has
/// them.
pub(crate) fn begins(column: &str, n: usize, is_sqlite: bool) -> String {
    let (from, before) = if is_sqlite { (">=", "<") } else { ("~>=~", "~<~") };
    format!("{column} {from} #{n} AND {column} {before} #{}", n + 1)
}

/// The values of [`begins`]. Nothing sorts behind the last of the basic plane.
pub(crate) fn beginning(text: &str) -> [Value; 2] {
    [text.into(), format!("{text}\u{ffff}").into()]
}
