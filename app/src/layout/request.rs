//! The request and the response, as server functions and pages see them.

use super::{people, with_query};
use crate::error::AppError;
use domain::catalog::StoreFace;
use domain::email::NotAnEmail;
use domain::form::{Filled, FormRefusal};
use domain::id::PublicId;
use domain::member::{MemberView, Permission};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shop::Shop;
use shop::accounts::{Knock, Try};
use shop::carts::CartToken;
use shop::sessions::{Origin, SessionId, SignIn};
use tower_sessions_core::Session;

/// The shop that this request is served by.
pub fn shop() -> Result<Shop, AppError> {
    use_context::<Shop>().ok_or_else(|| {
        tracing::error!("a server function ran outside of a request");
        AppError::accident()
    })
}

/// The store, when the server has asked for it before the page is made.
///
/// Parts of a page are made one after another, and a part that waits for a connection while another holds one unasked would stop
/// them all: so the one thing that every part needs is there before the first, and only one part of a page asks the database.
pub fn store() -> Option<StoreFace> {
    use_context::<Parts>()?.extensions.get().cloned()
}

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
    match shop::drafts::keep_open(shop, &origin().network, form, typed, &refusal).await? {
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
    let draft = shop::drafts::keep(shop, member.id, form, typed, refusal).await?;
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
    let Some(mut typed) = shop::drafts::find(shop, Some(member.id), form, draft).await? else {
        return Ok(Filled { form: stands, refusal: None, saved: None });
    };
    if typed.refusal.as_ref().is_some_and(FormRefusal::is_outdated) {
        set_status(409);
        typed.saved = Some(stands);
    }
    Ok(typed)
}

/// A request of a form, under the name that its page gave to the attempt.
pub fn once(attempt: &str, request: impl std::fmt::Debug) -> Option<shop::once::Once> {
    shop::once::Once::new(request_key(attempt), request)
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
    Ok(shop::drafts::find(shop, None, form, draft).await?.unwrap_or(Filled { form: stands, refusal: None, saved: None }))
}

/// A page of ours with a notice on it.
pub fn with_notice(page: &str, code: &str) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    let code = if crate::notices::text(code).is_some() { code } else { "internal" };
    format!("{page}{separator}notice={code}")
}

/// Whether a browser sent this without our help, and goes wherever the answer says.
pub fn is_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Sends the browser on. Only what may stand in a header gets there; everything else leads home.
fn redirect(url: &str) {
    // 303: whatever the form was sent by, the next page is asked for.
    append_header(header::LOCATION, if may_lead_to(url) { url } else { "/" });
    set_status(303);
}

fn may_lead_to(url: &str) -> bool {
    let is_ours = url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\");
    url.bytes().all(|b| b.is_ascii_graphic()) && (is_ours || url.starts_with("https://") || url.starts_with("http://"))
}

/// Sets the status of the page that is being rendered.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Says that a page lacks something that could not be read just now, so that it is shown once and not kept.
/// What serves the pages takes the header away again.
pub fn mark_incomplete() {
    append_header(HeaderName::from_static(INCOMPLETE), "1");
}

/// Says that this is a page of the catalog, the same for everybody, which may be kept until the catalog changes.
/// What serves the pages takes the header away again.
pub fn mark_in_catalog() {
    append_header(HeaderName::from_static(IN_CATALOG), "1");
}

/// The header of a page of the catalog.
pub const IN_CATALOG: &str = "x-page-in-catalog";

/// The header of a page that lacks something.
pub const INCOMPLETE: &str = "x-page-incomplete";

fn append_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(value)) {
        response.append_header(name, value);
    }
}

fn is_secure(shop: &Shop) -> bool {
    shop.settings.base_url.starts_with("https://")
}

/// Under https a cookie of this name can be set by this host alone.
fn cookie_name(shop: &Shop, name: &str) -> String {
    if is_secure(shop) { format!("__Host-{name}") } else { name.to_owned() }
}

/// What the cookie of this name holds.
fn cookie(shop: &Shop, name: &str) -> Option<String> {
    cookie_of(shop, &use_context::<Parts>()?.headers, name)
}

/// Whether the browser has shown that it keeps cookies of ours.
pub fn has_cookies() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.headers.get_all(header::COOKIE).iter().any(|value| !value.is_empty()))
}

fn cookie_of(shop: &Shop, headers: &HeaderMap, name: &str) -> Option<String> {
    find_cookie(headers, &cookie_name(shop, name))
}

fn find_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// Sets a cookie that scripts can't read. Lax, because the way back from the payment page must carry it.
fn set_cookie(shop: &Shop, name: &str, value: &str, max_age_secs: i64) {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_secs}{secure}", cookie_name(shop, name));
    append_header(header::SET_COOKIE, &cookie);
}

const CART: &str = "cart";
const WAS_HERE: &str = "was_here";
const NEXT: &str = "next";
const YEAR_SECS: i64 = 365 * 24 * 60 * 60;

/// The cart that the visitor's cookie names.
pub fn cart_token(shop: &Shop) -> Option<CartToken> {
    CartToken::parse(&cookie(shop, CART)?)
}

/// A month: long enough to come back to a page, and the mail has the link for longer.
const ORDER_KEY_SECS: i64 = 30 * 24 * 60 * 60;

/// Not `__Host-`, which is for all paths.
fn order_cookie_name(shop: &Shop) -> &'static str {
    if is_secure(shop) { "__Secure-order_key" } else { "order_key" }
}

/// The cookie that opens one order at its own path, and is sent nowhere else. A browser keeps one for each order, and drops the oldest.
pub fn order_cookie(shop: &Shop, id: &PublicId, key: &str) -> String {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    let (name, id) = (order_cookie_name(shop), id.as_str());
    format!("{name}={key}; Path=/orders/{id}; HttpOnly; SameSite=Lax; Max-Age={ORDER_KEY_SECS}{secure}")
}

/// The key of an order that a request for its page carries.
pub fn order_key_of(shop: &Shop, headers: &HeaderMap) -> Option<String> {
    find_cookie(headers, order_cookie_name(shop))
}

/// As [`order_key_of`], for the page that is being rendered; empty where it has none.
pub fn order_key() -> String {
    let of = |parts: Parts| order_key_of(&use_context::<Shop>()?, &parts.headers);
    use_context::<Parts>().and_then(of).unwrap_or_default()
}

/// Who looks, where they may be counted; what serves the pages knows.
pub fn visitor() -> Option<shop::visits::Visitor> {
    use_context::<Parts>()?.extensions.get().copied()
}

/// The session of the request; what serves the pages has put it there.
fn session() -> Option<Session> {
    use_context::<Parts>()?.extensions.get().cloned()
}

/// The session that the visitor's cookie names, be it open or over.
pub fn session_id() -> Option<SessionId> {
    Some(session()?.id()?.0.into())
}

/// The member who signed in with this session. Asked for again, it is answered from what was read.
pub async fn member_of(session: &Session) -> shop::Result<Option<MemberView>> {
    let sign_in = session.get::<SignIn>(SignIn::KEY).await.map_err(unreadable)?;
    Ok(sign_in.map(|sign_in| sign_in.member))
}

/// The store of the sessions has said why in the log.
fn unreadable(_: tower_sessions_core::session::Error) -> shop::Error {
    shop::Error::unavailable("unavailable", "The shop can't look up who is signed in at the moment. Please try again shortly.")
}

/// The member who is signed in; nobody for strangers.
pub async fn signed_in() -> shop::Result<Option<MemberView>> {
    match session() {
        Some(session) => member_of(&session).await,
        None => Ok(None),
    }
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
    signed_in().await?.ok_or_else(|| {
        set_status(401);
        AppError::new("signed_out", "Please sign in.")
    })
}

/// The member who asks, where the role may do this.
///
/// # Errors
/// `signed_out` for strangers, `forbidden` for other roles.
pub async fn member_who_may(shop: &Shop, permission: Permission) -> Result<MemberView, AppError> {
    let member = member(shop).await?;
    check(&member, permission).inspect_err(|_| set_status(403))?;
    Ok(member)
}

/// # Errors
/// `Forbidden` where the member's role may not do this.
pub fn check(member: &MemberView, permission: Permission) -> shop::Result<()> {
    if member.role.may(permission) { Ok(()) } else { Err(shop::Error::Forbidden) }
}

/// The dashboard's page of an order; the list where the name is none.
pub fn order_page(order: &str) -> String {
    PublicId::parse(order).map_or_else(|| "/dashboard/orders".to_owned(), |id| format!("/dashboard/orders/{}", id.as_str()))
}

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
    shop::sessions::require_proof(shop, session_id().ok_or(shop::Error::Forbidden)?).await
}

const PROOF_NEEDED: &str = "proof_needed";

fn page_of_proof(next: &str) -> String {
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
        return Err(shop::refusals::NEXT_INVALID.into());
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
    // The row is written, and the cookie set, when the answer goes out.
    session.insert(SignIn::KEY, sign_in).await.map_err(unreadable)?;
    let member = &sign_in.member;
    shop::accounts::forget_tries(shop, &member.email, &knock(shop)).await?;
    set_cookie(shop, WAS_HERE, &shop::accounts::was_here_mark(shop, member.id), YEAR_SECS);
    Ok(())
}

/// Ends the session on the server and in the browser.
pub async fn end_session() -> shop::Result<()> {
    match session() {
        Some(session) if session.id().is_some() => session.flush().await.map_err(unreadable),
        _ => Ok(()),
    }
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

/// Tells browsers and search engines that a page has moved for good; its query goes along.
pub fn lead_on(page: &str) {
    let query = use_context::<Parts>().and_then(|parts| parts.uri.query().map(|query| format!("?{query}"))).unwrap_or_default();
    append_header(header::LOCATION, &format!("{page}{query}"));
    set_status(301);
}

/// As [`lead_on`], to a page whose address is known as a whole.
pub fn lead_on_to(url: &str) {
    append_header(header::LOCATION, url);
    set_status(301);
}

/// Sends the browser to a page of ours instead of the one that it asked for.
pub fn lead_to(page: &str) {
    append_header(header::LOCATION, page);
    set_status(302);
}

const MONTH_SECS: i64 = 30 * 24 * 60 * 60;

/// Remembers the cart, and how many pieces are in it for the badge that cached pages show.
pub fn remember_cart(shop: &Shop, token: &CartToken, n_pieces: i64) {
    set_cookie(shop, CART, token.as_str(), MONTH_SECS);
    remember_count(shop, n_pieces);
}

/// How many pieces the badge shows.
pub fn remember_count(shop: &Shop, n_pieces: i64) {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    append_header(header::SET_COOKIE, &format!("cart_count={n_pieces}; Path=/; SameSite=Lax; Max-Age={MONTH_SECS}{secure}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_a_page_of_ours_or_to_a_whole_url() {
        for good in ["/cart", "/orders/a?key=b", "https://checkout.stripe.com/c/pay/cs_1#x", "http://127.0.0.1:12111/c"] {
            assert!(may_lead_to(good), "{good}");
        }
        assert_eq!(page_after("/dashboard/settings/keys?draft=1"), "/dashboard/settings/keys?draft=1");
        for elsewhere in ["", "/cart", "//evil.example", "https://evil.example", "/dashboard/\r\nset-cookie: a"] {
            assert_eq!(page_after(elsewhere), "/dashboard");
        }
        for bad in ["", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nset-cookie: b", "/ä", "/a b"] {
            assert!(!may_lead_to(bad), "{bad}");
        }
    }

    #[test]
    fn a_notice_is_one_of_ours() {
        assert_eq!(with_notice("/cart", "cart_full"), "/cart?notice=cart_full");
        assert_eq!(with_notice("/orders/a?key=b", "<script>"), "/orders/a?key=b&notice=internal");
    }
}
