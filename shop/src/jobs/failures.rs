//! What was given up: seen by the owner, and tried again when its cause is mended.

use crate::audit::{self, Actor, Deed};
use crate::database::{begin_write, execute, shared_now_ms, statement};
use crate::orders::LostGoods;
use crate::{Error, Result, Shop};
use domain::id::{Id, order_number};
use sea_orm::prelude::Uuid;
use sea_orm::{DatabaseTransaction, FromQueryResult};

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
    /// What a paid order waits for that is not in the database.
    pub lost: Option<LostGoods>,
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
    lost_goods: Option<String>,
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

impl From<EventRow> for FailedWork {
    fn from(row: EventRow) -> Self {
        let lost: Option<LostGoods> = row.lost_goods.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let error = match &lost {
            Some(lost) => format!("{} {}", lost.what(), lost.to_do()),
            None => super::alert::in_short(&row.last_error.unwrap_or_default()),
        };
        Self {
            id: row.id,
            kind: FailureKind::Event,
            name: row.kind,
            object: Some(row.object_id),
            order: None,
            lost,
            error,
            attempts: row.attempts,
            created_at: row.received_at,
        }
    }
}

impl From<JobRow> for FailedWork {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.simple().to_string(),
            kind: FailureKind::Job,
            name: row.kind,
            object: None,
            order: row.public_id,
            lost: None,
            error: super::alert::in_short(&row.last_error.unwrap_or_default()),
            attempts: row.attempts,
            created_at: row.created_at,
        }
    }
}

const JOBS: &str = "SELECT j.id, j.kind, j.last_error, j.attempts, j.created_at, o.public_id FROM jobs j LEFT JOIN orders o ON o.id = j.order_id \
                    WHERE j.state = 'dead' AND j.dismissed_at IS NULL";

/// Work for an order that was given up.
pub(crate) async fn failures_of_order(shop: &Shop, order_id: Id) -> Result<Vec<FailedWork>> {
    let sql = format!("{JOBS} AND j.order_id = $1 ORDER BY j.created_at DESC");
    let rows = JobRow::find_by_statement(statement(&shop.db, sql, [order_id.into()])).all(&shop.db).await?;
    Ok(rows.into_iter().map(FailedWork::from).collect())
}

/// Everything that was given up and that nobody has seen to, latest first.
pub async fn failures(shop: &Shop) -> Result<Vec<FailedWork>> {
    let sql = format!(
        "SELECT id, kind, object_id, last_error, lost_goods, attempts, received_at FROM inbox_events WHERE state = 'dead' AND dismissed_at IS NULL ORDER BY received_at DESC LIMIT {N_SHOWN}"
    );
    let events = EventRow::find_by_statement(statement(&shop.db, sql, [])).all(&shop.db).await?;
    let sql = format!("{JOBS} AND j.store_id = $1 ORDER BY j.created_at DESC LIMIT {N_SHOWN}");
    let jobs = JobRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into()])).all(&shop.db).await?;
    let events = events.into_iter().map(FailedWork::from);
    let mut all: Vec<FailedWork> = events.chain(jobs.into_iter().map(FailedWork::from)).collect();
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
               (SELECT COUNT(*) FROM inbox_events WHERE state = 'dead' AND dismissed_at IS NULL) + (SELECT COUNT(*) FROM jobs WHERE state = 'dead' AND dismissed_at IS NULL) AS n_dead";
    Backlog::find_by_statement(statement(&shop.db, sql, [])).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// Tries again what was given up, at once and with all its tries.
///
/// # Errors
/// `NotFound` where nothing of this id was given up.
pub async fn retry(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let now = shared_now_ms(&tx, shop).await?;
    let n = match name_of(id)? {
        Name::Job(job) => {
            let sql = format!("{REVIVE_JOBS} AND id = $2 AND store_id = $3");
            execute(&tx, &sql, [now.into(), job.into(), shop.settings.store_id.into()]).await?
        }
        Name::Event(event) => execute(&tx, &format!("{REVIVE_EVENTS} AND id = $2"), [now.into(), event.into()]).await?,
    };
    if n == 0 {
        return Err(Error::NotFound);
    }
    audit::note(&tx, shop, by, deed("retried", id)).await?;
    tx.commit().await?;
    tracing::info!(work = id, "given up before, tried again");
    wake(shop);
    Ok(())
}

/// Tries again everything that was given up and that nobody has seen to; tells how much that was.
pub async fn retry_all(shop: &Shop, by: &Actor) -> Result<u64> {
    let tx = begin_write(&shop.db).await?;
    let now = shared_now_ms(&tx, shop).await?;
    let n_events = execute(&tx, &format!("{REVIVE_EVENTS} AND dismissed_at IS NULL"), [now.into()]).await?;
    let sql = format!("{REVIVE_JOBS} AND dismissed_at IS NULL AND store_id = $2");
    let n = n_events + execute(&tx, &sql, [now.into(), shop.settings.store_id.into()]).await?;
    if n > 0 {
        audit::note(&tx, shop, by, deed("retried", "all failed work")).await?;
    }
    tx.commit().await?;
    tracing::info!(n, "all that was given up is tried again");
    wake(shop);
    Ok(n)
}

/// Puts away what was given up, for somebody has seen to it in another way. It can still be tried again by its id.
///
/// # Errors
/// `NotFound` where nothing of this id was given up.
pub async fn dismiss(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let now = shared_now_ms(&tx, shop).await?;
    let n = match name_of(id)? {
        Name::Job(job) => {
            let sql = "UPDATE jobs SET dismissed_at = $1 WHERE state = 'dead' AND dismissed_at IS NULL AND id = $2 AND store_id = $3";
            execute(&tx, sql, [now.into(), job.into(), shop.settings.store_id.into()]).await?
        }
        Name::Event(event) => {
            let sql = "UPDATE inbox_events SET dismissed_at = $1 WHERE state = 'dead' AND dismissed_at IS NULL AND id = $2";
            execute(&tx, sql, [now.into(), event.into()]).await?
        }
    };
    if n == 0 {
        return Err(Error::NotFound);
    }
    audit::note(&tx, shop, by, deed("dismissed", id)).await?;
    Ok(tx.commit().await?)
}

/// Tries again what was given up for an order, in the caller's transaction; tells how much that was.
pub(crate) async fn revive_of_order(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<u64> {
    Ok(execute(tx, &format!("{REVIVE_JOBS} AND order_id = $2"), [shared_now_ms(tx, shop).await?.into(), order_id.into()]).await?)
}

const REVIVE_JOBS: &str =
    "UPDATE jobs SET state = 'waiting', attempts = 0, next_at = $1, lease_until = 0, dismissed_at = NULL WHERE state = 'dead'";
const REVIVE_EVENTS: &str = "UPDATE inbox_events SET state = 'received', attempts = 0, next_at = $1, lease_until = 0, done_at = NULL, dismissed_at = NULL \
                             WHERE state = 'dead'";

enum Name<'a> {
    Job(Uuid),
    Event(&'a str),
}

fn name_of(id: &str) -> Result<Name<'_>> {
    // PostgreSQL takes no text with a NUL.
    if id.chars().any(char::is_control) {
        return Err(Error::NotFound);
    }
    Ok(Uuid::try_parse(id).map_or(Name::Event(id), Name::Job))
}

fn deed<'a>(act: &'static str, name: &'a str) -> Deed<'a> {
    Deed { act, kind: "work", id: None, name }
}

fn wake(shop: &Shop) {
    shop.wake.events.notify_one();
    shop.wake.jobs.notify_one();
}
