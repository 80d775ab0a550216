//! The time by which replicas take work from each other: PostgreSQL's own, as the clocks of machines differ. Who shares a SQLite
//! file shares a machine and its clock.

use super::{Database, is_sqlite};
use crate::{Clock, Result, Shop};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, Query};

/// Stands still within a statement, so that an index can be searched by it.
const POSTGRES_NOW: &str = "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)";

/// SQL for the shared time, milliseconds since 1970. The parameter at this place (`$2`) is [`Shop::shared_now`].
pub(crate) fn shared_now_sql(db: &impl ConnectionTrait, place: &str) -> String {
    if is_sqlite(db) { place.to_owned() } else { format!("COALESCE({place}, {POSTGRES_NOW})") }
}

/// As [`shared_now_sql`], for statements that are built.
pub(crate) fn shared_now(shop: &Shop) -> Expr {
    shop.shared_now().map_or_else(|| Expr::cust(POSTGRES_NOW), Expr::value)
}

/// The shared time, for what compares several things with one moment; milliseconds since 1970.
pub(crate) async fn shared_now_ms(db: &impl ConnectionTrait, shop: &Shop) -> Result<i64> {
    if let Some(now) = shop.shared_now() {
        return Ok(now);
    }
    let row = db.query_one(&Query::select().expr_as(Expr::cust(POSTGRES_NOW), "now").take()).await?;
    Ok(row.map(|row| row.try_get("", "now")).transpose()?.unwrap_or_else(|| shop.clock.now_ms()))
}

impl Database {
    /// Lets a clock stand for the database's own, so that tests can set it.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }
}

impl Shop {
    /// The shared time where the database does not tell it itself.
    pub(crate) fn shared_now(&self) -> Option<i64> {
        let clock = if is_sqlite(&self.db) { Some(&self.clock) } else { self.db.clock.as_ref() };
        clock.map(Clock::now_ms)
    }
}
