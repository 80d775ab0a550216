//! The first and the last word of an upload that is not finished.

use super::{MAX_OPEN, PART_BYTES, checked_sha256, row, steps, view};
use crate::base::database::{is_duplicate, word};
use crate::base::entities::{release, release_file, upload};
use crate::catalog::{line, product_named, tier_ids};
use crate::files::PartUpload;
use crate::{
    Error, Refusal, Result, Shop,
    base::{refusals, world},
    files::pictures,
};
use domain::id::Id;
use domain::text::has_visible;
use domain::{
    files::{FileRole, MAX_FILE_BYTES, MAX_PICTURE_BYTES, UploadState},
    pages::files::UploadView,
};
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, SelectExt};

/// A file that is about to be sent.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// The product's slug.
    pub product: String,
    pub role: FileRole,
    pub name: String,
    /// What people read beside it; the words for who cannot see a picture.
    pub title: String,
    pub size_bytes: i64,
    /// What the whole is to be, where that is known.
    pub sha256: Option<String>,
    /// Keys of the tiers that a good is for; none means all.
    pub variants: Vec<String>,
    /// The release in preparation that a good is for; else the one that customers have.
    pub release: Option<String>,
    /// The file of that release that it takes the place of.
    pub replaces: Option<String>,
    /// By this, with name, size and place, the sender finds the upload again: such as the last change of the file.
    pub mark: Option<String>,
}

/// Begins an upload, or finds the one that broke off and has the same mark. The answer says which parts are there.
///
/// # Errors
/// `NotFound` for an unknown product; refuses names, sizes, tiers and releases that don't fit.
pub async fn begin(shop: &Shop, new: NewUpload) -> Result<UploadView> {
    let product = product_named(shop, &new.product).await?;
    let name = line(new.name.rsplit(['/', '\\']).next().unwrap_or(&new.name));
    if !has_visible(&name) {
        return Err(Error::refused("file_name_invalid", "The file needs a name."));
    }
    check_size(new.role, new.size_bytes)?;
    let sha256 = new.sha256.as_deref().map(checked_sha256).transpose()?;
    if new.role == FileRole::Good {
        tier_ids(&shop.db, product.id, &new.variants).await?;
    } else if new.release.is_some() || new.replaces.is_some() || !new.variants.is_empty() {
        return Err(Error::refused("role_invalid", "Only goods belong to tiers and releases."));
    }
    let release_id = match &new.release {
        Some(id) => Some(draft(shop, product.id, id).await?),
        None => None,
    };
    let replaces = match &new.replaces {
        Some(id) => Some(replaced(shop, release_id, id).await?),
        None => None,
    };
    // Without a mark nothing finds it again but its id.
    let mark = match new.mark.as_deref().map(line).filter(|mark| !mark.is_empty()) {
        Some(mark) => {
            let place = [&new.release, &new.replaces].map(|id| id.as_deref().unwrap_or("-"));
            format!("{mark} {} {} {} {name}", new.size_bytes, place.join(" "), new.variants.join(","))
        }
        None => world::new_id().simple().to_string(),
    };
    if let Some(known) = by_mark(shop, product.id, new.role, &mark).await? {
        return view(shop, known).await;
    }
    let open =
        upload::Entity::find().filter(upload::Column::ProductId.eq(product.id)).filter(upload::Column::State.eq(word(UploadState::Open)));
    if open.count(&shop.db).await? >= MAX_OPEN {
        return Err(Error::conflict("uploads_too_many", "Too many uploads of this product are open. Finish or cancel some first."));
    }
    let begun = shop.files.begin_parts(new.size_bytes.unsigned_abs()).await?;
    let now = shop.clock.now_ms();
    let row = upload::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        product_id: Set(product.id),
        release_id: Set(release_id),
        replaces_file_id: Set(replaces),
        role: Set(new.role.into()),
        name: Set(name),
        title: Set(line(&new.title)),
        variants: Set(new.variants.join(" ")),
        mark: Set(mark.clone()),
        size_bytes: Set(new.size_bytes),
        part_bytes: Set(PART_BYTES),
        sha256: Set(sha256),
        object_key: Set(begun.object_key.clone()),
        store_ref: Set(begun.store_ref.clone()),
        state: Set(UploadState::Open.into()),
        lease_until: Set(0),
        file_id: Set(None),
        refusal_code: Set(None),
        refusal_text: Set(None),
        created_at: Set(now),
        touched_at: Set(now),
    };
    match row.insert(shop.db.writer()).await {
        Ok(row) => view(shop, row).await,
        Err(error) => {
            // Of two that begin the same one is told of the other's; nothing speaks of these parts.
            if let Err(cause) = shop.files.abort_parts(&begun).await {
                tracing::warn!(?cause, "an upload that did not begin leaves something behind");
            }
            match by_mark(shop, product.id, new.role, &mark).await? {
                Some(known) if is_duplicate(&error) => view(shop, known).await,
                _ => Err(error.into()),
            }
        }
    }
}

fn check_size(role: FileRole, size_bytes: i64) -> Result<()> {
    if size_bytes <= 0 {
        return Err(refusals::FILE_EMPTY.into());
    }
    if role.is_picture() && size_bytes > MAX_PICTURE_BYTES {
        return Err(pictures::too_large());
    }
    if size_bytes > MAX_FILE_BYTES {
        return Err(Error::Refused(Refusal::new("too_large", "A file has at most 10 GB. Split it into several.").with_status(413)));
    }
    Ok(())
}

pub(super) async fn draft(shop: &Shop, product_id: Id, id: &str) -> Result<Id> {
    let unknown = || Error::from(refusals::RELEASE_UNKNOWN);
    let id = Uuid::try_parse(id).map_err(|_| unknown())?;
    let row = release::Entity::find_by_id(id).filter(release::Column::ProductId.eq(product_id)).one(&shop.db).await?.ok_or_else(unknown)?;
    if !row.is_draft {
        return Err(refusals::RELEASE_IS_PUBLISHED.into());
    }
    Ok(id)
}

pub(super) async fn replaced(shop: &Shop, release_id: Option<Id>, file_id: &str) -> Result<Id> {
    let Some(release_id) = release_id else {
        return Err(Error::refused(
            "release_needed",
            "What customers have is replaced by a new release. Prepare one, then replace the file in it.",
        ));
    };
    let unknown = || Error::refused("file_not_in_release", "The release has no such file.");
    let file_id = Uuid::try_parse(file_id).map_err(|_| unknown())?;
    let in_release = release_file::Entity::find()
        .filter(release_file::Column::ReleaseId.eq(release_id))
        .filter(release_file::Column::FileId.eq(file_id));
    if in_release.exists(&shop.db).await? { Ok(file_id) } else { Err(unknown()) }
}

async fn by_mark(shop: &Shop, product_id: Id, role: FileRole, mark: &str) -> Result<Option<upload::Model>> {
    let found = upload::Entity::find()
        .filter(upload::Column::ProductId.eq(product_id))
        .filter(upload::Column::Role.eq(word(role)))
        .filter(upload::Column::Mark.eq(mark))
        .filter(upload::Column::State.is_in([UploadState::Open, UploadState::Finishing].map(word)))
        .one(&shop.db)
        .await?;
    Ok(found)
}

/// Gives an upload up and throws its parts away. One that is finished stays finished.
///
/// # Errors
/// `NotFound` for one that is not known; `upload_finished` for one that is a file by now.
pub async fn cancel(shop: &Shop, id: &str) -> Result<()> {
    let row = row(shop, id).await?;
    if !steps::cancel(shop, row.id).await? {
        return Err(refusals::UPLOAD_FINISHED.into());
    }
    super::sweep::throw_away(shop, row.id, &PartUpload { object_key: row.object_key, store_ref: row.store_ref }).await
}
