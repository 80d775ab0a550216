//! Stripe's own list of events, read at the start and now and then: what was never delivered here, or is gone since a backup was
//! restored, is taken in as if it came through the door.
//!
//! How far the list was read stands in the database, so that an older database reads on from where it was.

use super::keep_event;
use crate::base::database::{begin_write, shared_now_ms};
use crate::base::entities::{inbox_event, store};
use crate::payments::events;
use crate::payments::stripe::{EventPage, Failure, ListedEvent, NewEvent};
use crate::{Result, Shop, stores};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use std::collections::HashSet;

/// Stripe keeps events for thirty days.
const REACH_SECS: i64 = 30 * 24 * 60 * 60;
/// What happened shortly before the last look may have been listed after it.
const OVERLAP_SECS: i64 = 10 * 60;
/// How often it is looked.
const EVERY_MS: i64 = 10 * 60 * 1000;

/// Whether to look at once or when it is time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Now,
    Due,
}

/// Takes in what happened since the last look.
pub(super) async fn read(shop: &Shop, when: When) -> Result<()> {
    let now = shared_now_ms(&shop.db, shop).await?;
    // Of several workers one looks.
    let claimed = stores::steps::take_reading(&shop.db, shop.settings.store_id, now, now + EVERY_MS).await?;
    if !claimed && when == When::Due {
        return Ok(());
    }
    let names = events::listed_names();
    let mut since = since(shop, now / 1000).await?;
    let mut after: Option<String> = None;
    let (mut n_new, mut until) = (0, None);
    loop {
        let answer = shop.stripe.events_since(&names, since, after.as_deref()).await;
        if until.is_none() {
            // By Stripe's clock where it is known: one of ours that is ahead would step over what happens until it is right.
            let stripe_now = shop.stripe.sighting().map_or(now, |sighting| sighting.now_ms()) / 1000;
            until = Some(stripe_now);
            if since > stripe_now {
                // A clock that was ahead wrote how far the list was read. Nobody knows what it stepped over.
                since = stripe_now - REACH_SECS;
                continue;
            }
        }
        let page = match answer {
            Ok(page) => page,
            Err(failure) => {
                tracing::warn!(%failure, "Stripe's events could not be listed; a later round tries again");
                // A key that may not read events will not learn to within a minute.
                if matches!(failure, Failure::Refused { .. }) {
                    return Ok(());
                }
                stores::steps::give_reading_back(&shop.db, shop.settings.store_id).await?;
                return Ok(());
            }
        };
        n_new += take_in(shop, &page).await?;
        after = page.events.last().map(|event| event.id.clone());
        if !page.has_more || after.is_none() {
            break;
        }
    }
    // Written only once all pages are in: a look that breaks off is made again from where it began.
    let until = until.unwrap_or(now / 1000);
    stores::steps::events_read(&shop.db, shop.settings.store_id, until, until + OVERLAP_SECS).await?;
    if n_new > 0 {
        tracing::info!(n = n_new, "events taken in from Stripe's list");
        metrics::counter!("inbox_listed_total").increment(n_new);
        shop.wake.events.notify_one();
    }
    Ok(())
}

/// From when on, seconds since 1970. Before there was a store nothing was sold.
async fn since(shop: &Shop, now: i64) -> Result<i64> {
    let store = store::Entity::find_by_id(shop.settings.store_id).one(&shop.db).await?;
    let known = store.map_or(now, |store| store.events_read_until.unwrap_or(store.created_at / 1000));
    Ok((known - OVERLAP_SECS).max(now - REACH_SECS))
}

async fn take_in(shop: &Shop, page: &EventPage) -> Result<u64> {
    let new = unknown(shop, &page.events).await?;
    if new.is_empty() {
        return Ok(0);
    }
    let tx = begin_write(&shop.db).await?;
    let mut n_new = 0;
    for event in new {
        // The event itself stays at Stripe; what is kept says where it came from.
        let raw = format!(r#"{{"listed":true,"id":"{}","type":"{}"}}"#, event.id, event.kind);
        let event = NewEvent {
            id: event.id.clone(),
            kind: event.kind.clone(),
            livemode: event.livemode,
            account: event.account.clone(),
            api_version: event.api_version.clone(),
            object_id: event.object_id.clone(),
            happened_at: event.created.checked_mul(1000),
            raw: raw.into_bytes(),
        };
        n_new += u64::from(keep_event(&tx, shop, &event).await?);
    }
    tx.commit().await?;
    Ok(n_new)
}

/// Those of the events that never came in; as a rule there is none, so that nothing is written.
async fn unknown<'a>(shop: &Shop, events: &'a [ListedEvent]) -> Result<Vec<&'a ListedEvent>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let known = inbox_event::Entity::find().filter(inbox_event::Column::Id.is_in(events.iter().map(|event| event.id.clone())));
    let known: Vec<String> = known.select_only().column(inbox_event::Column::Id).into_tuple().all(&shop.db).await?;
    let known: HashSet<String> = known.into_iter().collect();
    Ok(events.iter().filter(|event| !known.contains(&event.id)).collect())
}
