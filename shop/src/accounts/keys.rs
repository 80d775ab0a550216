//! API keys: made by a member, shown once, kept as a hash, allowed what both the member's role and the key's scopes allow.

use super::{members, sign_in};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::begin_write;
use crate::base::entities::{api_key, member};
use crate::base::once::{self, Once};
use crate::base::secret::{sha256, token_text};
use crate::{Error, Result, Shop, base::world};
use domain::id::Id;
use domain::member::{KeyRow, MemberView, Permission, Rights, Role};
use domain::text::{has_visible, tidy};
use domain::word::Word;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, DerivePartialModel, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select,
};
use serde::Serialize;

/// A key as a member wants it.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for.
    pub name: String,
    /// Nothing: all that the role allows, also later.
    pub scopes: Option<Vec<Permission>>,
}

const MAX_NAME_CHARS: usize = 100;
const MAX_KEYS: u64 = 100;
const ALL: &str = "*";

#[derive(Serialize)]
struct Made {
    scopes: String,
}

/// The key follows from its id and the shop's secret, so that it can be shown on the page after the form without being kept.
fn key_of(shop: &Shop, id: Id) -> String {
    format!("wl_{}", token_text(&shop.settings.secret_key.derive("api key", id.as_bytes())[..25]))
}

/// Makes a key for the member, once, and tells its id; [`take_key`] shows it, once.
///
/// # Errors
/// Refuses an invalid name, scopes beyond the member's own, and more keys than anybody needs.
pub async fn create_key(shop: &Shop, member: &MemberView, new: NewKey, once: Option<&Once>) -> Result<Id> {
    let name = &tidy(&new.name);
    if !has_visible(name) || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Error::refused("key_name_invalid", format!("The key needs a name of 1 to {MAX_NAME_CHARS} characters.")).at("name"));
    }
    if new.scopes.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::refused("scopes_empty", "Choose at least one thing that the key may do.").at("scopes"));
    }
    if new.scopes.iter().flatten().any(|permission| !member.role.may(*permission)) {
        return Err(Error::Forbidden);
    }
    let tx = begin_write(&shop.db).await?;
    if let Some(id) = once::made_before(&tx, shop, once).await? {
        return Ok(id);
    }
    if good_keys(shop).count(&tx).await? >= MAX_KEYS {
        return Err(Error::conflict("keys_full", format!("The shop has {MAX_KEYS} keys. Revoke one that is not used any more.")));
    }
    let id = insert(&tx, shop, &Actor::from(member), member.id, name, new.scopes.as_deref()).await?;
    once::remember(&tx, shop, once, id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Makes a key for a member from the command line.
pub async fn create_api_key(shop: &Shop, email: &str) -> Result<String> {
    let member = members::find_by_email(shop, email).await?;
    let tx = begin_write(&shop.db).await?;
    let id = insert(&tx, shop, &Actor::operator(), member.id, "command line", None).await?;
    tx.commit().await?;
    Ok(key_of(shop, id))
}

async fn insert(tx: &DatabaseTransaction, shop: &Shop, by: &Actor, member_id: Id, name: &str, scopes: Option<&[Permission]>) -> Result<Id> {
    let id = world::new_id();
    let scopes = scopes.map_or_else(|| ALL.to_owned(), |scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "));
    let row = api_key::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        member_id: Set(member_id),
        name: Set(name.to_owned()),
        key_hash: Set(sha256(key_of(shop, id).as_bytes())),
        scopes: Set(scopes.clone()),
        created_at: Set(shop.clock.now_ms()),
        last_used_at: Set(None),
        revoked_at: Set(None),
    };
    api_key::Entity::insert(row).exec_without_returning(tx).await?;
    audit::record(tx, shop, by, Action { act: "created", kind: "api_key", id: Some(id), name }, None, Some(&Made { scopes })).await?;
    Ok(id)
}

/// The key that this member made a moment ago, if nobody has seen it yet.
pub async fn take_key(shop: &Shop, member: &MemberView, id: &str) -> Result<Option<String>> {
    let Ok(id) = Uuid::try_parse(id) else { return Ok(None) };
    // Seen once: the moment is kept as the first use, before which there can be none.
    let seen = api_key::Entity::update_many()
        .col_expr(api_key::Column::LastUsedAt, Expr::value(0i64))
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::StoreId.eq(shop.settings.store_id))
        .filter(api_key::Column::MemberId.eq(member.id))
        .filter(api_key::Column::LastUsedAt.is_null())
        .filter(api_key::Column::RevokedAt.is_null())
        .filter(api_key::Column::CreatedAt.gt(shop.clock.now_ms() - SHOWN_WITHIN_MS));
    Ok((seen.exec(&shop.db).await?.rows_affected == 1).then(|| key_of(shop, id)))
}

/// A key that was not looked at for so long is not shown any more.
const SHOWN_WITHIN_MS: i64 = 10 * 60 * 1000;

fn scopes_of(words: &str) -> Option<Vec<Permission>> {
    (words != ALL).then(|| words.split(' ').filter_map(|word| word.parse().ok()).collect())
}

/// The keys that were not revoked.
fn good_keys(shop: &Shop) -> Select<api_key::Entity> {
    api_key::Entity::find().filter(api_key::Column::StoreId.eq(shop.settings.store_id)).filter(api_key::Column::RevokedAt.is_null())
}

/// The keys that open something, newest first.
pub async fn list_keys(shop: &Shop) -> Result<Vec<KeyRow>> {
    let rows = good_keys(shop).order_by_desc(api_key::Column::Id).find_also_related(member::Entity).all(&shop.db).await?;
    let keys = rows.into_iter().filter_map(|(row, member)| Some((row, member?))).map(|(row, member)| KeyRow {
        id: row.id,
        name: row.name,
        email: member.email,
        scopes: scopes_of(&row.scopes),
        created_at: row.created_at,
        last_used_at: row.last_used_at.filter(|at| *at > 0),
    });
    Ok(keys.collect())
}

/// Makes a key worthless, from the next request on.
///
/// # Errors
/// `NotFound` for one that is unknown or revoked.
pub async fn revoke_key(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let id = Uuid::try_parse(id).map_err(|_| Error::NotFound)?;
    let tx = begin_write(&shop.db).await?;
    let revoked = api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAt, Expr::value(shop.clock.now_ms()))
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::StoreId.eq(shop.settings.store_id))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec_with_returning(&tx)
        .await?;
    let key = revoked.into_iter().next().ok_or(Error::NotFound)?;
    audit::note(&tx, shop, by, Action { act: "revoked", kind: "api_key", id: Some(id), name: &key.name }).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes all keys of a member worthless.
pub(super) async fn revoke_all(tx: &DatabaseTransaction, shop: &Shop, member_id: Id) -> Result<()> {
    api_key::Entity::update_many()
        .col_expr(api_key::Column::RevokedAt, Expr::value(shop.clock.now_ms()))
        .filter(api_key::Column::MemberId.eq(member_id))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Who an API key speaks for.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    pub member_id: Id,
    pub email: String,
    pub role: Role,
    pub store_id: Id,
    /// Nothing: all that the role allows.
    pub scopes: Option<Vec<Permission>>,
}

impl KeyHolder {
    /// # Errors
    /// `Forbidden` where the role of the key's member may not do this, or the key was made for other things.
    pub fn check(&self, permission: Permission) -> Result<()> {
        if self.rights().may(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// What the role allows and the key was made for.
    pub fn rights(&self) -> Rights {
        Rights { role: self.role, scopes: self.scopes.clone() }
    }

    /// The member behind the key.
    pub fn member(&self) -> MemberView {
        MemberView { id: self.member_id, email: self.email.clone(), role: self.role }
    }
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "api_key::Entity")]
struct Held {
    id: Id,
    store_id: Id,
    scopes: String,
    last_used_at: Option<i64>,
    #[sea_orm(nested)]
    member: member::Model,
}

/// How exactly the last use of a key is known.
const USE_KNOWN_TO_MS: i64 = 60 * 1000;

/// The holder of a key that was not revoked.
pub async fn find_api_key(shop: &Shop, key: &str) -> Result<Option<KeyHolder>> {
    let held = good_keys(shop)
        .inner_join(member::Entity)
        .filter(api_key::Column::KeyHash.eq(sha256(key.as_bytes())))
        .filter(member::Column::RemovedAt.is_null())
        .into_partial_model::<Held>()
        .one(&shop.db)
        .await?;
    let Some(row) = held else { return Ok(None) };
    let now = shop.clock.now_ms();
    if row.last_used_at.is_none_or(|at| at < now - USE_KNOWN_TO_MS) {
        api_key::Entity::update_many()
            .col_expr(api_key::Column::LastUsedAt, Expr::value(now))
            .filter(api_key::Column::Id.eq(row.id))
            .exec(&shop.db)
            .await?;
    }
    let member = sign_in::view(row.member);
    Ok(Some(KeyHolder {
        role: member.role,
        member_id: member.id,
        email: member.email,
        store_id: row.store_id,
        scopes: scopes_of(&row.scopes),
    }))
}
