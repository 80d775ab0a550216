//! What is done after the request: events from Stripe, mails, the rounds of the reconciler.
//!
//! Every job may run twice. Work is taken by a lease, so that of many workers one has it, and one that died gives it back.

mod alert;
mod inbox;
mod order_mail;
mod outbox;
mod reconcile;

pub use outbox::Kind;

use crate::{Result, Shop, world};
use sea_orm::ConnectionTrait;
use std::future::Future;
use std::time::Duration;

/// How long a worker may keep a piece of work before another takes it.
const LEASE_MS: i64 = 60_000;
/// How often the worker looks without being woken.
const POLL: Duration = Duration::from_secs(1);
/// How often it makes its rounds.
const ROUND: Duration = Duration::from_secs(60);

/// Adds a job in the caller's transaction; a second one with the same key is the same job.
pub(crate) async fn enqueue(db: &impl ConnectionTrait, shop: &Shop, kind: Kind, dedupe_key: &str, payload: &str) -> Result<()> {
    let now = shop.clock.now_ms();
    let sql = "INSERT INTO jobs (id, store_id, kind, dedupe_key, payload, state, next_at, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $6) ON CONFLICT (dedupe_key) DO NOTHING";
    let values =
        [world::new_id().into(), shop.settings.store_id.into(), kind.as_str().into(), dedupe_key.into(), payload.into(), now.into()];
    crate::database::execute(db, sql, values).await?;
    Ok(())
}

/// Works until `shutdown` resolves; what is begun then is finished.
pub async fn run_until(shop: Shop, shutdown: impl Future<Output = ()>) {
    tokio::pin!(shutdown);
    let mut round = tokio::time::interval(ROUND);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            () = shop.jobs_wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = round.tick() => {
                if let Err(error) = reconcile::round(&shop).await {
                    tracing::error!(?error, "the reconciler's round failed; the next one tries again");
                }
            }
        }
        loop {
            match run_once(&shop).await {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(?error, "the worker could not work; it tries again");
                    tokio::time::sleep(POLL).await;
                    break;
                }
            }
        }
    }
}

/// Does what is due now, events before jobs, and tells how much that was.
pub async fn run_once(shop: &Shop) -> Result<usize> {
    Ok(inbox::work(shop).await? + outbox::work(shop).await?)
}

/// Makes one round: asks after orders whose webhook never came, and throws away what is old.
pub async fn reconcile_once(shop: &Shop) -> Result<()> {
    reconcile::round(shop).await
}

/// Milliseconds to wait before try `attempts + 1`: doubling from two seconds to an hour, spread by up to a quarter.
fn backoff_ms(attempts: i64) -> i64 {
    let base = 2_000i64.saturating_mul(1 << attempts.clamp(0, 11)).min(3_600_000);
    base + i64::from(u16::from_be_bytes(crate::chance())) * (base / 4) / i64::from(u16::MAX)
}
