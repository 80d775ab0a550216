//! How a form ends: it goes on, or comes back with what is wrong, as it was typed.

use super::answer::{is_form, redirect, set_status, with_notice};
use super::entry::{PROOF_NEEDED, origin, page_of_proof};
use crate::error::AppError;
use crate::layout::with_query;
use domain::member::MemberView;
use domain::pages::form::{Filled, FormRefusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shop::Shop;

/// Ends what a form or an island asked for: a form is sent on, or back to `page` with a notice; an island gets the
/// answer itself, with the status of the refusal.
pub fn finish(outcome: shop::Result<String>, page: &str) -> Result<String, AppError> {
    let status = outcome.as_ref().err().map(|error| error.answer().0);
    match outcome.map_err(AppError::from) {
        Ok(url) => {
            if is_form() {
                redirect(&url);
            }
            Ok(url)
        }
        Err(error) if is_form() && error.code == PROOF_NEEDED => {
            redirect(&page_of_proof(&with_notice(page, "confirmed")));
            Ok(String::new())
        }
        Err(error) if is_form() => {
            redirect(&with_notice(page, &error.code));
            Ok(String::new())
        }
        Err(error) => {
            if let Some(status) = status {
                set_status(status);
            }
            Err(error)
        }
    }
}

/// As [`finish`], for a form of many fields: when it is refused it comes back on `page` as it was typed, with what is wrong.
pub async fn finish_form<T: Serialize>(
    shop: &Shop,
    member: &MemberView,
    form: &str,
    typed: &T,
    outcome: shop::Result<String>,
    page: &str,
) -> Result<String, AppError> {
    let Err(error) = &outcome else { return finish(outcome, page) };
    if !is_form() {
        return finish(outcome, page);
    }
    let refusal = refusal_of(error, form);
    send_back(shop, member, form, typed, Some(&refusal), page, "").await
}

/// As [`finish_form`], for forms of those who are not signed in; the name of what they typed is the only way to it. Nothing is kept
/// of a try that a limit refused, nor of one that is larger than any person types.
pub async fn finish_open_form<T: Serialize>(
    shop: &Shop,
    form: &str,
    typed: &T,
    outcome: shop::Result<String>,
    page: &str,
) -> Result<String, AppError> {
    let Err(error) = &outcome else { return finish(outcome, page) };
    if !is_form() || error.answer().0 == 429 {
        return finish(outcome, page);
    }
    let refusal = refusal_of(error, form);
    match shop::base::drafts::keep_open(shop, &origin().network, form, typed, &refusal).await? {
        Some(draft) => {
            let back = with_notice(page, &refusal.code);
            redirect(&format!("{back}&draft={draft}"));
            Ok(String::new())
        }
        None => finish(outcome, page),
    }
}

fn refusal_of(error: &shop::Error, form: &str) -> FormRefusal {
    if let shop::Error::Unexpected(cause) = error {
        tracing::error!(?cause, form, "a form could not be kept");
    }
    error.to_form()
}

/// Shows a form again on `page` as it was typed, at the element `place` where it is not empty.
pub async fn send_back<T: Serialize>(
    shop: &Shop,
    member: &MemberView,
    form: &str,
    typed: &T,
    refusal: Option<&FormRefusal>,
    page: &str,
    place: &str,
) -> Result<String, AppError> {
    let draft = shop::base::drafts::keep(shop, member.id, form, typed, refusal).await?;
    let hash = if place.is_empty() { String::new() } else { format!("#{place}") };
    let back = format!("{}{hash}", with_query(page, &[("draft", &draft)]));
    redirect(&if refusal.is_some_and(|refusal| refusal.code == PROOF_NEEDED) { page_of_proof(&back) } else { back });
    Ok(String::new())
}

/// The form that the address of a page names, as its member typed it; else as it stands. A page that says that somebody else was
/// faster answers 409.
pub async fn filled<T: DeserializeOwned>(
    shop: &Shop,
    member: &MemberView,
    form: &str,
    draft: &str,
    stands: T,
) -> Result<Filled<T>, AppError> {
    let Some(mut typed) = shop::base::drafts::find(shop, Some(member.id), form, draft).await? else {
        return Ok(Filled { form: stands, refusal: None, saved: None });
    };
    if typed.refusal.as_ref().is_some_and(FormRefusal::is_outdated) {
        set_status(409);
        typed.saved = Some(stands);
    }
    Ok(typed)
}

/// A request of a form, under the name that its page gave to the attempt.
pub fn once(attempt: &str, request: impl std::fmt::Debug) -> Option<shop::base::once::Once> {
    shop::base::once::Once::new(request_key(attempt), request)
}

/// The key of a form's attempt; nothing where the form names none.
pub fn request_key(attempt: &str) -> Option<String> {
    (!attempt.is_empty()).then(|| format!("form:{attempt}"))
}

/// The revision that a form was made from, or the one that its member saw and saves on top of.
pub fn made_from(revision: &mut String, on_top: &mut String) -> Option<i64> {
    if !on_top.is_empty() {
        *revision = std::mem::take(on_top);
    }
    revision.parse().ok()
}

/// As [`filled`], for forms of those who are not signed in.
pub async fn filled_open<T: DeserializeOwned>(shop: &Shop, form: &str, draft: &str, stands: T) -> Result<Filled<T>, AppError> {
    Ok(shop::base::drafts::find(shop, None, form, draft).await?.unwrap_or(Filled { form: stands, refusal: None, saved: None }))
}
