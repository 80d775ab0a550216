//! The log. One line a step, with order and request ids, without personal data.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::io::{IsTerminal, stderr};
use tracing::Instrument;
use tracing_subscriber::EnvFilter;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is told where `RUST_LOG` says nothing. An ended session is nothing suspicious, and any stranger can send a made-up one.
const QUIET: &str = "info,sqlx=warn,sea_orm_migration=warn,hyper=warn,aws=warn,tower_sessions=error,tower_sessions_core=error";

/// Starts the log on standard error, in colors where a person reads it; `RUST_LOG` chooses what is told.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(QUIET));
    // A second start in one process (tests) keeps the first log.
    let _already_started =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(stderr().is_terminal()).with_writer(stderr).try_init();
}

/// Gives every request a name, which its log lines, the work that it begins and its answer carry.
pub async fn name_request(mut request: Request, next: Next) -> Response {
    let id = data_encoding::HEXLOWER.encode(&shop::chance::<8>());
    let name = HeaderValue::try_from(&id).ok();
    if let Some(name) = &name {
        request.headers_mut().insert(REQUEST_ID, name.clone());
    }
    let span = tracing::info_span!("request", request_id = id);
    let mut response = shop::base::world::in_request(id, next.run(request)).instrument(span).await;
    if let Some(name) = name {
        response.headers_mut().insert(REQUEST_ID, name);
    }
    response
}
