//! Who looks at the shop: pages are counted on their way out, kept ones as well, so that no page needs a script or a cookie for it.

use super::client::ClientIp;
use crate::router::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use shop::Shop;
use shop::visits::{self, View};
use std::future::Future;
use std::time::Duration;

/// What waits is written so often, and lost with the process that it waits in.
const FLUSH_EVERY: Duration = Duration::from_secs(3);
/// The one form whose sender is known by what was looked at before.
const ADD_TO_CART: &str = "/_fn/add_to_cart";

/// Words in the names of programs that are no people.
const PROGRAMS: [&str; 16] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "monitor",
    "headless",
    "curl",
    "wget",
    "python",
    "java/",
    "go-http",
    "axios",
    "okhttp",
    "lighthouse",
    "http-client",
];

/// Counts a page of the shop once it is answered.
pub async fn layer(State(state): State<AppState>, client: ClientIp, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_cart = request.method() == Method::POST && path == ADD_TO_CART;
    let is_page = request.method() == Method::GET && (path == "/" || path == "/products" || path.starts_with("/products/"));
    if !(is_cart || is_page) || !may_be_counted(request.headers()) {
        return next.run(request).await;
    }
    let browser = text(request.headers(), header::USER_AGENT.as_str()).to_owned();
    let Some(visitor) = visits::visitor(&state.shop, client.0, &browser) else { return next.run(request).await };
    if is_cart {
        request.extensions_mut().insert(visitor);
        return next.run(request).await;
    }
    let (uri, referrer) = (request.uri().clone(), text(request.headers(), header::REFERER.as_str()).to_owned());
    let response = next.run(request).await;
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        let product = uri.path().strip_prefix("/products/").filter(|slug| !slug.is_empty() && slug.len() <= 200);
        visits::note(&state.shop, &visitor, View { product, referrer: Some(&referrer), query: uri.query() });
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether this is a person who looks, and does not ask to be left out.
/// Source: <https://www.w3.org/TR/gpc/>
fn may_be_counted(headers: &HeaderMap) -> bool {
    let browser = text(headers, "user-agent").to_ascii_lowercase();
    let asks_not_to = text(headers, "dnt") == "1" || text(headers, "sec-gpc") == "1";
    let is_ahead = text(headers, "sec-purpose").contains("prefetch") || text(headers, "purpose") == "prefetch";
    !browser.is_empty() && !asks_not_to && !is_ahead && !PROGRAMS.iter().any(|word| browser.contains(word))
}

/// Keeps to the day that it is, and writes what waits every few seconds, and once more at the end.
pub async fn keep_counting(shop: Shop, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        if let Err(error) = visits::refresh(&shop).await {
            tracing::warn!(?error, "visits are not counted");
        }
        let is_over = tokio::select! {
            () = &mut stop => true,
            () = tokio::time::sleep(FLUSH_EVERY) => false,
        };
        if let Err(error) = visits::flush(&shop).await {
            tracing::warn!(?error, "some visits are not counted");
        }
        if is_over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        may_be_counted(&headers)
    }

    #[test]
    fn people_are_counted_unless_they_ask_not_to_be() {
        let firefox = ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
        assert!(counted(&[firefox]));
        assert!(counted(&[firefox, ("dnt", "0")]));
        for refused in [("dnt", "1"), ("sec-gpc", "1"), ("sec-purpose", "prefetch;prerender")] {
            assert!(!counted(&[firefox, refused]), "{refused:?}");
        }
        for program in ["", "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.5.0", "python-requests/2.32"] {
            assert!(!counted(&[("user-agent", program)]), "{program}");
        }
    }
}
