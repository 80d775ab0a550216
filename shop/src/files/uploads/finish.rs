//! Parts become a file: put together by the store, read once for their hashes, looked at, and attached in one transaction.

use super::{checked_sha256, parts_of, row, steps, view};
use crate::accounts::audit::Actor;
use crate::base::database::begin_write;
use crate::base::entities::{product, upload, upload_part};
use crate::catalog::{Attachment, attach, is_there};
use crate::files::steps::FileFacts;
use crate::files::{ByteRange, FileError, PartUpload, Stored, TakenPart, media_type_of, new_object_key, stream_of};
use crate::{
    Error, Refusal, Result, Shop,
    files::{archives, pictures, tombstones},
};
use bytes::{Bytes, BytesMut};
use domain::files::MAX_PICTURE_BYTES;
use domain::{
    files::{UploadState, n_parts},
    pages::files::UploadView,
};
use futures::{StreamExt, TryStreamExt};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// After this many bytes the lease is renewed.
const RENEW_BYTES: u64 = 128 * 1024 * 1024;
/// Who asked waits this long for the file; large ones take longer, and are asked after.
const WAIT: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(200);
/// How many of the first bytes tell what kind of file it is.
const HEAD_BYTES: u64 = 512;

/// Makes a file of an upload whose parts are all there, and attaches it. To ask again is the same, also after a crash.
///
/// The state of the answer is `done`, or `finishing` where that takes longer than a request should.
///
/// # Errors
/// `parts_missing` (409) while parts are missing; what it is refused for: another SHA-256 than was said, an invalid picture, an
/// archive that leads elsewhere; `storage_full` (507), `storage_unavailable` (503), after which it may be finished again.
pub async fn finish(shop: &Shop, by: &Actor, id: &str, sha256: Option<&str>) -> Result<UploadView> {
    let mut row = row(shop, id).await?;
    let sha256 = sha256.map(checked_sha256).transpose()?.or_else(|| row.sha256.clone());
    let deadline = tokio::time::Instant::now() + WAIT;
    while matches!(*row.state, UploadState::Open | UploadState::Finishing) {
        if let Some(parts) = claim(shop, &row).await? {
            let work = tokio::spawn(work(shop.clone(), by.clone(), row.clone(), parts, sha256.clone()));
            // It goes on also when nobody waits.
            match tokio::time::timeout_at(deadline, work).await {
                Ok(ended) => ended.map_err(anyhow::Error::from)??,
                Err(_) => break,
            }
        } else if tokio::time::Instant::now() < deadline {
            tokio::time::sleep(POLL).await;
        } else {
            break;
        }
        row = super::row(shop, id).await?;
    }
    let view = view(shop, super::row(shop, id).await?).await?;
    match &view.refusal {
        Some(refusal) => Err(told_again(&refusal.code, &refusal.message)),
        None => Ok(view),
    }
}

/// The refusals that an upload can end with; the code of a refusal lives as long as the program.
const REFUSALS: [(&str, u16); 14] = [
    ("sha256_wrong", 400),
    ("upload_lost", 409),
    ("parts_damaged", 409),
    ("picture_format", 400),
    ("picture_broken", 400),
    ("picture_too_many_pixels", 413),
    ("picture_too_large", 413),
    ("archive_too_many", 400),
    ("archive_leads_elsewhere", 400),
    ("archive_bomb", 400),
    ("variant_unknown", 400),
    ("release_is_published", 409),
    ("file_not_in_release", 409),
    ("release_discarded", 409),
];

fn told_again(code: &str, text: &str) -> Error {
    let (code, status) = REFUSALS.into_iter().find(|(known, _)| *known == code).unwrap_or(("upload_refused", 409));
    Error::Refused(Refusal::new(code, text).with_status(status))
}

/// Takes the upload in hand; nothing when somebody else has it.
async fn claim(shop: &Shop, row: &upload::Model) -> Result<Option<Vec<upload_part::Model>>> {
    let parts = parts_of(shop, row.id).await?;
    let n = n_parts(row.size_bytes, row.part_bytes);
    if (parts.len() as i64) < n {
        let missing = (1..=n).find(|number| parts.iter().all(|part| part.number != *number)).unwrap_or(1);
        let text = format!("{} of {n} parts are missing, number {missing} first. Send them, then finish.", n - parts.len() as i64);
        return Err(Error::conflict("parts_missing", text));
    }
    Ok(steps::lease(shop, row.id).await?.then_some(parts))
}

/// Finishes, and writes down how that ended.
async fn work(shop: Shop, by: Actor, row: upload::Model, parts: Vec<upload_part::Model>, sha256: Option<String>) -> Result<()> {
    let Err(error) = put_together(&shop, &by, &row, &parts, sha256.as_deref()).await else { return Ok(()) };
    match &error {
        // Final: the file is what it is. Its bytes go; that of a row stay, should the row have come through unheard.
        Error::Refused(refusal) | Error::Conflict(refusal) if REFUSALS.iter().any(|(code, _)| *code == refusal.code) => {
            if steps::refuse(&shop, row.id, refusal).await? && !is_there(&shop.db, &row.object_key).await? {
                forget(&shop, &row.object_key).await;
            }
        }
        _ => steps::end_lease(&shop, row.id).await?,
    }
    Err(error)
}

async fn put_together(shop: &Shop, by: &Actor, row: &upload::Model, parts: &[upload_part::Model], sha256: Option<&str>) -> Result<()> {
    let upload = PartUpload { object_key: row.object_key.clone(), store_ref: row.store_ref.clone() };
    let taken: Vec<TakenPart> =
        parts.iter().map(|part| TakenPart { number: part.number.unsigned_abs() as u32, tag: part.tag.clone() }).collect();
    match shop.files.finish_parts(&upload, &taken, row.size_bytes.unsigned_abs()).await {
        Err(FileError::Missing) => {
            return Err(Error::conflict("upload_lost", "Parts of this upload are gone from the store. Send the file again."));
        }
        outcome => outcome?,
    }
    let found = hash(shop, row, parts).await?;
    if sha256.is_some_and(|wanted| wanted != found) {
        return Err(Error::refused(
            "sha256_wrong",
            "The file that came is not the one with this SHA-256. Nothing was kept; send it again.",
        ));
    }
    let role = *row.role;
    let facts = if role.is_picture() {
        picture(shop, read(shop, &row.object_key, None).await?).await?
    } else {
        as_sent(
            shop,
            &row.name,
            Stored { object_key: row.object_key.clone(), size_bytes: row.size_bytes, sha256: found, media_type: String::new() },
        )
        .await?
    };
    let product = product::Entity::find_by_id(row.product_id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let variants: Vec<String> = row.variants.split_whitespace().map(str::to_owned).collect();
    let attachment = Attachment {
        product: &product,
        role,
        name: &row.name,
        title: &row.title,
        variants: &variants,
        release_id: row.release_id,
        replaces: row.replaces_file_id,
    };
    let tx = begin_write(&shop.db).await?;
    if !steps::end(&tx, row.id).await? {
        // Whoever took it over has made the file.
        return Ok(());
    }
    let file = attach(&tx, shop, by, &attachment, &facts).await?;
    steps::note_file(&tx, row.id, file.id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    if role.is_picture() {
        forget(shop, &row.object_key).await;
    }
    Ok(())
}

/// The SHA-256 of the whole, read as the store has it; each part is held against what its sender said of it.
async fn hash(shop: &Shop, row: &upload::Model, parts: &[upload_part::Model]) -> Result<String> {
    let damaged = || Error::conflict("parts_damaged", "Parts of this upload are not what was sent. Nothing was kept; send the file again.");
    let mut body = shop.files.get(&row.object_key, None).await?;
    let (mut whole, mut part, mut in_part, mut since_renewed) = (Sha256::new(), Sha256::new(), 0i64, 0u64);
    let mut parts = parts.iter();
    let mut current = parts.next();
    while let Some(chunk) = body.next().await {
        let mut chunk = chunk.map_err(|error| FileError::Unavailable(error.into()))?;
        whole.update(&chunk);
        since_renewed += chunk.len() as u64;
        while !chunk.is_empty() {
            let expected = current.ok_or_else(damaged)?;
            let piece = chunk.split_to(chunk.len().min((expected.size_bytes - in_part).unsigned_abs() as usize));
            part.update(&piece);
            in_part += piece.len() as i64;
            if in_part == expected.size_bytes {
                if data_encoding::HEXLOWER.encode(&part.finalize_reset()) != expected.sha256 {
                    return Err(damaged());
                }
                (in_part, current) = (0, parts.next());
            }
        }
        if since_renewed >= RENEW_BYTES {
            since_renewed = 0;
            steps::renew_lease(shop, row.id).await?;
        }
    }
    if current.is_some() {
        return Err(FileError::Unavailable(anyhow::anyhow!("the store sent less than it has")).into());
    }
    Ok(data_encoding::HEXLOWER.encode(&whole.finalize()))
}

/// A good or a sample: the bytes as they came.
pub(super) async fn as_sent(shop: &Shop, name: &str, stored: Stored) -> Result<FileFacts> {
    let head = read(shop, &stored.object_key, Some(ByteRange { start: 0, end_inclusive: HEAD_BYTES - 1 })).await?;
    let media_type = media_type_of(name, &head);
    let warning = archives::check(&*shop.files, &stored, media_type).await?;
    Ok(FileFacts {
        object_key: stored.object_key,
        media_type: media_type.to_owned(),
        size_bytes: stored.size_bytes,
        sha256: stored.sha256,
        warning,
        ..FileFacts::default()
    })
}

/// A cover or a picture: drawn anew, in several widths, each an object of its own.
pub(super) async fn picture(shop: &Shop, bytes: Bytes) -> Result<FileFacts> {
    let pictures::Drawing { whole, smaller, shared, color, warning } = pictures::draw(bytes).await?;
    let keys: Vec<String> = std::iter::repeat_with(new_object_key).take(smaller.len() + 2).collect();
    // Should this break off, what is written by then goes in two days.
    tombstones::record(shop.db.writer(), shop, keys.iter().cloned()).await?;
    let mut kept = Vec::with_capacity(keys.len());
    for (key, drawn) in keys.iter().zip([whole, shared].into_iter().chain(smaller)) {
        kept.push(keep(shop, key, drawn).await?);
    }
    let mut kept = kept.into_iter();
    let whole = kept.next().unwrap_or_default();
    Ok(FileFacts { warning, color, shared: kept.next().map(Box::new), sizes: kept.collect(), ..whole })
}

/// What is seen of a picture that is stored as it came.
pub(crate) async fn look(shop: &Shop, stored: &Stored) -> Result<pictures::Look> {
    if stored.size_bytes > MAX_PICTURE_BYTES {
        return Ok(pictures::Look::default());
    }
    pictures::look(read(shop, &stored.object_key, None).await?).await
}

async fn keep(shop: &Shop, object_key: &str, drawn: pictures::Drawn) -> Result<FileFacts> {
    let stored = shop.files.put_at(object_key, stream_of(drawn.bytes), drawn.media_type).await?;
    Ok(FileFacts {
        object_key: stored.object_key,
        media_type: drawn.media_type.to_owned(),
        size_bytes: stored.size_bytes,
        sha256: stored.sha256,
        width: Some(i64::from(drawn.width)),
        height: Some(i64::from(drawn.height)),
        ..FileFacts::default()
    })
}

async fn read(shop: &Shop, object_key: &str, range: Option<ByteRange>) -> Result<Bytes> {
    let body = shop.files.get(object_key, range).await?;
    let bytes = body.try_fold(BytesMut::new(), |mut all, chunk| async move {
        all.extend_from_slice(&chunk);
        Ok(all)
    });
    Ok(bytes.await.map_err(|error| FileError::Unavailable(error.into()))?.freeze())
}

/// Removes bytes that no row speaks of; what can't be removed now stays behind and is told.
pub(super) async fn forget(shop: &Shop, object_key: &str) {
    if let Err(cause) = shop.files.delete(object_key).await {
        tracing::warn!(?cause, "the bytes of an upload that is over stay behind");
    }
}
