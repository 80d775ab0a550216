//! Who looks at the shop: pages are counted on their way out, kept ones as well, so that no page needs a script or a cookie for it.

use super::client::ClientIp;
use crate::state::AppState;
use app::checkout::acts::AddToCart;
use app::layout::people::is_person;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use leptos::server_fn::ServerFn;
use shop::Shop;
use shop::analytics::visits::{self, View};
use std::future::Future;
use std::time::Duration;

/// What waits is written so often, and lost with the process that it waits in.
const FLUSH_EVERY: Duration = Duration::from_secs(3);

/// Counts a page of the shop once it is answered.
pub async fn layer(State(state): State<AppState>, client: ClientIp, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // The one form whose sender is known by what was looked at before.
    let is_cart = request.method() == Method::POST && path == AddToCart::PATH;
    let is_page = request.method() == Method::GET && (path == "/" || path == "/products" || path.starts_with("/products/"));
    if !(is_cart || is_page) || !is_person(request.method(), request.headers()) || asks_to_be_left_out(request.headers()) {
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
        let product = uri.path().strip_prefix("/products/").filter(|slug| !slug.is_empty() && slug.len() <= 200 && !slug.contains('/'));
        visits::note(&state.shop, &visitor, View { product, referrer: Some(&referrer), query: uri.query() });
    }
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether somebody asks not to be counted.
/// Source: <https://www.w3.org/TR/gpc/>
fn asks_to_be_left_out(headers: &HeaderMap) -> bool {
    text(headers, "dnt") == "1" || text(headers, "sec-gpc") == "1"
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

    #[test]
    fn whoever_asks_for_it_is_left_out() {
        let asks =
            |name: &'static str, value: &str| asks_to_be_left_out(&HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]));
        assert!(asks("dnt", "1") && asks("sec-gpc", "1"));
        assert!(!asks("dnt", "0") && !asks("user-agent", "1"));
    }
}
