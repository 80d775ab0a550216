//! Members of the store: how they get in, and their keys.

use crate::database::{is_duplicate, statement};
use crate::entities::{api_key, member};
use crate::secret::{sha256, token_text};
use crate::sessions::{self, SessionToken};
use crate::{Error, Refusal, Result, Shop, chance, world};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::email::Email;
use domain::id::Id;
use domain::member::{Permission, Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use tokio::sync::Semaphore;

/// Passwords shorter than this are refused, whatever they are made of (OWASP ASVS 6.2.1).
const MIN_PASSWORD_CHARS: usize = 8;
/// Longer ones are refused before they cost any work.
const MAX_PASSWORD_BYTES: usize = 1024;

/// Makes the first owner, or another one.
///
/// # Errors
/// Refuses an address that is a member already, and weak passwords.
pub async fn create_owner(shop: &Shop, email: &str, password: &str) -> Result<()> {
    let email = Email::parse(email)?;
    if password.chars().count() < MIN_PASSWORD_CHARS || password.len() > MAX_PASSWORD_BYTES {
        return Err(Error::refused(
            "password_invalid",
            format!("The password needs {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_BYTES} characters."),
        ));
    }
    let hash = hash_password(password.to_owned()).await?;
    let row = member::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        email: Set(email.as_str().to_owned()),
        email_normalized: Set(email.normalized()),
        name: Set(String::new()),
        password_hash: Set(Some(hash)),
        role: Set("owner".to_owned()),
        created_at: Set(shop.clock.now_ms()),
        removed_at: Set(None),
    };
    match row.insert(shop.db.writer()).await {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(Error::conflict("email_taken", "There is a member with this e-mail address already.")),
        Err(error) => Err(error.into()),
    }
}

/// Opens a session for a member who knows the password.
///
/// # Errors
/// One refusal (401) for an unknown address and a wrong password alike, after the same work.
pub async fn sign_in(shop: &Shop, email: &str, password: &str) -> Result<SessionToken> {
    let refusal =
        || Error::Refused(Refusal::new("sign_in_failed", "This e-mail address and password don't fit together.").with_status(401));
    let Ok(email) = Email::parse(email) else { return Err(refusal()) };
    if password.len() > MAX_PASSWORD_BYTES {
        return Err(refusal());
    }
    let member = member::Entity::find()
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::EmailNormalized.eq(email.normalized()))
        .one(&shop.db)
        .await?;
    let (id, hash) = member.map_or((None, None), |member| (Some(member.id), member.password_hash));
    // Somebody unknown costs as much time as somebody known.
    let is_right = verify_password(hash, password.to_owned()).await?;
    match id {
        Some(id) if is_right => sessions::begin(shop, id).await,
        _ => Err(refusal()),
    }
}

/// So many passwords are hashed at once: each takes 19 MiB and a core for some 20 ms.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Runs Argon2id with OWASP's parameters (the crate's defaults) away from the threads that serve requests.
async fn hashing<T: Send + 'static>(work: impl FnOnce(Argon2<'static>) -> T + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(anyhow::Error::from)?;
    Ok(tokio::task::spawn_blocking(move || work(Argon2::default())).await.map_err(anyhow::Error::from)?)
}

async fn hash_password(password: String) -> Result<String> {
    let hash = hashing(move |argon2| argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
    Ok(hash.map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?)
}

/// Whether the password is the one behind the hash; without a hash the work is done all the same.
async fn verify_password(hash: Option<String>, password: String) -> Result<bool> {
    hashing(move |argon2| match hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok()) {
        Some(hash) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            drop(argon2.hash_password(password.as_bytes()));
            false
        }
    })
    .await
}

/// Makes an API key for a member. It is shown once; the database keeps its hash.
pub async fn create_api_key(shop: &Shop, email: &str) -> Result<String> {
    let email = Email::parse(email)?;
    let member = member::Entity::find()
        .filter(member::Column::StoreId.eq(shop.settings.store_id))
        .filter(member::Column::EmailNormalized.eq(email.normalized()))
        .one(&shop.db)
        .await?
        .ok_or_else(|| Error::refused("member_unknown", "There is no member with this e-mail address. Make one with create-owner."))?;
    let key = format!("wl_{}", token_text(&chance::<25>()));
    api_key::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        member_id: Set(member.id),
        name: Set("command line".to_owned()),
        key_hash: Set(sha256(key.as_bytes())),
        scopes: Set("*".to_owned()),
        created_at: Set(shop.clock.now_ms()),
        last_used_at: Set(None),
        revoked_at: Set(None),
    }
    .insert(shop.db.writer())
    .await?;
    Ok(key)
}

/// Who an API key speaks for.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    pub member_id: Id,
    pub email: String,
    pub role: Role,
    pub store_id: Id,
}

impl KeyHolder {
    /// # Errors
    /// `Forbidden` where the role of the key's member may not do this.
    pub fn check(&self, permission: Permission) -> Result<()> {
        if self.role.may(permission) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

#[derive(FromQueryResult)]
struct HolderRow {
    member_id: Id,
    email: String,
    store_id: Id,
    role: String,
}

/// The holder of a key that was not revoked.
pub async fn find_api_key(shop: &Shop, key: &str) -> Result<Option<KeyHolder>> {
    let sql = "SELECT k.member_id, m.email, k.store_id, m.role FROM api_keys k JOIN members m ON m.id = k.member_id \
               WHERE k.key_hash = $1 AND k.store_id = $2 AND k.revoked_at IS NULL";
    let values = [sha256(key.as_bytes()).into(), shop.settings.store_id.into()];
    let row = HolderRow::find_by_statement(statement(&shop.db, sql, values)).one(&shop.db).await?;
    Ok(row.and_then(|row| Some(KeyHolder { role: Role::parse(&row.role)?, member_id: row.member_id, email: row.email, store_id: row.store_id })))
}
