//! Where a page of a list ended: the sort value and the id of its last row (keyset paging), and in which part of the list.

use domain::id::Id;
use sea_orm::prelude::Uuid;

pub struct Cursor {
    /// How many parts of a list that is made of several were over.
    pub part: usize,
    pub value: i64,
    pub id: Id,
}

impl Cursor {
    pub fn encode(&self) -> String {
        let part = if self.part == 0 { String::new() } else { format!("{}-", self.part) };
        format!("{part}{}.{}", self.value, self.id.simple())
    }

    /// Reads a cursor; anything else is the first page, as an old link deserves one.
    pub fn parse(text: &str) -> Option<Self> {
        // A value may be less than nothing; then its part is written too, or it is the first.
        let (part, rest) = match text.split_once('-') {
            Some((part, rest)) if !part.is_empty() => (part.parse().ok()?, rest),
            _ => (0, text),
        };
        let (value, id) = rest.split_once('.')?;
        Some(Self { part, value: value.parse().ok()?, id: Uuid::try_parse(id).ok()? })
    }
}
