//! Jobs of our own: mails, alerts, refunds. Written in the transaction that makes them necessary.

use super::JobState;
use super::kinds::{Done, GivenUp, Stop, alert, work_of};
use super::queue::Queue;
use super::steps::{self, Leased};
use super::{HOUR_MS, SWEPT_AT_ONCE, backoff_ms, lease_ms, skip_locked, sql};
use crate::base::database::{shared_now_sql, statement};
use crate::jobs::mail::templates::Trouble;
use crate::{Result, Shop, orders};
use domain::id::{Id, order_number};
pub use domain::job::JobKind as Kind;
use domain::word::Word;
use futures::FutureExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult};
use std::sync::Arc;
use tokio::sync::Notify;

/// The kinds that this program knows, for `kind IN (…)`: another is a newer program's, which takes it itself.
pub(crate) fn known_kinds() -> String {
    Kind::all().map(|kind| format!("'{}'", kind.as_str())).collect::<Vec<_>>().join(", ")
}

#[derive(Clone, FromQueryResult)]
pub(super) struct JobRow {
    pub id: Id,
    kind: String,
    pub payload: String,
    attempts: i64,
    /// Whose it is: a lease that another took over ends at another time.
    lease_until: i64,
    pub created_at: i64,
    pub order_id: Option<Id>,
    /// The public id of its order, for the log.
    public_id: Option<String>,
    request_id: Option<String>,
}

impl JobRow {
    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    /// How often it is tried before it is given up; one of an unknown kind not at all.
    fn tries(&self) -> i64 {
        self.kind().map_or(0, |kind| work_of(kind).tries())
    }

    fn leased(&self) -> Leased {
        Leased { id: self.id, until: self.lease_until }
    }

    fn order(&self) -> &str {
        self.public_id.as_deref().unwrap_or("none")
    }
}

/// The jobs that wait.
pub(super) struct Outbox;

impl Queue for Outbox {
    const NAME: &'static str = "jobs";
    /// No more than a small mail server takes from one sender.
    const AT_ONCE: usize = 6;
    type Piece = JobRow;
    type Outcome = std::result::Result<Done, Stop>;

    fn wake(shop: &Shop) -> &Notify {
        &shop.wake.jobs
    }

    async fn lease(shop: &Shop, n: usize) -> Result<Vec<JobRow>> {
        let (now, skip) = (shared_now_sql(&shop.db, "$2"), skip_locked(&shop.db));
        let sql = sql::lease_jobs(&now, n, skip);
        Ok(JobRow::find_by_statement(statement(&shop.db, sql, [lease_ms().into(), shop.shared_now().into()])).all(shop.db.writer()).await?)
    }

    fn request_id(job: &JobRow) -> Option<&str> {
        job.request_id.as_deref()
    }

    async fn handle(shop: &Shop, job: &JobRow) -> Self::Outcome {
        match job.kind() {
            Some(kind) => work_of(kind).run(shop, job).await,
            None => Err(Stop::GiveUp(format!("nobody knows how to do {}", job.kind))),
        }
    }

    fn broken_off(why: String) -> Self::Outcome {
        Err(Stop::Retry(why))
    }

    async fn finish(shop: &Shop, job: &JobRow, outcome: &Self::Outcome) -> Result<()> {
        let now = shop.clock.now_ms();
        let (state, wait_ms, error) = match outcome {
            Ok(_) => (JobState::Done, 0, None),
            Err(Stop::Retry(why)) if job.attempts < job.tries() => (JobState::Waiting, backoff_ms(job.attempts), Some(why)),
            Err(Stop::Retry(why) | Stop::GiveUp(why)) => (JobState::Dead, 0, Some(why)),
        };
        let alert = match (state, error) {
            (JobState::Dead, Some(why)) => trouble(job, why),
            _ => None,
        };
        let end = End { job: job.clone(), state, wait_ms, error: error.cloned(), alert, now };
        let is_ours = match write_down(shop, end.clone(), matches!(outcome, Ok(Done::AsAsked))).await {
            // The timeline may stumble, the mail was sent all the same: it must not be sent again for a line that is missing.
            Err(error) if end.state == JobState::Done => {
                let is_ours = write_down(shop, end, false).await?;
                tracing::error!(job = %job.id, ?error, "the job is done, and the order's timeline does not show it");
                is_ours
            }
            written => written?,
        };
        if !is_ours {
            tracing::warn!(job = %job.id, "the lease had run out; what another worker finds counts");
            return Ok(());
        }
        match (state, error) {
            (JobState::Dead, why) => tracing::error!(job = %job.id, kind = %job.kind, order = job.order(), ?why, "job given up"),
            (JobState::Waiting, why) => {
                let (order, attempts) = (job.order(), job.attempts);
                tracing::warn!(job = %job.id, kind = %job.kind, order, attempts, ?why, "job failed; it is tried again");
            }
            (JobState::Done, _) => {
                tracing::info!(job = %job.id, kind = %job.kind, order = job.order(), millis = now - job.created_at, "job done")
            }
        }
        if state == JobState::Dead {
            shop.wake.jobs.notify_one();
            metrics::counter!("dead_letters_total", "queue" => "outbox").increment(1);
        }
        let state = if state == JobState::Waiting { "retried" } else { state.as_str() };
        metrics::counter!("jobs_total", "kind" => job.kind.clone(), "state" => state).increment(1);
        Ok(())
    }

    async fn give_back(shop: &Shop, job: &JobRow) -> Result<()> {
        steps::give_back(&shop.db, job.leased()).await?;
        Ok(())
    }
}

/// What the owner reads of a job that is given up.
fn trouble(job: &JobRow, why: &str) -> Option<String> {
    let why = alert::in_short(why);
    let GivenUp { what, to_do } = match job.kind() {
        Some(kind) => work_of(kind).given_up(&why)?,
        None => GivenUp {
            what: format!("A job of the kind {} was given up: {why}. No money moved.", job.kind),
            to_do: "See whether all machines run the same version of the shop.",
        },
    };
    let number = job.public_id.as_deref().map(order_number);
    Some(Trouble { what: &what, order: number.as_deref(), to_do }.to_string())
}

/// How a job ended.
#[derive(Clone)]
struct End {
    job: JobRow,
    state: JobState,
    /// How long until its next try.
    wait_ms: i64,
    error: Option<String>,
    /// What the owner reads of it.
    alert: Option<String>,
    now: i64,
}

/// Writes down how a job ended, and tells whether it was still ours.
async fn write_down(shop: &Shop, end: End, is_noted: bool) -> Result<bool> {
    let context = Arc::new((shop.clone(), end));
    let change = shop.db.change(move |tx| {
        let context = context.clone();
        async move {
            let (shop, end) = &*context;
            let is_ours = close(tx, shop, end).await?;
            if is_ours && is_noted {
                note_done(tx, shop, &end.job).await?;
            }
            if let (true, Some(text)) = (is_ours, &end.alert) {
                super::alert(tx, shop, &format!("dead:{}:{}", end.job.id, end.now / HOUR_MS), text).await?;
            }
            Ok(is_ours)
        }
        .boxed()
    });
    change.await
}

async fn close(tx: &DatabaseTransaction, shop: &Shop, end: &End) -> Result<bool> {
    steps::end(tx, shop, end.job.leased(), end.state, end.wait_ms, end.error.clone(), end.now).await
}

/// Writes into the order's timeline that a job was done, where its kind has a step.
async fn note_done(db: &impl ConnectionTrait, shop: &Shop, job: &JobRow) -> Result<()> {
    let step = job.kind().and_then(|kind| work_of(kind).step());
    let (Some(step), Some(order_id)) = (step, job.order_id) else { return Ok(()) };
    orders::note(db, shop, order_id, step, "").await
}

/// Throws away what was done longer than this ago: 30 days, when nobody asks for a mail of the time any more.
const KEEP_MS: i64 = 30 * 24 * 60 * 60 * 1000;

pub(super) async fn sweep(shop: &Shop) -> Result<()> {
    while steps::throw_away_done(&shop.db, shop.clock.now_ms() - KEEP_MS).await? >= SWEPT_AT_ONCE {}
    Ok(())
}
