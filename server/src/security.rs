//! Headers that every answer carries, and the policy that pages run under.

use crate::config::{Config, STRIPE_API};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use leptos::prelude::*;
use sha2::{Digest, Sha256};

/// What the layer needs to know.
#[derive(Clone)]
pub struct Security {
    policy: HeaderValue,
    is_https: bool,
}

impl Security {
    /// The policy for this build's pages: its inline scripts are known by their hashes, so a cached page needs no nonce.
    /// `downloads` is where downloads are redirected to.
    pub fn new(config: &Config, options: &LeptosOptions, downloads: Option<&str>) -> anyhow::Result<Self> {
        let hashes: String = inline_scripts(options)
            .iter()
            .map(|script| format!(" 'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(script.as_bytes()))))
            .collect();
        // A form that leads to the payment page, or to a file in a bucket, by redirects is held against form-action as well.
        let payment = if config.stripe.api_base == STRIPE_API { "https://checkout.stripe.com" } else { config.stripe.api_base.as_str() };
        let downloads = downloads.map(|origin| format!(" {origin}")).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; img-src 'self' data:; \
             media-src 'self'; font-src 'self'; connect-src 'self'; \
             form-action 'self' {payment}{downloads}; frame-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        Ok(Self { policy: HeaderValue::try_from(policy)?, is_https: config.web.base_url.starts_with("https://") })
    }
}

/// What Leptos writes under every page that is rendered whole: nothing is pending, nothing is incomplete.
const BOOKKEEPING: [&str; 2] =
    ["__RESOLVED_RESOURCES=[];__SERIALIZED_ERRORS=[];__PENDING_RESOURCES=[];__RESOURCE_RESOLVERS=[];", "__INCOMPLETE_CHUNKS=[];"];

/// The scripts that Leptos writes into its pages, the loader of the islands among them.
fn inline_scripts(options: &LeptosOptions) -> Vec<String> {
    let owner = Owner::new();
    let html = owner.with(|| view! { <HydrationScripts options=options.clone() islands=true/> }.to_html());
    let loader = html
        .split("<script")
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .filter_map(|(_, rest)| rest.split_once("</script>"))
        .map(|(script, _)| script.to_owned());
    loader.chain(BOOKKEEPING.map(str::to_owned)).filter(|script| !script.is_empty()).collect()
}

/// What nobody else may find or learn the address of.
const PRIVATE: [&str; 6] = ["/orders/", "/downloads/", "/dashboard", "/sign-in/", "/confirm", "/setup"];

/// Adds the headers to an answer that has not chosen its own.
pub async fn layer(State(security): State<Security>, request: Request, next: Next) -> Response {
    let is_private = PRIVATE.iter().any(|prefix| request.uri().path().starts_with(prefix));
    let response = next.run(request).await;
    dress(&security, is_private, response)
}

/// Gives an answer the guards that it has not chosen itself.
pub fn dress(security: &Security, is_private: bool, mut response: Response) -> Response {
    let is_html = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    set(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // No address of a private page is told to anybody, this shop included. Not `no-referrer`: with that browsers name no origin
    // in forms either, and over plain http nothing else tells that they are ours.
    set(header::REFERRER_POLICY, HeaderValue::from_static(if is_private { "strict-origin" } else { "strict-origin-when-cross-origin" }));
    set(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    set(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    set(HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=()"));
    if is_html {
        set(header::CONTENT_SECURITY_POLICY, security.policy.clone());
    }
    // What may be kept says so itself: pages of the catalog, pictures, our own files.
    set(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if is_private {
        set(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    }
    if security.is_https {
        set(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    response
}
