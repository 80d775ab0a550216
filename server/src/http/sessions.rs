//! The layer of tower-sessions with the shop's cookie, around what members use.

use crate::session_store::ShopSessions;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state, map_request, map_response};
use axum::response::Response;
use shop::Shop;
use shop::accounts::sessions::{self, LIFETIME_SECS};
use std::future::ready;
use time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Id;
use tower_sessions::{Expiry, SessionManagerLayer};

/// Lets these routes know the session of who asks. A row is read only where somebody wants to know.
pub fn with_sessions(routes: Router, shop: &Shop) -> Router {
    let is_secure = shop.settings.base_url.starts_with("https://");
    let name = cookie_name(is_secure);
    let layer = SessionManagerLayer::new(ShopSessions::new(shop.clone()))
        .with_name(name)
        .with_secure(is_secure)
        // The way back from the payment page must carry it.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::seconds(LIFETIME_SECS)));
    routes
        .layer(layer)
        .layer(map_response(move |mut response: Response| {
            complete_removal(response.headers_mut(), name, is_secure);
            ready(response)
        }))
        .layer(from_fn_with_state((shop.clone(), name, is_secure), take_over))
        .layer(map_request(async |mut request: Request| {
            keep_cookies(request.headers_mut(), |name| !name.contains('%'));
            request
        }))
}

/// Drops the cookies that do not match. A cookie's name is decoded when it is read, so `%5F%5FHost-session`, which a neighboring host
/// may set, would be taken for `__Host-session`, which it may not. No cookie of ours has such a name.
fn keep_cookies(headers: &mut HeaderMap, is_kept: impl Fn(&str) -> bool) {
    for value in headers.iter_mut().filter_map(|(header, value)| (header == header::COOKIE).then_some(value)) {
        let Ok(text) = value.to_str() else { continue };
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().trim().to_owned();
        if text.split(';').all(|pair| is_kept(&name(pair))) {
            continue;
        }
        let kept: Vec<&str> = text.split(';').filter(|pair| is_kept(&name(pair))).map(str::trim).collect();
        *value = HeaderValue::try_from(kept.join("; ")).unwrap_or(HeaderValue::from_static(""));
    }
}

/// Lets the sessions of an older release go on: its cookies held 40 characters, which are traded for an id of today. To be taken out
/// in the release after the next, when the last such session has ended.
async fn take_over(State((shop, name, is_secure)): State<(Shop, &'static str, bool)>, mut request: Request, next: Next) -> Response {
    let Some(token) = old_token(request.headers(), name) else { return next.run(request).await };
    let id = match sessions::take_over(&shop, &token).await {
        Ok(Some(id)) => Id(id.into()).to_string(),
        Ok(None) => return next.run(request).await,
        Err(error) => {
            tracing::error!(?error, "a session of an older release could not be taken over");
            // The browser keeps its cookie, for a better moment.
            keep_cookies(request.headers_mut(), |pair| pair != name);
            return next.run(request).await;
        }
    };
    for value in request.headers_mut().iter_mut().filter_map(|(header, value)| (header == header::COOKIE).then_some(value)) {
        if let Some(text) = value.to_str().ok().map(|text| text.replace(&token, &id)) {
            *value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        }
    }
    let mut response = next.run(request).await;
    let secure = if is_secure { "; Secure" } else { "" };
    let cookie = format!("{name}={id}; HttpOnly; SameSite=Lax; Path=/; Max-Age={LIFETIME_SECS}{secure}");
    let is_set = |value: &HeaderValue| value.as_bytes().starts_with(format!("{name}=").as_bytes());
    if !response.headers().get_all(header::SET_COOKIE).iter().any(is_set)
        && let Ok(cookie) = HeaderValue::try_from(cookie)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What an older release's cookie of this name holds.
fn old_token(headers: &HeaderMap, name: &str) -> Option<String> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let is_token = |text: &&str| text.len() == 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).filter(is_token).map(str::to_owned)
}

/// Under https a cookie of this name can be set by this host alone.
fn cookie_name(is_secure: bool) -> &'static str {
    if is_secure { "__Host-session" } else { "session" }
}

/// A cookie that is taken away needs the attributes of one that is set, or a browser keeps what is named `__Host-`.
/// Source: <https://github.com/maxcountryman/tower-sessions/pull/268>
fn complete_removal(headers: &mut HeaderMap, name: &str, is_secure: bool) {
    let secure = if is_secure { "; Secure" } else { "" };
    for value in headers.iter_mut().filter_map(|(header, value)| (header == header::SET_COOKIE).then_some(value)) {
        let is_removal = |text: &&str| text.strip_prefix(name).is_some_and(|rest| rest.starts_with("=;"));
        if let Some(text) = value.to_str().ok().filter(is_removal)
            && let Ok(whole) = HeaderValue::try_from(format!("{text}; HttpOnly; SameSite=Lax{secure}"))
        {
            *value = whole;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_with_an_encoded_name_are_dropped() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; %5F%5FHost-session=evil; __Host-session=mine; b=%20"));
        keep_cookies(&mut headers, |name| !name.contains('%'));
        assert_eq!(headers[header::COOKIE], "a=1; __Host-session=mine; b=%20");
        keep_cookies(&mut headers, |name| name != "__Host-session");
        assert_eq!(headers[header::COOKIE], "a=1; b=%20");
    }

    #[test]
    fn a_cookie_that_is_taken_away_is_as_strict_as_one_that_is_set() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-cart=a; Path=/"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-session=; Path=/; Max-Age=0"));
        complete_removal(&mut headers, cookie_name(true), true);
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["__Host-cart=a; Path=/", "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"]);
    }
}
