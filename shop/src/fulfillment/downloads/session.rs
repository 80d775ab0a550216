//! A download: all requests of a link that belong to one transfer. Its first one takes a unit of the budget.

use super::access::Access;
use super::sql;
use crate::base::database::{begin_write, statement};
use crate::base::entities::{download_count, download_link, download_session};
use crate::base::secret::sha256;
use crate::files::StoredFile;
use crate::{Result, Shop, base::world};
use domain::download::{DEFAULT_LIMIT, DownloadRefusal, MAX_SESSION_SECS, SESSION_SECS, bytes_a_unit};
use domain::id::Id;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter};

/// How much of a browser's name is kept.
pub(super) const MAX_USER_AGENT_CHARS: usize = 300;

/// A link that was minted, and the download that it has begun last.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Link {
    id: Id,
    expires_at: i64,
    session_until: Option<i64>,
    session_id: Option<Id>,
    session_started_at: Option<i64>,
    session_n_bytes: Option<i64>,
    #[sea_orm(nested)]
    access: Access,
}

/// A request for the bytes behind a link.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// How many bytes the answer has; `None` where it has none, as to HEAD, which costs nothing.
    pub n_bytes: Option<u64>,
    pub ip: &'a str,
    pub user_agent: &'a str,
}

/// Leave to send a file.
#[derive(Clone, Debug)]
pub struct Grant {
    pub file: StoredFile,
    /// Nothing where no byte is sent.
    pub(super) session: Option<Session>,
    pub(super) link_id: Id,
    pub(super) order_id: Id,
    entitlement_id: Id,
    /// Whether this request paid with a unit of the budget, which [`release`] can give back.
    pub(super) has_paid: bool,
}

/// A download as the database knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    pub id: Id,
    pub started_at: i64,
    pub n_bytes: i64,
}

/// What is to be done for a request.
enum Decision {
    /// It belongs to a download that is running.
    Join(Session),
    /// It begins one, which takes a unit.
    Begin,
    Refuse(DownloadRefusal),
}

impl Link {
    /// What rate limits count by.
    pub fn id(&self) -> Id {
        self.id
    }

    pub fn file(&self) -> StoredFile {
        self.access.file()
    }

    /// The download that further requests belong to: its last byte is not long ago, and it has not gone on for too long.
    fn running(&self, shop: &Shop, now: i64) -> Option<Session> {
        let session = Session { id: self.session_id?, started_at: self.session_started_at?, n_bytes: self.session_n_bytes? };
        let until = self.session_until?;
        let is_running = now < until || shop.transfers.is_open(session.id);
        (is_running && now < session.started_at + MAX_SESSION_SECS * 1000).then_some(session)
    }

    fn decide(&self, shop: &Shop, n_bytes: u64, now: i64) -> Decision {
        let running = self.running(shop, now);
        if let Some(refusal) = self.access.refusal(running.is_some()) {
            return Decision::Refuse(refusal);
        }
        if let Some(session) = running {
            let given = Ord::max(shop.transfers.given(session.id), session.n_bytes);
            if given.saturating_add_unsigned(n_bytes) <= bytes_a_unit(self.file().size_bytes) {
                return Decision::Join(session);
            }
        }
        // What began in time may end after it; another download may not begin.
        if self.expires_at <= now {
            return Decision::Refuse(DownloadRefusal::Expired);
        }
        match self.access.refusal(false) {
            Some(refusal) => Decision::Refuse(refusal),
            None if self.access.left() == 0 => Decision::Refuse(DownloadRefusal::UsedUp),
            None => Decision::Begin,
        }
    }

    fn grant(&self, session: Option<Session>, has_paid: bool) -> Grant {
        Grant {
            file: self.file(),
            session,
            link_id: self.id,
            order_id: self.access.order_id,
            entitlement_id: self.access.entitlement_id,
            has_paid,
        }
    }
}

/// The link of a token, whatever may be done with it.
pub async fn find(shop: &Shop, token: &str) -> Result<Option<Link>> {
    // No token that was ever minted looks otherwise; the rest is not worth a query.
    if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Ok(None);
    }
    let values = [sha256(token.as_bytes()).into(), shop.settings.store_id.into()];
    Ok(Link::find_by_statement(statement(&shop.db, sql::LINK_OF_TOKEN, values)).one(&shop.db).await?)
}

/// Whether these bytes may be sent now, decided anew for every request.
pub async fn authorize(shop: &Shop, link: &Link, visit: Visit<'_>) -> Result<std::result::Result<Grant, DownloadRefusal>> {
    let now = shop.clock.now_ms();
    let Some(n_bytes) = visit.n_bytes else {
        // Who asks about a file hears what who fetches it would hear.
        return Ok(match link.decide(shop, link.file().size_bytes.unsigned_abs(), now) {
            Decision::Refuse(refusal) => Err(refusal),
            Decision::Join(_) | Decision::Begin => Ok(link.grant(None, false)),
        });
    };
    match link.decide(shop, n_bytes, now) {
        Decision::Refuse(refusal) => return Ok(Err(refusal)),
        Decision::Join(session) => return Ok(Ok(link.grant(Some(session), false))),
        Decision::Begin => {}
    }
    let tx = begin_write(&shop.db).await?;
    // Only one of many parallel requests begins the download; the others wait here, find it begun, and join it.
    lock(&tx, link.id).await?;
    let found = Link::find_by_statement(statement(&tx, sql::LINK, [link.id.into()])).one(&tx).await?;
    let Some(link) = found else { return Ok(Err(DownloadRefusal::Unknown)) };
    match link.decide(shop, n_bytes, now) {
        Decision::Refuse(refusal) => return Ok(Err(refusal)),
        Decision::Join(session) => return Ok(Ok(link.grant(Some(session), false))),
        Decision::Begin => {}
    }
    if !take_unit(&tx, &link.access).await? {
        return Ok(Err(DownloadRefusal::UsedUp));
    }
    let session = Session { id: world::new_id(), started_at: now, n_bytes: 0 };
    let row = download_session::ActiveModel {
        id: Set(session.id),
        store_id: Set(shop.settings.store_id),
        link_id: Set(link.id),
        entitlement_id: Set(link.access.entitlement_id),
        file_id: Set(link.access.file_id),
        ip: Set(visit.ip.to_owned()),
        user_agent: Set(visit.user_agent.chars().take(MAX_USER_AGENT_CHARS).collect()),
        started_at: Set(now),
        n_bytes: Set(0),
        last_at: Set(None),
        is_short: Set(false),
    };
    download_session::Entity::insert(row).exec_without_returning(&tx).await?;
    set_until(&tx, link.id, Some(now + SESSION_SECS * 1000)).await?;
    tx.commit().await?;
    Ok(Ok(link.grant(Some(session), true)))
}

/// Takes the link's row for this transaction.
async fn lock(tx: &DatabaseTransaction, link_id: Id) -> Result<()> {
    let until = download_link::Column::SessionUntil;
    let itself = download_link::Entity::update_many().col_expr(until, Expr::col(until));
    itself.filter(download_link::Column::Id.eq(link_id)).exec(tx).await?;
    Ok(())
}

async fn set_until(tx: &DatabaseTransaction, link_id: Id, until: Option<i64>) -> Result<()> {
    let all = download_link::Entity::update_many().col_expr(download_link::Column::SessionUntil, Expr::value(until));
    all.filter(download_link::Column::Id.eq(link_id)).exec(tx).await?;
    Ok(())
}

async fn take_unit(tx: &DatabaseTransaction, access: &Access) -> Result<bool> {
    use download_count::{ActiveModel, Column, Entity};
    let row = ActiveModel { entitlement_id: Set(access.entitlement_id), file_id: Set(access.file_id), n_used: Set(0), n_extra: Set(0) };
    let known = OnConflict::columns([Column::EntitlementId, Column::FileId]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    let limit = access.download_limit.unwrap_or(DEFAULT_LIMIT);
    let taken = Entity::update_many()
        .col_expr(Column::NUsed, Expr::col(Column::NUsed).add(1i64))
        .filter(Column::EntitlementId.eq(access.entitlement_id))
        .filter(Column::FileId.eq(access.file_id))
        .filter(Expr::col(Column::NUsed).lt(Expr::col(Column::NExtra).add(limit)));
    Ok(taken.exec(tx).await?.rows_affected == 1)
}

/// Gives the unit back when storage failed before the first byte: what was not sent is not charged.
pub async fn release(shop: &Shop, grant: &Grant) -> Result<()> {
    let Some(session) = grant.session.filter(|_| grant.has_paid) else { return Ok(()) };
    // Others may have joined it, and got what this one did not get.
    if shop.transfers.is_open(session.id) || shop.transfers.given(session.id) > 0 {
        return Ok(());
    }
    let tx = begin_write(&shop.db).await?;
    lock(&tx, grant.link_id).await?;
    let unsent = download_session::Entity::delete_many()
        .filter(download_session::Column::Id.eq(session.id))
        .filter(download_session::Column::NBytes.eq(0));
    if unsent.exec(&tx).await?.rows_affected == 0 {
        return Ok(());
    }
    set_until(&tx, grant.link_id, None).await?;
    use download_count::{Column, Entity};
    Entity::update_many()
        .col_expr(Column::NUsed, Expr::col(Column::NUsed).sub(1i64))
        .filter(Column::EntitlementId.eq(grant.entitlement_id))
        .filter(Column::FileId.eq(grant.file.id))
        .filter(Column::NUsed.gt(0))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}
