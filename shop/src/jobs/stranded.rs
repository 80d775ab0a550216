//! Jobs of kinds that nobody takes: a newer program made them and doesn't run any more.

use super::{HOUR_MS, sql};
use crate::base::database::{shared_now_ms, statement};
use crate::jobs::mail::templates::Trouble;
use crate::{Result, Shop};
use sea_orm::FromQueryResult;

/// The owner is told once a day.
const DAY_MS: i64 = 24 * HOUR_MS;

/// A kind of work that waits for a program that knows it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct StrandedKind {
    pub kind: String,
    pub n: i64,
    /// The oldest has been due since then; milliseconds since 1970.
    pub since: i64,
}

/// The kinds of work that this program doesn't know and that nobody has taken for an hour. A replica of the newer program would have.
pub async fn stranded(shop: &Shop) -> Result<Vec<StrandedKind>> {
    let now = shared_now_ms(&shop.db, shop).await?;
    Ok(StrandedKind::find_by_statement(statement(&shop.db, sql::stranded(), [(now - HOUR_MS).into(), now.into()])).all(&shop.db).await?)
}

/// Tells the owner of each such kind.
pub(super) async fn tell(shop: &Shop) -> Result<()> {
    let day = shared_now_ms(&shop.db, shop).await? / DAY_MS;
    for StrandedKind { kind, n, .. } in stranded(shop).await? {
        let jobs = if n == 1 { "1 job".to_owned() } else { format!("{n} jobs") };
        let what = format!("{jobs} of the kind {kind} waited for more than an hour: no running version of the shop knows the kind.");
        let to_do = "A newer version made this work, and it is kept. Start the newer version on at least one machine.";
        let text = Trouble { what: &what, order: None, to_do }.to_string();
        super::alert(&shop.db, shop, &format!("stranded:{kind}:{day}"), &text).await?;
    }
    Ok(())
}
