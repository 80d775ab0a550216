//! The key of an order leaves the address: a browser that opens a link with one gets a cookie for that page alone, and goes on to the
//! address without the key. Programs, and browsers that refuse cookies, are served where they are.

use crate::state::AppState;
use app::layout::request::{order_cookie, order_key_of};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::id::PublicId;
use shop::Shop;

/// Where the cookie was set with the request before. Whoever comes back with this and without the cookie refuses it.
const WAS_SET: &str = "cookie=1";

pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET && request.uri().path().starts_with("/orders/") && is_navigation(request.headers()) {
        match exchange(&state.shop, request.uri(), request.headers()).await {
            Ok(Some(response)) => return response,
            Ok(None) => {}
            // The page asks the same, and says that it can't be read.
            Err(error) => tracing::warn!(?error, "the key of an order could not be exchanged"),
        }
    }
    next.run(request).await
}

/// Whether a browser opens this as a page. All that are in use say so over https, and no program does unasked.
/// Source: <https://www.w3.org/TR/fetch-metadata/>
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, word: &str| headers.get(name).is_some_and(|value| value.as_bytes() == word.as_bytes());
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

/// Where to go instead. A first visit is sent to the same address once more, to see whether the cookie comes along.
async fn exchange(shop: &Shop, uri: &Uri, headers: &HeaderMap) -> shop::Result<Option<Response>> {
    let query: Vec<&str> = uri.query().unwrap_or_default().split('&').collect();
    let Some(key) = query.iter().find_map(|field| field.strip_prefix("key=")) else { return Ok(None) };
    let Some(id) = uri.path().strip_prefix("/orders/").and_then(PublicId::parse) else { return Ok(None) };
    if !shop::orders::is_key(shop, id.as_str(), key).await? {
        return Ok(None);
    }
    let others: Vec<&str> = query.iter().copied().filter(|field| !field.starts_with("key=") && *field != WAS_SET).collect();
    if order_key_of(shop, headers).as_deref() == Some(key) {
        let query = others.join("&");
        let page = format!("/orders/{}", id.as_str());
        return Ok(go(&if query.is_empty() { page } else { format!("{page}?{query}") }, None));
    }
    if query.contains(&WAS_SET) {
        return Ok(None);
    }
    let key_field = format!("key={key}");
    let query: Vec<&str> = std::iter::once(&*key_field).chain(others).chain([WAS_SET]).collect();
    Ok(go(&format!("/orders/{}?{}", id.as_str(), query.join("&")), Some(&order_cookie(shop, &id, key))))
}

fn go(to: &str, cookie: Option<&str>) -> Option<Response> {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::try_from(to).ok()?)]).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::try_from(cookie).ok()?);
    }
    Some(response)
}
