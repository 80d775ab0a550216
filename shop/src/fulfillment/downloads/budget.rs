//! What members do for a customer who can't fetch any more.

use super::sql;
use crate::Result;
use crate::base::database::statement;
use crate::base::entities::{download_count, download_link, entitlement};
use domain::id::Id;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, SelectStatement};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};

/// A file of an entitlement that a member does something for.
#[derive(FromQueryResult)]
struct BudgetRow {
    entitlement_id: Id,
    file_id: Id,
    name: String,
}

/// The budgets of an order, or the one of a file.
async fn budgets(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<BudgetRow>> {
    let mut rows = BudgetRow::find_by_statement(statement(tx, sql::BUDGETS, [order_id.into()])).all(tx).await?;
    if let Some(wanted) = file {
        rows.retain(|row| (row.entitlement_id, row.file_id) == wanted);
    }
    Ok(rows)
}

/// The entitlements of an order.
pub(super) fn of_order(order_id: Id) -> SelectStatement {
    let mine = entitlement::Entity::find().select_only().column(entitlement::Column::Id);
    mine.filter(entitlement::Column::OrderId.eq(order_id)).into_query()
}

/// The names of the files of an order, or of the one that is meant.
pub(crate) async fn names(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<String>> {
    Ok(budgets(tx, order_id, file).await?.into_iter().map(|row| row.name).collect())
}

/// Adds to the budget of a file of an order, or of each of them; tells their names.
pub(crate) async fn add_extra(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>, extra: i64) -> Result<Vec<String>> {
    use download_count::{ActiveModel, Column, Entity};
    let added = OnConflict::columns([Column::EntitlementId, Column::FileId])
        .value(Column::NExtra, Expr::col((Entity, Column::NExtra)).add(extra))
        .to_owned();
    let mut names = Vec::new();
    for row in budgets(tx, order_id, file).await? {
        let count = ActiveModel { entitlement_id: Set(row.entitlement_id), file_id: Set(row.file_id), n_used: Set(0), n_extra: Set(extra) };
        Entity::insert(count).on_conflict(added.clone()).exec_without_returning(tx).await?;
        names.push(row.name);
    }
    Ok(names)
}

/// Lets a budget of an order, or all of them, count from nothing; tells how many had been used.
pub(crate) async fn reset(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<u64> {
    use download_count::{Column, Entity};
    let mut used = Entity::update_many()
        .col_expr(Column::NUsed, Expr::value(0i64))
        .filter(Column::NUsed.gt(0))
        .filter(Column::EntitlementId.in_subquery(of_order(order_id)));
    if let Some((entitlement_id, file_id)) = file {
        used = used.filter(Column::EntitlementId.eq(entitlement_id)).filter(Column::FileId.eq(file_id));
    }
    Ok(used.exec(tx).await?.rows_affected)
}

/// Lets the links of an order work until an instant, those that ended and were not thrown away among them.
pub(crate) async fn extend_links(tx: &DatabaseTransaction, order_id: Id, until: i64) -> Result<()> {
    use download_link::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(until))
        .filter(Column::ExpiresAt.lt(until))
        .filter(Column::EntitlementId.in_subquery(of_order(order_id)))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends the links of an order, also those that are in use: without `session_until` no transfer goes on.
pub(crate) async fn end_links(tx: &DatabaseTransaction, order_id: Id, now: i64) -> Result<()> {
    use download_link::{Column, Entity};
    let has_ended = Expr::col(Column::ExpiresAt).lt(now);
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::case(has_ended, Expr::col(Column::ExpiresAt)).finally(now).into())
        .col_expr(Column::SessionUntil, Expr::value(None::<i64>))
        .filter(Column::EntitlementId.in_subquery(of_order(order_id)))
        .exec(tx)
        .await?;
    Ok(())
}
