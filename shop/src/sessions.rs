//! Sign-in sessions of members: rows, so that signing out ends them on every replica.

use crate::database::{execute, statement};
use crate::secret::{sha256, token_text};
use crate::{Error, Result, Shop, chance};
use domain::id::Id;
use domain::member::{MemberView, OpenSession, Role};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// How long a session lasts.
pub const LIFETIME_SECS: i64 = 30 * 24 * 60 * 60;
/// How exactly it is known when a session was last seen.
const SEEN_TO_MS: i64 = 5 * 60 * 1000;
/// Who came in by a link so short a time ago has proven to read the member's mail.
const FRESH_MS: i64 = 10 * 60 * 1000;
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
    let sql = "INSERT INTO sessions (id_hash, data, member_id, created_at, expires_at, user_agent, ip, seen_at, way) VALUES ($1, '', $2, $3, $4, $5, $6, $3, $7)";
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
               WHERE s.id_hash = $1 AND s.expires_at > $2 AND m.store_id = $3 AND m.removed_at IS NULL";
    let now = shop.clock.now_ms();
    let values = [token.hash().into(), now.into(), shop.settings.store_id.into()];
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
    let sql = "SELECT id_hash, user_agent, ip, created_at, seen_at FROM sessions WHERE member_id = $1 AND expires_at > $2 ORDER BY seen_at DESC LIMIT 100";
    let rows = OpenRow::find_by_statement(statement(&shop.db, sql, [member_id.into(), shop.clock.now_ms().into()])).all(&shop.db).await?;
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

/// Whether the session began by a link in a mail a moment ago.
pub(crate) async fn is_fresh_by_link(shop: &Shop, token: &SessionToken) -> Result<bool> {
    let sql = "SELECT 1 AS n FROM sessions WHERE id_hash = $1 AND way = 'link' AND created_at > $2";
    let values = [token.hash().into(), (shop.clock.now_ms() - FRESH_MS).into()];
    Ok(shop.db.query_one_raw(statement(&shop.db, sql, values)).await?.is_some())
}

/// Ends a session; one that has ended is no error.
pub async fn end(shop: &Shop, token: &SessionToken) -> Result<()> {
    execute(&shop.db, "DELETE FROM sessions WHERE id_hash = $1", [token.hash().into()]).await?;
    Ok(())
}

/// Throws away what has ended by time.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    execute(&shop.db, "DELETE FROM sessions WHERE expires_at <= $1", [shop.clock.now_ms().into()]).await?;
    Ok(())
}
