//! Who runs the shop: members are invited, given roles and taken away. The shop never loses its last owner.

use super::{entry, password, sign_in};
use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, is_duplicate, statement};
use crate::entities::member;
use crate::once::{self, Once};
use crate::{Error, Refusal, Result, Shop, refusals, sessions, stores, world};
use domain::email::Email;
use domain::id::Id;
use domain::member::{MemberRow, Rights, Role};
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult};
use serde::Serialize;

/// What the audit log keeps of a member.
#[derive(Serialize)]
struct Membership {
    role: &'static str,
}

/// Makes an owner from the command line.
///
/// # Errors
/// Refuses an address that is a member already, and weak passwords.
pub async fn create_owner(shop: &Shop, email: &str, password: &str) -> Result<()> {
    let email = Email::parse(email)?;
    let hash = password::hash(password, password::context_of(shop, email.as_str()).await?).await?;
    let now = shop.clock.now_ms();
    let id = world::new_id();
    let row = member::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        email: Set(email.as_str().to_owned()),
        email_normalized: Set(email.normalized()),
        name: Set(String::new()),
        password_hash: Set(Some(hash)),
        role: Set(Role::Owner.as_str().to_owned()),
        created_at: Set(now),
        removed_at: Set(None),
    };
    let tx = begin_write(&shop.db).await?;
    match row.insert(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => return Err(taken()),
        Err(error) => return Err(error.into()),
    }
    stores::steps::claim(&tx, shop.settings.store_id, now, None).await?;
    let deed = Deed { act: "created", kind: "member", id: Some(id), name: email.as_str() };
    audit::record(&tx, shop, &Actor::operator(), deed, None, Some(&Membership { role: Role::Owner.as_str() })).await?;
    tx.commit().await?;
    Ok(())
}

fn taken() -> Error {
    Error::conflict("email_taken", "There is a member with this e-mail address already.").at("email")
}

#[derive(FromQueryResult)]
struct Row {
    id: Id,
    email: String,
    role: String,
    has_joined: bool,
    seen_at: Option<i64>,
}

/// All members, the oldest first.
pub async fn list_members(shop: &Shop) -> Result<Vec<MemberRow>> {
    let sql = "SELECT m.id, m.email, m.role, m.password_hash IS NOT NULL AS has_joined, (SELECT MAX(s.seen_at) FROM sessions s WHERE s.member_id = m.id AND s.expires_at > $2) AS seen_at \
               FROM members m WHERE m.store_id = $1 AND m.removed_at IS NULL ORDER BY m.id";
    let values = [shop.settings.store_id.into(), shop.clock.now_ms().into()];
    let rows = Row::find_by_statement(statement(&shop.db, sql, values)).all(&shop.db).await?;
    let members = rows.into_iter().filter_map(|row| {
        Some(MemberRow { role: Role::parse(&row.role)?, id: row.id, email: row.email, has_joined: row.has_joined, seen_at: row.seen_at })
    });
    Ok(members.collect())
}

/// Nobody gives or takes what they don't have themselves: an API key bounds this by its scopes.
fn check_rank(rights: &Rights, roles: [Role; 2]) -> Result<()> {
    let Some(beyond) = roles.into_iter().find(|role| !rights.cover(*role)) else { return Ok(()) };
    if rights.scopes.is_none() {
        return Err(Error::Forbidden);
    }
    let why = format!(
        "This API key may do less than the role {}. Use a key with all of that role's permissions, or do it in the dashboard.",
        beyond.as_str()
    );
    Err(Error::Refused(Refusal::new("forbidden", why).with_status(403)))
}

/// Makes a member without a password and mails the link that chooses one, once. Who was taken away comes back under the old name.
///
/// # Errors
/// `email_taken` (409) for who is a member; `Forbidden` for a role that may do more than who invites.
pub async fn invite(shop: &Shop, by: &Actor, rights: impl Into<Rights>, email: &str, role: Role, once: Option<&Once>) -> Result<Id> {
    check_rank(&rights.into(), [role, role])?;
    let email = Email::parse(email)?;
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        return Ok(id);
    }
    let sql = "INSERT INTO members (id, store_id, email, email_normalized, role, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (store_id, email_normalized) DO UPDATE SET email = excluded.email, role = excluded.role, password_hash = NULL, removed_at = NULL \
               WHERE members.removed_at IS NOT NULL RETURNING id";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        email.as_str().into(),
        email.normalized().into(),
        role.as_str().into(),
        shop.clock.now_ms().into(),
    ];
    let Some(made) = tx.query_one_raw(statement(&tx, sql, values)).await? else { return Err(taken()) };
    let id: Id = made.try_get("", "id")?;
    let deed = Deed { act: "invited", kind: "member", id: Some(id), name: email.as_str() };
    audit::record(&tx, shop, by, deed, None, Some(&Membership { role: role.as_str() })).await?;
    entry::create(&tx, shop, id, entry::Purpose::Invitation).await?;
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(id)
}

/// Mails the invitation once more; the link before it is worthless then.
///
/// # Errors
/// `already_joined` (409) for who has come in.
pub async fn invite_again(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let member = find(shop, id).await?;
    if member.password_hash.is_some() {
        return Err(refusals::ALREADY_JOINED.into());
    }
    let tx = begin_write(&shop.db).await?;
    entry::void(&tx, shop, member.id).await?;
    entry::create(&tx, shop, member.id, entry::Purpose::Invitation).await?;
    audit::note(&tx, shop, by, Deed { act: "invited", kind: "member", id: Some(member.id), name: &member.email }).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

async fn find(shop: &Shop, id: &str) -> Result<member::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let row = member::Entity::find_by_id(id).one(&shop.db).await?;
    row.filter(|member| member.store_id == shop.settings.store_id && member.removed_at.is_none()).ok_or(Error::NotFound)
}

/// Reads the member anew with all changes of members shut out until the transaction ends.
async fn find_alone(tx: &DatabaseTransaction, shop: &Shop, id: &str) -> Result<member::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    // Nothing changes; the store's row is the lock.
    stores::steps::lock(tx, shop.settings.store_id).await?;
    let row = member::Entity::find_by_id(id).one(tx).await?;
    row.filter(|member| member.store_id == shop.settings.store_id && member.removed_at.is_none()).ok_or(Error::NotFound)
}

/// # Errors
/// `last_owner` (409) where nobody else owns the shop.
async fn check_not_last(tx: &DatabaseTransaction, member: &member::Model) -> Result<()> {
    if member.role != Role::Owner.as_str() {
        return Ok(());
    }
    // An owner who never came in can't run the shop.
    let sql = "SELECT 1 AS n FROM members WHERE store_id = $1 AND role = 'owner' AND removed_at IS NULL AND password_hash IS NOT NULL AND id <> $2 LIMIT 1";
    match tx.query_one_raw(statement(tx, sql, [member.store_id.into(), member.id.into()])).await? {
        Some(_) => Ok(()),
        None => Err(refusals::LAST_OWNER.into()),
    }
}

/// Gives a member another role; it counts from the next request on.
///
/// # Errors
/// `Forbidden` where an owner is made or unmade by somebody else; `last_owner`.
pub async fn change_role(shop: &Shop, by: &Actor, rights: impl Into<Rights>, id: &str, role: Role) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let member = find_alone(&tx, shop, id).await?;
    let old = Role::parse(&member.role).unwrap_or(Role::Analyst);
    check_rank(&rights.into(), [old, role])?;
    if old == role {
        return Ok(());
    }
    check_not_last(&tx, &member).await?;
    execute(&tx, "UPDATE members SET role = $2 WHERE id = $1", [member.id.into(), role.as_str().into()]).await?;
    let deed = Deed { act: "role_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::record(&tx, shop, by, deed, Some(&Membership { role: old.as_str() }), Some(&Membership { role: role.as_str() })).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a member away: sessions end, keys and links are worthless. What they did stays in the log.
///
/// # Errors
/// As [`change_role`].
pub async fn remove(shop: &Shop, by: &Actor, rights: impl Into<Rights>, id: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let member = find_alone(&tx, shop, id).await?;
    let old = Role::parse(&member.role).unwrap_or(Role::Analyst);
    check_rank(&rights.into(), [old, old])?;
    check_not_last(&tx, &member).await?;
    let now = shop.clock.now_ms();
    execute(&tx, "UPDATE members SET removed_at = $2, password_hash = NULL WHERE id = $1", [member.id.into(), now.into()]).await?;
    execute(&tx, "UPDATE api_keys SET revoked_at = $2 WHERE member_id = $1 AND revoked_at IS NULL", [member.id.into(), now.into()]).await?;
    sessions::end_all(&tx, member.id).await?;
    entry::void(&tx, shop, member.id).await?;
    let deed = Deed { act: "removed", kind: "member", id: Some(member.id), name: &member.email };
    audit::record(&tx, shop, by, deed, Some(&Membership { role: old.as_str() }), None).await?;
    tx.commit().await?;
    Ok(())
}

/// The member with this address, for the command line.
pub(super) async fn find_by_email(shop: &Shop, email: &str) -> Result<member::Model> {
    sign_in::find(shop, &Email::parse(email)?)
        .await?
        .ok_or_else(|| Error::refused("member_unknown", "There is no member with this e-mail address. Make one with create-owner."))
}
