//! Where a page of a list ended: the sort value and the id of its last row (keyset paging).

use domain::id::Id;
use sea_orm::prelude::Uuid;

pub struct Cursor {
    pub value: i64,
    pub id: Id,
}

impl Cursor {
    pub fn encode(&self) -> String {
        format!("{}.{}", self.value, self.id.simple())
    }

    /// Reads a cursor; anything else is the first page, as an old link deserves one.
    pub fn parse(text: &str) -> Option<Self> {
        let (value, id) = text.split_once('.')?;
        Some(Self { value: value.parse().ok()?, id: Uuid::try_parse(id).ok()? })
    }
}
