//! Events from Stripe: what happened is asked of Stripe itself; the event only says where to look.

mod forget;
mod lost_goods;
pub(super) mod set_aside;
pub(super) mod steps;

pub(crate) use forget::TEXTS;
pub(super) use forget::forget;
pub(super) use lost_goods::find_again as find_lost_goods;
pub use lost_goods::waits_for_goods;
pub(crate) use steps::keep;

use super::kinds::alert;
use super::queue::Queue;
use super::{EventState, FailureCause, HOUR_MS, SWEPT_AT_ONCE, backoff_ms, lease_ms, skip_locked, sql};
use crate::base::database::{shared_now_sql, statement, word};
use crate::base::entities::inbox_event::{Column, Entity};
use crate::fulfillment::Settlement;
use crate::jobs::mail::templates::Trouble;
use crate::orders::LostGoods;
use crate::payments::Followed;
use crate::payments::events::{self, Handled};
use crate::payments::stripe::Failure;
use crate::{Result, Shop};
use domain::word::Word;
use futures::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;
use steps::Leased;
use tokio::sync::Notify;

/// An event is given up after this many tries, which take about half a day.
const MAX_ATTEMPTS: i64 = 24;
/// The owner hears of an event that failed this often, which takes about two minutes: early enough to help.
const TELL_AFTER: i64 = 6;

/// What an event is left with whose kind the program doesn't know.
const UNKNOWN_KIND: &str = "this version of the shop does not know events of this kind";

#[derive(Clone, FromQueryResult)]
pub(super) struct EventRow {
    id: String,
    kind: String,
    livemode: bool,
    object_id: String,
    attempts: i64,
    /// Whose it is: a lease that another took over ends at another time.
    lease_until: i64,
    account: Option<String>,
    received_at: i64,
    happened_at: Option<i64>,
    request_id: Option<String>,
}

impl EventRow {
    fn leased(&self) -> Leased {
        Leased { id: self.id.clone(), until: self.lease_until }
    }
}

/// Proof that an event is in our hands, to be done with in the transaction that follows it.
#[derive(Clone)]
pub(crate) struct Receipt(Leased);

impl Receipt {
    /// Notes that the event is done with, unless its lease has run out.
    pub async fn acknowledge(&self, db: &impl ConnectionTrait, shop: &Shop) -> Result<bool> {
        steps::acknowledge(db, &self.0, shop.clock.now_ms()).await
    }
}

pub(super) enum Outcome {
    /// It was noted with what followed from it.
    Acknowledged,
    Done,
    Ignored,
    /// Another release may know its kind: see `set_aside.rs`.
    UnknownKind,
    Later {
        why: String,
        /// What it is about, should it be given up.
        cause: Option<FailureCause>,
    },
    Dead {
        why: String,
        cause: Option<FailureCause>,
        /// Whether the owner has heard of it already.
        is_told: bool,
    },
    /// It speaks of a paid order whose goods are not here. The rounds try it again once they are.
    GoodsLost(LostGoods),
}

impl Outcome {
    fn later(why: impl Into<String>) -> Self {
        Outcome::Later { why: why.into(), cause: None }
    }

    fn dead(why: impl Into<String>, cause: Option<FailureCause>) -> Self {
        Outcome::Dead { why: why.into(), cause, is_told: false }
    }
}

/// The events that came in.
pub(super) struct Inbox;

impl Queue for Inbox {
    const NAME: &'static str = "events";
    /// Each waits for an answer of Stripe's most of its time, as a rule a quarter of a second.
    const AT_ONCE: usize = 12;
    type Piece = EventRow;
    type Outcome = Outcome;

    fn wake(shop: &Shop) -> &Notify {
        &shop.wake.events
    }

    async fn lease(shop: &Shop, n: usize) -> Result<Vec<EventRow>> {
        let (now, skip) = (shared_now_sql(&shop.db, "$2"), skip_locked(&shop.db));
        let sql = sql::lease_events(&now, n, skip);
        Ok(EventRow::find_by_statement(statement(&shop.db, sql, [lease_ms().into(), shop.shared_now().into()]))
            .all(shop.db.writer())
            .await?)
    }

    fn request_id(event: &EventRow) -> Option<&str> {
        event.request_id.as_deref()
    }

    async fn handle(shop: &Shop, event: &EventRow) -> Outcome {
        match handle(shop, event).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(event = %event.id, kind = %event.kind, ?error, "event failed");
                Outcome::later(error.to_string())
            }
        }
    }

    fn broken_off(why: String) -> Outcome {
        Outcome::later(why)
    }

    async fn finish(shop: &Shop, event: &EventRow, outcome: &Outcome) -> Result<()> {
        let now = shop.clock.now_ms();
        if let Outcome::GoodsLost(lost) = outcome {
            return lost_goods::set_aside(shop, event, lost, now).await;
        }
        let (state, wait_ms, error, cause, is_told) = match outcome {
            Outcome::Acknowledged => {
                report(event, EventState::Done, now);
                return Ok(());
            }
            Outcome::Done => (EventState::Done, 0, None, None, true),
            Outcome::Ignored => (EventState::Ignored, 0, None, None, true),
            Outcome::UnknownKind => (EventState::Ignored, 0, Some(UNKNOWN_KIND), None, true),
            Outcome::Later { why, .. } if event.attempts < MAX_ATTEMPTS => {
                (EventState::Received, backoff_ms(event.attempts), Some(why.as_str()), None, event.attempts != TELL_AFTER)
            }
            Outcome::Later { why, cause } => (EventState::Dead, 0, Some(why.as_str()), *cause, false),
            Outcome::Dead { why, cause, is_told } => (EventState::Dead, 0, Some(why.as_str()), *cause, *is_told),
            Outcome::GoodsLost(_) => return Ok(()),
        };
        let alert = (!is_told).then(|| trouble(event, state == EventState::Dead, &alert::in_short(error.unwrap_or_default())));
        let end = End { event: event.clone(), state, wait_ms, error: error.map(str::to_owned), cause, alert, now };
        if !write_down(shop, end).await? {
            tracing::warn!(event = %event.id, "the lease had run out; what another worker finds counts");
            return Ok(());
        }
        if !is_told {
            shop.wake.jobs.notify_one();
        }
        match state {
            EventState::Dead => {
                tracing::error!(event = %event.id, kind = %event.kind, ?error, "event given up");
                metrics::counter!("dead_letters_total", "queue" => "inbox").increment(1);
            }
            EventState::Received => {
                tracing::warn!(event = %event.id, kind = %event.kind, attempts = event.attempts, ?error, "event failed; it is tried again")
            }
            EventState::Done | EventState::Ignored => {}
        }
        report(event, state, now);
        Ok(())
    }

    async fn give_back(shop: &Shop, event: &EventRow) -> Result<()> {
        steps::give_back(&shop.db, &event.leased()).await?;
        Ok(())
    }
}

/// How an event ended.
struct End {
    event: EventRow,
    state: EventState,
    /// How long until its next try.
    wait_ms: i64,
    error: Option<String>,
    cause: Option<FailureCause>,
    /// What the owner reads of it.
    alert: Option<String>,
    now: i64,
}

/// Writes down how an event ended, and tells whether it was still ours.
async fn write_down(shop: &Shop, end: End) -> Result<bool> {
    let context = Arc::new((shop.clone(), end));
    let change = shop.db.change(move |tx| {
        let context = context.clone();
        async move {
            let (shop, End { event, state, wait_ms, error, cause, alert, now }) = &*context;
            let is_ours = steps::end(
                tx,
                shop,
                &event.leased(),
                steps::Ending { state: *state, wait_ms: *wait_ms, error: error.clone(), cause: *cause },
                *now,
            )
            .await?;
            if let (true, Some(text)) = (is_ours, alert) {
                super::alert(tx, shop, &format!("events:{}:{}", state.as_str(), now / HOUR_MS), text).await?;
            }
            Ok(is_ours)
        }
        .boxed()
    });
    change.await
}

fn report(event: &EventRow, state: EventState, now: i64) {
    if state != EventState::Received {
        tracing::info!(event = %event.id, kind = %event.kind, state = state.as_str(), millis = now - event.received_at, "event handled");
        metrics::histogram!("inbox_event_seconds").record((now - event.received_at) as f64 / 1000.0);
    }
    metrics::counter!("inbox_events_total", "state" => if state == EventState::Received { "retried" } else { state.as_str() }).increment(1);
}

async fn handle(shop: &Shop, event: &EventRow) -> Result<Outcome> {
    if event.livemode != shop.settings.livemode {
        metrics::counter!("mismatches_total", "what" => "mode").increment(1);
        return Ok(Outcome::dead("the event is of the other mode", Some(FailureCause::OtherMode)));
    }
    if let Some(refusal) = refuse_foreign(shop, event).await {
        return Ok(refusal);
    }
    let Some(family) = events::family_of(&event.kind) else { return Ok(Outcome::UnknownKind) };
    let news = events::Event { object: &event.object_id, happened_at: event.happened_at, receipt: Receipt(event.leased()) };
    Ok(match family.follow(shop, news).await? {
        Handled::Acknowledged => Outcome::Acknowledged,
        Handled::Followed(followed) => outcome_of(followed),
    })
}

/// An event names an account when it comes through a platform. Only ours counts: a payment to another is not a payment to this shop.
async fn refuse_foreign(shop: &Shop, event: &EventRow) -> Option<Outcome> {
    let account = event.account.as_deref()?;
    match shop.stripe.account_id().await {
        Ok(ours) if ours == account => None,
        // A key that may not ask says nothing of the account.
        Err(failure) => Some(Outcome::later(failure.to_string())),
        Ok(_) => {
            metrics::counter!("mismatches_total", "what" => "account").increment(1);
            Some(Outcome::dead(format!("the event is of another account ({account})"), Some(FailureCause::OtherAccount)))
        }
    }
}

fn outcome_of(followed: Followed) -> Outcome {
    match followed {
        Ok(Settlement::Settled) => Outcome::Done,
        Ok(Settlement::NotOurs) => Outcome::Ignored,
        // The webhook may overtake the commit that makes the order.
        Ok(Settlement::UnknownOrder) => Outcome::Later { why: "the order is not here yet".to_owned(), cause: Some(FailureCause::NoOrder) },
        Ok(Settlement::GoodsLost(lost)) => Outcome::GoodsLost(lost),
        Ok(Settlement::Mismatch(what)) => {
            Outcome::Dead { why: format!("the {what} does not fit the order"), cause: Some(FailureCause::Mismatch), is_told: true }
        }
        Err(failure) => outcome_of_failure(failure),
    }
}

fn outcome_of_failure(failure: Failure) -> Outcome {
    // Any other refusal is about the key, the account or the line, and somebody will see to these.
    if failure.is_missing() { Outcome::dead(failure.to_string(), None) } else { Outcome::later(failure.to_string()) }
}

fn trouble(event: &EventRow, is_dead: bool, why: &str) -> String {
    let what = format!(
        "The event {} from Stripe ({} of {}) {}: {why}. If it speaks of a payment, that payment may not be delivered. Others may have \
         failed with it.",
        event.id,
        event.kind,
        event.object_id,
        if is_dead { "was given up" } else { "has failed for minutes and is tried again" },
    );
    let to_do = format!(
        "Look at {} in Stripe, and at what needs attention in the dashboard: there it can be tried again. If it was paid, see whether its \
         order is delivered; if not, refund it.",
        event.object_id
    );
    Trouble { what: &what, order: None, to_do: &to_do }.to_string()
}

/// When the last event came by itself that was handled. What was read from Stripe's list has no request.
pub(crate) async fn last_webhook_at(shop: &Shop) -> Result<Option<i64>> {
    let handled = Expr::col(Column::State).is_in([EventState::Done, EventState::Ignored].map(|state| Expr::Constant(word(state))));
    let came = Entity::find().filter(handled).filter(Column::RequestId.is_not_null()).order_by_desc(Column::ReceivedAt);
    Ok(came.select_only().column(Column::ReceivedAt).into_tuple().one(&shop.db).await?)
}

/// Throws away what was handled longer than this ago: 60 days, twice as far as Stripe's own list of events goes back.
const KEEP_MS: i64 = 60 * 24 * 60 * 60 * 1000;

pub(super) async fn sweep(shop: &Shop) -> Result<()> {
    while steps::throw_away_handled(&shop.db, shop.clock.now_ms() - KEEP_MS).await? >= SWEPT_AT_ONCE {}
    Ok(())
}
