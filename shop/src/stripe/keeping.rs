//! Events that come in together are kept together: one durable commit for all that wait, so that the disk is asked once.
//!
//! PostgreSQL gathers commits by itself; on SQLite each would wait for the disk alone.

use super::webhook::{NewEvent, keep};
use crate::database::{begin_in_turn, is_sqlite, turn};
use crate::{Error, Result, Shop, world};
use std::sync::{Mutex, PoisonError};
use tokio::sync::oneshot;

/// As many as one commit takes.
const AT_ONCE: usize = 256;

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
    fn take(&self) -> Vec<Waiting> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let n = waiting.len().min(AT_ONCE);
        waiting.drain(..n).collect()
    }
}

/// Keeps an event; after this it survives a power cut.
pub(super) async fn keep_durably(shop: &Shop, event: OwnedEvent) -> Result<()> {
    if !is_sqlite(&shop.db) {
        return keep(&shop.db, shop, &event.borrowed()).await.map(drop);
    }
    let (told, outcome) = oneshot::channel();
    shop.door.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Waiting { event, told });
    // A task of its own: whoever brought the first event may hang up, and the others must not hang with it.
    tokio::spawn(keep_waiting(shop.clone()));
    match outcome.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(why)) => Err(Error::Unexpected(anyhow::anyhow!(why))),
        Err(_) => Err(Error::Unexpected(anyhow::anyhow!("the event was not kept"))),
    }
}

/// Keeps all that wait when the turn comes; those who come later find nothing left to do.
async fn keep_waiting(shop: Shop) {
    let turn = turn(&shop.db).await;
    let batch = shop.door.take();
    if batch.is_empty() {
        return;
    }
    let kept = async {
        let tx = begin_in_turn(&shop.db, turn).await?;
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
