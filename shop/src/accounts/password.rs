//! Passwords: what one must be, how it is kept, and how it is changed.

use super::{entry, sign_in};
use crate::accounts::audit::{self, Action, Actor};
use crate::accounts::sessions::{self, SessionId};
use crate::base::database::begin_write;
use crate::base::entities::member;
use crate::{Error, Result, Shop, base::refusals, stores};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::email::Email;
use domain::id::Id;
use domain::member::MemberView;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::io;
use std::num::NonZero;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

/// Passwords shorter than this are refused, whatever they are made of (OWASP ASVS 6.2.1).
const MIN_CHARS: usize = 8;
/// Longer ones are refused before they cost any work.
pub(super) const MAX_BYTES: usize = 1024;

/// The hash of a password that is good enough to be one.
///
/// # Errors
/// Refuses (`password_invalid`) one that is too short, too long, or easily guessed by somebody who knows `context`.
pub(super) async fn hash(password: &str, context: Vec<String>) -> Result<String> {
    if password.chars().count() < MIN_CHARS || password.len() > MAX_BYTES {
        return Err(Error::refused("password_invalid", format!("The password needs {MIN_CHARS} to {MAX_BYTES} characters.")).at("password"));
    }
    let password = password.to_owned();
    let hash = hashing(move |argon2| match weakness(&password, &context) {
        Some(why) => Ok(Err(Error::refused("password_invalid", why).at("password"))),
        None => argon2.hash_password(password.as_bytes()).map(|hash| Ok(hash.to_string())),
    });
    hash.await?.map_err(|error| anyhow::anyhow!("hashing a password: {error}"))?
}

/// What an attacker of this member tries first (OWASP ASVS 6.1.2): the shop's name and the address, whole and in words.
pub(super) fn context(store_name: &str, email: &str) -> Vec<String> {
    let mut words = vec!["weightless".to_owned()];
    for text in [store_name, email] {
        let parts: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|part| part.chars().count() > 2).collect();
        words.push(parts.concat());
        words.extend(parts.into_iter().map(str::to_owned));
        words.push(text.to_owned());
    }
    words
}

/// As [`context`], for a member of the shop as it is named now.
pub(super) async fn context_of(shop: &Shop, email: &str) -> Result<Vec<String>> {
    Ok(context(&stores::load(shop).await?.name, email))
}

/// Why a password is guessed within a million tries, such as one of the 30,000 most used ones with a digit; `None` for a good one.
///
/// The estimator reads the first hundred characters only, so that a long password costs no more than a short one.
fn weakness(password: &str, context: &[String]) -> Option<String> {
    let context: Vec<&str> = context.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(password, &context);
    if estimate.score() >= zxcvbn::Score::Two {
        return None;
    }
    let warning = estimate.feedback().and_then(|feedback| feedback.warning()).map(|warning| format!("{warning} "));
    Some(format!(
        "This password is easy to guess. {}Use three or four words that are unrelated to each other and to the shop.",
        warning.unwrap_or_default()
    ))
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

/// The threads that hash passwords: two, or one where there is one core, as each hash takes a core for some 20 ms, and 19 MiB. What a
/// thread has allocated stays with it, so that a hundred threads which have hashed once would hold two gigabytes.
static HASHING: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    let n_threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(2);
    Builder::new_multi_thread().worker_threads(n_threads).thread_name("passwords").build()
});

/// Runs Argon2id with OWASP's parameters (the crate's defaults) away from the threads that serve requests.
async fn hashing<T: Send + 'static>(work: impl FnOnce(Argon2<'static>) -> T + Send + 'static) -> Result<T> {
    let threads = HASHING.as_ref().map_err(|error| anyhow::anyhow!("no threads to hash passwords: {error}"))?;
    Ok(threads.spawn(async move { work(Argon2::default()) }).await.map_err(anyhow::Error::from)?)
}

/// Gives a member another password and ends all other sessions: who knew the old one is out.
///
/// Who came in by a link a moment ago, or never had a password, needs not know the old one.
///
/// # Errors
/// `password_wrong` (403) for another old password; `password_invalid` for an invalid new one.
pub async fn change_password(shop: &Shop, member: &MemberView, session: SessionId, old: &str, new: &str) -> Result<()> {
    let row = member::Entity::find_by_id(member.id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    let is_proven = row.password_hash.is_none() || sessions::is_fresh_by_link(shop, session).await?;
    if !is_proven && (old.len() > MAX_BYTES || !verify(row.password_hash, old.to_owned()).await?) {
        return Err(Error::from(refusals::PASSWORD_WRONG).at("old"));
    }
    let hash = hash(new, context_of(shop, &member.email).await?).await.map_err(|error| error.at("new"))?;
    let tx = begin_write(&shop.db).await?;
    set_hash(&tx, member.id, hash).await?;
    sessions::end_others(&tx, member.id, session).await?;
    sessions::note_proof(&tx, shop, session).await?;
    // Who could read the member's mail before may have a link still.
    entry::void(&tx, shop, member.id).await?;
    let action = Action { act: "password_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::note(&tx, shop, &Actor::from(member), action).await?;
    tx.commit().await?;
    Ok(())
}

/// Proves by the password who a session belongs to.
///
/// # Errors
/// `password_wrong` (403) for another password, and for who has none yet.
pub async fn prove(shop: &Shop, member: &MemberView, session: SessionId, password: &str) -> Result<()> {
    let row = member::Entity::find_by_id(member.id).one(&shop.db).await?.ok_or(Error::NotFound)?;
    if password.len() > MAX_BYTES || !verify(row.password_hash, password.to_owned()).await? {
        return Err(refusals::PASSWORD_WRONG.into());
    }
    sessions::note_proof(&shop.db, shop, session).await
}

pub(super) async fn set_hash(tx: &impl ConnectionTrait, member_id: Id, hash: String) -> Result<()> {
    member::Entity::update_many()
        .col_expr(member::Column::PasswordHash, Expr::value(hash))
        .filter(member::Column::Id.eq(member_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Gives a member a password from the command line, where nobody else can.
///
/// # Errors
/// `member_unknown`; `password_invalid`.
pub async fn set_password(shop: &Shop, email: &str, new: &str) -> Result<()> {
    let member = sign_in::find(shop, &Email::parse(email)?)
        .await?
        .ok_or_else(|| Error::refused("member_unknown", "There is no member with this email address."))?;
    let hash = hash(new, context_of(shop, &member.email).await?).await?;
    let tx = begin_write(&shop.db).await?;
    set_hash(&tx, member.id, hash).await?;
    sessions::end_all(&tx, member.id).await?;
    entry::void(&tx, shop, member.id).await?;
    let action = Action { act: "password_changed", kind: "member", id: Some(member.id), name: &member.email };
    audit::note(&tx, shop, &Actor::operator(), action).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_tries_first_is_no_password() {
        let context = context("Quiet Press", "ada.byron@example.com");
        for common in [
            "password",
            "Password123!",
            "12345678",
            "1234567890",
            "aaaaaaaa",
            "abababab",
            "qwertyui",
            "1q2w3e4r",
            "WELCOME1",
            "jennifer",
            "computer",
            "987654321",
            "123123123",
            "abcd1234",
            "qwer1234",
            "dragon12",
            "liverpool",
            "whatever",
            "1qazxsw2",
            "p@ssw0rd",
            "iloveyou",
            "trustno1",
            "sunshine1",
            "letmein!",
        ] {
            assert!(weakness(common, &context).is_some_and(|why| why.contains("three or four words")), "{common}");
        }
    }

    #[test]
    fn the_names_of_the_shop_and_of_oneself_are_no_password() {
        let context = context("Quiet Press", "ada.byron@example.com");
        for own in
            ["Quiet Press", "quietpress", "quietpress1", "adabyron", "ada.byron@example.com", "weightless", "Weightless1!", "byron123"]
        {
            assert!(weakness(own, &context).is_some(), "{own}");
        }
    }

    #[test]
    fn a_few_words_are_a_password_however_many() {
        let context = context("Quiet Press", "ada.byron@example.com");
        let long = "my password is long ".repeat(50);
        for good in [
            "correct horse battery",
            "tr0ub4dor&3",
            "my password is long",
            "Zwölf Boxkämpfer",
            "a long enough one",
            "пароль из слов",
            &long,
        ] {
            assert!(weakness(good, &context).is_none(), "{good}");
        }
    }
}
