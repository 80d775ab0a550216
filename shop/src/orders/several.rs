//! Orders that something is done for at once, such as those of a customer who is forgotten.

use super::sql::{ADDRESS_IS_KEPT, NEVER_PAID};
use crate::Result;
use crate::base::database::statement;
use crate::base::entities::order::{Column, Entity};
use crate::jobs::skip_locked;
use domain::id::Id;
use sea_orm::sea_query::{Condition, Expr, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

/// Orders, for the conditions of other nouns.
#[derive(Clone, Debug)]
pub(crate) enum Orders {
    /// Those of a customer, the ones that were never paid among them: these are known by the address alone.
    Of {
        customer_id: Id,
        store_id: Id,
        email_normalized: String,
    },
    These(Vec<Id>),
}

impl Orders {
    /// A condition on the column that names an order.
    pub fn are_in(&self, column: impl ColumnTrait) -> Expr {
        match self {
            Orders::Of { .. } => column.in_subquery(self.ids()),
            Orders::These(ids) => column.is_in(ids.iter().copied()),
        }
    }

    /// Their ids.
    pub fn ids(&self) -> SelectStatement {
        let which = match self {
            Orders::Of { customer_id, store_id, email_normalized } => Condition::any()
                .add(Column::CustomerId.eq(*customer_id))
                .add(Condition::all().add(Column::StoreId.eq(*store_id)).add(Column::EmailNormalized.eq(email_normalized))),
            Orders::These(ids) => Condition::all().add(Column::Id.is_in(ids.iter().copied())),
        };
        Entity::find().filter(which).select_only().column(Column::Id).into_query()
    }
}

/// Orders that nobody paid and that the books know nothing of, from before an instant: the oldest, up to a number.
pub(super) async fn never_paid(db: &impl ConnectionTrait, before: i64, limit: usize) -> Result<Vec<Id>> {
    ids(db, NEVER_PAID.to_owned(), before, limit).await
}

/// Orders that nobody paid and that keep their address, from before an instant: the oldest, up to a number, which other workers pass by.
pub(super) async fn with_address(db: &impl ConnectionTrait, before: i64, limit: usize) -> Result<Vec<Id>> {
    ids(db, format!("{ADDRESS_IS_KEPT} {}", skip_locked(db)), before, limit).await
}

async fn ids(db: &impl ConnectionTrait, sql: String, before: i64, limit: usize) -> Result<Vec<Id>> {
    let rows = db.query_all_raw(statement(db, sql, [before.into(), (limit as i64).into()])).await?;
    Ok(rows.iter().map(|row| row.try_get_by_index(0)).collect::<std::result::Result<_, _>>()?)
}
