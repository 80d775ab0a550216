//! Sign-in sessions of members: rows, so that signing out ends them on every replica.

use crate::database::{execute, statement};
use crate::entities::session;
use crate::secret::{sha256, token_text};
use crate::{Error, Refusal, Result, Shop, chance};
use domain::id::Id;
use domain::member::{MemberView, OpenSession, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};

/// How long a session lasts.
pub const LIFETIME_SECS: i64 = 30 * 24 * 60 * 60;
/// How exactly it is known when a session was last seen.
const SEEN_TO_MS: i64 = 5 * 60 * 1000;
/// A session that nobody uses for so long is over.
const IDLE_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// How long a password or a link from a mail proves who it is, for what is dangerous.
const PROOF_MS: i64 = 15 * 60 * 1000;
/// What a browser says of itself is kept as far as a person reads it.
const MAX_AGENT_CHARS: usize = 300;

/// What the cookie of a session holds; the database knows its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken(String);

impl SessionToken {
    /// Reads a cookie; `None` when no session can have this name.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Vec<u8> {
        sha256(self.0.as_bytes())
    }
}

/// Where somebody signs in from, as their list of sessions tells them.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub ip: String,
    /// What limits count by: the address, or its network of IPv6.
    pub network: String,
    pub user_agent: String,
}

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Password,
    /// By a link in a mail.
    Link,
}

/// Begins a session. Its token is always a new one, so that none can be foisted on a member.
pub(crate) async fn begin(db: &impl ConnectionTrait, shop: &Shop, member_id: Id, origin: &Origin, way: Way) -> Result<SessionToken> {
    let token = SessionToken(token_text(&chance::<25>()));
    let now = shop.clock.now_ms();
    let sql = "INSERT INTO sessions (id_hash, data, member_id, created_at, expires_at, user_agent, ip, seen_at, way, proved_at) VALUES ($1, '', $2, $3, $4, $5, $6, $3, $7, $3)";
    let agent: String = origin.user_agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT_CHARS).collect();
    let way = if way == Way::Link { "link" } else { "password" };
    let values = [
        token.hash().into(),
        member_id.into(),
        now.into(),
        (now + LIFETIME_SECS * 1000).into(),
        agent.into(),
        origin.ip.clone().into(),
        way.into(),
    ];
    execute(db, sql, values).await?;
    Ok(token)
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: Id,
    email: String,
    role: String,
    seen_at: i64,
}

/// The member whose session this is, while it lasts.
pub async fn find(shop: &Shop, token: &SessionToken) -> Result<Option<MemberView>> {
    let sql = "SELECT m.id, m.email, m.role, s.seen_at FROM sessions s JOIN members m ON m.id = s.member_id \
               WHERE s.id_hash = $1 AND s.expires_at > $2 AND m.store_id = $3 AND m.removed_at IS NULL AND s.seen_at > $4";
    let now = shop.clock.now_ms();
    let values = [token.hash().into(), now.into(), shop.settings.store_id.into(), (now - IDLE_MS).into()];
    let Some(row) = MemberRow::find_by_statement(statement(&shop.db, sql, values)).one(&shop.db).await? else { return Ok(None) };
    if row.seen_at < now - SEEN_TO_MS {
        execute(&shop.db, "UPDATE sessions SET seen_at = $2 WHERE id_hash = $1", [token.hash().into(), now.into()]).await?;
    }
    Ok(Role::parse(&row.role).map(|role| MemberView { id: row.id, role, email: row.email }))
}

#[derive(FromQueryResult)]
struct OpenRow {
    id_hash: Vec<u8>,
    user_agent: String,
    ip: String,
    created_at: i64,
    seen_at: i64,
}

/// The sessions of a member that are open, the last seen first.
pub async fn list(shop: &Shop, member_id: Id, this: &SessionToken) -> Result<Vec<OpenSession>> {
    let sql = "SELECT id_hash, user_agent, ip, created_at, seen_at FROM sessions WHERE member_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC LIMIT 100";
    let now = shop.clock.now_ms();
    let values = [member_id.into(), now.into(), (now - IDLE_MS).into()];
    let rows = OpenRow::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let this = this.hash();
    let sessions = rows.into_iter().map(|row| OpenSession {
        name: data_encoding::HEXLOWER.encode(&row.id_hash),
        is_this: row.id_hash == this,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: row.created_at,
        seen_at: row.seen_at,
    });
    Ok(sessions.collect())
}

/// Ends a session of the member by its name in the list.
///
/// # Errors
/// `NotFound` for one that is not the member's, or over.
pub async fn end_by_name(shop: &Shop, member_id: Id, name: &str) -> Result<()> {
    let hash = data_encoding::HEXLOWER.decode(name.as_bytes()).map_err(|_| Error::NotFound)?;
    let n = execute(&shop.db, "DELETE FROM sessions WHERE id_hash = $1 AND member_id = $2", [hash.into(), member_id.into()]).await?;
    if n == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends all sessions of a member but this one.
pub async fn end_others(db: &impl ConnectionTrait, member_id: Id, this: &SessionToken) -> Result<()> {
    execute(db, "DELETE FROM sessions WHERE member_id = $1 AND id_hash <> $2", [member_id.into(), this.hash().into()]).await?;
    Ok(())
}

pub(crate) async fn end_all(db: &impl ConnectionTrait, member_id: Id) -> Result<()> {
    execute(db, "DELETE FROM sessions WHERE member_id = $1", [member_id.into()]).await?;
    Ok(())
}

/// Whether the session was proven by a link in a mail a moment ago.
pub(crate) async fn is_fresh_by_link(shop: &Shop, token: &SessionToken) -> Result<bool> {
    is_open_with(shop, token, "way = 'link' AND COALESCE(proved_at, created_at) > $2").await
}

async fn is_open_with(shop: &Shop, token: &SessionToken, condition: &str) -> Result<bool> {
    let sql = format!("SELECT 1 AS n FROM sessions WHERE id_hash = $1 AND {condition}");
    let values = [token.hash().into(), (shop.clock.now_ms() - PROOF_MS).into()];
    Ok(shop.db.query_one_raw(statement(&shop.db, sql, values)).await?.is_some())
}

/// Asks for a proof of the last minutes, before who may do what is changed: a session that was left open is not enough.
///
/// # Errors
/// `proof_needed` (403) where the sign-in, or the last proof, is longer ago.
pub async fn require_proof(shop: &Shop, token: &SessionToken) -> Result<()> {
    if is_open_with(shop, token, "COALESCE(proved_at, created_at) > $2").await? {
        return Ok(());
    }
    Err(Error::Refused(Refusal::new("proof_needed", "Confirm that it's you, then send this again.").with_status(403)))
}

/// Notes that who has this session proved a moment ago who they are.
pub(crate) async fn note_proof(db: &impl ConnectionTrait, shop: &Shop, token: &SessionToken) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::ProvedAt, Expr::value(shop.clock.now_ms()))
        .filter(session::Column::IdHash.eq(token.hash()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session; one that has ended is no error.
pub async fn end(shop: &Shop, token: &SessionToken) -> Result<()> {
    execute(&shop.db, "DELETE FROM sessions WHERE id_hash = $1", [token.hash().into()]).await?;
    Ok(())
}

/// Throws away what has ended by time.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    let now = shop.clock.now_ms();
    execute(&shop.db, "DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2", [now.into(), (now - IDLE_MS).into()]).await?;
    Ok(())
}
