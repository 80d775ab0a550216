//! Downloads: one authorisation for every way to a file. A link is minted for the owner, costs nothing until it is used,
//! and one use covers all requests of one download, so that a broken transfer can be resumed.

use crate::database::{begin_write, execute, statement};
use crate::files::StoredFile;
use crate::secret::{sha256, token_text};
use crate::{Error, Refusal, Result, Shop, chance, jobs, orders, world};
use domain::download::{DEFAULT_LIMIT, DownloadRefusal, LINK_TTL_SECS, MintedLink, SESSION_SECS};
use domain::id::Id;
use domain::order::OwnedFile;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, prelude::Uuid};
use std::collections::HashMap;

/// The files of an entitlement: those of the product's newest release that belong to its tier.
const FILES: &str = "FROM entitlements e JOIN release_files rf ON rf.release_id = (SELECT r.id FROM releases r WHERE r.product_id = e.product_id AND NOT r.is_draft ORDER BY r.id DESC LIMIT 1) \
                     AND (rf.variant_id IS NULL OR rf.variant_id = e.variant_id) JOIN files f ON f.id = rf.file_id \
                     LEFT JOIN download_counts dc ON dc.entitlement_id = e.id AND dc.file_id = f.id";

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

impl FileRow {
    fn left(&self) -> i64 {
        (self.download_limit.unwrap_or(DEFAULT_LIMIT) + self.n_extra.unwrap_or(0) - self.n_used.unwrap_or(0)).max(0)
    }
}

/// The files of an order by its lines. Each piece that was bought has its own budget; the lists join them.
pub(crate) async fn owned_files(shop: &Shop, order_id: Id) -> Result<HashMap<Id, Vec<OwnedFile>>> {
    let sql = format!(
        "SELECT e.id AS entitlement_id, e.order_item_id, f.id AS file_id, f.name, f.media_type, f.size_bytes, f.sha256, e.download_limit, dc.n_used, dc.n_extra {FILES} \
         WHERE e.order_id = $1 AND e.state = 'active' ORDER BY e.unit_no, rf.position, rf.id"
    );
    let mut files: HashMap<Id, Vec<OwnedFile>> = HashMap::new();
    for row in FileRow::find_by_statement(statement(&shop.db, sql, [order_id.into()])).all(&shop.db).await? {
        let left = row.left();
        files.entry(row.order_item_id).or_default().push(OwnedFile {
            id: format!("{}.{}", row.entitlement_id.simple(), row.file_id.simple()),
            name: row.name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            sha256: row.sha256,
            downloads_left: left,
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
        "SELECT e.id AS entitlement_id, e.order_item_id, f.id AS file_id, f.name, f.media_type, f.size_bytes, f.sha256, e.download_limit, dc.n_used, dc.n_extra {FILES} \
         WHERE e.id = $1 AND e.order_id = $2 AND f.id = $3"
    );
    let row = FileRow::find_by_statement(statement(&shop.db, sql, [entitlement_id.into(), order.id.into(), file_id.into()]))
        .one(&shop.db)
        .await?
        .ok_or(Error::NotFound)?;
    let (state, cause) = entitlement_state(&shop.db, entitlement_id).await?;
    if let Some(refusal) = state_refusal(&state, &cause) {
        return Err(refused(refusal));
    }
    let left = row.left();
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

fn state_refusal(state: &str, cause: &str) -> Option<DownloadRefusal> {
    match state {
        "active" => None,
        "suspended" => Some(DownloadRefusal::Suspended),
        _ if cause == "member" => Some(DownloadRefusal::Closed),
        _ => Some(DownloadRefusal::Revoked),
    }
}

async fn entitlement_state(db: &impl ConnectionTrait, id: Id) -> Result<(String, String)> {
    let row = db.query_one_raw(statement(db, "SELECT state, cause FROM entitlements WHERE id = $1", [id.into()])).await?;
    let row = row.ok_or(Error::NotFound)?;
    Ok((row.try_get("", "state")?, row.try_get("", "cause")?))
}

/// A request for the bytes behind a link.
#[derive(Clone, Debug)]
pub struct Visit<'a> {
    pub token: &'a str,
    /// Asks about the file without taking it: costs nothing.
    pub is_head: bool,
    pub ip: &'a str,
    pub user_agent: &'a str,
}

/// Leave to send a file.
#[derive(Clone, Debug)]
pub struct Grant {
    pub file: StoredFile,
    pub session_id: Option<Id>,
    /// Whether this request paid with a unit of the budget, which [`release`] can give back.
    has_paid: bool,
    link_id: Id,
    entitlement_id: Id,
    order_id: Id,
}

#[derive(FromQueryResult)]
struct LinkRow {
    id: Id,
    store_id: Id,
    entitlement_id: Id,
    file_id: Id,
    expires_at: i64,
    session_until: Option<i64>,
    state: String,
    cause: String,
    download_limit: Option<i64>,
    order_id: Id,
    object_key: String,
    name: String,
    media_type: String,
    size_bytes: i64,
    sha256: String,
}

impl LinkRow {
    /// Whether a download has begun that further requests belong to.
    fn is_running(&self, now: i64) -> bool {
        self.session_until.is_some_and(|until| now < until)
    }
}

const LINK: &str = "SELECT l.id, l.store_id, l.entitlement_id, l.file_id, l.expires_at, l.session_until, e.state, e.cause, e.download_limit, e.order_id, f.object_key, f.name, f.media_type, f.size_bytes, f.sha256 \
                    FROM download_links l JOIN entitlements e ON e.id = l.entitlement_id JOIN files f ON f.id = l.file_id WHERE l.token_hash = $1 AND l.store_id = $2";

/// Whether these bytes may be sent now, decided anew for every request.
pub async fn authorize(shop: &Shop, visit: Visit<'_>) -> Result<std::result::Result<Grant, DownloadRefusal>> {
    let now = shop.clock.now_ms();
    let Some(link) = find_link(shop, &shop.db, visit.token).await? else { return Ok(Err(DownloadRefusal::Unknown)) };
    if let Some(refusal) = refusal(&link, now) {
        return Ok(Err(refusal));
    }
    if visit.is_head {
        return Ok(if may_begin(shop, &link, visit.token, now).await? {
            Ok(grant(link, None, false))
        } else {
            Err(DownloadRefusal::UsedUp)
        });
    }
    if link.is_running(now) {
        let session_id = last_session(&shop.db, link.id).await?;
        return Ok(Ok(grant(link, session_id, false)));
    }
    let tx = begin_write(&shop.db).await?;
    // Only one of many parallel requests begins the download; the others find it begun and join it.
    let sql = "UPDATE download_links SET session_until = $2 WHERE id = $1 AND (session_until IS NULL OR session_until <= $3)";
    if execute(&tx, sql, [link.id.into(), (now + SESSION_SECS * 1000).into(), now.into()]).await? == 0 {
        let session_id = last_session(&tx, link.id).await?;
        return Ok(Ok(grant(link, session_id, false)));
    }
    if !take_unit(&tx, &link).await? {
        return Ok(Err(DownloadRefusal::UsedUp));
    }
    let session_id = world::new_id();
    let sql = "INSERT INTO download_sessions (id, store_id, link_id, entitlement_id, file_id, ip, user_agent, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        session_id.into(),
        link.store_id.into(),
        link.id.into(),
        link.entitlement_id.into(),
        link.file_id.into(),
        visit.ip.into(),
        visit.user_agent.chars().take(300).collect::<String>().into(),
        now.into(),
    ];
    execute(&tx, sql, values).await?;
    tx.commit().await?;
    Ok(Ok(grant(link, Some(session_id), true)))
}

/// Whether whoever asks about a file would get it: a download is running, or one is left.
async fn may_begin(shop: &Shop, link: &LinkRow, token: &str, now: i64) -> Result<bool> {
    if link.is_running(now) || has_unit(&shop.db, link).await? {
        return Ok(true);
    }
    // The last one may have begun since the link was read.
    Ok(find_link(shop, &shop.db, token).await?.is_some_and(|link| link.is_running(now)))
}

async fn find_link(shop: &Shop, db: &impl ConnectionTrait, token: &str) -> Result<Option<LinkRow>> {
    // No token that was ever minted looks otherwise; the rest is not worth a query.
    if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Ok(None);
    }
    Ok(LinkRow::find_by_statement(statement(db, LINK, [sha256(token.as_bytes()).into(), shop.settings.store_id.into()])).one(db).await?)
}

fn refusal(link: &LinkRow, now: i64) -> Option<DownloadRefusal> {
    state_refusal(&link.state, &link.cause).or_else(|| {
        // A download that began in time may end after it.
        (link.expires_at <= now && !link.is_running(now)).then_some(DownloadRefusal::Expired)
    })
}

async fn take_unit(tx: &DatabaseTransaction, link: &LinkRow) -> Result<bool> {
    let key = [link.entitlement_id.into(), link.file_id.into()];
    execute(tx, "INSERT INTO download_counts (entitlement_id, file_id, n_used, n_extra) VALUES ($1, $2, 0, 0) ON CONFLICT (entitlement_id, file_id) DO NOTHING", key.clone()).await?;
    let limit = link.download_limit.unwrap_or(DEFAULT_LIMIT);
    let sql = "UPDATE download_counts SET n_used = n_used + 1 WHERE entitlement_id = $1 AND file_id = $2 AND n_used < $3 + n_extra";
    Ok(execute(tx, sql, key.into_iter().chain([limit.into()])).await? == 1)
}

async fn has_unit(db: &impl ConnectionTrait, link: &LinkRow) -> Result<bool> {
    let sql = "SELECT 1 AS yes FROM download_counts WHERE entitlement_id = $1 AND file_id = $2 AND n_used >= $3 + n_extra";
    let values = [link.entitlement_id.into(), link.file_id.into(), link.download_limit.unwrap_or(DEFAULT_LIMIT).into()];
    Ok(db.query_one_raw(statement(db, sql, values)).await?.is_none())
}

async fn last_session(db: &impl ConnectionTrait, link_id: Id) -> Result<Option<Id>> {
    let row = db
        .query_one_raw(statement(db, "SELECT id FROM download_sessions WHERE link_id = $1 ORDER BY id DESC LIMIT 1", [link_id.into()]))
        .await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

fn grant(link: LinkRow, session_id: Option<Id>, has_paid: bool) -> Grant {
    Grant {
        file: StoredFile {
            id: link.file_id,
            object_key: link.object_key,
            name: link.name,
            media_type: link.media_type,
            size_bytes: link.size_bytes,
            sha256: link.sha256,
        },
        session_id,
        has_paid,
        link_id: link.id,
        entitlement_id: link.entitlement_id,
        order_id: link.order_id,
    }
}

/// Writes down what was sent: the range's start and how many bytes.
pub async fn record(shop: &Shop, grant: &Grant, range_start: i64, n_bytes: i64, ip: &str, user_agent: &str) -> Result<()> {
    let Some(session_id) = grant.session_id else { return Ok(()) };
    let sql = "INSERT INTO download_log (id, store_id, session_id, range_start, n_bytes, ip, user_agent, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let user_agent: String = user_agent.chars().take(300).collect();
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        session_id.into(),
        range_start.into(),
        n_bytes.into(),
        ip.into(),
        user_agent.into(),
        shop.clock.now_ms().into(),
    ];
    let tx = begin_write(&shop.db).await?;
    execute(&tx, sql, values).await?;
    if grant.has_paid {
        orders::note(&tx, shop, grant.order_id, "fetched", &grant.file.name).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Gives the unit back when storage failed before the first byte: what was not sent is not charged.
pub async fn release(shop: &Shop, grant: &Grant) -> Result<()> {
    if !grant.has_paid {
        return Ok(());
    }
    let tx = begin_write(&shop.db).await?;
    if execute(&tx, "UPDATE download_links SET session_until = NULL WHERE id = $1 AND session_until IS NOT NULL", [grant.link_id.into()])
        .await?
        == 1
    {
        execute(
            &tx,
            "UPDATE download_counts SET n_used = n_used - 1 WHERE entitlement_id = $1 AND file_id = $2 AND n_used > 0",
            [grant.entitlement_id.into(), grant.file.id.into()],
        )
        .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A file of an entitlement that a member does something for.
#[derive(FromQueryResult)]
struct BudgetRow {
    entitlement_id: Id,
    file_id: Id,
    name: String,
}

/// The budgets of an order, or the one of a file.
async fn budgets(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<BudgetRow>> {
    let sql =
        format!("SELECT e.id AS entitlement_id, f.id AS file_id, f.name {FILES} WHERE e.order_id = $1 ORDER BY e.id, rf.position, rf.id");
    let mut rows = BudgetRow::find_by_statement(statement(tx, sql, [order_id.into()])).all(tx).await?;
    if let Some(wanted) = file {
        rows.retain(|row| (row.entitlement_id, row.file_id) == wanted);
    }
    Ok(rows)
}

/// The names of the files of an order, or of the one that is meant.
pub(crate) async fn names(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<Vec<String>> {
    Ok(budgets(tx, order_id, file).await?.into_iter().map(|row| row.name).collect())
}

/// Adds to the budget of a file of an order, or of each of them; tells their names.
pub(crate) async fn add_extra(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>, extra: i64) -> Result<Vec<String>> {
    let sql = "INSERT INTO download_counts (entitlement_id, file_id, n_used, n_extra) VALUES ($1, $2, 0, $3) \
               ON CONFLICT (entitlement_id, file_id) DO UPDATE SET n_extra = download_counts.n_extra + excluded.n_extra";
    let mut names = Vec::new();
    for row in budgets(tx, order_id, file).await? {
        execute(tx, sql, [row.entitlement_id.into(), row.file_id.into(), extra.into()]).await?;
        names.push(row.name);
    }
    Ok(names)
}

/// Lets a budget of an order, or all of them, count from nothing; tells how many had been used.
pub(crate) async fn reset(tx: &DatabaseTransaction, order_id: Id, file: Option<(Id, Id)>) -> Result<u64> {
    let sql =
        "UPDATE download_counts SET n_used = 0 WHERE n_used > 0 AND entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    let Some((entitlement_id, file_id)) = file else { return Ok(execute(tx, sql, [order_id.into()]).await?) };
    let sql = format!("{sql} AND entitlement_id = $2 AND file_id = $3");
    Ok(execute(tx, &sql, [order_id.into(), entitlement_id.into(), file_id.into()]).await?)
}

/// Lets the links of an order work until an instant, those that ended and were not thrown away among them.
pub(crate) async fn extend_links(tx: &DatabaseTransaction, order_id: Id, until: i64) -> Result<()> {
    let sql = "UPDATE download_links SET expires_at = $2 WHERE expires_at < $2 AND entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    execute(tx, sql, [order_id.into(), until.into()]).await?;
    Ok(())
}

/// Ends the links of an order, also those that are in use.
pub(crate) async fn end_links(tx: &DatabaseTransaction, order_id: Id, now: i64) -> Result<()> {
    let sql = "UPDATE download_links SET expires_at = CASE WHEN expires_at < $2 THEN expires_at ELSE $2 END, \
               session_until = CASE WHEN session_until > $2 THEN $2 ELSE session_until END \
               WHERE entitlement_id IN (SELECT id FROM entitlements WHERE order_id = $1)";
    execute(tx, sql, [order_id.into(), now.into()]).await?;
    Ok(())
}

/// Old links are thrown away this long after their end: 30 days, when nobody asks any more why one does not work.
const KEEP_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Throws away old links that nobody used; those that began a download are evidence, with its record.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let skip = jobs::skip_locked(&shop.db);
    let sql = format!(
        "DELETE FROM download_links WHERE id IN (SELECT l.id FROM download_links l WHERE l.session_until IS NULL AND l.expires_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM download_sessions s WHERE s.link_id = l.id) LIMIT {} {skip})",
        jobs::SWEPT_AT_ONCE
    );
    while execute(&shop.db, &sql, [(shop.clock.now_ms() - KEEP_MS).into()]).await? >= jobs::SWEPT_AT_ONCE {}
    Ok(())
}
