//! Whether this machine's clock is right: it is held against Stripe's and, where that is another machine's, against the database's.
//!
//! A machine whose clock is wrong has a row in `wrong_clocks` as long as it is. In good times the table is empty.

use crate::base::database::{is_sqlite, ping, shared_now_ms};
use crate::base::entities::wrong_clock::{ActiveModel, Column, Entity};
use crate::jobs::mail::templates::Trouble;
use crate::payments::stripe::Sighting;
use crate::{Result, Shop, jobs};
use domain::clock::{TOLERANCE_MS, WrongClock};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A machine tells each minute while its clock is wrong. One that has not for so long is gone.
const GONE_MS: i64 = 5 * 60 * 1000;
/// The owner is told once a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// What Stripe said longer ago is asked for again before a clock is called wrong: a machine that slept counts too little.
const FRESH: Duration = Duration::from_secs(60);

/// What was seen of this machine's clock and is not written down yet.
#[derive(Default)]
pub struct Clocks {
    seen: Mutex<Seen>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    n_refused: i64,
    /// When a webhook was last refused for its time, and by how much our clock was ahead of it.
    refused: Option<(Instant, i64)>,
    /// How the last look ended; nothing before the first.
    was_wrong: Option<bool>,
}

impl Clocks {
    /// Notes that a webhook which Stripe signed was refused, as our clock was so far ahead of its time.
    pub(crate) fn note_refusal(&self, ahead_ms: i64) {
        self.change(|seen| {
            seen.n_refused += 1;
            seen.refused = Some((Instant::now(), ahead_ms));
        });
    }

    fn change<T>(&self, act: impl FnOnce(&mut Seen) -> T) -> T {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Looks at the clock, tells the owner if it is wrong, and forgets that it was when it is right; part of the worker's rounds.
pub async fn look(shop: &Shop) -> Result<()> {
    let clock = measure(shop).await?;
    gauge("stripe", clock.ahead_of_stripe_ms);
    gauge("database", clock.ahead_of_database_ms);
    let is_wrong = clock.is_wrong();
    let was_wrong = shop.clocks.change(|seen| seen.was_wrong.replace(is_wrong));
    if is_wrong {
        if was_wrong != Some(true) {
            tracing::warn!("{} {}", clock.what(), clock.to_do());
        }
        return write_down(shop, &clock).await;
    }
    if was_wrong == Some(true) {
        tracing::info!("the clock is right again");
    }
    // What was refused although the clock is right was held back on the way, or sent again by somebody.
    shop.clocks.change(|seen| (seen.n_refused, seen.refused) = (0, None));
    if was_wrong != Some(false) {
        let gone = shared_now_ms(&shop.db, shop).await? - GONE_MS;
        let right_or_gone = Condition::any().add(Column::Machine.eq(clock.machine)).add(Column::SeenAt.lt(gone));
        Entity::delete_many().filter(right_or_gone).exec(&shop.db).await?;
    }
    Ok(())
}

/// The machines whose clocks are wrong at the moment.
pub async fn wrong(shop: &Shop) -> Result<Vec<WrongClock>> {
    let gone = shared_now_ms(&shop.db, shop).await? - GONE_MS;
    let rows = Entity::find().filter(Column::SeenAt.gte(gone)).order_by_asc(Column::Machine);
    let rows = rows.all(&shop.db).await?.into_iter().map(|row| WrongClock {
        machine: row.machine,
        ahead_of_stripe_ms: row.ahead_of_stripe_ms,
        ahead_of_database_ms: row.ahead_of_database_ms,
        n_refused: row.n_refused,
    });
    Ok(rows.collect())
}

/// How this machine's clock stands at the moment.
pub async fn measure(shop: &Shop) -> Result<WrongClock> {
    Ok(WrongClock {
        machine: machine(),
        ahead_of_stripe_ms: ahead_of_stripe(shop).await,
        ahead_of_database_ms: ahead_of_database(shop).await?,
        n_refused: shop.clocks.change(|seen| seen.n_refused),
    })
}

/// By what Stripe's last answer said, or the last webhook that was refused, whichever is newer.
async fn ahead_of_stripe(shop: &Shop) -> Option<i64> {
    let refused = shop.clocks.change(|seen| seen.refused);
    let ahead = |sighting: &Sighting| sighting.ahead_ms(shop.clock.now_ms());
    let is_newer = |sighting: &Sighting| refused.is_none_or(|(at, _)| sighting.age() <= at.elapsed());
    let is_sure = |sighting: &Sighting| is_newer(sighting) && (sighting.age() < FRESH || ahead(sighting).abs() <= TOLERANCE_MS);
    let mut sighting = shop.stripe.sighting();
    if !sighting.as_ref().is_some_and(is_sure) && (sighting.is_some() || refused.is_some()) {
        // Any answer tells, a refusal as well.
        let _answer = shop.stripe.account_id().await;
        sighting = shop.stripe.sighting();
    }
    sighting.filter(is_sure).map(|sighting| ahead(&sighting)).or(refused.map(|(_, ahead)| ahead))
}

async fn ahead_of_database(shop: &Shop) -> Result<Option<i64>> {
    if is_sqlite(&shop.db) {
        return Ok(None);
    }
    // A connection first, so that none is waited for in between.
    ping(&shop.db).await?;
    let asked = Instant::now();
    let shown = shared_now_ms(&shop.db, shop).await?;
    Ok(Some(Sighting::exact(shown, asked).ahead_ms(shop.clock.now_ms())))
}

async fn write_down(shop: &Shop, clock: &WrongClock) -> Result<()> {
    let now = shared_now_ms(&shop.db, shop).await?;
    let row = ActiveModel {
        machine: Set(clock.machine.clone()),
        seen_at: Set(now),
        ahead_of_stripe_ms: Set(clock.ahead_of_stripe_ms),
        ahead_of_database_ms: Set(clock.ahead_of_database_ms),
        n_refused: Set(clock.n_refused),
    };
    let again = OnConflict::column(Column::Machine)
        .update_columns([Column::SeenAt, Column::AheadOfStripeMs, Column::AheadOfDatabaseMs])
        .value(Column::NRefused, Expr::col((Entity, Column::NRefused)).add(clock.n_refused))
        .to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(&shop.db).await?;
    shop.clocks.change(|seen| seen.n_refused = Ord::max(seen.n_refused - clock.n_refused, 0));
    let text = Trouble { what: &clock.what(), order: None, to_do: clock.to_do() }.to_string();
    jobs::alert(&shop.db, shop, &format!("clock:{}:{}", clock.machine, now / DAY_MS), &text).await
}

fn machine() -> String {
    hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn gauge(against: &'static str, ahead_ms: Option<i64>) {
    if let Some(ms) = ahead_ms {
        metrics::gauge!("clock_skew_seconds", "against" => against).set(ms as f64 / 1000.0);
    }
}
