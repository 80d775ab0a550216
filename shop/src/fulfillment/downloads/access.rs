//! What decides whether a file may be fetched, for every way to it; and the links that owners get.

use super::sql;
use crate::base::database::{Stored, statement};
use crate::base::entities::{download_link, entitlement};
use crate::base::secret::{sha256, token_text};
use crate::files::StoredFile;
use crate::{Error, Refusal, Result, Shop, base::world, chance, orders};
use domain::download::{DEFAULT_LIMIT, DownloadRefusal, LINK_TTL_SECS, MintedLink};
use domain::entitlement::{Cause, EntitlementState};
use domain::id::Id;
use domain::order::OwnedFile;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};
use std::collections::HashMap;

/// A file of an entitlement, with all that decides whether it may be fetched.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Access {
    pub entitlement_id: Id,
    pub order_id: Id,
    state: Stored<EntitlementState, entitlement::Entity>,
    cause: Stored<Cause, entitlement::Entity>,
    pub download_limit: Option<i64>,
    n_used: Option<i64>,
    n_extra: Option<i64>,
    pub file_id: Id,
    object_key: String,
    name: String,
    media_type: String,
    size_bytes: i64,
    sha256: String,
    /// The release that customers have now gives it to this tier.
    is_offered: bool,
    /// A published release gives it to this tier, be it an older one.
    is_published: bool,
}

impl Access {
    /// Why the file is not to be had, whatever asks for it. A transfer that is under way may end after a newer release came; what was
    /// taken out of all releases is lost at once.
    pub fn refusal(&self, is_running: bool) -> Option<DownloadRefusal> {
        match *self.state {
            EntitlementState::Active => {}
            EntitlementState::Suspended => return Some(DownloadRefusal::Suspended),
            EntitlementState::Revoked if self.cause == Cause::Member => return Some(DownloadRefusal::Closed),
            EntitlementState::Revoked => return Some(DownloadRefusal::Revoked),
        }
        let is_there = if is_running { self.is_published } else { self.is_offered };
        (!is_there).then_some(DownloadRefusal::Removed)
    }

    /// How often it may still be fetched.
    pub fn left(&self) -> i64 {
        left(self.download_limit, self.n_extra, self.n_used)
    }

    pub fn file(&self) -> StoredFile {
        StoredFile {
            id: self.file_id,
            object_key: self.object_key.clone(),
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            size_bytes: self.size_bytes,
            sha256: self.sha256.clone(),
        }
    }
}

fn left(limit: Option<i64>, n_extra: Option<i64>, n_used: Option<i64>) -> i64 {
    (limit.unwrap_or(DEFAULT_LIMIT) + n_extra.unwrap_or(0) - n_used.unwrap_or(0)).max(0)
}

#[derive(FromQueryResult)]
struct FileRow {
    entitlement_id: Id,
    order_item_id: Id,
    file_id: Id,
    name: String,
    media_type: String,
    size_bytes: i64,
    sha256: String,
    download_limit: Option<i64>,
    n_used: Option<i64>,
    n_extra: Option<i64>,
}

/// The files of an order by its lines. Each piece that was bought has its own budget; the lists join them.
pub(crate) async fn owned_files(shop: &Shop, order_id: Id) -> Result<HashMap<Id, Vec<OwnedFile>>> {
    let mut files: HashMap<Id, Vec<OwnedFile>> = HashMap::new();
    for row in FileRow::find_by_statement(statement(&shop.db, sql::OWNED_FILES, [order_id.into()])).all(&shop.db).await? {
        files.entry(row.order_item_id).or_default().push(OwnedFile {
            id: format!("{}.{}", row.entitlement_id.simple(), row.file_id.simple()),
            name: row.name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            sha256: row.sha256,
            downloads_left: left(row.download_limit, row.n_extra, row.n_used),
        });
    }
    Ok(files)
}

/// Mints a link to a file of the order. Costs nothing; what costs is to fetch it.
///
/// # Errors
/// `NotFound` for a file that is not of this order; refuses when access is revoked or the downloads are used up.
pub async fn mint(shop: &Shop, public_id: &str, access_key: &str, file_id: &str) -> Result<MintedLink> {
    let order = orders::load_authorized(shop, public_id, access_key).await?;
    let (entitlement_id, file_id) =
        file_id.split_once('.').and_then(|(e, f)| Some((Uuid::try_parse(e).ok()?, Uuid::try_parse(f).ok()?))).ok_or(Error::NotFound)?;
    let access = Access::find_by_statement(statement(&shop.db, sql::ACCESS, [entitlement_id.into(), order.id.into(), file_id.into()]))
        .one(&shop.db)
        .await?
        .filter(|access| access.is_offered)
        .ok_or(Error::NotFound)?;
    if let Some(refusal) = access.refusal(false) {
        return Err(refused(refusal));
    }
    let left = access.left();
    if left == 0 {
        return Err(refused(DownloadRefusal::UsedUp));
    }
    let token = token_text(&chance::<20>());
    let now = shop.clock.now_ms();
    let expires_at = now + LINK_TTL_SECS * 1000;
    let link = download_link::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        token_hash: Set(sha256(token.as_bytes())),
        entitlement_id: Set(entitlement_id),
        file_id: Set(file_id),
        expires_at: Set(expires_at),
        session_until: Set(None),
        created_at: Set(now),
    };
    download_link::Entity::insert(link).exec_without_returning(&shop.db).await?;
    Ok(MintedLink { url: format!("{}/downloads/{token}", shop.settings.base_url), expires_at, downloads_left: left })
}

fn refused(refusal: DownloadRefusal) -> Error {
    Error::Refused(Refusal::new(refusal.code(), refusal.to_string()).with_status(403))
}
