//! One-time links into the shop: a sign-in by mail, an invitation.
//!
//! The token follows from the link's id and the secret key, so that the mail can be written when it is sent and no table holds
//! what opens the shop. Opening the page costs nothing: programs that read mails follow links. Only its button uses the link up.

use super::{members, password, sign_in};
use crate::accounts::audit::{self, Action, Actor};
use crate::accounts::sessions::{Origin, SignIn, Way};
use crate::base::database::{Stored, begin_write};
use crate::base::entities::{entry_link, member};
use crate::base::secret::{sha256, token_text};
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
    jobs,
};
use domain::email::Email;
use domain::id::Id;
use domain::word::Word;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DerivePartialModel, EntityTrait, PaginatorTrait, QueryFilter};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    SignIn,
    Invitation,
}

impl Purpose {
    /// How long a link of the kind is good for: what comes by mail and signs in, ten minutes (OWASP ASVS 6.5.5).
    fn lifetime_ms(self) -> i64 {
        match self {
            Purpose::SignIn => 10 * 60 * 1000,
            Purpose::Invitation => 7 * 24 * 60 * 60 * 1000,
        }
    }
}

/// A link that is still good.
#[derive(Clone, Debug)]
pub struct EntryView {
    pub purpose: Purpose,
    /// Whom it lets in.
    pub email: String,
    /// Whether whoever comes in needs to choose a password first.
    pub needs_password: bool,
}

/// At most this many good links to sign in with at a time, whoever asks for them.
const MAX_LINKS: u64 = 5;

fn token(shop: &Shop, id: Id) -> String {
    token_text(&shop.settings.secret_key.derive("entry link", id.as_bytes())[..20])
}

/// Where a link leads.
pub(crate) fn entry_url(shop: &Shop, id: Id) -> String {
    format!("{}/sign-in/{}", shop.settings.base_url, token(shop, id))
}

/// Mails a link to sign in with, where the address is a member's. The answer is the same, and as quick, where it is nobody's.
///
/// # Errors
/// `email_invalid` for what is no address.
pub async fn request_link(shop: &Shop, email: &str) -> Result<()> {
    let email = Email::parse(email)?;
    let shop = shop.clone();
    // Not waited for: how long it takes would tell who is a member.
    tokio::spawn(async move {
        if let Err(error) = mail_link(&shop, &email).await {
            tracing::error!(?error, "a link to sign in with could not be mailed");
        }
    });
    Ok(())
}

async fn mail_link(shop: &Shop, email: &Email) -> Result<()> {
    let Some(member) = sign_in::find(shop, email).await? else { return Ok(()) };
    let tx = begin_write(&shop.db).await?;
    // The member's row is the lock, so that many who ask at once are counted one by one.
    members::lock(&tx, member.id).await?;
    let good = entry_link::Entity::find()
        .filter(entry_link::Column::MemberId.eq(member.id))
        .filter(entry_link::Column::Purpose.eq(Purpose::SignIn.as_str()))
        .filter(is_good(shop.clock.now_ms()));
    if good.count(&tx).await? >= MAX_LINKS {
        return Ok(());
    }
    create(&tx, shop, member.id, Purpose::SignIn).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// Makes a link and the job that mails it, in the caller's transaction.
pub(super) async fn create(tx: &impl ConnectionTrait, shop: &Shop, member_id: Id, purpose: Purpose) -> Result<()> {
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let row = entry_link::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        member_id: Set(member_id),
        token_hash: Set(sha256(token(shop, id).as_bytes())),
        purpose: Set(purpose.into()),
        expires_at: Set(now + purpose.lifetime_ms()),
        used_at: Set(None),
        created_at: Set(now),
    };
    entry_link::Entity::insert(row).exec_without_returning(tx).await?;
    jobs::enqueue(tx, shop, jobs::Kind::EntryMail, &format!("entry:{}", id.simple()), &id.to_string(), None).await
}

/// Makes all open links of a member worthless.
pub(super) async fn void(tx: &impl ConnectionTrait, shop: &Shop, member_id: Id) -> Result<()> {
    entry_link::Entity::update_many()
        .col_expr(entry_link::Column::UsedAt, Expr::value(shop.clock.now_ms()))
        .filter(entry_link::Column::MemberId.eq(member_id))
        .filter(entry_link::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// A link, and the member whom it lets in.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "entry_link::Entity")]
struct Link {
    id: Id,
    purpose: Stored<Purpose, entry_link::Entity>,
    #[sea_orm(nested)]
    member: member::Model,
}

/// Links that were not used, and are not too old.
fn is_good(now: i64) -> Condition {
    Condition::all().add(entry_link::Column::UsedAt.is_null()).add(entry_link::Column::ExpiresAt.gt(now))
}

async fn find_good(shop: &Shop, which: SimpleExpr) -> Result<Option<Link>> {
    Ok(entry_link::Entity::find()
        .inner_join(member::Entity)
        .filter(entry_link::Column::StoreId.eq(shop.settings.store_id))
        .filter(is_good(shop.clock.now_ms()))
        .filter(member::Column::RemovedAt.is_null())
        .filter(which)
        .into_partial_model()
        .one(&shop.db)
        .await?)
}

async fn find(shop: &Shop, token: &str) -> Result<Option<Link>> {
    // No token that was ever made looks otherwise.
    if token.len() != 32 || !token.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Ok(None);
    }
    find_good(shop, entry_link::Column::TokenHash.eq(sha256(token.as_bytes()))).await
}

/// The open link that a job mails: its purpose and whom it goes to.
pub(crate) async fn find_for_mail(shop: &Shop, id: Uuid) -> Result<Option<EntryView>> {
    Ok(find_good(shop, entry_link::Column::Id.eq(id)).await?.map(Link::view))
}

impl Link {
    fn view(self) -> EntryView {
        EntryView {
            purpose: *self.purpose,
            needs_password: self.purpose == Purpose::Invitation && self.member.password_hash.is_none(),
            email: self.member.email,
        }
    }
}

/// What a link opens; nothing is used up by looking.
pub async fn open_entry(shop: &Shop, token: &str) -> Result<Option<EntryView>> {
    Ok(find(shop, token).await?.map(Link::view))
}

fn over() -> Error {
    refusals::LINK_OVER.into()
}

/// Uses a link up and lets its member in.
///
/// # Errors
/// `link_over` (410); `password_invalid` where an invitation needs a password and this is not valid.
pub async fn enter(shop: &Shop, token: &str, new_password: &str, origin: &Origin) -> Result<SignIn> {
    let link = find(shop, token).await?.ok_or_else(over)?;
    let (id, member_id, purpose) = (link.id, link.member.id, *link.purpose);
    let email = link.member.email.clone();
    let hash = if link.view().needs_password {
        Some(password::hash(new_password, password::context_of(shop, &email).await?).await?)
    } else {
        None
    };
    let tx = begin_write(&shop.db).await?;
    let now = shop.clock.now_ms();
    let used = entry_link::Entity::update_many()
        .col_expr(entry_link::Column::UsedAt, Expr::value(now))
        .filter(entry_link::Column::Id.eq(id))
        .filter(is_good(now));
    if used.exec(&tx).await?.rows_affected == 0 {
        return Err(over());
    }
    void(&tx, shop, member_id).await?;
    if let Some(hash) = hash {
        password::set_hash(&tx, member_id, hash).await?;
        let by = Actor { member_id: Some(member_id), name: email.clone() };
        audit::note(&tx, shop, &by, Action { act: "joined", kind: "member", id: Some(member_id), name: &email }).await?;
    }
    let way = if purpose == Purpose::SignIn { Way::Link } else { Way::Password };
    let member = member::Entity::find_by_id(member_id).one(&tx).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(SignIn::new(shop, sign_in::view(member), origin, way))
}

/// What ended longer than this ago is thrown away: nobody asks any more why a link does not work.
const KEEP_MS: i64 = 7 * 24 * 60 * 60 * 1000;

pub(super) async fn sweep(shop: &Shop) -> Result<()> {
    let before = shop.clock.now_ms() - KEEP_MS;
    entry_link::Entity::delete_many().filter(entry_link::Column::ExpiresAt.lte(before)).exec(&shop.db).await?;
    Ok(())
}
