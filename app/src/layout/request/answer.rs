//! What a server function or a page answers beside its text: the status, where to go on, and words to what serves it.

use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// A page of ours with a notice on it, at the section that says it.
pub fn with_notice(page: &str, code: &str) -> String {
    let code = if crate::notices::text(code).is_some() { code } else { "internal" };
    let (page, place) = page.split_once('#').map_or((page, crate::notices::place(code)), |(page, place)| (page, Some(place)));
    let separator = if page.contains('?') { '&' } else { '?' };
    let place = place.map(|place| format!("#{place}")).unwrap_or_default();
    format!("{page}{separator}notice={code}{place}")
}

/// Whether a browser sent this without our help, and goes wherever the answer says.
pub fn is_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
    })
}

/// Sends the browser on. Only what may stand in a header gets there; everything else leads home.
pub(super) fn redirect(url: &str) {
    // 303: whatever the form was sent by, the next page is asked for.
    append_header(header::LOCATION, if may_lead_to(url) { url } else { "/" });
    set_status(303);
}

pub(super) fn may_lead_to(url: &str) -> bool {
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

pub(super) fn append_header(name: HeaderName, value: &str) {
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(value)) {
        response.append_header(name, value);
    }
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
        assert_eq!(with_notice("/dashboard/orders/a", "noted"), "/dashboard/orders/a?notice=noted#notes");
        assert_eq!(with_notice("/dashboard/orders/a?amount=1#refund", "internal"), "/dashboard/orders/a?amount=1&notice=internal#refund");
    }
}
