//! What decides whether a file may be fetched, for every way to it; and the links that owners get.

use crate::database::{execute, statement};
use crate::files::StoredFile;
use crate::secret::{sha256, token_text};
use crate::{Error, Refusal, Result, Shop, chance, orders, world};
use domain::download::{DEFAULT_LIMIT, DownloadRefusal, LINK_TTL_SECS, MintedLink};
use domain::id::Id;
use domain::order::OwnedFile;
use sea_orm::{FromQueryResult, prelude::Uuid};
use std::collections::HashMap;

/// The files of an entitlement: those of the product's newest release that belong to its tier.
pub(super) const FILES: &str = "FROM entitlements e JOIN release_files rf ON rf.release_id = (SELECT r.id FROM releases r WHERE r.product_id = e.product_id AND NOT r.is_draft ORDER BY r.id DESC LIMIT 1) \
                     AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) JOIN files f ON f.id = rf.file_id \
                     LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id";

/// The columns of [`Access`], of an entitlement `e`, a file `f` and their budget `dc`.
pub(super) const ACCESS: &str = "e.id AS entitlement_id, e.order_id, e.state, e.cause, e.download_limit, dc.n_used, dc.n_extra, \
    f.id AS file_id, f.object_key, f.name, f.media_type, f.size_bytes, f.sha256, \
    EXISTS (SELECT 1 FROM release_files rf WHERE rf.file_id = f.id AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) \
        AND rf.release_id = (SELECT r.id FROM releases r WHERE r.product_id = e.product_id AND NOT r.is_draft ORDER BY r.id DESC LIMIT 1)) AS is_offered, \
    EXISTS (SELECT 1 FROM release_files rf JOIN releases r ON r.id = rf.release_id WHERE rf.file_id = f.id \
        AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) AND r.product_id = e.product_id AND NOT r.is_draft) AS is_published";

/// A file of an entitlement, with all that decides whether it may be fetched.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Access {
    pub entitlement_id: Id,
    pub order_id: Id,
    state: String,
    cause: String,
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
        match self.state.as_str() {
            "active" => {}
            "suspended" => return Some(DownloadRefusal::Suspended),
            _ if self.cause == "member" => return Some(DownloadRefusal::Closed),
            _ => return Some(DownloadRefusal::Revoked),
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
    let sql = format!(
        "SELECT e.id AS entitlement_id, e.order_item_id, f.id AS file_id, f.name, f.media_type, f.size_bytes, f.sha256, e.download_limit, dc.n_used, dc.n_extra {FILES} \
         WHERE e.order_id = $1 AND e.state = 'active' ORDER BY e.unit_no, rf.position, rf.id"
    );
    let mut files: HashMap<Id, Vec<OwnedFile>> = HashMap::new();
    for row in FileRow::find_by_statement(statement(&shop.db, sql, [order_id.into()])).all(&shop.db).await? {
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
    let sql = format!(
        "SELECT {ACCESS} FROM entitlements e JOIN files f ON f.id = $3 LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id \
         WHERE e.id = $1 AND e.order_id = $2"
    );
    let access = Access::find_by_statement(statement(&shop.db, sql, [entitlement_id.into(), order.id.into(), file_id.into()]))
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
    let sql = "INSERT INTO download_links (id, store_id, token_hash, entitlement_id, file_id, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        sha256(token.as_bytes()).into(),
        entitlement_id.into(),
        file_id.into(),
        expires_at.into(),
        now.into(),
    ];
    execute(&shop.db, sql, values).await?;
    Ok(MintedLink { url: format!("{}/downloads/{token}", shop.settings.base_url), expires_at, downloads_left: left })
}

fn refused(refusal: DownloadRefusal) -> Error {
    Error::Refused(Refusal::new(refusal.code(), refusal.to_string()).with_status(403))
}
