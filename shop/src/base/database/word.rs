//! Words in the database: an enum is stored as its text.

use domain::word::Word;
use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ActiveValue, ColIdx, DbErr, EntityName, IntoActiveValue, QueryResult, TryGetError, TryGetable, Value};
use std::marker::PhantomData;
use std::ops::Deref;
use uuid::Uuid;

/// A word in a column of `E`'s table. An unknown text is an error, never another word.
pub struct Stored<W, E> {
    word: W,
    table: PhantomData<fn() -> E>,
}

/// A word as a parameter of a statement.
pub(crate) fn word<W: Word>(word: W) -> Value {
    word.as_str().into()
}

impl<W: Word, E: EntityName + Default> TryGetable for Stored<W, E> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(row, index)?;
        text.parse::<W>().map(Self::from).map_err(|_| {
            let (table, column) = (E::default().table_name().to_owned(), format!("{index:?}"));
            DbErr::Type(format!("{table}.{} of {} is {text:?}, which this program doesn't know", column.trim_matches('"'), id_of(row)))
                .into()
        })
    }
}

/// What a row is found by, as far as it was read.
fn id_of(row: &QueryResult) -> String {
    let id = row.try_get_by::<Uuid, _>("id").map(|id| id.to_string());
    id.or_else(|_| row.try_get_by::<String, _>("id")).unwrap_or_else(|_| "a row without an id".to_owned())
}

impl<W: Word, E> From<W> for Stored<W, E> {
    fn from(word: W) -> Self {
        Self { word, table: PhantomData }
    }
}

impl<W, E> Deref for Stored<W, E> {
    type Target = W;
    fn deref(&self) -> &W {
        &self.word
    }
}

impl<W: Word, E> From<Stored<W, E>> for Value {
    fn from(stored: Stored<W, E>) -> Value {
        word(stored.word)
    }
}

impl<W: Word, E> ValueType for Stored<W, E> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value)?.parse::<W>().map(Self::from).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        std::any::type_name::<W>().to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::String
    }

    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<W, E> Nullable for Stored<W, E> {
    fn null() -> Value {
        Value::String(None)
    }
}

impl<W: Word, E> IntoActiveValue<Stored<W, E>> for Stored<W, E> {
    fn into_active_value(self) -> ActiveValue<Self> {
        ActiveValue::Set(self)
    }
}

// Derived, these would ask the same of the table.
impl<W: Copy, E> Copy for Stored<W, E> {}

impl<W: Copy, E> Clone for Stored<W, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: Eq, E> Eq for Stored<W, E> {}

impl<W: PartialEq, E> PartialEq for Stored<W, E> {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl<W: Word, E> PartialEq<W> for Stored<W, E> {
    fn eq(&self, other: &W) -> bool {
        self.word == *other
    }
}

impl<W: std::fmt::Debug, E> std::fmt::Debug for Stored<W, E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.word.fmt(f)
    }
}
