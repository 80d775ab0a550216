//! Who runs the shop: members are invited, given roles and taken away. The shop never loses its last owner.

use super::{entry, keys, password, sign_in};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, is_duplicate};
use crate::base::entities::{member, session};
use crate::base::once::{self, Once};
use crate::{
    Error, Refusal, Result, Shop,
    accounts::sessions,
    base::{refusals, world},
    stores,
};
use domain::email::Email;
use domain::id::Id;
use domain::member::{MemberRow, Rights, Role};
use domain::word::Word;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, LoaderTrait, QueryFilter, QueryOrder, SelectExt};
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
    let id = world::new_id();
    let row = new_row(shop, id, &email, Role::Owner, Some(hash));
    let tx = begin_write(&shop.db).await?;
    match member::Entity::insert(row).exec_without_returning(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => return Err(taken()),
        Err(error) => return Err(error.into()),
    }
    stores::steps::claim(&tx, shop.settings.store_id, shop.clock.now_ms(), None).await?;
    let action = Action { act: "created", kind: "member", id: Some(id), name: email.as_str() };
    audit::record(&tx, shop, &Actor::operator(), action, None, Some(&Membership { role: Role::Owner.as_str() })).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn new_row(shop: &Shop, id: Id, email: &Email, role: Role, password_hash: Option<String>) -> member::ActiveModel {
    member::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        email: Set(email.as_str().to_owned()),
        email_normalized: Set(email.normalized()),
        name: Set(String::new()),
        password_hash: Set(password_hash),
        role: Set(role.into()),
        created_at: Set(shop.clock.now_ms()),
        removed_at: Set(None),
    }
}

fn taken() -> Error {
    Error::conflict("email_taken", "There is a member with this email address already.").at("email")
}

/// The address of the owner who has been there longest.
pub async fn first_owner(shop: &Shop) -> Result<Option<String>> {
    let owners = member::Entity::find()
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::Role.eq(Role::Owner.as_str()))
        .filter(member::Column::RemovedAt.is_null())
        .order_by_asc(member::Column::Id);
    Ok(owners.one(&shop.db).await?.map(|owner| owner.email))
}

/// All members, the oldest first.
pub async fn list_members(shop: &Shop) -> Result<Vec<MemberRow>> {
    let rows = member::Entity::find()
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::RemovedAt.is_null())
        .order_by_asc(member::Column::Id)
        .all(&shop.db)
        .await?;
    let open = session::Entity::find().filter(session::Column::ExpiresAt.gt(shop.clock.now_ms()));
    let sessions = rows.load_many(open, &shop.db).await?;
    let members = rows.into_iter().zip(sessions).map(|(row, sessions)| {
        let (has_joined, seen_at) = (row.password_hash.is_some(), sessions.iter().map(|session| session.seen_at).max());
        let member = sign_in::view(row);
        MemberRow { role: member.role, id: member.id, email: member.email, has_joined, seen_at }
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
    let id = join_again(&tx, shop, &email, role).await?;
    let action = Action { act: "invited", kind: "member", id: Some(id), name: email.as_str() };
    audit::record(&tx, shop, by, action, None, Some(&Membership { role: role.as_str() })).await?;
    entry::create(&tx, shop, id, entry::Purpose::Invitation).await?;
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(id)
}

/// Makes the member, or takes one back who was taken away.
async fn join_again(tx: &DatabaseTransaction, shop: &Shop, email: &Email, role: Role) -> Result<Id> {
    use member::{Column, Entity};
    let removed_again = OnConflict::columns([Column::StoreId, Column::EmailNormalized])
        .update_columns([Column::Email, Column::Role, Column::PasswordHash, Column::RemovedAt])
        .action_and_where(Expr::col((Entity, Column::RemovedAt)).is_not_null())
        .to_owned();
    let row = new_row(shop, world::new_id(), email, role, None);
    if Entity::insert(row).on_conflict(removed_again).exec_without_returning(tx).await? == 0 {
        return Err(taken());
    }
    let made = Entity::find()
        .filter(Column::StoreId.eq(shop.settings.store_id))
        .filter(Column::EmailNormalized.eq(email.normalized()))
        .one(tx)
        .await?;
    Ok(made.ok_or(Error::NotFound)?.id)
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
    audit::note(&tx, shop, by, Action { act: "invited", kind: "member", id: Some(member.id), name: &member.email }).await?;
    tx.commit().await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

async fn find(shop: &Shop, id: &str) -> Result<member::Model> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let row = member::Entity::find_by_id(id).one(&shop.db).await?;
    row.filter(|member| member.store_id == shop.settings.store_id && member.removed_at.is_none()).ok_or(Error::NotFound)
}

/// Changes nothing; whoever else locks the member waits until the transaction ends.
pub(super) async fn lock(tx: &DatabaseTransaction, id: Id) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::RemovedAt, Expr::col(member::Column::RemovedAt))
        .filter(member::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
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
    if member.role != Role::Owner {
        return Ok(());
    }
    // An owner who never came in can't run the shop.
    let others = member::Entity::find()
        .filter(member::Column::StoreId.eq(member.store_id))
        .filter(member::Column::Role.eq(Role::Owner.as_str()))
        .filter(member::Column::RemovedAt.is_null())
        .filter(member::Column::PasswordHash.is_not_null())
        .filter(member::Column::Id.ne(member.id));
    match others.exists(tx).await? {
        true => Ok(()),
        false => Err(refusals::LAST_OWNER.into()),
    }
}

/// Gives a member another role; it counts from the next request on.
///
/// # Errors
/// `Forbidden` where an owner is made or unmade by somebody else; `last_owner`.
pub async fn change_role(shop: &Shop, by: &Actor, rights: impl Into<Rights>, id: &str, role: Role) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let member = find_alone(&tx, shop, id).await?;
    let old = *member.role;
    check_rank(&rights.into(), [old, role])?;
    if old == role {
        return Ok(());
    }
    check_not_last(&tx, &member).await?;
    member::Entity::update_many()
        .col_expr(member::Column::Role, Expr::value(role.as_str()))
        .filter(member::Column::Id.eq(member.id))
        .exec(&tx)
        .await?;
    let action = Action { act: "role_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::record(&tx, shop, by, action, Some(&Membership { role: old.as_str() }), Some(&Membership { role: role.as_str() })).await?;
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
    let old = *member.role;
    check_rank(&rights.into(), [old, old])?;
    check_not_last(&tx, &member).await?;
    member::Entity::update_many()
        .col_expr(member::Column::RemovedAt, Expr::value(shop.clock.now_ms()))
        .col_expr(member::Column::PasswordHash, Expr::value(None::<String>))
        .filter(member::Column::Id.eq(member.id))
        .exec(&tx)
        .await?;
    keys::revoke_all(&tx, shop, member.id).await?;
    sessions::end_all(&tx, member.id).await?;
    entry::void(&tx, shop, member.id).await?;
    let action = Action { act: "removed", kind: "member", id: Some(member.id), name: &member.email };
    audit::record(&tx, shop, by, action, Some(&Membership { role: old.as_str() }), None).await?;
    tx.commit().await?;
    Ok(())
}

/// The member with this address, for the command line.
pub(super) async fn find_by_email(shop: &Shop, email: &str) -> Result<member::Model> {
    sign_in::find(shop, &Email::parse(email)?)
        .await?
        .ok_or_else(|| Error::refused("member_unknown", "There is no member with this email address. Make one with create-owner."))
}
