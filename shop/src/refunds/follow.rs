//! What Stripe says of a refund, whoever made it, is written into the ledger.

use super::job_key;
use super::request::amount_text;
use crate::database::{begin_write, execute, retried, statement};
use crate::entities::order;
use crate::fulfillment::Settlement;
use crate::mail::templates::Trouble;
use crate::payments::{self, Followed};
use crate::stripe::RefundFacts;
use crate::{Result, Shop, jobs, ledger, orders, sales, world};
use domain::id::{Id, order_number};
use domain::ledger::RefundState;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

/// Lets order and entitlements follow a refund. Running it again changes nothing.
pub(crate) async fn follow(shop: &Shop, facts: &RefundFacts) -> Result<Followed> {
    let order = match payments::find_order(shop, facts.payment_intent.as_deref(), facts.charge.as_deref()).await? {
        Ok(order) => order,
        Err(followed) => return Ok(followed),
    };
    retried(|| write(shop, &order, facts)).await?;
    Ok(Ok(Settlement::Settled))
}

/// Lets an order follow all refunds of a charge.
pub(crate) async fn follow_all(shop: &Shop, all: &[RefundFacts]) -> Result<Followed> {
    for facts in all {
        match follow(shop, facts).await? {
            Ok(Settlement::Settled) => {}
            other => return Ok(other),
        }
    }
    Ok(Ok(if all.is_empty() { Settlement::NotOurs } else { Settlement::Settled }))
}

struct Known {
    id: Id,
    state: RefundState,
    has_name: bool,
}

async fn write(shop: &Shop, order: &order::Model, facts: &RefundFacts) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order.id).await?;
    let (id, before, after) = match find(&tx, order.id, facts).await? {
        Some(known) => {
            // What Stripe has is true, whatever we gave up believing.
            let after = if known.has_name { known.state.merge(facts.state) } else { facts.state };
            if known.state != after && !after.counts() {
                // The days that it and others of the order were counted on may be summed already.
                sales::reopen_refunds(&tx, &order).await?;
            }
            update(&tx, shop, known.id, after, facts).await?;
            (known.id, Some(known.state), after)
        }
        None => (mirror(&tx, shop, &order, facts).await?, None, facts.state),
    };
    let counted = before.is_some_and(RefundState::counts);
    ledger::follow(&tx, shop, &order).await?;
    let amount = amount_text(&order, facts.amount)?;
    if after.counts() && !counted {
        orders::note(&tx, shop, order.id, "refund_made", &amount).await?;
        jobs::enqueue(&tx, shop, jobs::Kind::RefundMail, &format!("refund-mail:{id}"), &id.to_string(), Some(order.id)).await?;
        jobs::finish(&tx, shop, &job_key(id)).await?;
    }
    let was_hoped_for = counted || before == Some(RefundState::Requested);
    if matches!(after, RefundState::Failed | RefundState::Canceled) && (was_hoped_for || before.is_none()) {
        orders::note(&tx, shop, order.id, "refund_failed", &amount).await?;
        if was_hoped_for {
            alert_failed(&tx, shop, &order, facts, &amount).await?;
        }
    }
    tx.commit().await?;
    if before != Some(after) {
        tracing::info!(order = %order.public_id, refund = %id, state = after.as_str(), "refund followed");
        metrics::counter!("refunds_total", "state" => after.as_str()).increment(1);
        shop.wake.jobs.notify_one();
    }
    Ok(())
}

async fn alert_failed(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: &RefundFacts, amount: &str) -> Result<()> {
    let why = facts.failure.as_deref().unwrap_or("no reason was given");
    let text = Trouble {
        what: &format!(
            "A refund of {amount} failed at the customer's bank ({why}). The money is with you again, and the order's goods are open again."
        ),
        order: Some(&order_number(&order.public_id)),
        to_do: "Write to the customer and send the money another way.",
    }
    .to_string();
    jobs::alert(tx, shop, &format!("refund-failed:{}", facts.id), &text).await
}

/// By Stripe's name, or by ours when its answer was lost.
async fn find(tx: &DatabaseTransaction, order_id: Id, facts: &RefundFacts) -> Result<Option<Known>> {
    let sql = "SELECT id, state, provider_id FROM refunds WHERE provider_id = $1 OR (id = $2 AND order_id = $3 AND provider_id IS NULL) ORDER BY CASE WHEN provider_id IS NULL THEN 1 ELSE 0 END LIMIT 1";
    let row = tx.query_one_raw(statement(tx, sql, [facts.id.clone().into(), facts.row.into(), order_id.into()])).await?;
    let Some(row) = row else { return Ok(None) };
    let state: String = row.try_get("", "state")?;
    let name: Option<String> = row.try_get("", "provider_id")?;
    Ok(Some(Known {
        id: row.try_get("", "id")?,
        state: RefundState::parse(&state).unwrap_or(RefundState::Requested),
        has_name: name.is_some(),
    }))
}

async fn update(tx: &DatabaseTransaction, shop: &Shop, id: Id, state: RefundState, facts: &RefundFacts) -> Result<()> {
    let sql = "UPDATE refunds SET provider_id = $2, state = $3, failure = COALESCE($4, failure), updated_at = $5 WHERE id = $1 AND (provider_id IS NULL OR state <> $3)";
    let values = [id.into(), facts.id.clone().into(), state.as_str().into(), facts.failure.clone().into(), shop.clock.now_ms().into()];
    execute(tx, sql, values).await?;
    Ok(())
}

/// A refund that was made elsewhere, as in Stripe's own dashboard.
async fn mirror(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: &RefundFacts) -> Result<Id> {
    // A row that a restored backup has lost comes back under its own id, with its line and the wish that it was.
    let id = match facts.row {
        Some(row) if tx.query_one_raw(statement(tx, "SELECT 1 AS n FROM refunds WHERE id = $1", [row.into()])).await?.is_none() => row,
        _ => world::new_id(),
    };
    let payment = payments::known(tx, facts.payment_intent.as_deref(), facts.charge.as_deref()).await?;
    let sql = "INSERT INTO refunds (id, store_id, order_id, payment_id, amount, reason, state, provider_id, idempotency_key, failure, created_at, updated_at, order_item_id, request_key) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, (SELECT i.id FROM order_items i WHERE i.order_id = $3 AND i.position = $12), $13)";
    let values = [
        id.into(),
        order.store_id.into(),
        order.id.into(),
        payment.map(|payment| payment.id).into(),
        facts.amount.into(),
        facts.reason.clone().into(),
        facts.state.as_str().into(),
        facts.id.clone().into(),
        format!("stripe:{}", facts.id).into(),
        facts.failure.clone().into(),
        shop.clock.now_ms().into(),
        facts.item_position.into(),
        facts.request_key.clone().filter(|_| Some(id) == facts.row).into(),
    ];
    execute(tx, sql, values).await?;
    Ok(id)
}
