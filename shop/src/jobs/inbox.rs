//! Events from Stripe: what happened is asked of Stripe itself; the event only says where to look.

use super::queue::Queue;
use super::{Kind, LEASE_MS, SWEPT_AT_ONCE, alert, backoff_ms, enqueue, skip_locked};
use crate::database::{begin_write, execute, statement};
use crate::fulfillment::{Settlement, settle};
use crate::mail::templates::Trouble;
use crate::{Result, Shop};
use sea_orm::FromQueryResult;

/// An event is given up after this many tries, which take about half a day.
const MAX_ATTEMPTS: i64 = 24;

#[derive(FromQueryResult)]
pub(super) struct EventRow {
    id: String,
    kind: String,
    livemode: bool,
    object_id: String,
    attempts: i64,
    /// Whose it is: a lease that another took over ends at another time.
    lease_until: i64,
    received_at: i64,
}

pub(super) enum Outcome {
    Done,
    Ignored,
    Later(String),
    Dead {
        why: String,
        /// Whether the owner has heard of it already.
        is_told: bool,
    },
}

impl Outcome {
    fn dead(why: impl Into<String>) -> Self {
        Outcome::Dead { why: why.into(), is_told: false }
    }
}

/// The events that came in.
pub(super) struct Inbox;

impl Queue for Inbox {
    const NAME: &'static str = "events";
    type Piece = EventRow;
    type Outcome = Outcome;

    async fn lease(shop: &Shop, n: usize) -> Result<Vec<EventRow>> {
        let now = shop.clock.now_ms();
        let skip = skip_locked(&shop.db);
        let sql = format!(
            "UPDATE inbox_events SET lease_until = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM inbox_events WHERE state = 'received' AND next_at <= $2 AND lease_until < $2 ORDER BY next_at LIMIT {n} {skip}) \
             RETURNING id, kind, livemode, object_id, attempts, lease_until, received_at"
        );
        Ok(EventRow::find_by_statement(statement(&shop.db, sql, [(now + LEASE_MS).into(), now.into()])).all(&shop.db).await?)
    }

    async fn handle(shop: &Shop, event: &EventRow) -> Outcome {
        match handle(shop, event).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::error!(event = %event.id, kind = %event.kind, ?error, "event failed");
                Outcome::Later(error.to_string())
            }
        }
    }

    fn broken_off(why: String) -> Outcome {
        Outcome::Later(why)
    }

    async fn finish(shop: &Shop, event: &EventRow, outcome: &Outcome) -> Result<()> {
        let now = shop.clock.now_ms();
        let (state, next_at, error, is_told) = match outcome {
            Outcome::Done => ("done", now, None, true),
            Outcome::Ignored => ("ignored", now, None, true),
            Outcome::Later(why) if event.attempts < MAX_ATTEMPTS => ("received", now + backoff_ms(event.attempts), Some(why), true),
            Outcome::Later(why) => ("dead", now, Some(why), false),
            Outcome::Dead { why, is_told } => ("dead", now, Some(why), *is_told),
        };
        let tx = begin_write(&shop.db).await?;
        let sql = "UPDATE inbox_events SET state = $2, next_at = $3, lease_until = 0, last_error = $4, done_at = CASE WHEN $2 = 'received' THEN NULL ELSE $5 END \
                   WHERE id = $1 AND state = 'received' AND lease_until = $6";
        let values = [event.id.clone().into(), state.into(), next_at.into(), error.cloned().into(), now.into(), event.lease_until.into()];
        if execute(&tx, sql, values).await? == 0 {
            tracing::warn!(event = %event.id, "the lease had run out; what another worker finds counts");
            return Ok(());
        }
        if !is_told {
            let text = trouble(event, &alert::in_short(error.map_or("", |why| why)));
            enqueue(&tx, shop, Kind::Alert, &format!("dead:{}", event.id), &text).await?;
        }
        tx.commit().await?;
        if state == "dead" {
            tracing::error!(event = %event.id, kind = %event.kind, ?error, "event given up");
            shop.jobs_wake.notify_one();
        }
        tracing::info!(event = %event.id, kind = %event.kind, state, millis = now - event.received_at, "event handled");
        metrics::counter!("inbox_events_total", "state" => state).increment(1);
        metrics::histogram!("inbox_event_seconds").record((now - event.received_at) as f64 / 1000.0);
        Ok(())
    }

    async fn give_back(shop: &Shop, event: &EventRow) -> Result<()> {
        let sql =
            "UPDATE inbox_events SET lease_until = 0, attempts = attempts - 1 WHERE id = $1 AND state = 'received' AND lease_until = $2";
        execute(&shop.db, sql, [event.id.clone().into(), event.lease_until.into()]).await?;
        Ok(())
    }
}

async fn handle(shop: &Shop, event: &EventRow) -> Result<Outcome> {
    if event.livemode != shop.settings.livemode {
        return Ok(Outcome::dead("the event is of the other mode"));
    }
    let facts = match event.kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed"
        | "checkout.session.expired" => shop.stripe.retrieve_session(&event.object_id).await.map(Some),
        // The second chance, should the session's own event be lost.
        "payment_intent.succeeded" => shop.stripe.find_session_of_intent(&event.object_id).await,
        _ => return Ok(Outcome::Ignored),
    };
    let facts = match facts {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ok(Outcome::Ignored),
        // Any other refusal is about the key, the account or the line, and somebody will see to these.
        Err(failure) if failure.is_missing() => return Ok(Outcome::dead(failure.to_string())),
        Err(failure) => return Ok(Outcome::Later(failure.to_string())),
    };
    Ok(match settle(shop, &facts).await? {
        Settlement::Settled => Outcome::Done,
        Settlement::NotOurs => Outcome::Ignored,
        // The webhook may overtake the commit that makes the order.
        Settlement::UnknownOrder => Outcome::Later("the order is not here yet".to_owned()),
        Settlement::Mismatch(what) => Outcome::Dead { why: format!("the {what} does not fit the order"), is_told: true },
    })
}

fn trouble(event: &EventRow, why: &str) -> String {
    Trouble {
        what: &format!(
            "The event {} from Stripe ({} of {}) was given up: {why}. If it speaks of a payment, that payment may not be delivered.",
            event.id, event.kind, event.object_id
        ),
        order: None,
        to_do: &format!(
            "Look at {} in Stripe. If it was paid, see whether its order is delivered here; if not, refund it.",
            event.object_id
        ),
    }
    .to_string()
}

/// Throws away what was handled longer than this ago: 60 days, twice as far as Stripe's own list of events goes back.
const KEEP_MS: i64 = 60 * 24 * 60 * 60 * 1000;

pub(super) async fn sweep(shop: &Shop) -> Result<()> {
    let skip = skip_locked(&shop.db);
    let sql = format!(
        "DELETE FROM inbox_events WHERE id IN (SELECT id FROM inbox_events WHERE state IN ('done', 'ignored') AND received_at < $1 LIMIT {SWEPT_AT_ONCE} {skip})"
    );
    while execute(&shop.db, &sql, [(shop.clock.now_ms() - KEEP_MS).into()]).await? >= SWEPT_AT_ONCE {}
    Ok(())
}
