//! The rounds: orders whose webhook never came are asked after, and what is old is thrown away.

use super::{backoff_ms, inbox};
use crate::database::{execute, statement};
use crate::entities::order;
use crate::{Result, Shop, carts, fulfillment, sessions};
use sea_orm::{EntityTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct DueRow {
    id: domain::id::Id,
    n_checks: i64,
}

/// After this many checks, over two days, an order that nobody paid is left alone.
const MAX_AGE_MS: i64 = 2 * 24 * 60 * 60 * 1000;

pub(super) async fn round(shop: &Shop) -> Result<()> {
    let now = shop.clock.now_ms();
    // The next check is written first: of several workers that make rounds, one asks.
    let sql = "SELECT id, ($1 - created_at) / 120000 AS n_checks FROM orders WHERE next_check_at IS NOT NULL AND next_check_at <= $1 ORDER BY next_check_at LIMIT 100";
    for due in DueRow::find_by_statement(statement(&shop.db, sql, [now.into()])).all(&shop.db).await? {
        let next = now + backoff_ms(6 + due.n_checks.min(5));
        let claim =
            "UPDATE orders SET next_check_at = CASE WHEN $4 - created_at > $5 THEN NULL ELSE $2 END WHERE id = $1 AND next_check_at <= $3";
        if execute(&shop.db, claim, [due.id.into(), next.into(), now.into(), now.into(), MAX_AGE_MS.into()]).await? == 0 {
            continue;
        }
        let Some(order) = order::Entity::find_by_id(due.id).one(&shop.db).await? else { continue };
        let Some(session) = &order.checkout_session_id else { continue };
        match shop.stripe.retrieve_session(session).await {
            Ok(facts) => {
                fulfillment::settle(shop, &facts).await?;
            }
            Err(failure) => tracing::warn!(order = %order.public_id, %failure, "Stripe could not be asked; the next round tries again"),
        }
    }
    inbox::sweep(shop).await?;
    carts::sweep(shop).await?;
    sessions::sweep(shop).await?;
    Ok(())
}
