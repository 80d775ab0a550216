//! Files that become a product's: its goods, cover, pictures and samples.

use super::{media, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::{file, product, release, release_file, variant};
use crate::base::once::{self, Once};
use crate::files::pictures::Look;
use crate::files::steps::FileFacts;
use crate::files::{ByteStream, Stored, StoredFile, media_type_of, new_object_key};
use crate::{
    Error, Result, Shop,
    base::refusals,
    catalog::releases,
    files::{self, archives, tombstones},
    stores,
};
use domain::file_name::told_apart;
use domain::files::FileRole;
use domain::id::Id;
use domain::slug::Slug;
use domain::text::{has_visible, tidy};
use domain::word::Word;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::time::Duration;

/// A file as it comes in.
pub struct NewFile<'a> {
    pub role: FileRole,
    pub name: &'a str,
    /// What people read beside it; the words for who cannot see a picture.
    pub title: &'a str,
    /// The first bytes, by which its kind is told.
    pub head: &'a [u8],
    pub body: ByteStream,
}

/// What stored bytes are to be to a product.
pub(crate) struct Attachment<'a> {
    pub product: &'a product::Model,
    pub role: FileRole,
    pub name: &'a str,
    pub title: &'a str,
    /// Keys of the tiers that a good is for; none means all.
    pub variants: &'a [String],
    /// The release that a good is for; else the one that customers have.
    pub release_id: Option<Id>,
    /// The file of that release that it takes the place of.
    pub replaces: Option<Id>,
}

/// The code of the warning that a file came with the name of another.
const NUMBERED: &str = "numbered";

/// A warning in words; nothing for a code that is none of a name's.
pub(super) fn warning_text(code: &str) -> Option<&'static str> {
    (code == NUMBERED)
        .then_some("Another file of this release had the same name, so this one got a number. If it came twice, remove one of them.")
}

/// The longest name or title of a file, in characters.
const MAX_LINE_CHARS: usize = domain::file_name::MAX_CHARS;
/// So much of the end of a long one stays, as the ending says what opens the file.
const TAIL_CHARS: usize = 40;

/// A name or a title in one line of bearable length: the middle of a long one goes, its ending stays.
pub(crate) fn line(text: &str) -> String {
    let chars: Vec<char> = tidy(&text.chars().filter(|c| !c.is_control()).collect::<String>()).chars().collect();
    if chars.len() <= MAX_LINE_CHARS {
        return chars.into_iter().collect();
    }
    let head = &chars[..MAX_LINE_CHARS - TAIL_CHARS - 1];
    let tail = &chars[chars.len() - TAIL_CHARS..];
    head.iter().chain(['…'].iter()).chain(tail).collect()
}

/// The product of this name, whatever its status, that was not deleted.
pub(crate) async fn product_named(shop: &Shop, slug: &str) -> Result<product::Model> {
    let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
    product::Entity::find()
        .filter(product::Column::StoreId.eq(shop.settings.store_id))
        .filter(product::Column::Slug.eq(slug.as_str()))
        .filter(product::Column::DeletedAt.is_null())
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)
}

/// Notes that a product has changed, first in its transaction: whoever changes its files meanwhile waits.
pub(crate) async fn lock_product(tx: &impl ConnectionTrait, shop: &Shop, product_id: Id) -> Result<()> {
    steps::touch(tx, product_id, shop.clock.now_ms()).await?;
    stores::catalog_changed(tx, shop.settings.store_id).await?;
    Ok(())
}

/// Keeps a file and gives it to a product. A good belongs to the tiers named, or to all when none is.
///
/// What an archive says of itself is looked at. The bytes are stored before the transaction; should that fail, they are removed again,
/// unless a row may speak of them.
pub async fn add_file(shop: &Shop, by: &Actor, slug: &str, variants: &[String], new: NewFile<'_>) -> Result<StoredFile> {
    add_file_once(shop, by, slug, variants, new, None).await
}

/// As [`add_file`], once under this key: the same bytes for the same place under it again are the file that is there.
///
/// # Errors
/// As [`add_file`]; `idempotency_key_reused` for another file under the same key.
pub async fn add_file_once(
    shop: &Shop,
    by: &Actor,
    slug: &str,
    variants: &[String],
    new: NewFile<'_>,
    request_key: Option<String>,
) -> Result<StoredFile> {
    let product = product_named(shop, slug).await?;
    let base = new.name.rsplit(['/', '\\']).next().unwrap_or(new.name);
    let (name, title) = (line(base), line(new.title));
    if !has_visible(&name) {
        return Err(Error::refused("file_name_invalid", "The file needs a name."));
    }
    let media_type = media_type_of(&name, new.head);
    let key = new_object_key();
    tombstones::record(shop.db.writer(), shop, [key.clone()]).await?;
    let stored = shop.files.put_at(&key, new.body, media_type).await?;
    let warning = match archives::check(&*shop.files, &stored, media_type).await {
        Ok(warning) => warning,
        Err(refused) => {
            remove(shop, &stored).await;
            return Err(refused);
        }
    };
    let look = if new.role.is_picture() { files::uploads::look(shop, &stored).await? } else { Look::default() };
    let attachment =
        Attachment { product: &product, role: new.role, name: &name, title: &title, variants, release_id: None, replaces: None };
    let facts = FileFacts {
        object_key: stored.object_key.clone(),
        media_type: media_type.to_owned(),
        size_bytes: stored.size_bytes,
        sha256: stored.sha256.clone(),
        warning,
        width: look.width,
        height: look.height,
        color: look.color,
        ..FileFacts::default()
    };
    let once = Once::new(request_key, ("file", product.id, new.role, &name, variants, &stored.sha256));
    let inserted = async {
        let tx = begin_write(&shop.db).await?;
        if let Some(id) = once::made_before(&tx, shop, once.as_ref()).await? {
            return file::Entity::find_by_id(id).one(&tx).await?.ok_or(Error::NotFound);
        }
        let file = attach(&tx, shop, by, &attachment, &facts).await?;
        once::remember(&tx, shop, once.as_ref(), file.id).await?;
        tx.commit().await?;
        shop.catalog_has_changed();
        Ok(file)
    };
    let inserted: Result<file::Model> = inserted.await;
    let error = match inserted {
        Ok(file) => {
            if file.object_key != stored.object_key {
                remove(shop, &stored).await;
            }
            return Ok(file.into());
        }
        Err(error) => error,
    };
    // A commit whose answer was lost may have come through, and then the bytes are sold already.
    match tokio::time::timeout(MAX_DOUBT, files::steps::find_for_sure(shop, &stored)).await {
        Ok(Ok(Some(file))) => {
            shop.catalog_has_changed();
            return Ok(file.into());
        }
        Ok(Ok(None)) => remove(shop, &stored).await,
        Ok(Err(cause)) => tracing::warn!(?cause, "whether a file was added can't be told; its bytes stay"),
        Err(_) => tracing::warn!("whether a file was added can't be told in time; its bytes stay"),
    }
    Err(error)
}

async fn remove(shop: &Shop, stored: &Stored) {
    if let Err(cause) = shop.files.delete(&stored.object_key).await {
        tracing::warn!(?cause, "the bytes of a file that was not added stay behind");
    }
}

/// How long it is asked after a row whose commit is in doubt.
const MAX_DOUBT: Duration = Duration::from_secs(10);

/// Whether a row speaks of these bytes.
pub(crate) async fn is_there(db: &impl ConnectionTrait, object_key: &str) -> Result<bool> {
    Ok(file::Entity::find().filter(file::Column::ObjectKey.eq(object_key)).one(db).await?.is_some())
}

/// Makes the row of a file and gives it its place, in the caller's transaction, which ends with `catalog_has_changed`.
///
/// # Errors
/// Refuses tiers, a release or a file to replace that the product does not have.
pub(crate) async fn attach(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    to: &Attachment<'_>,
    facts: &FileFacts,
) -> Result<file::Model> {
    lock_product(tx, shop, to.product.id).await?;
    let mut release_id = None;
    let (mut told, mut named) = (to.name.to_owned(), facts.clone());
    if to.role == FileRole::Good {
        let id = match to.release_id {
            Some(id) => draft(tx, to.product.id, id).await?,
            None => newest_release(tx, shop, to.product.id).await?,
        };
        release_id = Some(id);
        told = told_apart(to.name, names_beside(tx, id, to.replaces).await?.iter().map(String::as_str));
        if told != to.name && named.warning.is_empty() {
            named.warning = NUMBERED;
        }
    }
    let file = files::steps::add(tx, shop, &told, &named).await?;
    match to.role {
        FileRole::Cover => {
            if let Some(before) = to.product.cover_file_id {
                tombstones::record_file(tx, shop, before).await?;
            }
            steps::set_cover(tx, to.product.id, file.id, to.title).await?;
        }
        FileRole::Gallery | FileRole::Sample => {
            media::add_preview(tx, to.product, file.id, to.role, to.title).await?;
        }
        FileRole::Good => {
            if let Some(release_id) = release_id {
                insert_good(tx, shop, to, release_id, file.id).await?;
            }
        }
    }
    steps::raise_version(tx, to.product.id).await?;
    let name = format!("{}: {told}", to.product.slug);
    let (act, kind) = if to.replaces.is_some() { ("replaced", "file") } else { ("added", "file") };
    let after =
        serde_json::json!({ "role": to.role.as_str(), "size_bytes": facts.size_bytes, "sha256": facts.sha256, "variants": to.variants });
    audit::record(tx, shop, by, Action { act, kind, id: Some(file.id), name: &name }, None, Some(&after)).await?;
    Ok(file)
}

/// The names of the files of a release, but for one that goes.
async fn names_beside(tx: &DatabaseTransaction, release_id: Id, replaced: Option<Id>) -> Result<Vec<String>> {
    let places = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(release_id));
    let places = places.select_only().column(release_file::Column::FileId).into_query();
    let mut files = file::Entity::find().filter(file::Column::Id.in_subquery(places));
    if let Some(replaced) = replaced {
        files = files.filter(file::Column::Id.ne(replaced));
    }
    Ok(files.select_only().column(file::Column::Name).into_tuple().all(tx).await?)
}

async fn insert_good(tx: &DatabaseTransaction, shop: &Shop, to: &Attachment<'_>, release_id: Id, file_id: Id) -> Result<()> {
    if let Some(replaced) = to.replaces {
        if !releases::steps::replace(tx, release_id, replaced, file_id).await? {
            return Err(refusals::FILE_NOT_IN_RELEASE.into());
        }
        // Nothing happens to it where another release has it.
        tombstones::record_file(tx, shop, replaced).await?;
        return Ok(());
    }
    let tiers = tier_ids(tx, to.product.id, to.variants).await?;
    releases::steps::place_last(tx, shop, release_id, file_id, &tiers).await
}

/// A release of the product that is being prepared.
async fn draft(tx: &DatabaseTransaction, product_id: Id, id: Id) -> Result<Id> {
    let row = release::Entity::find_by_id(id).filter(release::Column::ProductId.eq(product_id)).one(tx).await?;
    match row {
        Some(row) if row.is_draft => Ok(row.id),
        Some(_) => Err(refusals::RELEASE_IS_PUBLISHED.into()),
        None => Err(refusals::RELEASE_UNKNOWN.into()),
    }
}

/// What customers have; the first release is made with the first file.
async fn newest_release(tx: &DatabaseTransaction, shop: &Shop, product_id: Id) -> Result<Id> {
    if let Some(release) = releases::newest(tx, product_id).await? {
        return Ok(release.id);
    }
    let first = releases::steps::New { version: "1.0".to_owned(), notes: String::new(), is_draft: false };
    releases::steps::add(tx, shop, product_id, first).await
}

/// The tiers with these keys, or one `None` for all of them.
///
/// # Errors
/// Refuses a key that the product does not have.
pub(crate) async fn tier_ids(db: &impl ConnectionTrait, product_id: Id, keys: &[String]) -> Result<Vec<Option<Id>>> {
    if keys.is_empty() {
        return Ok(vec![None]);
    }
    let found =
        variant::Entity::find().filter(variant::Column::ProductId.eq(product_id)).filter(variant::Column::Key.is_in(keys)).all(db).await?;
    if found.len() != keys.len() {
        return Err(refusals::VARIANT_UNKNOWN.into());
    }
    Ok(found.into_iter().map(|variant| Some(variant.id)).collect())
}
