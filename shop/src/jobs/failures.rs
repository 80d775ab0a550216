//! What was given up: seen by the owner, and tried again when its cause is mended.

use crate::database::{begin_write, execute, statement};
use crate::{Error, Result, Shop};
use domain::id::order_number;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

/// What was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// News from Stripe.
    Event,
    /// Work of our own, such as a mail or a refund.
    Job,
}

impl FailureKind {
    pub fn as_str(self) -> &'static str {
        match self {
            FailureKind::Event => "event",
            FailureKind::Job => "job",
        }
    }
}

/// A piece of work that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedWork {
    /// What [`retry`] takes.
    pub id: String,
    pub kind: FailureKind,
    /// The name of the event or of the work.
    pub name: String,
    /// What the event speaks of, by Stripe's id.
    pub object: Option<String>,
    /// The public id of the order that the work is for.
    pub order: Option<String>,
    pub error: String,
    pub attempts: i64,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

impl FailedWork {
    /// The number of the order as people read it.
    pub fn order_number(&self) -> Option<String> {
        self.order.as_deref().map(order_number)
    }
}

/// The latest so many are shown; who has more has one cause for all of them.
const N_SHOWN: usize = 100;

#[derive(FromQueryResult)]
struct EventRow {
    id: String,
    kind: String,
    object_id: String,
    last_error: Option<String>,
    attempts: i64,
    received_at: i64,
}

#[derive(FromQueryResult)]
struct JobRow {
    id: Uuid,
    kind: String,
    last_error: Option<String>,
    attempts: i64,
    created_at: i64,
    public_id: Option<String>,
}

/// Everything that was given up, latest first.
pub async fn failures(shop: &Shop) -> Result<Vec<FailedWork>> {
    let sql = format!(
        "SELECT id, kind, object_id, last_error, attempts, received_at FROM inbox_events WHERE state = 'dead' ORDER BY received_at DESC LIMIT {N_SHOWN}"
    );
    let events = EventRow::find_by_statement(statement(&shop.db, sql, [])).all(&shop.db).await?;
    let sql = format!(
        "SELECT j.id, j.kind, j.last_error, j.attempts, j.created_at, o.public_id FROM jobs j LEFT JOIN orders o ON o.id = j.order_id \
         WHERE j.state = 'dead' AND j.store_id = $1 ORDER BY j.created_at DESC LIMIT {N_SHOWN}"
    );
    let jobs = JobRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    let events = events.into_iter().map(|row| FailedWork {
        id: row.id,
        kind: FailureKind::Event,
        name: row.kind,
        object: Some(row.object_id),
        order: None,
        error: super::alert::in_short(&row.last_error.unwrap_or_default()),
        attempts: row.attempts,
        created_at: row.received_at,
    });
    let jobs = jobs.into_iter().map(|row| FailedWork {
        id: row.id.simple().to_string(),
        kind: FailureKind::Job,
        name: row.kind,
        object: None,
        order: row.public_id,
        error: super::alert::in_short(&row.last_error.unwrap_or_default()),
        attempts: row.attempts,
        created_at: row.created_at,
    });
    let mut all: Vec<FailedWork> = events.chain(jobs).collect();
    all.sort_by_key(|work| std::cmp::Reverse(work.created_at));
    all.truncate(N_SHOWN);
    Ok(all)
}

/// How much waits, and how much was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Backlog {
    pub n_events: i64,
    pub n_jobs: i64,
    pub n_dead: i64,
}

/// Counts what waits, from the indices of what waits alone.
pub async fn backlog(shop: &Shop) -> Result<Backlog> {
    let sql = "SELECT (SELECT COUNT(*) FROM inbox_events WHERE state = 'received') AS n_events, (SELECT COUNT(*) FROM jobs WHERE state = 'waiting') AS n_jobs, \
               (SELECT COUNT(*) FROM inbox_events WHERE state = 'dead') + (SELECT COUNT(*) FROM jobs WHERE state = 'dead') AS n_dead";
    Backlog::find_by_statement(statement(&shop.db, sql, [])).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// Tries again what was given up, at once and with all its tries.
///
/// # Errors
/// `NotFound` where nothing of this id was given up.
pub async fn retry(shop: &Shop, id: &str) -> Result<()> {
    // PostgreSQL takes no text with a NUL.
    if id.chars().any(char::is_control) {
        return Err(Error::NotFound);
    }
    let now = shop.clock.now_ms();
    let tx = begin_write(&shop.db).await?;
    let n = match Uuid::try_parse(id) {
        Ok(job) => {
            let sql = "UPDATE jobs SET state = 'waiting', attempts = 0, next_at = $3, lease_until = 0 WHERE id = $1 AND store_id = $2 AND state = 'dead'";
            execute(&tx, sql, [job.into(), shop.settings.store_id.into(), now.into()]).await?
        }
        Err(_) => {
            let sql = "UPDATE inbox_events SET state = 'received', attempts = 0, next_at = $2, lease_until = 0, done_at = NULL WHERE id = $1 AND state = 'dead'";
            execute(&tx, sql, [id.into(), now.into()]).await?
        }
    };
    if n == 0 {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    tracing::info!(work = id, "given up before, tried again");
    shop.wake.events.notify_one();
    shop.wake.jobs.notify_one();
    Ok(())
}
