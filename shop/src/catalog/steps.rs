//! The steps of a product: all that writes its row. `version` rises with what pages of it show, `revision` with what a form saves.

use crate::Result;
use crate::entities::product::{Column, Entity};
use domain::id::Id;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, UpdateMany};

fn row(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Counts pieces that were sold.
pub(crate) async fn count_sold(db: &impl ConnectionTrait, id: Id, n: i64) -> Result<bool> {
    take(db, row(id).col_expr(Column::NSold, Expr::col(Column::NSold).add(n))).await
}
