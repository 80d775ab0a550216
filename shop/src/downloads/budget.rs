//! What members do for a customer who can't fetch any more.

use super::access::FILES;
use crate::Result;
use crate::database::{execute, statement};
use domain::id::Id;
use sea_orm::{DatabaseTransaction, FromQueryResult};

/// A file of an entitlement that a member does something for.
#[derive(FromQueryResult)]
struct BudgetRow {
    entitlement_id: Id,
    file_id: Id,
    name: String,
}

/// The budgets of an order, or the one of a file.
async fn budgets(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<BudgetRow>> {
    let sql =
        format!("SELECT e.id AS entitlement_id, f.id AS file_id, f.name {FILES} WHERE e.order_id = $1 ORDER BY e.id, rf.position, rf.id");
    let mut rows = BudgetRow::find_by_statement(statement(tx, sql, [order_id.into()])).all(tx).await?;
    if let Some(wanted) = file {
        rows.retain(|row| (row.entitlement_id, row.file_id) == wanted);
    }
    Ok(rows)
}

/// The names of the files of an order, or of the one that is meant.
pub(crate) async fn names(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<String>> {
    Ok(budgets(tx, order_id, file).await?.into_iter().map(|row| row.name).collect())
}

/// Adds to the budget of a file of an order, or of each of them; tells their names.
pub(crate) async fn add_extra(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>, extra: i64) -> Result<Vec<String>> {
    let sql = "INSERT INTO download_counts (entitlement_id, file_id, n_used, n_extra) VALUES ($1, $2, 0, $3) \
               ON CONFLICT (entitlement_id, file_id) DO UPDATE SET n_extra = download_counts.n_extra + excluded.n_extra";
    let mut names = Vec::new();
    for row in budgets(tx, order_id, file).await? {
        execute(tx, sql, [row.entitlement_id.into(), row.file_id.into(), extra.into()]).await?;
        names.push(row.name);
    }
    Ok(names)
}

/// Lets a budget of an order, or all of them, count from nothing; tells how many had been used.
pub(crate) async fn reset(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<u64> {
    let sql =
        "UPDATE download_counts SET n_used = 0 WHERE n_used > 0 AND entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    let Some((entitlement_id, file_id)) = file else { return Ok(execute(tx, sql, [order_id.into()]).await?) };
    let sql = format!("{sql} AND entitlement_id = $2 AND file_id = $3");
    Ok(execute(tx, &sql, [order_id.into(), entitlement_id.into(), file_id.into()]).await?)
}

/// Lets the links of an order work until an instant, those that ended and were not thrown away among them.
pub(crate) async fn extend_links(tx: &DatabaseTransaction, order_id: Id, until: i64) -> Result<()> {
    let sql = "UPDATE download_links SET expires_at = $2 WHERE expires_at < $2 AND entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    execute(tx, sql, [order_id.into(), until.into()]).await?;
    Ok(())
}

/// Ends the links of an order, also those that are in use: without `session_until` no transfer goes on.
pub(crate) async fn end_links(tx: &DatabaseTransaction, order_id: Id, now: i64) -> Result<()> {
    let sql = "UPDATE download_links SET expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END, session_until = NULL \
               WHERE entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    execute(tx, sql, [order_id.into(), now.into()]).await?;
    Ok(())
}
