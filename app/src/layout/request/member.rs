//! The member who looks or acts.

use super::answer::{set_status, with_notice};
use super::forms::{finish, finish_form};
use super::session::signed_in;
use super::shop;
use crate::error::AppError;
use crate::layout::people;
use domain::member::{MemberView, Permission};
use http::Method;
use http::request::Parts;
use leptos::prelude::{provide_context, use_context};
use serde::Serialize;
use shop::Shop;
use shop::accounts::audit::Actor;
use std::sync::{Arc, OnceLock};

/// Who this page has found out to look at it.
#[derive(Clone, Default)]
struct MemberOfPage(Arc<OnceLock<MemberView>>);

/// Gives the parts of a page one memory of who looks at it.
pub fn provide_member() {
    provide_context(MemberOfPage::default());
}

/// The member who looks, once the page has asked.
pub fn known_member() -> Option<MemberView> {
    use_context::<MemberOfPage>()?.0.get().cloned()
}

/// Whether a person looks at this page who is no member of the shop.
pub async fn is_customer() -> Result<bool, AppError> {
    let is_person = |parts: &Parts| parts.method == Method::GET && people::is_person(&parts.method, &parts.headers);
    if !use_context::<Parts>().as_ref().is_some_and(is_person) {
        return Ok(false);
    }
    Ok(signed_in().await?.is_none())
}

/// The member who asks.
///
/// # Errors
/// `signed_out` for everybody else.
pub async fn member(_: &Shop) -> Result<MemberView, AppError> {
    let member = signed_in().await?.ok_or_else(|| {
        set_status(401);
        AppError::new("signed_out", "Please sign in.")
    })?;
    Ok(use_context::<MemberOfPage>().map_or_else(|| member.clone(), |page| page.0.get_or_init(|| member.clone()).clone()))
}

/// The shop and the member who looks at a page of it, where the role may.
///
/// # Errors
/// `signed_out` for strangers, `forbidden` for other roles.
pub async fn viewer(permission: Permission) -> Result<(Shop, MemberView), AppError> {
    let shop = shop()?;
    let member = member(&shop).await?;
    check(&member, permission).inspect_err(|_| set_status(403))?;
    Ok((shop, member))
}

/// A member who acts, also as the audit log names it.
#[derive(Clone)]
pub struct Acting {
    pub shop: Shop,
    pub member: MemberView,
    pub by: Actor,
}

/// The member who acts in this request.
///
/// # Errors
/// `signed_out` for everybody else.
pub async fn acting() -> Result<Acting, AppError> {
    let shop = shop()?;
    let member = member(&shop).await?;
    Ok(Acting { by: Actor::from(&member), shop, member })
}

impl Acting {
    /// Lets the act happen, where the member's role may.
    async fn permitted<T, F>(self, permission: Permission, act: impl FnOnce(Self) -> F) -> shop::Result<T>
    where
        F: Future<Output = shop::Result<T>>,
    {
        check(&self.member, permission)?;
        act(self).await
    }
}

/// Does what a button of a page asks for, where the member's role may: back to the page with a notice of it, or of why not.
pub async fn act<F>(permission: Permission, page: &str, notice: &str, act: impl FnOnce(Acting) -> F) -> Result<String, AppError>
where
    F: Future<Output = shop::Result<()>>,
{
    let done = acting().await?.permitted(permission, act).await;
    finish(done.map(|()| with_notice(page, notice)), page)
}

/// As [`act`], and on to the address that the act answers.
pub async fn act_to<F>(permission: Permission, page: &str, act: impl FnOnce(Acting) -> F) -> Result<String, AppError>
where
    F: Future<Output = shop::Result<String>>,
{
    finish(acting().await?.permitted(permission, act).await, page)
}

/// As [`act_to`], for a form of many fields: when it is refused it comes back on `page` as it was typed. `form` is its name among the
/// drafts.
pub async fn submit<T: Serialize, F>(
    permission: Permission,
    form: &str,
    typed: &T,
    page: &str,
    act: impl FnOnce(Acting) -> F,
) -> Result<String, AppError>
where
    F: Future<Output = shop::Result<String>>,
{
    let acting = acting().await?;
    let done = acting.clone().permitted(permission, act).await;
    finish_form(&acting.shop, &acting.member, form, typed, done, page).await
}

/// # Errors
/// `Forbidden` where the member's role may not do this.
pub fn check(member: &MemberView, permission: Permission) -> shop::Result<()> {
    if member.role.may(permission) { Ok(()) } else { Err(shop::Error::Forbidden) }
}
