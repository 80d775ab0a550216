//! Sign-in sessions of members: rows, so that signing out ends them on every replica.

use crate::database::{execute, statement};
use crate::secret::{sha256, token_text};
use crate::{Result, Shop, chance};
use domain::id::Id;
use domain::member::{MemberView, Role};
use sea_orm::FromQueryResult;

/// How long a session lasts.
pub const LIFETIME_SECS: i64 = 30 * 24 * 60 * 60;

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

/// Begins a session. Its token is always a new one, so that none can be foisted on a member.
pub async fn begin(shop: &Shop, member_id: Id) -> Result<SessionToken> {
    let token = SessionToken(token_text(&chance::<25>()));
    let now = shop.clock.now_ms();
    let sql = "INSERT INTO sessions (id_hash, data, member_id, created_at, expires_at) VALUES ($1, '', $2, $3, $4)";
    execute(&shop.db, sql, [token.hash().into(), member_id.into(), now.into(), (now + LIFETIME_SECS * 1000).into()]).await?;
    Ok(token)
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: Id,
    email: String,
    role: String,
}

/// The member whose session this is, while it lasts.
pub async fn find(shop: &Shop, token: &SessionToken) -> Result<Option<MemberView>> {
    let sql = "SELECT m.id, m.email, m.role FROM sessions s JOIN members m ON m.id = s.member_id WHERE s.id_hash = $1 AND s.expires_at > $2 AND m.store_id = $3";
    let values = [token.hash().into(), shop.clock.now_ms().into(), shop.settings.store_id.into()];
    let row = MemberRow::find_by_statement(statement(&shop.db, sql, values)).one(&shop.db).await?;
    Ok(row.and_then(|row| Some(MemberView { id: row.id, role: Role::parse(&row.role)?, email: row.email })))
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
