//! Every route on one page, and the layers around them.

use crate::config::Config;
use crate::http::assets::{self, Assets};
use crate::http::bodies::{self, Bodies};
use crate::http::client::ClientIp;
use crate::http::gate::{self, Gate};
use crate::http::health::Readiness;
use crate::http::on_demand::OnDemand;
use crate::http::page::Stylesheet;
use crate::http::rate_limit::{self, RateLimits};
use crate::http::sessions::with_sessions;
use crate::http::{
    accident, api, crawlers, downloads, elsewhere, exports, health, license_file, licenses, logo_form, manifest, media, order_key,
    upload_form, visits, webhook,
};
use crate::render_cache::{self, RenderCache};
use crate::security::{self, Security};
use crate::state::{AppState, Parts};
use anyhow::Context;
use app::App;
use app::layout::request::{MemberLooks, SignInScale, member_of};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_request};
use axum::response::Response;
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use leptos::config::{Env, LeptosOptions, get_config_from_str};
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};
use shop::Shop;
use shop::accounts::sessions::Origin;
use shop::analytics::exports::Sheet;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::csrf::CsrfLayer;
use tower_sessions::Session;

/// A picture, and what a form writes around it.
const MAX_LOGO_FORM_BYTES: usize = domain::files::MAX_PICTURE_BYTES as usize + 64 * 1024;

/// The run-time options of Leptos, with the package addressed by the hash of its content.
fn leptos_options(assets: &Assets) -> anyhow::Result<LeptosOptions> {
    let mut options = get_config_from_str(include_str!("../../Leptos.toml"))?;
    options.site_pkg_dir = assets.pkg_dir().into();
    options.env = Env::PROD;
    Ok(options)
}

/// The whole shop over HTTP; `extra` is what a command adds (the demo's mailbox).
pub async fn build(shop: Shop, config: &Config, extra: Router, readiness: Readiness) -> anyhow::Result<Router> {
    let assets = Assets::new();
    let options = leptos_options(&assets)?;
    let redirects = downloads::redirect_url(&shop).await.context("SHOP_FILES_URL")?;
    let security = Security::new(config, &options, redirects.as_deref().map(origin))?;
    let state = AppState::new(Parts {
        web: Arc::new(config.web.clone()),
        limits: RateLimits::new(config.web.rate_limit_scale),
        stylesheet: Stylesheet::of(&assets),
        options: options.clone(),
        assets,
        bodies: Bodies::default(),
        readiness: readiness.clone(),
        shop: shop.clone(),
    });
    let gate = Gate { security: security.clone(), stylesheet: state.stylesheet.clone(), readiness };
    let context = {
        let (shop, scale) = (shop.clone(), SignInScale(config.web.rate_limit_scale));
        move || {
            provide_context(shop.clone());
            provide_context(scale);
        }
    };
    let pages = Router::new()
        .leptos_routes_with_context(&state, generate_route_list(App), context.clone(), {
            let options = options.clone();
            move || app::shell(options.clone())
        })
        .fallback(leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone())))
        .layer(from_fn_with_state(shop.clone(), with_store))
        .layer(OnDemand)
        .layer(from_fn_with_state(state.clone(), order_key::layer))
        .layer(from_fn_with_state(state.clone(), with_origin))
        .layer(from_fn_with_state(gate.clone(), gate::whole_form))
        .layer(from_fn_with_state(state.clone(), rate_limit::layer))
        .layer(map_request(without_referer))
        .layer(OnDemand)
        .with_state(state.clone());
    let uploads = Router::new()
        .route("/dashboard/products/{slug}/upload", post(upload_form::take).layer(DefaultBodyLimit::max(api::MAX_UPLOAD_BYTES)))
        .route("/dashboard/settings/logo", post(logo_form::take).layer(DefaultBodyLimit::max(MAX_LOGO_FORM_BYTES)))
        .route("/orders/{id}/license-file", post(license_file::make).layer(DefaultBodyLimit::max(license_file::MAX_BYTES)))
        .with_state(state.clone())
        .merge(api::dashboard_uploads(state.clone()));
    let csrf = CsrfLayer::new().add_trusted_origin(origin(&config.web.base_url))?;
    let exports = Router::new()
        .route("/dashboard/orders.csv", get(exports::sheet).layer(Extension(Sheet::Orders)))
        .route("/dashboard/order-lines.csv", get(exports::sheet).layer(Extension(Sheet::Lines)))
        .route("/dashboard/customers/{id}/data.json", get(exports::customer))
        .with_state(state.clone());
    let files = Router::new()
        .route("/downloads/{token}", get(downloads::fetch))
        .route("/media/{file_id}/{name}", get(media::show))
        .route("/pkg/{hash}/{*file}", get(assets::package))
        .route("/fonts/{file}", get(assets::file))
        .route("/theme.js", get(assets::file))
        .route("/shop.js", get(assets::file))
        .route("/dashboard.js", get(assets::file))
        .route("/favicon.svg", get(assets::file))
        .route("/favicon.ico", get(assets::file))
        .route("/apple-touch-icon.png", get(assets::file))
        .route("/icon-192.png", get(assets::file))
        .route("/icon-512.png", get(assets::file))
        .with_state(state.clone());
    let machines = Router::new()
        .route("/webhooks/stripe", post(webhook::stripe).layer(DefaultBodyLimit::max(webhook::MAX_BYTES)))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/api/openapi.json", get(api::describe))
        .route("/robots.txt", get(crawlers::robots))
        .route("/sitemap.xml", get(crawlers::sitemap))
        .route("/manifest.webmanifest", get(manifest::show))
        .with_state(state.clone())
        .route("/api/v1/", any(api::not_found))
        .nest("/api/v1", api::router(state.clone()))
        .nest("/v1/licenses", licenses::router(state.clone()));
    // Bytes that are compressed already, or must be exact, are left alone: only text from the routes below is compressed.
    let compression = CompressionLayer::new()
        .quality(tower_http::CompressionLevel::Precise(4))
        .compress_when(SizeAbove::new(512).and(NotForContentType::const_new("application/octet-stream")));
    Ok(with_sessions(pages.merge(uploads), &shop)
        .layer(csrf)
        .layer(from_fn_with_state(state.clone(), elsewhere::layer))
        .merge(machines)
        .merge(extra)
        .layer(compression)
        .layer(OnDemand)
        .merge(files)
        .merge(with_sessions(exports, &shop))
        .layer(from_fn_with_state(state.clone(), bodies::layer))
        .layer(from_fn_with_state(state.clone(), accident::layer))
        .layer(from_fn_with_state(security, security::layer))
        .layer(from_fn(crate::telemetry::name_request))
        .layer(OnDemand)
        .layer(from_fn_with_state(RenderCache::new(&shop), render_cache::layer))
        // Outside of the cache: a page that is kept is looked at as well.
        .layer(from_fn_with_state(state, visits::layer))
        .layer(from_fn_with_state(gate, gate::layer)))
}

/// Asks for what every part of a page needs before the page is made; see `app::layout::request::store`.
async fn with_store(State(shop): State<Shop>, mut request: Request, next: Next) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        match shop::stores::shown_face(&shop).await {
            Ok(store) => drop(request.extensions_mut().insert(store)),
            Err(error) => tracing::warn!(?error, "the store could not be read before its page"),
        }
        // Asked before the page is made as well: its head and its foot say where a member goes on.
        if let Some(session) = request.extensions().get::<Session>().cloned()
            && matches!(member_of(&session).await, Ok(Some(_)))
        {
            request.extensions_mut().insert(MemberLooks);
        }
    }
    next.run(request).await
}

/// Notes where a form comes from, for who signs in by it.
async fn with_origin(client: ClientIp, mut request: Request, next: Next) -> Response {
    if request.method() == Method::POST {
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default().to_owned();
        request.extensions_mut().insert(Origin { ip: client.0.to_string(), network: client.bucket().to_string(), user_agent });
    }
    next.run(request).await
}

/// Where somebody comes from decides nothing here: server functions would send a broken form back to any address that it names.
async fn without_referer(mut request: Request) -> Request {
    request.headers_mut().remove(header::REFERER);
    request
}

/// Scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    match url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| url.len() - rest.len() + at)) {
        Some(end) => &url[..end],
        None => url,
    }
}
