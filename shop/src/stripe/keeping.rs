//! Events that come in together are kept together: one durable commit for all that wait, so that the disk is asked once.
//!
//! PostgreSQL gathers commits by itself; on SQLite each would wait for the disk alone.

use super::webhook::{NewEvent, keep};
use crate::database::{begin_write, is_sqlite};
use crate::{Error, Result, Shop, world};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// An event that is still to be kept.
pub(super) struct OwnedEvent {
    pub id: String,
    pub kind: String,
    pub livemode: bool,
    pub account: Option<String>,
    pub api_version: Option<String>,
    pub object_id: String,
    pub happened_at: Option<i64>,
    pub raw: Vec<u8>,
    pub request_id: Option<String>,
}

impl OwnedEvent {
    fn borrowed(&self) -> NewEvent<'_> {
        NewEvent {
            id: &self.id,
            kind: &self.kind,
            livemode: self.livemode,
            account: self.account.as_deref(),
            api_version: self.api_version.as_deref(),
            object_id: &self.object_id,
            happened_at: self.happened_at,
            raw: &self.raw,
        }
    }
}

struct Waiting {
    event: OwnedEvent,
    told: oneshot::Sender<std::result::Result<(), String>>,
}

/// What waits at the door.
#[derive(Default)]
pub struct Door {
    waiting: Mutex<Vec<Waiting>>,
}

impl Door {
    /// Joins those who wait, and tells whether this one is the first.
    fn join(&self, waiting: Waiting) -> bool {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(waiting);
        all.len() == 1
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps an event; after this it survives a power cut.
pub(super) async fn keep_durably(shop: &Shop, event: OwnedEvent) -> Result<()> {
    if !is_sqlite(&shop.db) {
        return keep(&shop.db, shop, &event.borrowed()).await.map(drop);
    }
    let (told, outcome) = oneshot::channel();
    if shop.door.join(Waiting { event, told }) {
        // A task of its own: whoever brought the first event may hang up, and the others must not hang with it.
        tokio::spawn(keep_waiting(shop.clone()));
    }
    match outcome.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(why)) => Err(Error::Unexpected(anyhow::anyhow!(why))),
        Err(_) => Err(Error::Unexpected(anyhow::anyhow!("the event was not kept"))),
    }
}

/// Keeps all that wait when the turn to write comes; who comes later is the first of the next ones.
async fn keep_waiting(shop: Shop) {
    let begun = begin_write(&shop.db).await;
    let batch = shop.door.take();
    let kept = async {
        let tx = begun?;
        for waiting in &batch {
            let event = waiting.event.borrowed();
            match waiting.event.request_id.clone() {
                Some(request) => world::in_request(request, keep(&tx, &shop, &event)).await?,
                None => keep(&tx, &shop, &event).await?,
            };
        }
        tx.commit().await?;
        Ok::<(), Error>(())
    };
    let outcome = kept.await.map_err(|error| format!("{error:?}"));
    for waiting in batch {
        // Who has hung up needs no answer.
        let _gone = waiting.told.send(outcome.clone());
    }
}
