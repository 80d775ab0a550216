//! One attempt to pay is one session at Stripe. Another one begins only when the last one can't be paid any more.

use super::{SESSION_MS, check_currency, first_check_ms, one_cart};
use crate::base::database::{begin_write, retried};
use crate::base::entities::{order, order_item};
use crate::orders::{self, steps};
use crate::payments::stripe::{CheckoutFacts, Failure, NewSession, PaymentState};
use crate::{Error, Result, Shop, base::refusals, checkout::promotions, fulfillment, stores};
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

/// Makes room for another session: the promotion is held again, at the prices of the order. Where another request changed the
/// order or its cart in between, nothing happens: the caller looks again.
///
/// # Errors
/// Refuses when the promotion is used up or over by now, and when the prices are too old.
pub(super) async fn begin(shop: &Shop, order: &order::Model) -> Result<()> {
    if order.created_at < shop.clock.now_ms() - PRICES_HOLD_MS {
        return Err(refusals::ORDER_TOO_OLD.into());
    }
    retried(|| begin_once(shop, order)).await
}

async fn begin_once(shop: &Shop, order: &order::Model) -> Result<()> {
    let now = shop.clock.now_ms();
    let tx = begin_write(&shop.db).await?;
    if let Some(cart_id) = order.cart_id
        && one_cart::claim(&tx, shop, cart_id, Some(order), None).await?.is_none()
    {
        return Ok(());
    }
    if steps::open_attempt(&tx, order, now + SESSION_MS, now + first_check_ms()).await? {
        promotions::reserve_again(&tx, shop, order.id).await?;
    }
    check_currency(stores::hold_currency(&tx, shop.settings.store_id).await?, *order.currency)?;
    Ok(tx.commit().await?)
}

/// What came of opening a payment page.
pub(super) enum Opened {
    Page(String),
    /// Another request changed the order meanwhile. The page that was opened is closed again and was given to nobody.
    Overtaken,
}

/// Opens the payment page of the order's attempt.
pub(super) async fn open_session(shop: &Shop, order: &order::Model) -> Result<Opened> {
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
        sold().map(|item| (format!("{} × {}", item.quantity, line_name(item)), item.amounts().total(), 1)).collect()
    };
    let new = NewSession {
        idempotency_key: format!("cs:{}:{}", order.id.simple(), order.checkout_attempt),
        public_id: &order.public_id,
        metadata: orders::kept(order, &items),
        email: &order.email,
        currency: *order.currency,
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
                    steps::skip_attempt(&shop.db, order).await?;
                }
                // It will never have this page, so that nothing is held for it.
                Failure::Refused { .. } => fulfillment::end_without_session(shop, order, OrderStatus::Failed).await?,
                Failure::Unreachable(_) => {}
            }
            return Err(payment_unavailable(order, &failure));
        }
    };
    attach(shop, order, facts).await
}

/// Keeps the session with its order, if the order still waits for it: while Stripe was asked, the order may have been ended for
/// the sake of another tab.
async fn attach(shop: &Shop, order: &order::Model, facts: CheckoutFacts) -> Result<Opened> {
    let is_ours = steps::opened(&shop.db, order, &facts).await? || {
        // The same attempt, sent twice at once, has the same session.
        let now = orders::reload(shop, order.id).await?;
        now.checkout_session_id.as_deref() == Some(facts.id.as_str()) && now.status == OrderStatus::Pending
    };
    if !is_ours {
        tracing::info!(order = %order.public_id, session = %facts.id, "a payment page is closed again: its order went on without it");
        // Nobody was given the page, so that one which can't be closed now ends by itself.
        if let Err(failure) = shop.stripe.expire_session(&facts.id).await {
            tracing::warn!(session = %facts.id, %failure, "a payment page that nobody was given could not be closed");
        }
        return Ok(Opened::Overtaken);
    }
    let closed = || Error::unavailable("payment_unavailable", "The payment page is closed already. Please reload your order.");
    facts.url.map(Opened::Page).ok_or_else(closed)
}

fn line_name(item: &order_item::Model) -> String {
    format!("{} — {}", item.product_title, item.variant_name)
}

fn payment_unavailable(order: &order::Model, failure: &Failure) -> Error {
    tracing::warn!(order = %order.public_id, %failure, "no payment page");
    match failure {
        Failure::Refused { .. } => refusals::PAYMENT_REFUSED.into(),
        _ => refusals::PAYMENT_UNAVAILABLE.into(),
    }
}
