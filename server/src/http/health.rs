//! Signs of life.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use shop::Shop;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Strangers may ask as often as they like; what they ask after is looked at this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// `GET /healthz`: the process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// Whether this process can be sent visitors; cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Signs>);

#[derive(Default)]
struct Signs {
    is_draining: AtomicBool,
    database: Look,
    files: Look,
}

impl Readiness {
    /// From now on `/readyz` says no, and connections end with their next answer.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::SeqCst);
    }

    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::SeqCst)
    }
}

/// What was found at the last look.
#[derive(Default)]
struct Look(Mutex<Option<(Instant, bool)>>);

impl Look {
    /// What is known, or what is found now; whoever asks meanwhile waits for the same look.
    async fn or_again(&self, look: impl Future<Output = bool>) -> bool {
        let mut last = self.0.lock().await;
        match *last {
            Some((at, found)) if at.elapsed() < LOOK_EVERY => found,
            _ => {
                let found = look.await;
                *last = Some((Instant::now(), found));
                found
            }
        }
    }
}

/// Who asks whether the shop is ready.
#[derive(Deserialize)]
pub struct Asked {
    /// `traffic`: a balancer, which must not take all replicas out when the file store has a bad minute.
    #[serde(default, rename = "for")]
    purpose: String,
}

/// `GET /readyz`: the database and the files can be used; with `?for=traffic` the database alone is asked.
pub async fn readyz(
    State(shop): State<Shop>,
    State(readiness): State<Readiness>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> (StatusCode, &'static str) {
    if readiness.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "this process is stopping");
    }
    let has_database = readiness.0.database.or_again(async {
        let found = shop::base::database::ping(&shop.db).await;
        found.inspect_err(|error| tracing::error!(?error, "not ready: database")).is_ok()
    });
    if !has_database.await {
        return (StatusCode::SERVICE_UNAVAILABLE, "the database can't be reached");
    }
    if asked.is_ok_and(|Query(asked)| asked.purpose == "traffic") {
        return (StatusCode::OK, "ready");
    }
    let has_files = readiness.0.files.or_again(async {
        let found = shop.files.check().await;
        found.inspect_err(|error| tracing::error!(?error, "not ready: files")).is_ok()
    });
    if !has_files.await {
        return (StatusCode::SERVICE_UNAVAILABLE, "the files can't be reached");
    }
    (StatusCode::OK, "ready")
}
