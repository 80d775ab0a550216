//! Releases that are prepared, published, described anew and thrown away.

use super::{newest, of, of_product, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, word};
use crate::base::entities::{product, release, release_file, upload};
use crate::base::once::{self, Once};
use crate::catalog::{lock_product, product_named};
use crate::{
    Error, Result, Shop,
    base::{refusals, revisions},
    catalog,
    files::{tombstones, uploads},
};
use domain::id::Id;
use domain::text::{has_visible, tidy};
use domain::{files::UploadState, pages::files::ReleaseView};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;

const MAX_VERSION_CHARS: usize = 40;
const MAX_NOTES_CHARS: usize = 10_000;

/// A version as a creator describes it.
#[derive(Clone, Debug)]
pub struct NewRelease {
    pub version: String,
    /// What is new, for customers.
    pub notes: String,
    /// Prepared, and published later; else customers have it at once, with the files of the one before.
    pub is_draft: bool,
}

/// What a creator wants to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ReleaseChange {
    /// The revision that the change was made from; it is refused where there is a newer one.
    pub revision: Option<i64>,
    pub version: Option<String>,
    pub notes: Option<String>,
    /// `true` gives it to customers, as [`publish`].
    pub is_published: Option<bool>,
}

#[derive(Serialize)]
struct Facts<'a> {
    version: &'a str,
    notes: &'a str,
    is_draft: bool,
}

/// Makes a release with the files of the newest one, once.
///
/// # Errors
/// `NotFound`; refuses a version that is taken or can't be read, and a second one in preparation; `release_needs_files` where the
/// product has no files yet: the first ones make its first release.
pub async fn create(shop: &Shop, by: &Actor, slug: &str, new: NewRelease, once: Option<&Once>) -> Result<ReleaseView> {
    let product = product_named(shop, slug).await?;
    let version = checked_version(&new.version)?;
    let notes = checked_notes(&new.notes)?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        tx.rollback().await?;
        return listed(shop, &product, id).await;
    }
    let Some(before) = newest(&tx, product.id).await? else {
        return Err(Error::conflict(
            "release_needs_files",
            "Add the first files; they make version 1.0. After that a release can be prepared.",
        ));
    };
    if draft(&tx, product.id).await?.is_some() {
        return Err(Error::conflict("release_in_preparation", "A release is being prepared already. Publish or discard that one first."));
    }
    check_free(&tx, product.id, &version, None).await?;
    let row = steps::New { version: version.clone(), notes: notes.clone(), is_draft: new.is_draft };
    let id = steps::add(&tx, shop, product.id, row).await?;
    steps::take_over(&tx, before.id, id, Some).await?;
    let facts = Facts { version: &version, notes: &notes, is_draft: new.is_draft };
    let act = if new.is_draft { "prepared" } else { "published" };
    record(&tx, shop, by, &product, act, id, &version, None, Some(&facts)).await?;
    if !new.is_draft {
        catalog::steps::raise_version(&tx, product.id).await?;
    }
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    listed(shop, &product, id).await
}

/// Gives customers the release that was prepared.
///
/// # Errors
/// `NotFound`; refuses one without files, and one whose files are still on their way; one that is published stays so.
pub async fn publish(shop: &Shop, by: &Actor, slug: &str, id: &str) -> Result<ReleaseView> {
    let product = product_named(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let row = of(&tx, product.id, id).await?;
    let id = row.id;
    give(&tx, shop, by, &product, row).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    listed(shop, &product, id).await
}

async fn give(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, product: &product::Model, row: release::Model) -> Result<()> {
    if !row.is_draft {
        return Ok(());
    }
    if !steps::has_files(tx, row.id).await? {
        return Err(refusals::RELEASE_EMPTY.into());
    }
    let uploads = upload::Entity::find().filter(upload::Column::ReleaseId.eq(row.id));
    if uploads.filter(upload::Column::State.is_in([UploadState::Open, UploadState::Finishing].map(word))).limit(1).one(tx).await?.is_some()
    {
        return Err(refusals::RELEASE_UPLOADING.into());
    }
    steps::publish(tx, row.id, shop.clock.now_ms()).await?;
    let (before, after) = (facts(&row), Facts { is_draft: false, ..facts(&row) });
    record(tx, shop, by, product, "published", row.id, &row.version, Some(&before), Some(&after)).await?;
    catalog::steps::raise_version(tx, product.id).await?;
    Ok(())
}

/// Gives a release another version or other notes, and to customers where the change says so: all of it or nothing.
///
/// # Errors
/// `NotFound`; refuses what [`create`] and [`publish`] refuse; `release_changed` (409) where somebody was faster.
pub async fn update(shop: &Shop, by: &Actor, slug: &str, id: &str, change: ReleaseChange) -> Result<ReleaseView> {
    let product = product_named(shop, slug).await?;
    let version = change.version.as_deref().map(checked_version).transpose()?;
    let notes = change.notes.as_deref().map(checked_notes).transpose()?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let row = of(&tx, product.id, id).await?;
    let id = row.id;
    if change.is_published == Some(false) && !row.is_draft {
        return Err(Error::conflict("release_is_published", "A release that is published stays so."));
    }
    let version = version.unwrap_or_else(|| row.version.clone());
    let notes = notes.unwrap_or_else(|| row.notes.clone());
    // What is sent again, as by a second click, stands already.
    if version != row.version || notes != row.notes {
        let saved = revisions::Saved { kind: "release", id, revision: row.revision, code: "release_changed", noun: "this release" };
        revisions::check(&tx, shop, saved, change.revision).await?;
        check_free(&tx, product.id, &version, Some(id)).await?;
        steps::describe(&tx, id, &version, &notes).await?;
        let after = Facts { version: &version, notes: &notes, is_draft: row.is_draft };
        record(&tx, shop, by, &product, "updated", id, &version, Some(&facts(&row)), Some(&after)).await?;
    }
    if change.is_published == Some(true) {
        give(&tx, shop, by, &product, release::Model { version, notes, ..row }).await?;
    }
    tx.commit().await?;
    shop.catalog_has_changed();
    listed(shop, &product, id).await
}

/// Throws a release away: one in preparation, or an old one. The bytes of files that no release has any more go two
/// days later.
///
/// # Errors
/// `NotFound`; `release_is_newest` (409) for the one that customers have.
pub async fn delete(shop: &Shop, by: &Actor, slug: &str, id: &str) -> Result<()> {
    let product = product_named(shop, slug).await?;
    let tx = begin_write(&shop.db).await?;
    lock_product(&tx, shop, product.id).await?;
    let row = of(&tx, product.id, id).await?;
    if newest(&tx, product.id).await?.is_some_and(|newest| newest.id == row.id) {
        return Err(refusals::RELEASE_IS_NEWEST.into());
    }
    uploads::leave_release(&tx, row.id).await?;
    let in_it = release_file::Entity::find().filter(release_file::Column::ReleaseId.eq(row.id)).all(&tx).await?;
    for file in in_it {
        tombstones::record_file(&tx, shop, file.file_id).await?;
    }
    steps::delete(&tx, row.id).await?;
    let act = if row.is_draft { "discarded" } else { "deleted" };
    record(&tx, shop, by, &product, act, row.id, &row.version, Some(&facts(&row)), None).await?;
    tx.commit().await?;
    shop.catalog_has_changed();
    Ok(())
}

fn facts(row: &release::Model) -> Facts<'_> {
    Facts { version: &row.version, notes: &row.notes, is_draft: row.is_draft }
}

#[expect(clippy::too_many_arguments, reason = "the facts of one line of the log")]
async fn record(
    tx: &DatabaseTransaction,
    shop: &Shop,
    by: &Actor,
    product: &product::Model,
    act: &'static str,
    id: Id,
    version: &str,
    before: Option<&Facts<'_>>,
    after: Option<&Facts<'_>>,
) -> Result<()> {
    let name = format!("{} {version}", product.slug);
    audit::record(tx, shop, by, Action { act, kind: "release", id: Some(id), name: &name }, before, after).await
}

async fn draft(tx: &DatabaseTransaction, product_id: Id) -> Result<Option<release::Model>> {
    let drafts = release::Entity::find().filter(release::Column::ProductId.eq(product_id)).filter(release::Column::IsDraft.eq(true));
    Ok(drafts.one(tx).await?)
}

async fn check_free(tx: &DatabaseTransaction, product_id: Id, version: &str, except: Option<Id>) -> Result<()> {
    let same = release::Entity::find().filter(release::Column::ProductId.eq(product_id)).filter(release::Column::Version.eq(version));
    match same.one(tx).await? {
        Some(row) if Some(row.id) != except => {
            Err(Error::conflict("release_version_taken", format!("There is a release {version} already. Choose another version."))
                .at("version"))
        }
        _ => Ok(()),
    }
}

fn checked_version(text: &str) -> Result<String> {
    let text = tidy(text);
    if !has_visible(&text) || text.chars().count() > MAX_VERSION_CHARS || text.chars().any(char::is_control) {
        return Err(Error::refused("release_version_invalid", format!("A version has 1 to {MAX_VERSION_CHARS} characters, such as 1.1."))
            .at("version"));
    }
    Ok(text)
}

fn checked_notes(text: &str) -> Result<String> {
    let text = text.trim().replace("\r\n", "\n");
    if text.chars().count() > MAX_NOTES_CHARS || text.contains('\0') {
        return Err(Error::refused("release_notes_invalid", format!("The notes have at most {MAX_NOTES_CHARS} characters.")).at("notes"));
    }
    Ok(text)
}

async fn listed(shop: &Shop, product: &product::Model, id: Id) -> Result<ReleaseView> {
    let id = id.simple().to_string();
    of_product(shop, product).await?.into_iter().find(|release| release.id == id).ok_or(Error::NotFound)
}
