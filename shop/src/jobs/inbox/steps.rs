//! The steps of an event: all that writes `inbox_events`, but for the lease (`jobs/sql.rs`).

use crate::base::database::{is_literally, shared_now, word};
use crate::base::entities::inbox_event::{Column, Entity};
use crate::jobs::{EventState, FailureCause, SWEPT_AT_ONCE};
use crate::payments::stripe::NewEvent;
use crate::{Result, Shop, base::world};
use domain::word::Word;
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait, UpdateMany};

/// Keeps an event; a copy of one that was kept changes nothing. Tells whether it was new.
pub(crate) async fn keep(db: &impl ConnectionTrait, shop: &Shop, event: &NewEvent) -> Result<bool> {
    let columns = [
        Column::Id,
        Column::Kind,
        Column::Livemode,
        Column::Account,
        Column::ApiVersion,
        Column::ObjectId,
        Column::Raw,
        Column::State,
        Column::NextAt,
        Column::ReceivedAt,
        Column::HappenedAt,
        Column::RequestId,
    ];
    // Built by hand, as a row's own insert takes values alone, and when it is due goes by the database's clock.
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(columns).on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned());
    let row = [
        event.id.clone().into(),
        event.kind.clone().into(),
        event.livemode.into(),
        event.account.clone().into(),
        event.api_version.clone().into(),
        event.object_id.clone().into(),
        event.raw.clone().into(),
        word(EventState::Received).into(),
        shared_now(shop),
        shop.clock.now_ms().into(),
        event.happened_at.into(),
        world::request_id().into(),
    ];
    insert.values(row).map_err(anyhow::Error::from)?;
    Ok(db.execute(&insert).await?.rows_affected() == 1)
}

/// An event in somebody's hands: the lease of another ends at another time.
#[derive(Clone)]
pub(in crate::jobs) struct Leased {
    pub id: String,
    pub until: i64,
}

fn leased(event: &Leased) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(0))
        .filter(Column::Id.eq(&event.id))
        .filter(Column::State.eq(word(EventState::Received)))
        .filter(Column::LeaseUntil.eq(event.until))
}

async fn take(db: &impl ConnectionTrait, step: UpdateMany<Entity>) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Notes that an event is done with.
pub(super) async fn acknowledge(db: &impl ConnectionTrait, event: &Leased, now: i64) -> Result<bool> {
    let step = leased(event)
        .col_expr(Column::State, Expr::value(word(EventState::Done)))
        .col_expr(Column::LastError, Expr::value(None::<String>))
        .col_expr(Column::FailureCause, Expr::value(None::<String>))
        .col_expr(Column::LostGoods, Expr::value(None::<String>))
        .col_expr(Column::DoneAt, Expr::value(now));
    take(db, step).await
}

/// Gives an event back that nothing was done for; that was no try.
pub(super) async fn give_back(db: &impl ConnectionTrait, event: &Leased) -> Result<bool> {
    take(db, leased(event).col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))).await
}

/// How an event ended.
pub(super) struct Ending {
    pub state: EventState,
    /// How long until its next try.
    pub wait_ms: i64,
    pub error: Option<String>,
    pub cause: Option<FailureCause>,
}

/// Writes how an event ended, or that it waits for its next try; tells whether it was still ours.
pub(super) async fn end(
    db: &impl ConnectionTrait,
    shop: &Shop,
    event: &Leased,
    Ending { state, wait_ms, error, cause }: Ending,
    now: i64,
) -> Result<bool> {
    let step = leased(event)
        .col_expr(Column::State, Expr::value(word(state)))
        .col_expr(Column::NextAt, shared_now(shop).add(wait_ms))
        .col_expr(Column::LastError, Expr::value(error))
        .col_expr(Column::FailureCause, Expr::value(cause.map(Word::as_str)))
        .col_expr(Column::LostGoods, Expr::value(None::<String>))
        .col_expr(Column::DoneAt, Expr::value((state != EventState::Received).then_some(now)));
    take(db, step).await
}

/// Ends an event whose goods are not here, with what it waits for.
pub(super) async fn end_without_goods(
    db: &impl ConnectionTrait,
    event: &Leased,
    state: EventState,
    why: String,
    lost: Option<String>,
    now: i64,
) -> Result<bool> {
    let step = leased(event)
        .col_expr(Column::State, Expr::value(word(state)))
        .col_expr(Column::NextAt, Expr::value(now))
        .col_expr(Column::LastError, Expr::value(why))
        .col_expr(Column::FailureCause, Expr::value(None::<String>))
        .col_expr(Column::LostGoods, Expr::value(lost))
        .col_expr(Column::DoneAt, Expr::value(now));
    take(db, step).await
}

/// Gives events that were given up all their tries again.
pub(in crate::jobs) async fn revive(db: &impl ConnectionTrait, which: Condition, now: i64) -> Result<u64> {
    let step = Entity::update_many()
        .col_expr(Column::State, Expr::value(word(EventState::Received)))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::NextAt, Expr::value(now))
        .col_expr(Column::LeaseUntil, Expr::value(0))
        .col_expr(Column::DoneAt, Expr::value(None::<i64>))
        .col_expr(Column::DismissedAt, Expr::value(None::<i64>))
        .col_expr(Column::FailureCause, Expr::value(None::<String>))
        .filter(is_literally(Column::State, EventState::Dead))
        .filter(which);
    Ok(step.exec(db).await?.rows_affected)
}

/// Puts an event away that was given up and that somebody has seen to.
pub(in crate::jobs) async fn dismiss(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<bool> {
    let step = Entity::update_many()
        .col_expr(Column::DismissedAt, Expr::value(now))
        .filter(Column::State.eq(word(EventState::Dead)))
        .filter(Column::DismissedAt.is_null())
        .filter(Column::Id.eq(id));
    take(db, step).await
}

/// Throws away some that were handled and came before an instant, and tells how many.
pub(super) async fn throw_away_handled(db: &impl ConnectionTrait, before: i64) -> Result<u64> {
    let old = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::col(Column::State).is_in([EventState::Done, EventState::Ignored].map(|state| Expr::Constant(word(state)))))
        .filter(Column::ReceivedAt.lt(before))
        .limit(SWEPT_AT_ONCE)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_query();
    Ok(Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(db).await?.rows_affected)
}

/// Forgets what Stripe told of some objects.
pub(super) async fn forget(db: &impl ConnectionTrait, object_ids: SelectStatement) -> Result<()> {
    let step = Entity::update_many().col_expr(Column::Raw, Expr::value(Vec::<u8>::new()));
    step.filter(Column::ObjectId.in_subquery(object_ids)).exec(db).await?;
    Ok(())
}
