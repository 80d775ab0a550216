//! The steps of a job: all that writes `jobs`, but for the lease (`sql.rs`).
//!
//! A job waits, is leased, and ends as done or dead. Who writes how it ended holds its lease: that of another ends at another time.

use super::{JobState, Kind, SWEPT_AT_ONCE};
use crate::base::database::{is_literally, shared_now, word};
use crate::base::entities::job::{Column, Entity};
use crate::base::texts::{Act, FreeText};
use crate::orders::Orders;
use crate::{Result, Shop, base::world};
use domain::id::Id;
use domain::word::Word;
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, UpdateMany};

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] =
    &[FreeText { table: "jobs", column: "payload", act: Act::Redact }, FreeText { table: "jobs", column: "last_error", act: Act::Redact }];

/// A job that is to be written down.
pub(super) struct New<'a> {
    pub kind: Kind,
    /// A second one with the same key is the same job.
    pub dedupe_key: &'a str,
    pub payload: &'a str,
    pub order_id: Option<Id>,
    pub wait_ms: i64,
}

/// Writes a job down, and tells whether there was none under its key.
pub(super) async fn add(db: &impl ConnectionTrait, shop: &Shop, new: New<'_>) -> Result<bool> {
    let columns = [
        Column::Id,
        Column::StoreId,
        Column::Kind,
        Column::DedupeKey,
        Column::Payload,
        Column::State,
        Column::NextAt,
        Column::CreatedAt,
        Column::OrderId,
        Column::RequestId,
    ];
    // Built by hand, as a row's own insert takes values alone, and when it is due goes by the database's clock.
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(columns).on_conflict(OnConflict::column(Column::DedupeKey).do_nothing().to_owned());
    let row = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        new.kind.as_str().into(),
        new.dedupe_key.into(),
        new.payload.into(),
        word(JobState::Waiting).into(),
        shared_now(shop).add(new.wait_ms),
        shop.clock.now_ms().into(),
        new.order_id.into(),
        world::request_id().into(),
    ];
    insert.values(row).map_err(anyhow::Error::from)?;
    Ok(db.execute(&insert).await?.rows_affected() == 1)
}

fn named(dedupe_key: &str) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::DedupeKey.eq(dedupe_key))
}

/// Lets a job begin now that was to wait.
pub(super) async fn hasten(db: &impl ConnectionTrait, shop: &Shop, dedupe_key: &str) -> Result<()> {
    let waits = Condition::all().add(Column::State.eq(word(JobState::Waiting))).add(Expr::col(Column::NextAt).gt(shared_now(shop)));
    named(dedupe_key).col_expr(Column::NextAt, shared_now(shop)).filter(waits).exec(db).await?;
    Ok(())
}

/// Ends a job whose work was done without it.
pub(super) async fn finish(db: &impl ConnectionTrait, dedupe_key: &str, now: i64) -> Result<()> {
    let step = named(dedupe_key)
        .col_expr(Column::State, Expr::value(word(JobState::Done)))
        .col_expr(Column::DoneAt, Expr::value(now))
        .col_expr(Column::LeaseUntil, Expr::value(0))
        .filter(Column::State.ne(word(JobState::Done)));
    step.exec(db).await?;
    Ok(())
}

/// A job in somebody's hands.
#[derive(Clone, Copy)]
pub(super) struct Leased {
    pub id: Id,
    pub until: i64,
}

fn leased(job: Leased) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(0))
        .filter(Column::Id.eq(job.id))
        .filter(Column::State.eq(word(JobState::Waiting)))
        .filter(Column::LeaseUntil.eq(job.until))
}

/// Gives a job back that nothing was done for; that was no try.
pub(super) async fn give_back(db: &impl ConnectionTrait, job: Leased) -> Result<bool> {
    let step = leased(job).col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1));
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Writes how a job ended, or that it waits for its next try; tells whether it was still ours.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    shop: &Shop,
    job: Leased,
    state: JobState,
    wait_ms: i64,
    error: Option<String>,
    now: i64,
) -> Result<bool> {
    let step = leased(job)
        .col_expr(Column::State, Expr::value(word(state)))
        .col_expr(Column::NextAt, shared_now(shop).add(wait_ms))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::DoneAt, Expr::value((state == JobState::Done).then_some(now)));
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Lets jobs that wait for their next try begin now: one, or all of some kinds.
pub(super) async fn hurry(db: &impl ConnectionTrait, store_id: Id, kinds: &[Kind], id: Option<Id>, now: i64) -> Result<u64> {
    let mut step = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(now))
        .filter(is_literally(Column::State, JobState::Waiting))
        .filter(Expr::col(Column::Attempts).gt(Expr::Constant(0i64.into())))
        .filter(Column::LeaseUntil.lt(now))
        .filter(Column::StoreId.eq(store_id))
        .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())));
    if let Some(id) = id {
        step = step.filter(Column::Id.eq(id));
    }
    Ok(step.exec(db).await?.rows_affected)
}

/// Gives jobs that were given up all their tries again.
pub(super) async fn revive(db: &impl ConnectionTrait, which: Condition, now: i64) -> Result<u64> {
    let step = Entity::update_many()
        .col_expr(Column::State, Expr::value(word(JobState::Waiting)))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(now))
        .col_expr(Column::LeaseUntil, Expr::value(0))
        .col_expr(Column::DismissedAt, Expr::value(None::<i64>))
        .filter(is_literally(Column::State, JobState::Dead))
        .filter(which);
    Ok(step.exec(db).await?.rows_affected)
}

/// Puts a job away that was given up and that somebody has seen to.
pub(super) async fn dismiss(db: &impl ConnectionTrait, store_id: Id, id: Id, now: i64) -> Result<bool> {
    let step = Entity::update_many()
        .col_expr(Column::DismissedAt, Expr::value(now))
        .filter(Column::State.eq(word(JobState::Dead)))
        .filter(Column::DismissedAt.is_null())
        .filter(Column::Id.eq(id))
        .filter(Column::StoreId.eq(store_id));
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Throws away some that were done before an instant, and tells how many.
pub(super) async fn throw_away_done(db: &impl ConnectionTrait, before: i64) -> Result<u64> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(is_literally(Column::State, JobState::Done))
        .filter(Column::DoneAt.lt(before))
        .limit(SWEPT_AT_ONCE)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(db).await?.rows_affected)
}

/// Throws away the jobs of orders that go as well: they have nothing to do any more.
pub(crate) async fn throw_away_of(db: &impl ConnectionTrait, orders: &[Id]) -> Result<()> {
    Entity::delete_many().filter(Column::OrderId.is_in(orders.iter().copied())).exec(db).await?;
    Ok(())
}

/// Forgets what failed in mails of some orders, which may name their customer.
pub(super) async fn forget_errors(db: &impl ConnectionTrait, orders: &Orders) -> Result<()> {
    let step = Entity::update_many()
        .col_expr(Column::LastError, Expr::value(None::<String>))
        .filter(Column::State.eq(word(JobState::Done)))
        .filter(orders.are_in(Column::OrderId));
    step.exec(db).await?;
    Ok(())
}
