//! Objects that nothing needs. A key is recorded before its bytes are written, and when what names it is taken away; two days later
//! the object is deleted, unless something needs it by then. So nothing stays behind where a program dies halfway, and what a backup
//! of the database names is in the store for two days.

mod sql;

use crate::base::database::statement;
use crate::base::entities::{file, object_tombstone};
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// 48 hours.
const KEEP_MS: i64 = 48 * 60 * 60 * 1000;
/// At most this many a round: each asks the store.
const BATCH: u64 = 50;

/// Records keys of objects that are about to be written, or that nothing needs any more.
pub(crate) async fn record(db: &impl ConnectionTrait, shop: &Shop, object_keys: impl IntoIterator<Item = String>) -> Result<()> {
    use object_tombstone::{ActiveModel, Column, Entity};
    let now = shop.clock.now_ms();
    let rows: Vec<ActiveModel> =
        object_keys.into_iter().map(|object_key| ActiveModel { object_key: Set(object_key), gone_at: Set(now) }).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let again = OnConflict::column(Column::ObjectKey).update_column(Column::GoneAt).to_owned();
    Entity::insert_many(rows).on_conflict(again).exec_without_returning(db).await?;
    Ok(())
}

/// Records the objects of a file that was taken away: its own and those of its other widths.
pub(crate) async fn record_file(db: &impl ConnectionTrait, shop: &Shop, file_id: Id) -> Result<()> {
    let keys: Vec<String> = file::Entity::find()
        .select_only()
        .column(file::Column::ObjectKey)
        .filter(Condition::any().add(file::Column::Id.eq(file_id)).add(file::Column::OriginalId.eq(file_id)))
        .into_tuple()
        .all(db)
        .await?;
    record(db, shop, keys).await
}

/// Keeps objects, in the transaction that makes the rows that name them.
pub(crate) async fn clear(db: &impl ConnectionTrait, object_keys: impl IntoIterator<Item = &str>) -> Result<()> {
    use object_tombstone::{Column, Entity};
    Entity::delete_many().filter(Column::ObjectKey.is_in(object_keys)).exec(db).await?;
    Ok(())
}

/// Deletes objects that nothing has needed for two days; part of the worker's rounds. Their rows stay: downloads speak of them.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    use object_tombstone::{Column, Entity};
    let before = shop.clock.now_ms() - KEEP_MS;
    let due = Entity::find().filter(Column::GoneAt.lte(before)).order_by_asc(Column::GoneAt).limit(BATCH).all(&shop.db).await?;
    for row in due {
        let is_needed = shop.db.query_one_raw(statement(&shop.db, sql::IS_NEEDED, [row.object_key.clone().into()])).await?.is_some();
        if !is_needed {
            // Should it fail, the next round tries again.
            shop.files.delete(&row.object_key).await?;
        }
        Entity::delete_many().filter(Column::ObjectKey.eq(&row.object_key)).filter(Column::GoneAt.eq(row.gone_at)).exec(&shop.db).await?;
    }
    Ok(())
}
