//! Paid → delivered, in one transaction. Called by the worker, the order page and the reconciler; acts once.

use crate::database::{begin_write, execute, retried, statement};
use crate::entities::{order, order_item};
use crate::stripe::{CheckoutFacts, PaymentState};
use crate::{Result, Shop, carts, entitlements, jobs, licenses, orders, promotions, world};
use domain::id::Id;
use domain::order::OrderStatus;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value};
use std::collections::BTreeMap;

/// What became of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The order follows the facts now, or did so before.
    Settled,
    /// The session speaks of an order that is not here (yet).
    UnknownOrder,
    /// The session was not made by this shop.
    NotOurs,
    /// The facts contradict the order; nothing was delivered.
    Mismatch(&'static str),
}

/// Makes the order follow what Stripe says of its session. Running it again changes nothing.
pub async fn settle(shop: &Shop, facts: &CheckoutFacts) -> Result<Settlement> {
    let Some(public_id) = &facts.order else { return Ok(Settlement::NotOurs) };
    let Some(order) = order::Entity::find()
        .filter(order::Column::PublicId.eq(public_id))
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .one(&shop.db)
        .await?
    else {
        return Ok(Settlement::UnknownOrder);
    };
    if let Some(what) = contradiction(&order, facts) {
        tracing::error!(order = %order.public_id, session = %facts.id, what, "payment does not fit its order; nothing delivered");
        jobs::enqueue(
            &shop.db,
            shop,
            jobs::Kind::Alert,
            &format!("mismatch:{}", facts.id),
            &format!(
                "The payment {} does not fit order {} ({what}). Nothing was delivered. Look at it in Stripe.",
                facts.id, order.public_id
            ),
        )
        .await?;
        return Ok(Settlement::Mismatch(what));
    }
    match facts.state {
        PaymentState::Paid => retried(|| mark_paid(shop, &order, Some(facts))).await?,
        PaymentState::Processing => move_open(shop, &order, OrderStatus::Processing, &["pending"]).await?,
        PaymentState::Failed => end_unpaid(shop, &order, facts, OrderStatus::Failed).await?,
        PaymentState::Expired => end_unpaid(shop, &order, facts, OrderStatus::Expired).await?,
        PaymentState::Open => {}
    }
    Ok(Settlement::Settled)
}

/// An order over nothing takes the same path, without a payment service.
pub async fn settle_free(shop: &Shop, order_id: Id) -> Result<()> {
    let order = orders::reload(shop, order_id).await?;
    if order.amount_total == 0 {
        retried(|| mark_paid(shop, &order, None)).await?;
    }
    Ok(())
}

/// Delivers an order over nothing within the transaction that places it.
pub(crate) async fn deliver_free(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    pay_and_deliver(tx, shop, order, None).await.map(drop)
}

fn contradiction(order: &order::Model, facts: &CheckoutFacts) -> Option<&'static str> {
    if facts.amount_total != Some(order.amount_total) {
        return Some("amount");
    }
    if facts.currency.as_deref() != Some(order.currency.as_str()) {
        return Some("currency");
    }
    if facts.livemode != order.livemode {
        return Some("mode");
    }
    None
}

async fn mark_paid(shop: &Shop, order: &order::Model, facts: Option<&CheckoutFacts>) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let is_winner = pay_and_deliver(&tx, shop, order, facts).await?;
    tx.commit().await?;
    if is_winner {
        tracing::info!(order = %order.public_id, amount = order.amount_total, "order paid and delivered");
        metrics::counter!("orders_paid_total").increment(1);
        shop.jobs_wake.notify_one();
    }
    Ok(())
}

/// The one step from unpaid to paid, and all that comes with it; tells whether this call made it.
async fn pay_and_deliver(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: Option<&CheckoutFacts>) -> Result<bool> {
    let sql = "UPDATE orders SET status = 'paid', amount_paid = amount_total, paid_at = $2, next_check_at = NULL, payment_intent_id = $3, version = version + 1, \
               checkout_session_id = COALESCE(checkout_session_id, $4) WHERE id = $1 AND status IN ('pending', 'processing', 'failed', 'expired')";
    let intent = facts.and_then(|facts| facts.payment_intent.clone());
    let values = [order.id.into(), shop.clock.now_ms().into(), intent.clone().into(), facts.map(|facts| facts.id.clone()).into()];
    let is_winner = execute(tx, sql, values).await? == 1;
    if is_winner {
        deliver(tx, shop, order).await?;
    }
    if let (Some(facts), Some(intent)) = (facts, intent) {
        record_payment(tx, shop, order, facts, &intent, is_winner).await?;
    }
    Ok(is_winner)
}

async fn record_payment(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    facts: &CheckoutFacts,
    intent: &str,
    is_winner: bool,
) -> Result<()> {
    let sql = "INSERT INTO payments (id, store_id, order_id, provider, provider_id, charge_id, amount, currency, paid_at) VALUES ($1, $2, $3, 'stripe', $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    let values = [
        world::new_id().into(),
        order.store_id.into(),
        order.id.into(),
        intent.into(),
        facts.charge.clone().into(),
        order.amount_total.into(),
        order.currency.clone().into(),
        shop.clock.now_ms().into(),
    ];
    let is_new = execute(tx, sql, values).await? == 1;
    if is_new && !is_winner {
        let text = format!("Order {} was paid a second time ({intent}). Refund one of the payments in Stripe.", order.public_id);
        jobs::enqueue(tx, shop, jobs::Kind::Alert, &format!("paid-twice:{intent}"), &text).await?;
    }
    Ok(())
}

/// Everything that the customer gets, each once.
async fn deliver(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let customer_id = customer(tx, shop, order).await?;
    execute(tx, "UPDATE orders SET customer_id = $2 WHERE id = $1", [order.id.into(), customer_id.into()]).await?;
    let items = order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id)).all(tx).await?;
    for item in &items {
        for unit_no in 1..=item.quantity {
            let entitlement_id = entitlements::grant(tx, shop, order, item, unit_no).await?;
            if item.has_license {
                licenses::issue(tx, shop, item, entitlement_id).await?;
            }
        }
    }
    if let Some(cart_id) = order.cart_id {
        carts::take_out(tx, cart_id, order.id).await?;
    }
    jobs::enqueue(tx, shop, jobs::Kind::OrderMail, &format!("order-mail:{}", order.id), &order.id.to_string()).await?;
    orders::note(tx, shop, order.id, "paid", "").await?;
    orders::note(tx, shop, order.id, "entitled", "").await?;
    promotions::redeem(tx, order.id).await?;
    count_sold(tx, &items).await
}

/// Rows that orders share are locked last and in one order, so that two orders of the same goods wait for each other briefly, and never both.
async fn count_sold(tx: &DatabaseTransaction, items: &[order_item::Model]) -> Result<()> {
    let mut n_sold: BTreeMap<Id, i64> = BTreeMap::new();
    for item in items {
        *n_sold.entry(item.product_id).or_default() += item.quantity;
    }
    for (product_id, n) in n_sold {
        execute(tx, "UPDATE products SET n_sold = n_sold + $2 WHERE id = $1", [product_id.into(), n.into()]).await?;
    }
    Ok(())
}

async fn customer(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<Id> {
    let sql = "INSERT INTO customers (id, store_id, email, email_normalized, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id, email_normalized) DO NOTHING";
    execute(
        tx,
        sql,
        [
            world::new_id().into(),
            order.store_id.into(),
            order.email.clone().into(),
            order.email_normalized.clone().into(),
            shop.clock.now_ms().into(),
        ],
    )
    .await?;
    let sql = "SELECT id FROM customers WHERE store_id = $1 AND email_normalized = $2";
    let row = tx.query_one_raw(statement(tx, sql, [order.store_id.into(), order.email_normalized.clone().into()])).await?;
    Ok(row.ok_or(crate::Error::NotFound)?.try_get("", "id")?)
}

/// Money is under way: nothing is delivered, and nothing that was decided later is undone.
async fn move_open(shop: &Shop, order: &order::Model, to: OrderStatus, from: &[&str]) -> Result<()> {
    let from = from.iter().map(|status| format!("'{status}'")).collect::<Vec<_>>().join(", ");
    let tx = begin_write(&shop.db).await?;
    if execute(
        &tx,
        &format!("UPDATE orders SET status = $2, version = version + 1 WHERE id = $1 AND status IN ({from})"),
        [order.id.into(), to.as_str().into()],
    )
    .await?
        == 1
    {
        orders::note(&tx, shop, order.id, to.as_str(), "").await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The session came to nothing. Only the order's own session can end it: an older attempt's end says nothing of the newer.
async fn end_unpaid(shop: &Shop, order: &order::Model, facts: &CheckoutFacts, to: OrderStatus) -> Result<()> {
    end(shop, order, to, "checkout_session_id = $3 AND status IN ('pending', 'processing')", facts.id.clone().into()).await
}

/// An attempt that never had a page: nobody can pay it.
pub(crate) async fn end_without_session(shop: &Shop, order: &order::Model, to: OrderStatus) -> Result<()> {
    end(shop, order, to, "checkout_session_id IS NULL AND checkout_attempt = $3 AND status = 'pending'", order.checkout_attempt.into())
        .await
}

/// An order whose session was ended because its cart is bought by another one.
pub(crate) async fn end_superseded(shop: &Shop, order: &order::Model) -> Result<()> {
    end(shop, order, OrderStatus::Expired, "version = $3 AND status = 'pending'", order.version.into()).await
}

/// Ends an unpaid order under a condition on `$3`, and gives back what it held.
async fn end(shop: &Shop, order: &order::Model, to: OrderStatus, condition: &str, value: Value) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let sql = format!("UPDATE orders SET status = $2, next_check_at = NULL, version = version + 1 WHERE id = $1 AND {condition}");
    if execute(&tx, &sql, [order.id.into(), to.as_str().into(), value]).await? == 1 {
        promotions::release(&tx, order.id).await?;
        orders::note(&tx, shop, order.id, to.as_str(), "").await?;
    }
    tx.commit().await?;
    Ok(())
}
