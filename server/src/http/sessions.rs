//! The layer of tower-sessions with the shop's cookie, around what members use.

use crate::session_store::ShopSessions;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;
use shop::Shop;
use shop::sessions::LIFETIME_SECS;
use std::future::ready;
use time::Duration;
use tower_sessions::cookie::SameSite;
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
    routes.layer(layer).layer(map_response(move |mut response: Response| {
        complete_removal(response.headers_mut(), name, is_secure);
        ready(response)
    }))
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
    fn a_cookie_that_is_taken_away_is_as_strict_as_one_that_is_set() {
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-cart=a; Path=/"));
        headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-session=; Path=/; Max-Age=0"));
        complete_removal(&mut headers, cookie_name(true), true);
        let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["__Host-cart=a; Path=/", "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"]);
    }
}
