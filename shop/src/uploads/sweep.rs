//! Uploads that nobody came back to.

use crate::catalog::is_there;
use crate::database::{execute, shared_now_ms, statement};
use crate::entities::upload;
use crate::files::PartUpload;
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

/// An upload that broke off can be gone on with for a week.
const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// So many a round: each asks the store.
const BATCH: i64 = 50;

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    object_key: String,
    store_ref: String,
}

/// Throws away uploads that were left, with their parts, and forgets those that are over.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let now = shared_now_ms(&shop.db, shop).await?;
    let sql = "SELECT id, object_key, store_ref FROM uploads WHERE touched_at <= $1 AND lease_until <= $2 ORDER BY touched_at LIMIT $3";
    let rows = Row::find_by_statement(statement(&shop.db, sql, [(now - KEEP_MS).into(), now.into(), BATCH.into()]));
    for row in rows.all(&shop.db).await? {
        // From here on it takes no parts and is not finished. One that is done keeps its state until its row goes.
        let sql = "UPDATE uploads SET state = CASE WHEN state = 'done' THEN 'done' ELSE 'swept' END WHERE id = $1 AND touched_at <= $2 AND lease_until <= $3";
        if execute(&shop.db, sql, [row.id.into(), (now - KEEP_MS).into(), now.into()]).await? == 0 {
            continue;
        }
        throw_away(shop, row.id, &PartUpload { object_key: row.object_key, store_ref: row.store_ref }).await?;
    }
    Ok(())
}

/// Removes what lies at the store for an upload that is over, and its row. The object stays where a file is made of it.
pub(super) async fn throw_away(shop: &Shop, id: Id, upload: &PartUpload) -> Result<()> {
    if !is_there(&shop.db, &upload.object_key).await? {
        shop.files.abort_parts(upload).await?;
        shop.files.delete(&upload.object_key).await?;
    }
    execute(&shop.db, "DELETE FROM upload_parts WHERE upload_id = $1", [id.into()]).await?;
    execute(&shop.db, "DELETE FROM uploads WHERE id = $1", [id.into()]).await?;
    Ok(())
}

/// What is on its way to a release that goes has no place any more: it is refused, and the rounds throw it away.
pub(crate) async fn leave_release(tx: &DatabaseTransaction, release_id: Id) -> Result<()> {
    let of_release = || upload::Entity::update_many().filter(upload::Column::ReleaseId.eq(release_id));
    of_release()
        .col_expr(upload::Column::State, Expr::value("refused"))
        .col_expr(upload::Column::RefusalCode, Expr::value("release_discarded"))
        .col_expr(upload::Column::RefusalText, Expr::value("The release that this file was for was discarded."))
        .filter(upload::Column::State.is_in(["open", "finishing"]))
        .exec(tx)
        .await?;
    of_release().col_expr(upload::Column::ReleaseId, Expr::value(None::<Id>)).exec(tx).await?;
    Ok(())
}
