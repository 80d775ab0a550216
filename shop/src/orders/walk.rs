//! The walk along an index of orders, page by page.

use super::sql;
use crate::{Error, Result};
use domain::id::Id;
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};

/// Conditions with their values.
#[derive(Default)]
pub(super) struct Conditions {
    pub sql: Vec<String>,
    pub values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition in which `#1`, `#2`, … stand for the wanted values.
    pub fn add(&mut self, condition: &str, wanted: Vec<Value>) {
        let mut condition = condition.to_owned();
        for (n, value) in wanted.into_iter().enumerate() {
            self.values.push(value);
            condition = condition.replace(&format!("#{}", n + 1), &format!("${}", self.values.len()));
        }
        self.sql.push(condition);
    }

    /// Keeps the rows of which a column has one of these texts.
    pub fn among(&mut self, column: &str, texts: &[String]) {
        let n = self.values.len();
        self.values.extend(texts.iter().map(Value::from));
        let places: Vec<String> = (1..=texts.len()).map(|place| format!("${}", n + place)).collect();
        self.sql.push(if texts.is_empty() { "1 = 0".to_owned() } else { format!("{column} IN ({})", places.join(", ")) });
    }

    pub fn joined(&self) -> String {
        self.sql.join(" AND ")
    }
}

/// Which index orders are walked along.
pub(super) struct Way {
    pub source: &'static str,
    /// What the index has beside the id; nothing where the ids alone are in the order of time.
    column: Option<&'static str>,
    id: &'static str,
    is_descending: bool,
}

/// Which rows around a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Behind,
    /// With the key's own.
    UpTo,
}

impl Way {
    pub const TIME: Self = Self { source: "orders o", column: Some("o.created_at"), id: "o.id", is_descending: true };
    pub const TOTAL: Self = Self { column: Some("o.amount_total"), ..Self::TIME };
    // CROSS JOIN, so that SQLite begins at the left as well.
    pub const PRODUCT: Self = Self { source: "order_items i CROSS JOIN orders o", column: None, id: "i.order_id", is_descending: true };
    pub const PROMOTION: Self =
        Self { source: "promotion_uses u CROSS JOIN orders o", column: None, id: "u.order_id", is_descending: true };

    pub fn towards(self, is_descending: bool) -> Self {
        Self { is_descending, ..self }
    }

    /// The row that a walk looks at, by its key alone.
    pub fn key(&self) -> String {
        sql::key(self.column.unwrap_or("CAST(0 AS BIGINT)"), self.id)
    }

    pub fn order(&self) -> String {
        let direction = if self.is_descending { "DESC" } else { "ASC" };
        let column = self.column.map(|column| format!("{column} {direction}, ")).unwrap_or_default();
        format!("{column}{} {direction}", self.id)
    }

    /// Keeps the rows on one side of a key.
    pub fn keep(&self, conditions: &mut Conditions, key: &Key, side: Side) {
        let sign = if self.is_descending == (side == Side::Behind) { "<" } else { ">" };
        let or_equal = if side == Side::UpTo { "=" } else { "" };
        match self.column {
            None => conditions.add(&format!("{} {sign}{or_equal} #1", self.id), vec![key.id.into()]),
            Some(column) => {
                let condition = format!("({column}, {}) {sign}{or_equal} (#1, #2)", self.id);
                conditions.add(&condition, vec![key.value.into(), key.id.into()]);
                // Says nothing new, but PostgreSQL guesses by it how few rows those are.
                conditions.add(&format!("{column} {sign}= #1"), vec![key.value.into()]);
            }
        }
    }
}

/// Where a page ends: what its last row is sorted by, and its id.
#[derive(FromQueryResult)]
pub(super) struct Key {
    pub value: i64,
    pub id: Id,
}

impl Key {
    pub fn parse(cursor: &str) -> Result<Self> {
        let key = cursor.split_once('.').and_then(|(value, id)| Some(Self { value: value.parse().ok()?, id: Uuid::try_parse(id).ok()? }));
        key.ok_or_else(|| Error::refused("cursor_invalid", "This cursor is not valid. Start again from the first page."))
    }

    pub fn cursor(&self) -> String {
        format!("{}.{}", self.value, self.id.simple())
    }
}
