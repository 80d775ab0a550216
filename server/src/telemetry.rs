//! The log. One line a step, with order and request ids, without personal data.

use tracing_subscriber::EnvFilter;

/// Starts the log on standard error; `RUST_LOG` chooses what is told.
pub fn init() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn,hyper=warn,aws=warn"));
    // A second start in one process (tests) keeps the first log.
    let _already_started = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Gives every request a name that the log can follow.
pub async fn name_request(mut request: axum::extract::Request) -> axum::extract::Request {
    let id = data_encoding::HEXLOWER.encode(&shop::chance::<8>());
    if let Ok(value) = axum::http::HeaderValue::try_from(id) {
        request.headers_mut().insert("x-request-id", value);
    }
    request
}
