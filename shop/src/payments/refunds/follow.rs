//! What Stripe says of a refund, whoever made it, is written into the ledger.

use super::request::amount_text;
use super::{job_key, steps};
use crate::base::database::{begin_write, retried};
use crate::base::entities::refund::{self, Column, Entity};
use crate::base::entities::{order, order_item};
use crate::fulfillment::Settlement;
use crate::jobs::mail::templates::Trouble;
use crate::payments::stripe::RefundFacts;
use crate::payments::{self, Followed};
use crate::{Result, Shop, analytics::sales, base::world, jobs, orders, payments::ledger};
use domain::id::{Id, order_number};
use domain::ledger::RefundState;
use domain::timeline::Step;
use domain::word::Word;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

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
            steps::follow(&tx, known.id, after, facts, shop.clock.now_ms()).await?;
            (known.id, Some(known.state), after)
        }
        None => (mirror(&tx, shop, &order, facts).await?, None, facts.state),
    };
    let counted = before.is_some_and(RefundState::counts);
    ledger::follow(&tx, shop, &order).await?;
    let amount = amount_text(&order, facts.amount)?;
    if after.counts() && !counted {
        orders::note(&tx, shop, order.id, Step::RefundMade, &amount).await?;
        jobs::enqueue(&tx, shop, jobs::Kind::RefundMail, &format!("refund-mail:{id}"), &id.to_string(), Some(order.id)).await?;
        jobs::finish(&tx, shop, &job_key(id)).await?;
    }
    let was_hoped_for = counted || before == Some(RefundState::Requested);
    if matches!(after, RefundState::Failed | RefundState::Canceled) && (was_hoped_for || before.is_none()) {
        orders::note(&tx, shop, order.id, Step::RefundFailed, &amount).await?;
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
    let mut row = Entity::find().filter(Column::ProviderId.eq(&facts.id)).one(tx).await?;
    if let (None, Some(id)) = (&row, facts.row) {
        let nameless = Entity::find_by_id(id).filter(Column::OrderId.eq(order_id)).filter(Column::ProviderId.is_null());
        row = nameless.one(tx).await?;
    }
    Ok(row.map(|row| Known { id: row.id, state: *row.state, has_name: row.provider_id.is_some() }))
}

/// A refund that was made elsewhere, as in Stripe's own dashboard.
async fn mirror(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: &RefundFacts) -> Result<Id> {
    // A row that a restored backup has lost comes back under its own id, with its line and the request that it was.
    let lost = match facts.row {
        Some(row) if Entity::find_by_id(row).one(tx).await?.is_none() => Some(row),
        _ => None,
    };
    let payment = payments::known(tx, facts.payment_intent.as_deref(), facts.charge.as_deref()).await?;
    let item = match facts.item_position {
        Some(position) => {
            let of_order = order_item::Entity::find().filter(order_item::Column::OrderId.eq(order.id));
            of_order.filter(order_item::Column::Position.eq(position)).one(tx).await?
        }
        None => None,
    };
    let (id, now) = (lost.unwrap_or_else(world::new_id), shop.clock.now_ms());
    let row = refund::Model {
        id,
        store_id: order.store_id,
        order_id: order.id,
        order_item_id: item.map(|item| item.id),
        payment_id: payment.map(|payment| payment.id),
        amount: facts.amount,
        reason: facts.reason.clone(),
        state: facts.state.into(),
        provider_id: Some(facts.id.clone()),
        idempotency_key: format!("stripe:{}", facts.id),
        request_key: facts.request_key.clone().filter(|_| lost.is_some()),
        attempt: 1,
        failure: facts.failure.clone(),
        member_id: None,
        created_at: now,
        updated_at: now,
    };
    if !steps::add(tx, row).await? {
        return Err(anyhow::anyhow!("refund {} was written down by another at the same moment", facts.id).into());
    }
    Ok(id)
}
