//! Passwords: what one must be, how it is kept, and how it is changed.

use super::sign_in;
use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute};
use crate::entities::member;
use crate::sessions::{self, SessionToken};
use crate::{Error, Refusal, Result, Shop};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::email::Email;
use domain::id::Id;
use domain::member::MemberView;
use sea_orm::{ConnectionTrait, EntityTrait};
use tokio::sync::Semaphore;

/// Passwords shorter than this are refused, whatever they are made of (OWASP ASVS 6.2.1).
const MIN_CHARS: usize = 8;
/// Longer ones are refused before they cost any work.
pub(super) const MAX_BYTES: usize = 1024;

/// The hash of a password that is good enough to be one.
///
/// # Errors
/// Refuses (`password_invalid`) one that is too short, too long, or among the first that anybody tries.
pub(super) async fn hash(password: &str) -> Result<String> {
    if password.chars().count() < MIN_CHARS || password.len() > MAX_BYTES {
        return Err(Error::refused("password_invalid", format!("The password needs {MIN_CHARS} to {MAX_BYTES} characters.")));
    }
    if is_common(password) {
        return Err(Error::refused("password_invalid", "This password is among the first that anybody tries. Choose another."));
    }
    let password = password.to_owned();
    let hash = hashing(move |argon2| argon2.hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?;
    Ok(hash.map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?)
}

/// Patterns rather than a list of thousands: a known word with some digits, one sign again and again, a row of keys.
fn is_common(password: &str) -> bool {
    const WORDS: [&str; 22] = [
        "password",
        "passwort",
        "passw0rd",
        "p@ssword",
        "p@ssw0rd",
        "qwerty",
        "qwertz",
        "azerty",
        "asdfgh",
        "letmein",
        "welcome",
        "iloveyou",
        "admin",
        "administrator",
        "changeme",
        "football",
        "baseball",
        "superman",
        "princess",
        "sunshine",
        "trustno1",
        "weightless",
    ];
    let lower = password.to_lowercase();
    let bare = lower.trim_matches(|c: char| !c.is_alphabetic());
    let mut signs: Vec<char> = lower.chars().collect();
    let in_a_row = signs.windows(2).all(|pair| pair[1] as u32 == pair[0] as u32 + 1 || pair[0] == '9' && pair[1] == '0');
    let is_keys =
        ["qwertyuiop", "qwertzuiop", "asdfghjkl", "1q2w3e4r5t", "1qaz2wsx3edc", "zaq12wsx"].iter().any(|row| row.starts_with(&lower));
    signs.sort_unstable();
    signs.dedup();
    signs.len() < 3 || in_a_row || is_keys || WORDS.contains(&bare) || WORDS.contains(&lower.as_str())
}

/// Whether the password is the one behind the hash; without a hash the work is done all the same.
pub(super) async fn verify(hash: Option<String>, password: String) -> Result<bool> {
    hashing(move |argon2| match hash.as_deref().and_then(|hash| PasswordHash::new(hash).ok()) {
        Some(hash) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
        None => {
            drop(argon2.hash_password(password.as_bytes()));
            false
        }
    })
    .await
}

/// So many passwords are hashed at once: each takes 19 MiB and a core for some 20 ms.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Runs Argon2id with OWASP's parameters (the crate's defaults) away from the threads that serve requests.
async fn hashing<T: Send + 'static>(work: impl FnOnce(Argon2<'static>) -> T + Send + 'static) -> Result<T> {
    let _turn = HASHING.acquire().await.map_err(anyhow::Error::from)?;
    Ok(tokio::task::spawn_blocking(move || work(Argon2::default())).await.map_err(anyhow::Error::from)?)
}

/// Gives a member another password and ends all other sessions: who knew the old one is out.
///
/// Who came in by a link a moment ago, or never had a password, needs not know the old one.
///
/// # Errors
/// `password_wrong` (403) for another old password; `password_invalid` for a new one that is none.
pub async fn change_password(shop: &Shop, member: &MemberView, session: &SessionToken, old: &str, new: &str) -> Result<()> {
    let row = member::Entity::find_by_id(member.id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let is_proven = row.password_hash.is_none() || sessions::is_fresh_by_link(shop, session).await?;
    if !is_proven && (old.len() > MAX_BYTES || !verify(row.password_hash, old.to_owned()).await?) {
        return Err(Error::Refused(Refusal::new("password_wrong", "This is not your present password.").with_status(403)));
    }
    let hash = hash(new).await?;
    let tx = begin_write(&shop.db).await?;
    set_hash(&tx, member.id, hash).await?;
    sessions::end_others(&tx, member.id, session).await?;
    let deed = Deed { act: "password_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::note(&tx, shop, &Actor::from(member), deed).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn set_hash(tx: &impl ConnectionTrait, member_id: Id, hash: String) -> Result<()> {
    execute(tx, "UPDATE members SET password_hash = $2 WHERE id = $1", [member_id.into(), hash.into()]).await?;
    Ok(())
}

/// Gives a member a password from the command line, where nobody else can.
///
/// # Errors
/// `member_unknown`; `password_invalid`.
pub async fn set_password(shop: &Shop, email: &str, new: &str) -> Result<()> {
    let member = sign_in::find(shop, &Email::parse(email)?)
        .await?
        .ok_or_else(|| Error::refused("member_unknown", "There is no member with this e-mail address."))?;
    let hash = hash(new).await?;
    let tx = begin_write(&shop.db).await?;
    set_hash(&tx, member.id, hash).await?;
    sessions::end_all(&tx, member.id).await?;
    let deed = Deed { act: "password_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::note(&tx, shop, &Actor::operator(), deed).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_tries_first_is_no_password() {
        for common in ["password", "Password123!", "12345678", "1234567890", "aaaaaaaa", "abababab", "qwertyui", "1q2w3e4r", "WELCOME1"] {
            assert!(is_common(common), "{common}");
        }
        for good in ["correct horse battery", "tr0ub4dor&3", "my password is long", "Zwölf Boxkämpfer"] {
            assert!(!is_common(good), "{good}");
        }
    }
}
