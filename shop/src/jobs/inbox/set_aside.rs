//! Events of kinds that the program which took them didn't know: an older release beside this one, or the release before an upgrade.
//!
//! Such an event is done with for the older program, and marked. One that knows its kind takes it up again, in its rounds.

use super::{EventRow, Inbox, Outcome, UNKNOWN_KIND};
use crate::base::database::{shared_now_sql, statement};
use crate::jobs::queue::{self, Queue};
use crate::jobs::{lease_ms, skip_locked, sql};
use crate::payments::events;
use crate::{Result, Shop};
use sea_orm::FromQueryResult;
use tokio::sync::Notify;

/// Handles what another release set aside; part of the worker's rounds.
pub(in crate::jobs) async fn take_up(shop: &Shop) -> Result<()> {
    let mut n_taken = 0;
    loop {
        match queue::work_off::<SetAside>(shop).await? {
            0 => break,
            n => n_taken += n,
        }
    }
    if n_taken > 0 {
        tracing::info!(n = n_taken, "events taken up that another release did not know");
    }
    Ok(())
}

/// The events that were set aside. They are handled as others are; only how they are taken differs.
struct SetAside;

impl Queue for SetAside {
    const NAME: &'static str = Inbox::NAME;
    const AT_ONCE: usize = Inbox::AT_ONCE;
    type Piece = EventRow;
    type Outcome = Outcome;

    fn wake(shop: &Shop) -> &Notify {
        Inbox::wake(shop)
    }

    async fn lease(shop: &Shop, n: usize) -> Result<Vec<EventRow>> {
        let (now, skip) = (shared_now_sql(&shop.db, "$2"), skip_locked(&shop.db));
        let known = events::names().iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let sql = sql::lease_set_aside(&now, n, skip, UNKNOWN_KIND, &known);
        Ok(EventRow::find_by_statement(statement(&shop.db, sql, [lease_ms().into(), shop.shared_now().into()]))
            .all(shop.db.writer())
            .await?)
    }

    fn request_id(event: &EventRow) -> Option<&str> {
        Inbox::request_id(event)
    }

    async fn handle(shop: &Shop, event: &EventRow) -> Outcome {
        Inbox::handle(shop, event).await
    }

    fn broken_off(why: String) -> Outcome {
        Inbox::broken_off(why)
    }

    async fn finish(shop: &Shop, event: &EventRow, outcome: &Outcome) -> Result<()> {
        Inbox::finish(shop, event, outcome).await
    }

    async fn give_back(shop: &Shop, event: &EventRow) -> Result<()> {
        Inbox::give_back(shop, event).await
    }
}
