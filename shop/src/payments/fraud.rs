//! Signs of fraud: a review by Stripe's rules holds the goods back until somebody has decided; an early warning of a card
//! network is told to the owner, who may refund before it becomes a dispute.

use crate::base::database::{Stored, begin_write, retried};
use crate::base::entities::fraud_signal::{self, Column, Entity};
use crate::base::entities::order;
use crate::base::texts::{Act, FreeText};
use crate::fulfillment::Settlement;
use crate::jobs::mail::templates::Trouble;
use crate::payments::stripe::SignalFacts;
use crate::payments::{self, Followed};
use crate::{Result, Shop, base::world, jobs, orders, payments::ledger};
use domain::id::{Id, order_number};
use domain::ledger::SignalKind;
use domain::word::Word;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder,
};

/// Where a customer's address may have been written.
pub(crate) const TEXTS: &[FreeText] = &[FreeText { table: "fraud_signals", column: "reason", act: Act::Redact }];

/// A sign of fraud as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct SignalView {
    pub provider_id: String,
    pub kind: Stored<SignalKind, Entity>,
    pub is_open: bool,
    pub reason: String,
    pub created_at: i64,
}

/// The signs of fraud at an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<SignalView>> {
    let rows = Entity::find().filter(Column::OrderId.eq(order_id)).order_by_asc(Column::Id);
    Ok(rows.into_partial_model().all(db).await?)
}

/// Lets order and entitlements follow a sign of fraud. Running it again changes nothing.
pub(crate) async fn follow(shop: &Shop, facts: &SignalFacts) -> Result<Followed> {
    let order = match payments::find_order(shop, facts.payment_intent.as_deref(), facts.charge.as_deref()).await? {
        Ok(order) => order,
        Err(followed) => return Ok(followed),
    };
    retried(|| write(shop, &order, facts)).await?;
    Ok(Ok(Settlement::Settled))
}

async fn write(shop: &Shop, order: &order::Model, facts: &SignalFacts) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order.id).await?;
    let is_new = keep(&tx, shop, &order, facts).await?;
    // What is closed stays closed: an older state that arrives late changes nothing.
    let has_ended = !facts.is_open && close(&tx, &facts.id, shop.clock.now_ms()).await?;
    if is_new || has_ended {
        orders::note(&tx, shop, order.id, facts.kind.into(), if facts.is_open { "open" } else { "closed" }).await?;
    }
    if is_new && facts.is_open {
        jobs::alert(&tx, shop, &format!("fraud:{}", facts.id), &text(&order, facts)).await?;
    }
    ledger::follow(&tx, shop, &order).await?;
    tx.commit().await?;
    if is_new || has_ended {
        tracing::info!(order = %order.public_id, signal = %facts.id, is_open = facts.is_open, "sign of fraud followed");
        metrics::counter!("fraud_signals_total", "kind" => facts.kind.as_str()).increment(1);
        shop.wake.jobs.notify_one();
    }
    Ok(())
}

/// Writes a sign down, and tells whether it was new.
async fn keep(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, facts: &SignalFacts) -> Result<bool> {
    let now = shop.clock.now_ms();
    let row = fraud_signal::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(order.store_id),
        order_id: Set(order.id),
        provider_id: Set(facts.id.clone()),
        kind: Set(facts.kind.into()),
        is_open: Set(facts.is_open),
        reason: Set(facts.reason.clone()),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let once = OnConflict::column(Column::ProviderId).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(once).exec_without_returning(tx).await? == 1)
}

/// Ends a sign, and tells whether it was open.
async fn close(tx: &DatabaseTransaction, id: &str, now: i64) -> Result<bool> {
    let step = Entity::update_many()
        .col_expr(Column::IsOpen, Expr::value(false))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::ProviderId.eq(id))
        .filter(Column::IsOpen.eq(true));
    Ok(step.exec(tx).await?.rows_affected == 1)
}

fn text(order: &order::Model, facts: &SignalFacts) -> String {
    let number = order_number(&order.public_id);
    let (what, to_do) = match facts.kind {
        SignalKind::EarlyFraudWarning => (
            format!(
                "The card's network believes that a payment was fraud ({}). The customer still has access.",
                facts.reason.replace('_', " ")
            ),
            "Refund the order if you believe it too: most of these warnings become disputes, which cost a fee.",
        ),
        SignalKind::Review => (
            "Stripe's rules ask for a review of a payment. The order's files and licenses are on hold until then.".to_owned(),
            "Approve or refund the payment in Stripe; the shop follows by itself.",
        ),
    };
    Trouble { what: &what, order: Some(&number), to_do }.to_string()
}
