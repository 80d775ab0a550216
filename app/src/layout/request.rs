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

/// Ends what a form or an island asked for: a form is sent on, or back to `page` with a notice; an island gets the
/// answer itself, with the status of the refusal.
pub fn finish(outcome: shop::Result<String>, page: &str) -> Result<String, AppError> {
    let status = outcome.as_ref().err().map(|error| error.answer().0);
    match outcome.map_err(|error| AppError::from(error).for_people()) {
        Ok(url) => {
            if is_form() {
                redirect(&url);
            }
            Ok(url)
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

/// A page of ours with a notice on it.
pub fn with_notice(page: &str, code: &str) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    let code = if crate::error::notice_text(code).is_some() { code } else { "internal" };
    format!("{page}{separator}notice={code}")
}

/// Whether a browser sent this without our help, and goes wherever the answer says.
fn is_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Sends the browser on. Only what may stand in a header gets there; everything else leads home.
fn redirect(url: &str) {
    leptos_axum::redirect(if may_lead_to(url) { url } else { "/" });
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

fn append_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(value)) {
        response.append_header(name, value);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_a_page_of_ours_or_to_a_whole_url() {
        for good in ["/cart", "/orders/a?key=b", "https://checkout.stripe.com/c/pay/cs_1#x", "http://127.0.0.1:12111/c"] {
            assert!(may_lead_to(good), "{good}");
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
