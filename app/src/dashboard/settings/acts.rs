//! What the forms of the settings do.

use crate::dashboard::settings::form::StoreForm;
use crate::error::AppError;
use crate::layout::request::{self, Acting};
use crate::layout::with_query;
use domain::member::{Permission, Role};
use domain::pages::settings::OldPrices;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const STORE: &str = "/dashboard/settings";

/// Saves the facts of the store.
#[server(prefix = "/_fn", endpoint = "save_settings")]
pub async fn save_settings(form: StoreForm) -> Result<String, AppError> {
    let mut form = form;
    let made_from = request::made_from(&mut form.revision, &mut form.on_top);
    request::submit(Permission::EditSettings, "settings", &form, STORE, async |Acting { shop, by, .. }| {
        let new = form.clone().settings()?;
        // The choice stands in the form whether the currency changes or not.
        let is_another = shop::stores::settings::load(&shop).await?.currency != new.currency;
        let old_prices = form.old_prices.parse::<OldPrices>().ok().filter(|_| is_another);
        shop::stores::settings::change_with(&shop, &by, made_from, old_prices, |settings| *settings = new.clone()).await?;
        Ok(request::with_notice(STORE, "saved"))
    })
    .await
}

/// Shows the store's name again in place of its logo.
#[server(prefix = "/_fn", endpoint = "remove_logo")]
pub async fn remove_logo() -> Result<String, AppError> {
    request::act(Permission::EditSettings, STORE, "saved", async |Acting { shop, by, .. }| shop::stores::logo::remove(&shop, &by).await)
        .await
}

pub(super) const MEMBERS: &str = "/dashboard/settings/members";

/// An invitation as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub email: String,
    pub role: String,
}

fn role_named(word: &str) -> shop::Result<Role> {
    word.parse().map_err(|_| shop::base::refusals::ROLE_UNKNOWN.into())
}

/// Mails somebody the way in.
#[server(prefix = "/_fn", endpoint = "invite_member")]
pub async fn invite_member(email: String, role: String, #[server(default)] attempt: String) -> Result<String, AppError> {
    let typed = Invitation { email: email.clone(), role: role.clone() };
    request::submit(Permission::ManageMembers, "invitation", &typed, MEMBERS, async |Acting { shop, member, by }| {
        request::check_proof(&shop).await?;
        let once = request::once(&attempt, ("invitation", &email, &role));
        shop::accounts::invite(&shop, &by, member.role, &email, role_named(&role)?, once.as_ref()).await?;
        Ok(request::with_notice(MEMBERS, "invited"))
    })
    .await
}

#[server(prefix = "/_fn", endpoint = "invite_again")]
pub async fn invite_again(id: String) -> Result<String, AppError> {
    request::act(Permission::ManageMembers, MEMBERS, "invited", async |Acting { shop, by, .. }| {
        shop::accounts::invite_again(&shop, &by, &id).await
    })
    .await
}

#[server(prefix = "/_fn", endpoint = "change_role")]
pub async fn change_role(id: String, role: String) -> Result<String, AppError> {
    request::act(Permission::ManageMembers, MEMBERS, "saved", async |Acting { shop, member, by }| {
        request::check_proof(&shop).await?;
        shop::accounts::change_role(&shop, &by, member.role, &id, role_named(&role)?).await
    })
    .await
}

#[server(prefix = "/_fn", endpoint = "remove_member")]
pub async fn remove_member(id: String) -> Result<String, AppError> {
    request::act(Permission::ManageMembers, MEMBERS, "member_removed", async |Acting { shop, member, by }| {
        request::check_proof(&shop).await?;
        shop::accounts::remove(&shop, &by, member.role, &id).await
    })
    .await
}

pub(super) const KEYS: &str = "/dashboard/settings/keys";

/// A key as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyForm {
    pub name: String,
    /// [`FULL`], or what is chosen in `scopes`.
    #[serde(default)]
    pub access: String,
    pub scopes: Vec<String>,
}

/// The word of a key that may do all that its member's role allows.
pub(super) const FULL: &str = "full";

/// Makes a key; the page that follows shows it, once. Nothing is granted that was not chosen.
#[server(prefix = "/_fn", endpoint = "create_key")]
pub async fn create_key(
    name: String,
    #[server(default)] access: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] attempt: String,
) -> Result<String, AppError> {
    let form = KeyForm { name, access, scopes };
    request::submit(Permission::ManageKeys, "key", &form, KEYS, async |Acting { shop, member, .. }| {
        request::check_proof(&shop).await?;
        let scopes: Option<Vec<Permission>> = form.scopes.iter().map(|word| word.parse::<Permission>().ok()).collect();
        let scopes = scopes.ok_or_else(|| shop::Error::refused("scopes_unknown", "Choose from the list what the key may do."))?;
        let scopes = (form.access != FULL).then_some(scopes);
        let new = shop::accounts::NewKey { name: form.name.clone(), scopes };
        let once = request::once(&attempt, ("api_key", member.id, &new));
        let id = shop::accounts::create_key(&shop, &member, new, once.as_ref()).await?;
        Ok(with_query(KEYS, &[("made", &id.simple().to_string())]))
    })
    .await
}

#[server(prefix = "/_fn", endpoint = "revoke_key")]
pub async fn revoke_key(id: String) -> Result<String, AppError> {
    request::act(Permission::ManageKeys, KEYS, "key_revoked", async |Acting { shop, by, .. }| {
        shop::accounts::revoke_key(&shop, &by, &id).await
    })
    .await
}

pub(super) const ACCOUNT: &str = "/dashboard/settings/account";

/// Changes the password of who asks, and ends all other sessions.
#[server(prefix = "/_fn", endpoint = "change_password")]
pub async fn change_password(old: String, new: String) -> Result<String, AppError> {
    let Acting { shop, member, .. } = request::acting().await?;
    let changed = async {
        let session = request::session_id().ok_or(shop::Error::Forbidden)?;
        request::check_sign_in(&shop, shop::accounts::Try::Password, &member.email).await?;
        shop::accounts::change_password(&shop, &member, session, &old, &new).await?;
        Ok(request::with_notice(ACCOUNT, "password_changed"))
    };
    let changed = changed.await;
    request::finish_form(&shop, &member, "password", &(), changed, ACCOUNT).await
}

/// Ends one of the sessions of who asks.
#[server(prefix = "/_fn", endpoint = "end_session")]
pub async fn end_session(name: String) -> Result<String, AppError> {
    let Acting { shop, member, .. } = request::acting().await?;
    let ended = shop::accounts::sessions::end_by_name(&shop, member.id, &name).await;
    request::finish(ended.map(|()| request::with_notice(ACCOUNT, "session_ended")), ACCOUNT)
}

/// Ends all sessions of who asks but this one.
#[server(prefix = "/_fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<String, AppError> {
    let Acting { shop, member, .. } = request::acting().await?;
    let ended = async {
        let session = request::session_id().ok_or(shop::Error::Forbidden)?;
        shop::accounts::sessions::end_others(&shop.db, member.id, session).await?;
        Ok(request::with_notice(ACCOUNT, "session_ended"))
    };
    request::finish(ended.await, ACCOUNT)
}

/// Sends a mail to whoever asks.
#[server(prefix = "/_fn", endpoint = "send_test_mail")]
pub async fn send_test_mail() -> Result<String, AppError> {
    let page = "/dashboard/settings/connections";
    request::submit(Permission::EditSettings, "test_mail", &(), page, async |Acting { shop, member, .. }| {
        shop::stores::settings::send_test_mail(&shop, &member.email).await?;
        Ok(request::with_notice(page, "test_mailed"))
    })
    .await
}
