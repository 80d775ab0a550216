//! A file in one piece, as a plain form brings it.

use super::begin::{draft, replaced};
use super::finish::{as_sent, forget, picture};
use crate::accounts::audit::Actor;
use crate::base::database::begin_write;
use crate::base::entities::file;
use crate::catalog::{Attachment, attach, line, product_named, tier_ids};
use crate::files::steps::FileFacts;
use crate::files::{ByteStream, FileError, StoredFile, new_object_key};
use crate::{
    Error, Result, Shop,
    base::refusals,
    files::{pictures, tombstones},
};
use bytes::BytesMut;
use domain::files::{FileRole, MAX_PICTURE_BYTES};
use domain::text::has_visible;
use futures::StreamExt;

/// A file, and where it belongs.
pub struct WholeFile {
    pub role: FileRole,
    pub name: String,
    /// What people read beside it; the words for who cannot see a picture.
    pub title: String,
    /// Keys of the tiers that a good is for; none means all.
    pub variants: Vec<String>,
    /// The release in preparation that a good is for; else the one that customers have.
    pub release: Option<String>,
    /// The file of that release that it takes the place of.
    pub replaces: Option<String>,
    pub body: ByteStream,
}

/// Keeps a file as [`super::finish`] does, without its parts.
///
/// # Errors
/// As those of [`super::begin`] and [`super::finish`].
pub async fn take(shop: &Shop, by: &Actor, slug: &str, new: WholeFile) -> Result<StoredFile> {
    let product = product_named(shop, slug).await?;
    let name = line(new.name.rsplit(['/', '\\']).next().unwrap_or(&new.name));
    if !has_visible(&name) {
        return Err(refusals::FILE_NAME_INVALID.into());
    }
    let (mut release_id, mut replaces) = (None, None);
    if new.role == FileRole::Good {
        tier_ids(&shop.db, product.id, &new.variants).await?;
        if let Some(id) = &new.release {
            release_id = Some(draft(shop, product.id, id).await?);
        }
        if let Some(id) = &new.replaces {
            replaces = Some(replaced(shop, release_id, id).await?);
        }
    }
    let facts = if new.role.is_picture() { drawn(shop, new.body).await? } else { stored(shop, &name, new.body).await? };
    let title = line(&new.title);
    let attachment =
        Attachment { product: &product, role: new.role, name: &name, title: &title, variants: &new.variants, release_id, replaces };
    let attached: Result<file::Model> = async {
        let tx = begin_write(&shop.db).await?;
        let file = attach(&tx, shop, by, &attachment, &facts).await?;
        tx.commit().await?;
        Ok(file)
    }
    .await;
    if let Err(Error::Refused(_) | Error::Conflict(_)) = &attached {
        // Nothing was committed. After any other failure that can't be told, and the bytes stay.
        for key in facts.object_keys() {
            forget(shop, key).await;
        }
    }
    shop.catalog_has_changed();
    attached.map(StoredFile::from)
}

/// Reads a picture to its end and draws it anew, in several widths.
///
/// # Errors
/// Refuses what is no picture, and too large a one.
pub(crate) async fn drawn(shop: &Shop, mut body: ByteStream) -> Result<FileFacts> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| FileError::Unavailable(error.into()))?);
        if bytes.len() as i64 > MAX_PICTURE_BYTES {
            return Err(pictures::too_large());
        }
    }
    if bytes.is_empty() {
        return Err(refusals::FILE_EMPTY.into());
    }
    picture(shop, bytes.freeze()).await
}

async fn stored(shop: &Shop, name: &str, body: ByteStream) -> Result<FileFacts> {
    let key = new_object_key();
    tombstones::record(shop.db.writer(), shop, [key.clone()]).await?;
    let stored = shop.files.put_at(&key, body, "application/octet-stream").await?;
    let looked_at = async {
        if stored.size_bytes == 0 {
            return Err(refusals::FILE_EMPTY.into());
        }
        as_sent(shop, name, stored).await
    };
    let facts = looked_at.await;
    if facts.is_err() {
        forget(shop, &key).await;
    }
    facts
}
