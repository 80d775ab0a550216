//! Cookies: the cart, a member's session, the key of an order.

use super::answer::append_header;
use domain::id::PublicId;
use http::request::Parts;
use http::{HeaderMap, header};
use leptos::prelude::use_context;
use shop::Shop;
use shop::checkout::carts::CartToken;

fn is_secure(shop: &Shop) -> bool {
    shop.settings.base_url.starts_with("https://")
}

/// Under https a cookie of this name can be set by this host alone.
fn cookie_name(shop: &Shop, name: &str) -> String {
    if is_secure(shop) { format!("__Host-{name}") } else { name.to_owned() }
}

/// What the cookie of this name holds.
pub(super) fn cookie(shop: &Shop, name: &str) -> Option<String> {
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
pub(super) fn set_cookie(shop: &Shop, name: &str, value: &str, max_age_secs: i64) {
    let secure = if is_secure(shop) { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_secs}{secure}", cookie_name(shop, name));
    append_header(header::SET_COOKIE, &cookie);
}

const CART: &str = "cart";

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
