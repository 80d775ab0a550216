//! What is done after the request: events from Stripe, mails, the rounds of the reconciler.
//!
//! Every job may run twice. Work is taken by a lease, so that of many workers one has it, and one that died gives it back.

pub mod clocks;
mod failures;
pub mod health;
mod inbox;
mod kinds;
mod listing;
pub mod mail;
mod mails;
mod outbox;
mod pages;
mod queue;
mod reconcile;
pub mod sale_mails;
mod sql;
mod state;
mod steps;
mod stranded;
pub mod torture;

pub use failures::{Backlog, FailedWork, FailureKind, backlog, dismiss, failures, retry, retry_all};
pub(crate) use failures::{failures_of_order, revive_of_order};
pub use inbox::waits_for_goods;
pub(crate) use inbox::{Receipt, TEXTS as EVENT_TEXTS, keep as keep_event, last_webhook_at};
pub use mails::{MailView, hurry_mails};
pub(crate) use mails::{mails_of_order, mails_retried};
pub use outbox::Kind;
pub(crate) use outbox::known_kinds;
pub use state::{EventState, FailureCause, JobState};
pub(crate) use steps::{TEXTS, throw_away_of};
pub use stranded::{StrandedKind, stranded};

use crate::base::database::is_sqlite;
use crate::base::entities::job;
use crate::orders::Orders;
use crate::{
    Result, Shop,
    analytics::sales,
    catalog,
    files::{tombstones, uploads},
    fulfillment::{downloads, licenses},
    orders,
};
use domain::id::Id;
use domain::word::Word;
use futures::FutureExt;
use inbox::{Inbox, set_aside};
use outbox::Outbox;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How long a worker may keep a piece of work before another takes it.
const LEASE_MS: i64 = 120_000;
/// How long who began a piece of work at once may take, before a job does it.
const TAKE_OVER_MS: i64 = 60_000;
/// How often the worker looks without being woken.
const POLL: Duration = Duration::from_secs(1);
/// How often it makes its rounds.
const ROUND: Duration = Duration::from_secs(60);
/// How many rows a statement throws away: SQLite has one writer, and somebody may wait to pay.
pub(crate) const SWEPT_AT_ONCE: u64 = 1_000;

/// Tells the workers of this process that there is something to do.
#[derive(Default)]
pub struct Wake {
    pub events: Notify,
    pub jobs: Notify,
}

/// How long a worker waits for what does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For one piece of work, before it goes back to the queue.
    pub for_a_piece: Duration,
    /// For all that is begun when the worker is told to stop.
    pub at_the_end: Duration,
}

impl Patience {
    /// A piece is given up long before its lease ends, or two workers would do it at once; the end comes before the web server's own.
    const USUAL: Self = Self { for_a_piece: Duration::from_secs(60), at_the_end: Duration::from_secs(25) };
}

const _: () = assert!(Patience::USUAL.for_a_piece.as_millis() * 2 <= LEASE_MS as u128);

impl Default for Patience {
    fn default() -> Self {
        torture::haste_ms().map_or(Self::USUAL, |ms| Self { for_a_piece: Duration::from_millis(ms.unsigned_abs() / 2), ..Self::USUAL })
    }
}

/// One mail an hour tells of what fails.
const HOUR_MS: i64 = 60 * 60 * 1000;

fn lease_ms() -> i64 {
    torture::haste_ms().unwrap_or(LEASE_MS)
}

pub(crate) fn take_over_ms() -> i64 {
    torture::haste_ms().unwrap_or(TAKE_OVER_MS)
}

/// Adds a job in the caller's transaction; a second one with the same key is the same job.
pub(crate) async fn enqueue(
    db: &impl ConnectionTrait,
    shop: &Shop,
    kind: Kind,
    dedupe_key: &str,
    payload: &str,
    order_id: Option<Id>,
) -> Result<()> {
    enqueue_new(db, shop, kind, dedupe_key, payload, order_id).await.map(drop)
}

/// As [`enqueue`]; tells whether there was no such job before.
pub(crate) async fn enqueue_new(
    db: &impl ConnectionTrait,
    shop: &Shop,
    kind: Kind,
    dedupe_key: &str,
    payload: &str,
    order_id: Option<Id>,
) -> Result<bool> {
    enqueue_later(db, shop, kind, dedupe_key, payload, order_id, 0).await
}

/// As [`enqueue_new`], for work that is begun at once: the job takes it up after `wait_ms`, should that break off.
pub(crate) async fn enqueue_later(
    db: &impl ConnectionTrait,
    shop: &Shop,
    kind: Kind,
    dedupe_key: &str,
    payload: &str,
    order_id: Option<Id>,
    wait_ms: i64,
) -> Result<bool> {
    steps::add(db, shop, steps::New { kind, dedupe_key, payload, order_id, wait_ms }).await
}

/// When jobs of a kind were made for an order since an instant.
pub(crate) async fn made_since(db: &impl ConnectionTrait, kind: Kind, order_id: Id, since: i64) -> Result<Vec<i64>> {
    let made = job::Entity::find().filter(job::Column::OrderId.eq(order_id)).filter(job::Column::Kind.eq(kind.as_str()));
    Ok(made.filter(job::Column::CreatedAt.gte(since)).select_only().column(job::Column::CreatedAt).into_tuple().all(db).await?)
}

/// Tells the owner, once under one key.
pub(crate) async fn alert(db: &impl ConnectionTrait, shop: &Shop, key: &str, text: &str) -> Result<()> {
    metrics::counter!("alerts_total").increment(1);
    enqueue(db, shop, Kind::Alert, key, text, None).await
}

/// Lets a job begin now that was to wait.
pub(crate) async fn hasten(shop: &Shop, dedupe_key: &str) -> Result<()> {
    steps::hasten(&shop.db, shop, dedupe_key).await?;
    shop.wake.jobs.notify_one();
    Ok(())
}

/// Forgets what failed and what Stripe told of some orders, which may name their customer.
pub(crate) async fn forget(tx: &DatabaseTransaction, orders: &Orders) -> Result<()> {
    steps::forget_errors(tx, orders).await?;
    inbox::forget(tx, orders).await
}

/// Notes that the work of a job was done without it.
pub(crate) async fn finish(db: &impl ConnectionTrait, shop: &Shop, dedupe_key: &str) -> Result<()> {
    steps::finish(db, dedupe_key, shop.clock.now_ms()).await
}

/// Works until `shutdown` resolves; what is begun then is finished, if that does not take too long.
pub async fn run_until(shop: Shop, shutdown: impl Future<Output = ()>) {
    run_with(shop, Patience::default(), shutdown).await;
}

/// Like [`run_until`], with another patience than the usual.
pub async fn run_with(shop: Shop, patience: Patience, shutdown: impl Future<Output = ()>) {
    let stop = CancellationToken::new();
    // Loops that know nothing of each other: a slow Stripe keeps no mail waiting, a slow mail server no event.
    let mut loops = JoinSet::new();
    loops.spawn(queue::work::<Inbox>(shop.clone(), stop.clone(), patience));
    loops.spawn(queue::work::<Outbox>(shop.clone(), stop.clone(), patience));
    loops.spawn(make_rounds(shop.clone(), stop.clone()));
    loops.spawn(keep_indexed(shop.clone(), stop.clone()));
    shutdown.await;
    stop.cancel();
    let ended = async {
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a loop of the worker broke off");
            }
        }
    };
    if tokio::time::timeout(patience.at_the_end, ended).await.is_err() {
        tracing::warn!("the worker stops with work in its hands; others take it when its leases have run out");
    }
}

/// Does what is due now, events before jobs, and tells how much that was.
pub async fn run_once(shop: &Shop) -> Result<usize> {
    Ok(queue::work_off::<Inbox>(shop).await? + queue::work_off::<Outbox>(shop).await?)
}

async fn make_rounds(shop: Shop, stop: CancellationToken) {
    let mut round = tokio::time::interval(torture::haste_ms().map_or(ROUND, |ms| Duration::from_millis(ms.unsigned_abs())));
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What was missed while nobody was here.
    tokio::select! {
        () = stop.cancelled() => return,
        () = contain("reading Stripe's events", listing::read(&shop, listing::When::Now)) => {}
    }
    loop {
        let next = async {
            round.tick().await;
            contain("reading Stripe's events", listing::read(&shop, listing::When::Due)).await;
            contain("taking up what another release set aside", set_aside::take_up(&shop)).await;
            contain("looking at the clock", clocks::look(&shop)).await;
            contain("the reconciler's round", reconcile::round(&shop)).await;
            contain("summing what days brought", sales::sum_days(&shop)).await;
            contain("mailing what days brought", sale_mails::tell_days(&shop)).await;
            contain("throwing away what is old", sweep(&shop)).await;
            contain("looking for work that nobody takes", stranded::tell(&shop)).await;
        };
        // A round changes nothing outside of a transaction, so it may be dropped wherever it stands.
        tokio::select! {
            () = stop.cancelled() => return,
            () = next => {}
        }
    }
}

/// Brings words that products are found by up to date. In a large shop that takes minutes after an upgrade, and no round waits for it.
async fn keep_indexed(shop: Shop, stop: CancellationToken) {
    let mut round = tokio::time::interval(torture::haste_ms().map_or(ROUND, |ms| Duration::from_millis(ms.unsigned_abs())));
    round.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = async {
            round.tick().await;
            contain("indexing products", catalog::index_missing(&shop)).await;
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = next => {}
        }
    }
}

/// Lets neither an error nor a panic end the rounds.
async fn contain(what: &str, work: impl Future<Output = Result<()>>) {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(?error, "{what} failed; the next round tries again"),
        Err(_) => tracing::error!("{what} panicked; the next round tries again"),
    }
}

/// Throws away done jobs and links that nobody used; part of the worker's rounds.
pub async fn sweep(shop: &Shop) -> Result<()> {
    outbox::sweep(shop).await?;
    uploads::sweep(shop).await?;
    tombstones::sweep(shop).await?;
    orders::forget_unpaid(shop).await?;
    orders::throw_away_unpaid(shop).await?;
    downloads::sweep(shop).await?;
    licenses::sweep(shop).await
}

/// Lets PostgreSQL pass by the rows that another worker has in hand; SQLite has one writer.
pub(crate) fn skip_locked(db: &impl ConnectionTrait) -> &'static str {
    if is_sqlite(db) { "" } else { "FOR UPDATE SKIP LOCKED" }
}

/// Makes one round: asks after orders whose webhook never came, and throws away what is old.
pub async fn reconcile_once(shop: &Shop) -> Result<()> {
    set_aside::take_up(shop).await?;
    reconcile::round(shop).await?;
    sale_mails::tell_days(shop).await?;
    stranded::tell(shop).await
}

/// Takes in what Stripe says happened since it was last asked, as at the start of the program.
pub async fn read_events(shop: &Shop) -> Result<()> {
    listing::read(shop, listing::When::Now).await
}

/// Milliseconds to wait before try `attempts + 1`: doubling from two seconds to an hour, spread by up to a quarter.
fn backoff_ms(attempts: i64) -> i64 {
    let base = 2_000i64.saturating_mul(1 << attempts.clamp(0, 11)).min(3_600_000);
    base + i64::from(u16::from_be_bytes(crate::chance())) * (base / 4) / i64::from(u16::MAX)
}
