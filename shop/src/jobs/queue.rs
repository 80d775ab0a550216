//! A queue in the database: work is leased piece by piece and handled side by side, so that a slow piece keeps no other waiting.

use super::{POLL, Patience};
use crate::base::error::words_of;
use crate::{Result, Shop, base::world};
use futures::FutureExt;
use futures::future::join_all;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// How often it is tried to write down how a piece ended: a mail that was sent and isn't noted is sent again.
const FINISH_TRIES: u32 = 20;

/// A table of work with a state, a lease and a time.
pub(super) trait Queue: 'static {
    const NAME: &'static str;
    /// How many pieces a worker has in its hands.
    const AT_ONCE: usize;
    type Piece: Send + Sync + 'static;
    type Outcome: Send + Sync;

    /// Tells that there is work, before the next poll.
    fn wake(shop: &Shop) -> &Notify;
    /// Takes up to `n` pieces that are due.
    fn lease(shop: &Shop, n: usize) -> impl Future<Output = Result<Vec<Self::Piece>>> + Send;
    /// The request that the piece began with.
    fn request_id(piece: &Self::Piece) -> Option<&str>;
    fn handle(shop: &Shop, piece: &Self::Piece) -> impl Future<Output = Self::Outcome> + Send;
    /// How a piece ended that did not end by itself.
    fn broken_off(why: String) -> Self::Outcome;
    /// Writes down how a piece ended, unless its lease has run out and it is another worker's.
    fn finish(shop: &Shop, piece: &Self::Piece, outcome: &Self::Outcome) -> impl Future<Output = Result<()>> + Send;
    /// Gives up the lease of a piece that was not begun.
    fn give_back(shop: &Shop, piece: &Self::Piece) -> impl Future<Output = Result<()>> + Send;
}

/// Works until it is told to stop; what is begun then is finished.
pub(super) async fn work<Q: Queue>(shop: Shop, stop: CancellationToken, patience: Patience) {
    let mut in_hand = JoinSet::new();
    // Where less was found than there was room for, nothing is due until somebody says so or time passes.
    let mut may_be_due = true;
    while !stop.is_cancelled() {
        if may_be_due {
            may_be_due = fill::<Q>(&shop, &mut in_hand, &stop, patience).await.unwrap_or_else(|error| {
                tracing::error!(queue = Q::NAME, ?error, "the worker could not take work; it tries again");
                false
            });
        }
        let has_room = in_hand.len() < Q::AT_ONCE;
        tokio::select! {
            () = stop.cancelled() => {}
            () = Q::wake(&shop).notified(), if has_room => may_be_due = true,
            () = tokio::time::sleep(POLL), if has_room => may_be_due = true,
            Some(ended) = in_hand.join_next() => tell::<Q>(ended),
        }
    }
    while let Some(ended) = in_hand.join_next().await {
        tell::<Q>(ended);
    }
}

/// Handles what is due now, up to a handful, and tells how much that was.
pub(super) async fn work_off<Q: Queue>(shop: &Shop) -> Result<usize> {
    let pieces = Q::lease(shop, Q::AT_ONCE).await?;
    let n = pieces.len();
    join_all(pieces.into_iter().map(|piece| carry_out::<Q>(shop.clone(), piece, Patience::default().for_a_piece))).await;
    Ok(n)
}

/// Takes work until the hands are full, and tells whether more may be due.
async fn fill<Q: Queue>(shop: &Shop, in_hand: &mut JoinSet<()>, stop: &CancellationToken, patience: Patience) -> Result<bool> {
    let n_free = Q::AT_ONCE.saturating_sub(in_hand.len());
    if n_free == 0 {
        return Ok(true);
    }
    let pieces = Q::lease(shop, n_free).await?;
    let may_be_due = pieces.len() == n_free;
    for piece in pieces {
        if stop.is_cancelled() {
            Q::give_back(shop, &piece).await?;
        } else {
            in_hand.spawn(carry_out::<Q>(shop.clone(), piece, patience.for_a_piece));
        }
    }
    Ok(may_be_due)
}

/// Does a piece in the name of the request that it began with.
async fn carry_out<Q: Queue>(shop: Shop, piece: Q::Piece, limit: Duration) {
    let request_id = Q::request_id(&piece).unwrap_or("none").to_owned();
    let span = tracing::info_span!("work", queue = Q::NAME, request_id);
    world::in_request(request_id, do_piece::<Q>(shop, piece, limit)).instrument(span).await;
}

async fn do_piece<Q: Queue>(shop: Shop, piece: Q::Piece, limit: Duration) {
    // Boxed, because its type is as large as all that an event may lead to.
    let handled = AssertUnwindSafe(Q::handle(&shop, &piece).boxed()).catch_unwind();
    let outcome = match tokio::time::timeout(limit, handled).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Q::broken_off(format!("it panicked: {}", words_of(&*panic))),
        Err(_) => Q::broken_off(format!("it did not end within {limit:?}")),
    };
    for n in 1..=FINISH_TRIES {
        match Q::finish(&shop, &piece, &outcome).await {
            Ok(()) => return,
            Err(error) if n == FINISH_TRIES => {
                tracing::error!(queue = Q::NAME, ?error, "how work ended could not be noted; it is done again when its lease has run out");
            }
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
}

fn tell<Q: Queue>(ended: std::result::Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(queue = Q::NAME, %error, "work broke off; it is done again when its lease has run out");
    }
}
