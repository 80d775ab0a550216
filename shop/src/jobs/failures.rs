//! What was given up: seen by the owner, and tried again when its cause is mended.

use super::kinds::alert;
use super::sql::{BACKLOG, DEAD_JOBS};
use super::{EventState, FailureCause, Kind, inbox, steps};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{Stored, begin_write, is_literally, shared_now_ms, statement};
use crate::base::entities::{inbox_event, job};
use crate::orders::LostGoods;
use crate::{Error, Result, Shop};
use domain::id::{Id, order_number};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, DatabaseTransaction, DerivePartialModel, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

/// What was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum FailureKind {
    /// News from Stripe.
    Event,
    /// Work of our own, such as a mail or a refund.
    Job,
}

/// A piece of work that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedWork {
    /// What [`retry`] takes.
    pub id: String,
    pub kind: FailureKind,
    /// The name of the event or of the work.
    pub name: String,
    /// The work itself; nothing for events, and for work that this program doesn't know.
    pub job: Option<Kind>,
    /// Why the money that an event speaks of fits no order.
    pub cause: Option<FailureCause>,
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

/// At most this many are shown, the latest; a shop with more has one cause for all of them.
const N_SHOWN: usize = 100;

#[derive(DerivePartialModel)]
#[sea_orm(entity = "inbox_event::Entity")]
struct EventRow {
    id: String,
    kind: String,
    object_id: String,
    last_error: Option<String>,
    failure_cause: Option<Stored<FailureCause, inbox_event::Entity>>,
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
            None => alert::in_short(&row.last_error.unwrap_or_default()),
        };
        Self {
            id: row.id,
            kind: FailureKind::Event,
            name: row.kind,
            job: None,
            cause: row.failure_cause.map(|cause| *cause),
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
            job: row.kind.parse().ok(),
            cause: None,
            name: row.kind,
            object: None,
            order: row.public_id,
            lost: None,
            error: alert::in_short(&row.last_error.unwrap_or_default()),
            attempts: row.attempts,
            created_at: row.created_at,
        }
    }
}

/// Work for an order that was given up.
pub(crate) async fn failures_of_order(shop: &Shop, order_id: Id) -> Result<Vec<FailedWork>> {
    let sql = format!("{DEAD_JOBS} AND j.order_id = $1 ORDER BY j.created_at DESC");
    let rows = JobRow::find_by_statement(statement(&shop.db, sql, [order_id.into()])).all(&shop.db).await?;
    Ok(rows.into_iter().map(FailedWork::from).collect())
}

/// Everything that was given up and that nobody has seen to, latest first.
pub async fn failures(shop: &Shop) -> Result<Vec<FailedWork>> {
    let events = inbox_event::Entity::find().filter(is_literally(inbox_event::Column::State, EventState::Dead));
    let events = events.filter(inbox_event::Column::DismissedAt.is_null()).order_by_desc(inbox_event::Column::ReceivedAt);
    let events: Vec<EventRow> = events.limit(N_SHOWN as u64).into_partial_model().all(&shop.db).await?;
    let sql = format!("{DEAD_JOBS} AND j.store_id = $1 ORDER BY j.created_at DESC LIMIT {N_SHOWN}");
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
    Backlog::find_by_statement(statement(&shop.db, BACKLOG, [])).one(&shop.db).await?.ok_or(Error::NotFound)
}

/// Tries again what was given up, at once and with all its tries.
///
/// # Errors
/// `NotFound` where nothing of this id was given up.
pub async fn retry(shop: &Shop, by: &Actor, id: &str) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let now = shared_now_ms(&tx, shop).await?;
    let n = match name_of(id)? {
        Name::Job(id) => steps::revive(&tx, of_store(shop).add(job::Column::Id.eq(id)), now).await?,
        Name::Event(id) => inbox::steps::revive(&tx, Condition::all().add(inbox_event::Column::Id.eq(id)), now).await?,
    };
    if n == 0 {
        return Err(Error::NotFound);
    }
    audit::note(&tx, shop, by, action("retried", id)).await?;
    tx.commit().await?;
    tracing::info!(work = id, "given up before, tried again");
    wake(shop);
    Ok(())
}

/// Tries again everything that was given up and that nobody has seen to; tells how much that was.
pub async fn retry_all(shop: &Shop, by: &Actor) -> Result<u64> {
    let tx = begin_write(&shop.db).await?;
    let now = shared_now_ms(&tx, shop).await?;
    let n_events = inbox::steps::revive(&tx, Condition::all().add(inbox_event::Column::DismissedAt.is_null()), now).await?;
    let n = n_events + steps::revive(&tx, of_store(shop).add(job::Column::DismissedAt.is_null()), now).await?;
    if n > 0 {
        audit::note(&tx, shop, by, action("retried", "all failed work")).await?;
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
    let was_dead = match name_of(id)? {
        Name::Job(id) => steps::dismiss(&tx, shop.settings.store_id, id, now).await?,
        Name::Event(id) => inbox::steps::dismiss(&tx, id, now).await?,
    };
    if !was_dead {
        return Err(Error::NotFound);
    }
    audit::note(&tx, shop, by, action("dismissed", id)).await?;
    Ok(tx.commit().await?)
}

/// Tries again what was given up for an order, in the caller's transaction; tells how much that was.
pub(crate) async fn revive_of_order(tx: &DatabaseTransaction, shop: &Shop, order_id: Id) -> Result<u64> {
    let of_order = Condition::all().add(job::Column::OrderId.eq(order_id));
    steps::revive(tx, of_order, shared_now_ms(tx, shop).await?).await
}

fn of_store(shop: &Shop) -> Condition {
    Condition::all().add(job::Column::StoreId.eq(shop.settings.store_id))
}

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

fn action<'a>(act: &'static str, name: &'a str) -> Action<'a> {
    Action { act, kind: "work", id: None, name }
}

fn wake(shop: &Shop) {
    shop.wake.events.notify_one();
    shop.wake.jobs.notify_one();
}
