//! One attempt to pay is one session at Stripe. Another one begins only when the last one can't be paid any more.

use super::{SESSION_MS, first_check_ms};
use crate::database::{begin_write, execute};
use crate::entities::{order, order_item};
use crate::stripe::{Failure, NewSession, PaymentState};
use crate::{Error, Result, Shop, fulfillment, orders, promotions};
use domain::id::Id;
use domain::order::OrderStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// An order that was not paid keeps its prices for so long: a week.
const PRICES_HOLD_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Ends the order's session for good and tells how the order stands then: paid after all, or open for another attempt.
///
/// # Errors
/// `Unavailable` while Stripe doesn't say: two pages that can be paid are worse than none.
pub(super) async fn end_session(shop: &Shop, order: &order::Model) -> Result<order::Model> {
    let Some(session) = &order.checkout_session_id else { return Ok(order.clone()) };
    match shop.stripe.expire_session(session).await {
        Ok(()) => return Ok(order.clone()),
        // It has ended already, or was paid a moment ago: what became of it is asked.
        Err(Failure::Refused { .. }) => {}
        Err(failure) => return Err(payment_unavailable(order, &failure)),
    }
    let facts = shop.stripe.retrieve_session(session).await.map_err(|failure| payment_unavailable(order, &failure))?;
    fulfillment::settle(shop, &facts).await?;
    if facts.state == PaymentState::Open {
        return Err(Error::unavailable("payment_unavailable", "A payment is under way. Please look again in a moment."));
    }
    orders::reload(shop, order.id).await
}

/// Makes room for another session: the promotion is held again, at the prices of the order.
///
/// # Errors
/// Refuses when the promotion is used up or over by now, and when the prices are too old.
pub(super) async fn begin(shop: &Shop, order: &order::Model) -> Result<order::Model> {
    let now = shop.clock.now_ms();
    if order.created_at < now - PRICES_HOLD_MS {
        return Err(Error::conflict("order_too_old", "This order is too old to be paid. Please put the products into the cart again."));
    }
    let tx = begin_write(&shop.db).await?;
    let sql = "UPDATE orders SET checkout_attempt = checkout_attempt + 1, checkout_session_id = NULL, checkout_url = NULL, checkout_expires_at = $3, next_check_at = $4, status = 'pending', version = version + 1 \
               WHERE id = $1 AND version = $2 AND status IN ('pending', 'failed', 'expired')";
    let values = [order.id.into(), order.version.into(), (now + SESSION_MS).into(), (now + first_check_ms()).into()];
    if execute(&tx, sql, values).await? == 1 {
        promotions::reserve_again(&tx, shop, order.id).await?;
    }
    tx.commit().await?;
    orders::reload(shop, order.id).await
}

/// Opens the payment page of the order's attempt.
pub(super) async fn open_session(shop: &Shop, order: &order::Model) -> Result<String> {
    let items = order_item::Entity::find()
        .filter(order_item::Column::OrderId.eq(order.id))
        .order_by_asc(order_item::Column::Position)
        .all(&shop.db)
        .await?;
    // What comes with a line is paid with it.
    let sold = || items.iter().filter(|item| item.part_of_id.is_none());
    let lines = if order.amount_discount == 0 {
        sold().map(|item| (line_name(item), item.unit_amount, item.quantity)).collect()
    } else {
        // A discounted order is charged line by line as a whole, so that Stripe's total is ours to the cent.
        sold()
            .map(|item| (format!("{} × {}", item.quantity, line_name(item)), item.unit_amount * item.quantity - item.amount_discount, 1))
            .collect()
    };
    let new = NewSession {
        idempotency_key: format!("cs:{}:{}", order.id.simple(), order.checkout_attempt),
        public_id: &order.public_id,
        metadata: orders::kept(order, &items),
        email: &order.email,
        currency: &order.currency,
        lines,
        success_url: orders::order_url(shop, order),
        cancel_url: format!("{}/cart?canceled=1", shop.settings.base_url),
        // Planned with the attempt, so that a repeated call is the same call to the second.
        expires_at: order.checkout_expires_at.unwrap_or(0) / 1000,
    };
    let facts = match shop.stripe.create_session(new).await {
        Ok(facts) => facts,
        Err(failure) => {
            match failure {
                // Stripe would repeat this very answer to the same key. Nobody was given the page of that attempt.
                Failure::Broken { .. } => {
                    let sql = "UPDATE orders SET checkout_attempt = checkout_attempt + 1 WHERE id = $1 AND checkout_attempt = $2 AND checkout_session_id IS NULL";
                    execute(&shop.db, sql, [order.id.into(), order.checkout_attempt.into()]).await?;
                }
                // It will never have this page, so that nothing is held for it.
                Failure::Refused { .. } => fulfillment::end_without_session(shop, order, OrderStatus::Failed).await?,
                Failure::Unreachable(_) => {}
            }
            return Err(payment_unavailable(order, &failure));
        }
    };
    let sql = "UPDATE orders SET checkout_session_id = $2, checkout_url = $3, checkout_expires_at = $4, version = version + 1 WHERE id = $1 AND checkout_session_id IS NULL";
    execute(&shop.db, sql, [order.id.into(), facts.id.clone().into(), facts.url.clone().into(), (facts.expires_at * 1000).into()]).await?;
    facts.url.ok_or_else(|| Error::unavailable("payment_unavailable", "The payment page is closed already. Please reload your order."))
}

/// Ends what the same visitor began with the same cart before: one cart is paid once, and holds one use of a code.
///
/// # Errors
/// As [`end_session`]; `already_paid` when the earlier order turns out to be paid.
pub(super) async fn supersede(shop: &Shop, cart_id: Id, email: &str, key: Option<&str>) -> Result<()> {
    let earlier = order::Entity::find()
        .filter(order::Column::CartId.eq(cart_id))
        .filter(order::Column::EmailNormalized.eq(email))
        .filter(order::Column::Status.eq(OrderStatus::Pending.as_str()))
        .all(&shop.db)
        .await?;
    // The same attempt, sent twice at once, is no earlier one.
    for order in earlier.into_iter().filter(|order| key.is_none() || order.idempotency_key.as_deref() != key) {
        let order = end_session(shop, &order).await?;
        if OrderStatus::parse(&order.status).is_some_and(|status| status.was_paid() || status == OrderStatus::Processing) {
            return Err(Error::conflict("already_paid", "This cart was paid a moment ago. Your order is in the mail to you."));
        }
        fulfillment::end_superseded(shop, &order).await?;
    }
    Ok(())
}

fn line_name(item: &order_item::Model) -> String {
    format!("{} — {}", item.product_title, item.variant_name)
}

fn payment_unavailable(order: &order::Model, failure: &Failure) -> Error {
    tracing::warn!(order = %order.public_id, %failure, "no payment page");
    match failure {
        Failure::Refused { .. } => {
            Error::unavailable("payment_refused", "The payment service refused this order. Nothing was charged. Please write to the shop.")
        }
        _ => Error::unavailable(
            "payment_unavailable",
            "The payment service did not answer. Nothing was charged. Please try again in a moment.",
        ),
    }
}
