//! Paid → delivered, in one transaction. Called by the worker, the order page and the reconciler; acts once.

mod deliverable;
mod delivery;
pub mod downloads;
pub mod entitlements;
pub mod licenses;
mod sql;
mod unpaid;

pub(crate) use delivery::{complete, complete_unfinished, is_unfinished, unfinished};
pub(crate) use unpaid::{end_superseded, end_without_session};

use crate::base::database::begin_write;
use crate::base::entities::order;
use crate::jobs::Receipt;
use crate::jobs::mail::templates::Trouble;
use crate::orders::{LostGoods, Restored, steps};
use crate::payments::stripe::{CheckoutFacts, PaymentState};
use crate::{
    Error, Result, Shop,
    checkout::{self, promotions},
    jobs, kill_point, orders,
    payments::{self, ledger, refunds},
};
use domain::id::{Id, order_number};
use domain::ledger::Progress;
use domain::timeline::Step;
use futures::FutureExt;
use sea_orm::DatabaseTransaction;
use std::sync::Arc;

/// What became of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The order follows the facts now, or did so before.
    Settled,
    /// The facts speak of an order that is not here (yet).
    UnknownOrder,
    /// The payment was not begun by this shop.
    NotOurs,
    /// The facts contradict the order; nothing was delivered.
    Mismatch(&'static str),
    /// The order is paid, and what it was for is not here.
    GoodsLost(LostGoods),
}

/// Makes the order follow what Stripe says of its session. Running it again changes nothing.
pub async fn settle(shop: &Shop, facts: &CheckoutFacts) -> Result<Settlement> {
    settle_with(shop, facts, None).await.map(|(settlement, _)| settlement)
}

/// As [`settle`], for an event in hand; tells whether the event was done with in the same transaction.
pub(crate) async fn settle_with(shop: &Shop, facts: &CheckoutFacts, receipt: Option<&Receipt>) -> Result<(Settlement, bool)> {
    let Some(public_id) = &facts.order else { return Ok((Settlement::NotOurs, false)) };
    // Another shop may use the same account at Stripe.
    if facts.metadata.get(orders::STORE_KEY).is_some_and(|store| *store != shop.settings.store_id.simple().to_string()) {
        return Ok((Settlement::NotOurs, false));
    }
    let order = match find(shop, public_id, facts).await? {
        Found::Order(order) => *order,
        Found::GoodsLost(lost) => return Ok((Settlement::GoodsLost(lost), false)),
        // Nothing waits for an order that was never paid and is gone.
        Found::Nothing => {
            let may_wait = matches!(facts.state, PaymentState::Paid | PaymentState::Processing);
            return Ok((if may_wait { Settlement::UnknownOrder } else { Settlement::NotOurs }, false));
        }
    };
    if let Some(what) = contradiction(shop, &order, facts) {
        tell_mismatch(shop, &order, facts, what).await?;
        return Ok((Settlement::Mismatch(what), false));
    }
    let progress = match facts.state {
        PaymentState::Paid => return Ok((Settlement::Settled, mark_paid(shop, order, Some(facts.clone()), receipt.cloned()).await?)),
        PaymentState::Processing => Progress::Processing,
        PaymentState::Failed => Progress::Failed,
        PaymentState::Expired => Progress::Expired,
        PaymentState::Open => Progress::Open,
    };
    unpaid::follow(shop, &order, facts, progress).await?;
    Ok((Settlement::Settled, false))
}

/// What is known of an order.
enum Found {
    Order(Box<order::Model>),
    Nothing,
    GoodsLost(LostGoods),
}

/// The order of a session. One that was paid and is gone, as after a backup was restored, is made again from what Stripe kept.
async fn find(shop: &Shop, public_id: &str, facts: &CheckoutFacts) -> Result<Found> {
    match orders::find(shop, public_id).await {
        Ok(order) => return Ok(Found::Order(Box::new(order))),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    if !matches!(facts.state, PaymentState::Paid | PaymentState::Processing) {
        return Ok(Found::Nothing);
    }
    match orders::restore(shop, facts).await? {
        Restored::Made => Ok(Found::Order(Box::new(orders::find(shop, public_id).await?))),
        Restored::Unknown => Ok(Found::Nothing),
        Restored::GoodsLost(lost) => Ok(Found::GoodsLost(lost)),
    }
}

/// An order over nothing takes the same path, without a payment service.
pub async fn settle_free(shop: &Shop, order_id: Id) -> Result<()> {
    let order = orders::reload(shop, order_id).await?;
    if order.amount_total == 0 {
        mark_paid(shop, order, None, None).await?;
    }
    Ok(())
}

/// Delivers an order over nothing within the transaction that places it.
pub(crate) async fn deliver_free(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    pay_and_deliver(tx, shop, order, None).await.map(drop)
}

/// What of the facts is not as it was agreed. The account is that of our key: a payment to another can't be fetched.
fn contradiction(shop: &Shop, order: &order::Model, facts: &CheckoutFacts) -> Option<&'static str> {
    if facts.reference.as_ref().is_some_and(|reference| *reference != order.public_id) {
        return Some("reference");
    }
    if facts.amount_total != Some(order.amount_total) {
        return Some("amount");
    }
    if facts.currency != Some(*order.currency) {
        return Some("currency");
    }
    if facts.livemode != order.livemode || facts.livemode != shop.settings.livemode {
        return Some("mode");
    }
    None
}

async fn tell_mismatch(shop: &Shop, order: &order::Model, facts: &CheckoutFacts, what: &'static str) -> Result<()> {
    tracing::error!(order = %order.public_id, session = %facts.id, what, "payment does not fit its order; nothing delivered");
    metrics::counter!("mismatches_total", "what" => what).increment(1);
    let text = Trouble {
        what: &format!("The payment {} does not fit its order: the {what} differs. Nothing was delivered.", facts.id),
        order: Some(&order_number(&order.public_id)),
        to_do: "Look at the payment in Stripe and refund it there if it was paid.",
    }
    .to_string();
    let tx = begin_write(&shop.db).await?;
    jobs::alert(&tx, shop, &format!("mismatch:{}", facts.id), &text).await?;
    Ok(tx.commit().await?)
}

/// Takes the step to paid, and tells whether the event was done with in the same transaction.
async fn mark_paid(shop: &Shop, order: order::Model, facts: Option<CheckoutFacts>, receipt: Option<Receipt>) -> Result<bool> {
    let (public_id, amount, happened_at) =
        (order.public_id.clone(), order.amount_total, facts.as_ref().and_then(|facts| facts.happened_at));
    let context = Arc::new((shop.clone(), order, facts, receipt));
    let change = shop.db.change(move |tx| {
        let context = context.clone();
        async move {
            let (shop, order, facts, receipt) = &*context;
            let is_winner = pay_and_deliver(tx, shop, order, facts.as_ref()).await?;
            let is_done = match receipt {
                Some(receipt) => receipt.acknowledge(tx, shop).await?,
                None => false,
            };
            Ok((is_winner, is_done))
        }
        .boxed()
    });
    let (is_winner, is_done) = change.await?;
    if is_winner {
        let now = shop.clock.now_ms();
        let seconds = happened_at.map(|at| (now - at).max(0) as f64 / 1000.0);
        tracing::info!(order = %public_id, amount, seconds, "order paid and delivered");
        metrics::counter!("orders_paid_total").increment(1);
        if let Some(seconds) = seconds {
            metrics::histogram!("order_to_delivery_seconds").record(seconds);
        }
        shop.wake.jobs.notify_one();
    }
    Ok(is_done)
}

/// The one step from unpaid to paid, and all that comes with it; tells whether this call made it.
async fn pay_and_deliver(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: Option<&CheckoutFacts>) -> Result<bool> {
    let is_winner = steps::paid(tx, order.id, shop.clock.now_ms(), facts).await?;
    kill_point!("mid_settle");
    let bought_before = if is_winner { checkout::settle_purchase(tx, order).await? } else { None };
    match &bought_before {
        None if is_winner => delivery::deliver(tx, shop, order).await?,
        _ => {}
    }
    if let Some(facts) = facts
        && let Some(intent) = &facts.payment_intent
        && let Some(payment_id) = payments::record(tx, shop, order, intent, facts.charge.as_deref()).await?
    {
        if let Some(first) = bought_before {
            return_duplicate(tx, shop, order, &first, payment_id, intent).await?;
        } else if !is_winner {
            return_surplus(tx, shop, order, payment_id, intent).await?;
        }
    }
    Ok(is_winner)
}

/// A second order of one cart that was paid as well, as by a page that another tab had open: nothing is delivered for it, and its
/// payment goes back.
async fn return_duplicate(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    first: &order::Model,
    payment_id: Id,
    intent: &str,
) -> Result<()> {
    steps::is_duplicate_of(tx, order.id, first.id).await?;
    promotions::release(tx, order.id).await?;
    let (number, first_number) = (order_number(&order.public_id), order_number(&first.public_id));
    orders::note(tx, shop, order.id, Step::PaidTwice, &first_number).await?;
    let order = ledger::lock(tx, order.id).await?;
    refunds::request_surplus(tx, shop, &order, payment_id, order.amount_total).await?;
    ledger::follow(tx, shop, &order).await?;
    let text = Trouble {
        what: &format!(
            "A cart was paid twice: order {first_number} was delivered, and the payment of order {number} ({intent}) is being refunded."
        ),
        order: Some(&number),
        to_do: "Nothing, unless the refund fails: then another mail follows.",
    }
    .to_string();
    jobs::alert(tx, shop, &format!("paid-twice:{intent}"), &text).await
}

/// An order that is paid a second time, as by an older page, is delivered once, and the second payment goes back.
async fn return_surplus(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, payment_id: Id, intent: &str) -> Result<()> {
    let order = ledger::lock(tx, order.id).await?;
    refunds::request_surplus(tx, shop, &order, payment_id, order.amount_total).await?;
    ledger::follow(tx, shop, &order).await?;
    let text = Trouble {
        what: &format!("An order was paid a second time ({intent}). It was delivered once, and the second payment is on its way back."),
        order: Some(&order_number(&order.public_id)),
        to_do: "Nothing, unless the refund fails: then another mail follows.",
    }
    .to_string();
    jobs::alert(tx, shop, &format!("paid-twice:{intent}"), &text).await
}
