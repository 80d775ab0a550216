//! Who asks, and for what.

use crate::error::ApiError;
use crate::objects::API_VERSION;
use axum::http::{HeaderMap, header};

/// The beginnings of Stripe's ids, to count requests by route.
const PREFIXES: [&str; 16] =
    ["cs_test_", "ppage_", "pi_", "ch_", "re_", "evt_", "prod_", "price_", "cus_", "pm_", "txn_", "we_", "du_", "issfr_", "req_", "tok_"];

/// Takes test keys only: a live key here is a mistake that somebody should notice.
///
/// # Errors
/// 401 for anything else.
pub fn authorize(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim().to_owned(),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = data_encoding::BASE64.decode(token.trim().as_bytes()).unwrap_or_default();
            String::from_utf8_lossy(&decoded).split(':').next().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::new(
            401,
            "invalid_request_error",
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. \
             'Authorization: Bearer YOUR_SECRET_KEY').",
        ));
    }
    let is_test_key = ["sk_", "rk_"].iter().any(|prefix| key.starts_with(prefix)) && !key.contains("_live_");
    if !is_test_key {
        let shown: String = key.chars().take(8).collect();
        return Err(ApiError::new(
            401,
            "invalid_request_error",
            format!("Invalid API Key provided: {shown}*****. This emulator takes test keys: sk_test_…"),
        ));
    }
    Ok(())
}

/// The version of the API that the client asks for. Every one that Stripe could have is taken, and answered in the shapes of ours.
///
/// # Errors
/// 400 for what is no version.
pub fn version(headers: &HeaderMap) -> Result<&str, ApiError> {
    let Some(asked) = headers.get("stripe-version") else { return Ok(API_VERSION) };
    let asked = asked.to_str().unwrap_or_default();
    let (date, name) = asked.split_once('.').unwrap_or((asked, "release"));
    let is_date = date.len() == 10 && date.char_indices().all(|(i, c)| if i == 4 || i == 7 { c == '-' } else { c.is_ascii_digit() });
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase());
    if is_date && is_name { Ok(asked) } else { Err(ApiError::invalid(format!("Invalid Stripe API version: {asked}"))) }
}

/// Where the client found us, for links to the hosted page.
pub fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".:-[]".contains(&b)));
    format!("http://{}", host.unwrap_or("127.0.0.1:12111"))
}

/// The route without its ids, for counting.
pub fn route_name(route: &str) -> String {
    let name = |part| {
        if PREFIXES.iter().any(|prefix| str::starts_with(part, prefix)) { "{id}" } else { part }
    };
    route.split('/').map(name).collect::<Vec<_>>().join("/")
}
