//! Uploads that nobody came back to.

use super::steps;
use crate::base::database::shared_now_ms;
use crate::base::entities::{upload, upload_part};
use crate::catalog::is_there;
use crate::files::PartUpload;
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

/// An upload that broke off can be gone on with for a week.
const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// At most this many a round: each asks the store.
const BATCH: u64 = 50;

/// Throws away uploads that were left, with their parts, and forgets those that are over.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let now = shared_now_ms(&shop.db, shop).await?;
    let left = steps::is_left(now - KEEP_MS, now);
    let rows = upload::Entity::find().filter(left.clone()).order_by_asc(upload::Column::TouchedAt).limit(BATCH).all(&shop.db).await?;
    for row in rows {
        // From here on it takes no parts and is not finished. One that is done keeps its state until its row goes.
        if !steps::sweep(shop, row.id, left.clone()).await? {
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
    upload_part::Entity::delete_many().filter(upload_part::Column::UploadId.eq(id)).exec(&shop.db).await?;
    upload::Entity::delete_by_id(id).exec(&shop.db).await?;
    Ok(())
}
