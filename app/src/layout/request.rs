//! The request and the response, as server functions and pages see them.

use crate::error::AppError;
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use shop::Shop;
use shop::carts::CartToken;

/// The shop that this request is served by.
pub fn shop() -> Result<Shop, AppError> {
    use_context::<Shop>().ok_or_else(|| {
        tracing::error!("a server function ran outside of a request");
        AppError::accident()
    })
}

/// Sets the status of the page that is being rendered.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

fn append_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(value)) {
        response.append_header(name, value);
    }
}

/// Sends the browser on. Only what may stand in a header gets there; everything else leads home.
pub fn redirect(url: &str) {
    let is_safe = url.bytes().all(|b| b.is_ascii_graphic())
        && (url.starts_with("https://")
            || url.starts_with("http://")
            || (url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\")));
    leptos_axum::redirect(if is_safe { url } else { "/" });
}

/// Back to a page of ours with a notice.
pub fn redirect_with_notice(path: &str, code: &str) {
    let separator = if path.contains('?') { '&' } else { '?' };
    redirect(&format!("{path}{separator}notice={code}"));
}

fn is_secure(shop: &Shop) -> bool {
    shop.settings.base_url.starts_with("https://")
}

fn cart_cookie(shop: &Shop) -> &'static str {
    if is_secure(shop) { "__Host-cart" } else { "cart" }
}

/// The cart that the visitor's cookie names.
pub fn cart_token(shop: &Shop) -> Option<CartToken> {
    let parts = use_context::<Parts>()?;
    let name = cart_cookie(shop);
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .and_then(|(_, value)| CartToken::parse(value))
}

const MONTH_SECS: u32 = 30 * 24 * 60 * 60;

/// Remembers the cart, and how many pieces are in it for the badge that cached pages show.
pub fn remember_cart(shop: &Shop, token: &CartToken, n_pieces: i64) {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    append_header(
        header::SET_COOKIE,
        &format!("{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={MONTH_SECS}{secure}", cart_cookie(shop), token.as_str()),
    );
    remember_count(shop, n_pieces);
}

/// How many pieces the badge shows.
pub fn remember_count(shop: &Shop, n_pieces: i64) {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    append_header(header::SET_COOKIE, &format!("cart_count={n_pieces}; Path=/; SameSite=Lax; Max-Age={MONTH_SECS}{secure}"));
}
