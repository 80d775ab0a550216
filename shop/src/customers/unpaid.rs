//! Who left a payment page is forgotten as well: an order that nobody paid needs its address no longer than questions may come.

use crate::database::{begin_write, execute};
use crate::jobs::{SWEPT_AT_ONCE, skip_locked};
use crate::{Result, Shop};

/// Ninety days.
const KEEP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// The orders that are due, written as the index over them is.
const DUE: &str = "SELECT id FROM orders WHERE created_at < $1 AND paid_at IS NULL AND status IN ('failed', 'expired') AND email_normalized <> 'erased@erased.invalid'";

/// Replaces the addresses of orders that were never paid; part of the worker's rounds.
pub(crate) async fn forget_unpaid(shop: &Shop) -> Result<()> {
    let before = shop.clock.now_ms() - KEEP_MS;
    loop {
        let tx = begin_write(&shop.db).await?;
        let due = format!("{DUE} ORDER BY created_at LIMIT {SWEPT_AT_ONCE}");
        let sql = format!("UPDATE promotion_uses SET customer_key = 'erased@erased.invalid' WHERE order_id IN ({due})");
        execute(&tx, &sql, [before.into()]).await?;
        let sql = format!(
            "UPDATE orders SET email = 'erased@erased.invalid', email_normalized = 'erased@erased.invalid', idempotency_key = NULL, request_hash = NULL \
             WHERE id IN ({due} {})",
            skip_locked(&tx)
        );
        let n = execute(&tx, &sql, [before.into()]).await?;
        tx.commit().await?;
        if n < SWEPT_AT_ONCE {
            return Ok(());
        }
    }
}
