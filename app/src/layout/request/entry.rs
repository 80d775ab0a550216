//! The way in: who knocks, who came in, and where it goes on to.

use super::answer::{lead_to, may_lead_to};
use super::cookies::{cookie, set_cookie};
use super::session::{session, session_id, unreadable};
use crate::layout::with_query;
use domain::email::NotAnEmail;
use http::request::Parts;
use leptos::prelude::use_context;
use shop::Shop;
use shop::accounts::sessions::{Origin, SignIn};
use shop::accounts::{Knock, Try};

const WAS_HERE: &str = "was_here";

const NEXT: &str = "next";

const YEAR_SECS: i64 = 365 * 24 * 60 * 60;

/// Sends a stranger to the way in, and back to this page from there.
pub fn lead_to_sign_in() {
    let here = use_context::<Parts>().and_then(|parts| parts.uri.path_and_query().map(ToString::to_string)).unwrap_or_default();
    // With an address that the way in would refuse, its page alone is gone back to.
    let page = if here.len() <= MAX_NEXT { here.as_str() } else { here.split('?').next().unwrap_or_default() };
    lead_to(&with_query("/sign-in", &[("next", page)]));
}

/// Where the request comes from; what serves the pages has found it out.
pub fn origin() -> Origin {
    use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned()).unwrap_or_default()
}

/// All limits of tries to sign in times this; what serves the pages says it.
#[derive(Clone, Copy)]
pub struct SignInScale(pub f64);

/// Who knocks, as the limits of the way in count.
fn knock(shop: &Shop) -> Knock {
    let scale = use_context::<SignInScale>().map_or(1.0, |scale| scale.0);
    Knock { network: origin().network, was_here: cookie(shop, WAS_HERE), scale }
}

/// # Errors
/// Refuses (429) when there were too many tries with this address.
pub async fn check_sign_in(shop: &Shop, what: Try, email: &str) -> shop::Result<()> {
    shop::accounts::count_try(shop, what, email, &knock(shop)).await
}

/// # Errors
/// Refuses (`proof_needed`) who has proved for too long nothing; [`finish`] and [`finish_form`] lead such a form to the page that
/// asks for it, and back.
pub async fn check_proof(shop: &Shop) -> shop::Result<()> {
    shop::accounts::sessions::require_proof(shop, session_id().ok_or(shop::Error::Forbidden)?).await
}

pub(super) const PROOF_NEEDED: &str = "proof_needed";

pub(super) fn page_of_proof(next: &str) -> String {
    with_query("/confirm", &[("next", next)])
}

/// The longest address of a page that may follow a sign-in.
const MAX_NEXT: usize = 512;

const MAX_EMAIL: usize = 254;

/// # Errors
/// Refuses what no form of the way in sends, before anything is done or kept.
pub fn check_entry(email: &str, next: &str) -> shop::Result<()> {
    if email.len() > MAX_EMAIL {
        return Err(NotAnEmail.into());
    }
    if next.len() > MAX_NEXT {
        return Err(shop::base::refusals::NEXT_INVALID.into());
    }
    Ok(())
}

/// Only a page of the dashboard may follow a sign-in.
pub fn page_after(next: &str) -> String {
    if next.starts_with("/dashboard/") && may_lead_to(next) { next.to_owned() } else { "/dashboard".to_owned() }
}

/// Begins a session, and remembers that its member was here. The session that came along ends: whoever signs in leaves none behind,
/// and nobody signs in to one that somebody else has set.
pub async fn begin_session(shop: &Shop, sign_in: &SignIn) -> shop::Result<()> {
    let session = session().ok_or(shop::Error::Forbidden)?;
    if session.id().is_some() {
        session.cycle_id().await.map_err(unreadable)?;
    }
    session.insert(SignIn::KEY, sign_in).await.map_err(unreadable)?;
    // Now, so that a session which can't be written is told in words; the cookie is set when the answer goes out.
    session.save().await.map_err(unreadable)?;
    let member = &sign_in.member;
    shop::accounts::forget_tries(shop, &member.email, &knock(shop)).await?;
    set_cookie(shop, WAS_HERE, &shop::accounts::was_here_mark(shop, member.id), YEAR_SECS);
    Ok(())
}

/// Remembers which page asked for a link by mail, until the link is opened in this browser.
pub fn remember_next(shop: &Shop, next: &str) {
    // A cookie's value takes neither of these, and no page of the dashboard has them in its address.
    if page_after(next) == next && !next.contains([';', ',', '"', '\\']) {
        set_cookie(shop, NEXT, next, 15 * 60);
    }
}

/// The page that asked for the link that was just opened.
pub fn take_next(shop: &Shop) -> String {
    let Some(next) = cookie(shop, NEXT).filter(|next| !next.is_empty()) else { return page_after("") };
    set_cookie(shop, NEXT, "", 0);
    page_after(&next)
}

#[cfg(test)]
mod tests {
    use super::page_after;

    #[test]
    fn only_a_page_of_the_dashboard_follows_a_sign_in() {
        assert_eq!(page_after("/dashboard/settings/keys?draft=1"), "/dashboard/settings/keys?draft=1");
        for elsewhere in ["", "/cart", "//evil.example", "https://evil.example", "/dashboard/\r\nset-cookie: a"] {
            assert_eq!(page_after(elsewhere), "/dashboard");
        }
    }
}
