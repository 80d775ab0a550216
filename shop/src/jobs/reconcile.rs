//! The rounds: orders whose webhook never came are asked after, and what is old is thrown away.

use super::sql::DUE_ORDERS;
use super::{backoff_ms, inbox};
use crate::base::database::{shared_now_ms, statement};
use crate::base::entities::order;
use crate::orders::steps;
use crate::payments::stripe::Failure;
use crate::{
    Result, Shop,
    accounts::{self, sessions},
    analytics::visits,
    base::{drafts, once},
    checkout::carts,
    fulfillment,
};
use domain::id::Id;
use domain::order::OrderStatus;
use sea_orm::{EntityTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct DueRow {
    id: Id,
    n_checks: i64,
}

/// A session that nobody paid two days after its end is not asked after again: Stripe has answered that it is over.
const PENDING_MS: i64 = 2 * 24 * 60 * 60 * 1000;
/// A bank debit takes up to fourteen days, and a few more to fail.
const PROCESSING_MS: i64 = 30 * 24 * 60 * 60 * 1000;

pub(super) async fn round(shop: &Shop) -> Result<()> {
    // An order is due by the clock that it was placed by, and over by the one that all replicas share: one whose clock is ahead asks
    // early, which is harmless, and ends nobody's checkout.
    let (now, shared_now) = (shop.clock.now_ms(), shared_now_ms(&shop.db, shop).await?);
    for due in DueRow::find_by_statement(statement(&shop.db, DUE_ORDERS, [now.into()])).all(&shop.db).await? {
        // The next check is written first: of several workers that make rounds, one asks.
        let next = now + backoff_ms(6 + due.n_checks.clamp(0, 5));
        if !steps::take_check(&shop.db, due.id, now, next).await? {
            continue;
        }
        // One order in trouble must not keep the others waiting.
        if let Err(error) = check(shop, due.id, shared_now).await {
            tracing::error!(order = %due.id, ?error, "an order could not be checked; the next round tries again");
        }
    }
    fulfillment::complete_unfinished(shop).await?;
    inbox::find_lost_goods(shop).await?;
    inbox::sweep(shop).await?;
    carts::sweep(shop).await?;
    sessions::sweep(shop).await?;
    accounts::sweep(shop).await?;
    drafts::sweep(shop).await?;
    visits::sweep(shop).await?;
    once::sweep(shop).await?;
    Ok(())
}

/// Asks how far the payment of an order has come, and lets the order follow.
async fn check(shop: &Shop, id: Id, now: i64) -> Result<()> {
    let Some(order) = order::Entity::find_by_id(id).one(&shop.db).await? else { return Ok(()) };
    let status = *order.status;
    if !matches!(status, OrderStatus::Pending | OrderStatus::Processing) {
        steps::end_checks(&shop.db, id).await?;
        return Ok(());
    }
    if order.amount_total == 0 {
        return fulfillment::settle_free(shop, id).await;
    }
    let ends_at = order.checkout_expires_at.unwrap_or(order.created_at);
    let Some(session) = &order.checkout_session_id else {
        if ends_at <= now {
            fulfillment::end_without_session(shop, &order, OrderStatus::Expired).await?;
        }
        return Ok(());
    };
    match shop.stripe.retrieve_session(session).await {
        Ok(facts) => {
            fulfillment::settle(shop, &facts).await?;
        }
        Err(failure @ Failure::Refused { .. }) => tracing::warn!(order = %order.public_id, %failure, "Stripe does not know the session"),
        Err(failure) => {
            tracing::warn!(order = %order.public_id, %failure, "Stripe could not be asked; the next round tries again");
            return Ok(());
        }
    }
    let is_over = match status {
        OrderStatus::Processing => order.created_at + PROCESSING_MS < now,
        _ => ends_at + PENDING_MS < now,
    };
    if is_over {
        steps::end_checks(&shop.db, id).await?;
    }
    Ok(())
}
