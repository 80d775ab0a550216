//! Sign-in sessions of members: rows, so that signing out ends them on every replica.
//!
//! Cookies and the life of a request are those of tower-sessions; its store is `server/src/session_store.rs`, over what is here.

use crate::base::database::{Stored, word};
use crate::base::entities::{member, session};
use crate::base::secret::sha256;
use crate::{Error, Result, Shop, base::refusals, chance};
use domain::id::Id;
use domain::member::{MemberView, OpenSession, Role};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SelectExt,
};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

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
/// At most this many sessions are listed.
const MAX_LISTED: u64 = 100;

/// What names a session: 128 random bits. The cookie holds them, the database knows their hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId(i128);

impl SessionId {
    fn hash(self) -> Vec<u8> {
        sha256(&self.0.to_le_bytes())
    }
}

impl From<i128> for SessionId {
    fn from(bits: i128) -> Self {
        Self(bits)
    }
}

impl From<SessionId> for i128 {
    fn from(id: SessionId) -> Self {
        id.0
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Way {
    Password,
    /// By a link in a mail.
    Link,
}

/// What a session holds: a member who has proved who they are, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    pub member: MemberView,
    pub way: Way,
    pub ip: String,
    pub user_agent: String,
    /// When the session ends at the latest; milliseconds since 1970.
    pub ends_at: i64,
}

impl SignIn {
    /// Under what name a session holds it.
    pub const KEY: &str = "sign_in";

    pub(crate) fn new(shop: &Shop, member: MemberView, origin: &Origin, way: Way) -> Self {
        Self {
            member,
            way,
            ip: origin.ip.clone(),
            user_agent: origin.user_agent.chars().filter(|c| !c.is_control()).take(MAX_AGENT_CHARS).collect(),
            ends_at: shop.clock.now_ms() + LIFETIME_SECS * 1000,
        }
    }
}

/// Begins a session. Its id is always a new one, so that none can be foisted on a member.
pub async fn begin(shop: &Shop, sign_in: &SignIn) -> Result<SessionId> {
    let id = SessionId(i128::from_le_bytes(chance()));
    let now = shop.clock.now_ms();
    let row = session::ActiveModel {
        id_hash: Set(id.hash()),
        data: Set(String::new()),
        member_id: Set(Some(sign_in.member.id)),
        customer_id: Set(None),
        created_at: Set(now),
        expires_at: Set(sign_in.ends_at),
        user_agent: Set(sign_in.user_agent.clone()),
        ip: Set(sign_in.ip.clone()),
        seen_at: Set(now),
        way: Set(sign_in.way.into()),
        proved_at: Set(Some(now)),
    };
    session::Entity::insert(row).exec_without_returning(&shop.db).await?;
    Ok(id)
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "session::Entity")]
struct Open {
    way: Stored<Way, session::Entity>,
    ip: String,
    user_agent: String,
    expires_at: i64,
    seen_at: i64,
    #[sea_orm(nested)]
    member: Signed,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "member::Entity")]
struct Signed {
    id: Id,
    email: String,
    role: Stored<Role, member::Entity>,
}

/// Sessions that have not ended by time.
fn is_open(now: i64) -> Condition {
    Condition::all().add(session::Column::ExpiresAt.gt(now)).add(session::Column::SeenAt.gt(now - IDLE_MS))
}

/// What the session holds while it lasts, with its member as they are now.
pub async fn find(shop: &Shop, id: SessionId) -> Result<Option<SignIn>> {
    let now = shop.clock.now_ms();
    let open = session::Entity::find_by_id(id.hash())
        .inner_join(member::Entity)
        .filter(is_open(now))
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::RemovedAt.is_null())
        .into_partial_model::<Open>()
        .one(&shop.db)
        .await?;
    let Some(open) = open else { return Ok(None) };
    if open.seen_at < now - SEEN_TO_MS {
        session::Entity::update_many()
            .col_expr(session::Column::SeenAt, Expr::value(now))
            .filter(session::Column::IdHash.eq(id.hash()))
            .exec(&shop.db)
            .await?;
    }
    let member = MemberView { id: open.member.id, role: *open.member.role, email: open.member.email };
    Ok(Some(SignIn { member, way: *open.way, ip: open.ip, user_agent: open.user_agent, ends_at: open.expires_at }))
}

/// The sessions of a member that are open, the last seen first.
pub async fn list(shop: &Shop, member_id: Id, this: SessionId) -> Result<Vec<OpenSession>> {
    let rows = session::Entity::find()
        .filter(session::Column::MemberId.eq(member_id))
        .filter(is_open(shop.clock.now_ms()))
        .order_by_desc(session::Column::SeenAt)
        .limit(MAX_LISTED)
        .all(&shop.db)
        .await?;
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
    let ended = session::Entity::delete_many()
        .filter(session::Column::IdHash.eq(hash))
        .filter(session::Column::MemberId.eq(member_id))
        .exec(&shop.db)
        .await?;
    if ended.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends all sessions of a member but this one.
pub async fn end_others(db: &impl ConnectionTrait, member_id: Id, this: SessionId) -> Result<()> {
    session::Entity::delete_many()
        .filter(session::Column::MemberId.eq(member_id))
        .filter(session::Column::IdHash.ne(this.hash()))
        .exec(db)
        .await?;
    Ok(())
}

pub(crate) async fn end_all(db: &impl ConnectionTrait, member_id: Id) -> Result<()> {
    session::Entity::delete_many().filter(session::Column::MemberId.eq(member_id)).exec(db).await?;
    Ok(())
}

/// Ends all sessions of a customer who is forgotten.
pub(crate) async fn forget(tx: &impl ConnectionTrait, customer_id: Id) -> Result<()> {
    session::Entity::delete_many().filter(session::Column::CustomerId.eq(customer_id)).exec(tx).await?;
    Ok(())
}

/// Whether who has the session has proved a moment ago who they are, in a way that fits.
async fn is_proved(shop: &Shop, id: SessionId, way: Condition) -> Result<bool> {
    // Rows of an older release have no proof of their own: theirs is the sign-in.
    let proved_at = Func::coalesce([Expr::col(session::Column::ProvedAt), Expr::col(session::Column::CreatedAt)]);
    let proved = session::Entity::find_by_id(id.hash())
        .filter(Expr::expr(proved_at).gt(shop.clock.now_ms() - PROOF_MS))
        .filter(way)
        .one(&shop.db)
        .await?;
    Ok(proved.is_some())
}

/// Whether the session was proven by a link in a mail a moment ago.
pub(crate) async fn is_fresh_by_link(shop: &Shop, id: SessionId) -> Result<bool> {
    is_proved(shop, id, session::Column::Way.eq(word(Way::Link)).into()).await
}

/// Asks for a proof of the last minutes, before who may do what is changed: a session that was left open is not enough.
///
/// # Errors
/// `proof_needed` (403) where the sign-in, or the last proof, is longer ago.
pub async fn require_proof(shop: &Shop, id: SessionId) -> Result<()> {
    if is_proved(shop, id, Condition::all()).await? {
        return Ok(());
    }
    Err(refusals::PROOF_NEEDED.into())
}

/// Notes that who has this session proved a moment ago who they are.
pub(crate) async fn note_proof(db: &impl ConnectionTrait, shop: &Shop, id: SessionId) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::ProvedAt, Expr::value(shop.clock.now_ms()))
        .filter(session::Column::IdHash.eq(id.hash()))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session; one that has ended is no error.
pub async fn end(shop: &Shop, id: SessionId) -> Result<()> {
    session::Entity::delete_by_id(id.hash()).exec(&shop.db).await?;
    Ok(())
}

/// Lets a session of an older release go on: its cookie held another secret, from which the id follows, so that requests that come
/// at once lead to one session. Nothing for a token that opens none.
pub async fn take_over(shop: &Shop, token: &str) -> Result<Option<SessionId>> {
    let mut bits = [0; 16];
    bits.copy_from_slice(&shop.settings.secret_key.derive("older session", token.as_bytes())[..16]);
    let id = SessionId(i128::from_le_bytes(bits));
    let is_known = async |hash: Vec<u8>| session::Entity::find_by_id(hash).exists(&shop.db).await;
    if is_known(id.hash()).await? {
        return Ok(Some(id));
    }
    // A stranger's token costs no write.
    if !is_known(sha256(token.as_bytes())).await? {
        return Ok(None);
    }
    session::Entity::update_many()
        .col_expr(session::Column::IdHash, Expr::value(id.hash()))
        .filter(session::Column::IdHash.eq(sha256(token.as_bytes())))
        .exec(&shop.db)
        .await?;
    Ok(is_known(id.hash()).await?.then_some(id))
}

/// Throws away what has ended by time.
pub(crate) async fn sweep(shop: &Shop) -> Result<()> {
    session::Entity::delete_many().filter(is_open(shop.clock.now_ms()).not()).exec(&shop.db).await?;
    Ok(())
}
