//! One part of a file.

use super::{row, steps};
use crate::base::database::begin_write;
use crate::base::entities::{upload, upload_part};
use crate::base::secret::sha256;
use crate::files::{FileError, PartUpload};
use crate::{Error, Result, Shop};
use bytes::Bytes;
use domain::files::{UploadState, part_length};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

/// Keeps a part, once more if it is sent again. Parts come in any order.
///
/// # Errors
/// `NotFound` for an unknown upload; refuses a number that the file does not have, a part of another length, and one that is not
/// what `hash` (hexadecimal) says: it was damaged on its way and is to be sent again.
pub async fn put_part(shop: &Shop, id: &str, number: i64, hash: &str, bytes: Bytes) -> Result<()> {
    let row = row(shop, id).await?;
    check_open(&row)?;
    let length = part_length(row.size_bytes, row.part_bytes, number)
        .ok_or_else(|| Error::refused("part_unknown", "The file has no part of this number."))?;
    if bytes.len() as i64 != length {
        let text = format!("Part {number} has {length} bytes, and {} came. Send it again.", bytes.len());
        return Err(Error::refused("part_size_wrong", text));
    }
    let wanted = super::checked_sha256(hash)?;
    let sent = bytes.clone();
    // Eight megabytes are hashed in some milliseconds, which other requests need not wait for.
    let found = tokio::task::spawn_blocking(move || data_encoding::HEXLOWER.encode(&sha256(&sent))).await.map_err(anyhow::Error::from)?;
    if found != wanted {
        return Err(Error::refused("part_damaged", format!("Part {number} was damaged on its way. Send it again.")));
    }
    let upload = PartUpload { object_key: row.object_key.clone(), store_ref: row.store_ref.clone() };
    let offset = (number - 1) * row.part_bytes;
    let kept = shop.files.put_part(&upload, number.unsigned_abs() as u32, offset.unsigned_abs(), bytes).await;
    let tag = match kept {
        Ok(tag) => tag,
        // Somebody ended it meanwhile, or its place is gone.
        Err(FileError::Missing) => return Err(over()),
        Err(error) => return Err(error.into()),
    };
    let now = shop.clock.now_ms();
    let tx = begin_write(&shop.db).await?;
    if !steps::touch(&tx, row.id, now).await? {
        return Err(over());
    }
    let part = upload_part::ActiveModel {
        upload_id: Set(row.id),
        number: Set(number),
        size_bytes: Set(length),
        sha256: Set(found),
        tag: Set(tag),
    };
    let again = OnConflict::columns([upload_part::Column::UploadId, upload_part::Column::Number])
        .update_columns([upload_part::Column::Sha256, upload_part::Column::Tag])
        .to_owned();
    upload_part::Entity::insert(part).on_conflict(again).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

fn check_open(row: &upload::Model) -> Result<()> {
    if row.state == UploadState::Open { Ok(()) } else { Err(over()) }
}

fn over() -> Error {
    Error::conflict("upload_over", "This upload accepts no more parts. Request it to see its state, or begin another.")
}
