//! Signs of fraud: a review by Stripe's rules holds the goods back until somebody has decided; an early warning of a card
//! network is told to the owner, who may refund before it becomes a dispute.

use crate::database::{begin_write, execute, retried, statement};
use crate::entities::order;
use crate::fulfillment::Settlement;
use crate::mail::templates::Trouble;
use crate::payments::{self, Followed};
use crate::stripe::{SignalFacts, SignalKind};
use crate::{Result, Shop, jobs, ledger, orders, world};
use domain::id::{Id, order_number};
use sea_orm::{ConnectionTrait, FromQueryResult};

/// A sign of fraud as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct SignalView {
    pub provider_id: String,
    /// `early_fraud_warning` or `review`.
    pub kind: String,
    pub is_open: bool,
    pub reason: String,
    pub created_at: i64,
}

/// The signs of fraud at an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<SignalView>> {
    let sql = "SELECT provider_id, kind, is_open, reason, created_at FROM fraud_signals WHERE order_id = $1 ORDER BY id";
    Ok(SignalView::find_by_statement(statement(db, sql, [order_id.into()])).all(db).await?)
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
    let now = shop.clock.now_ms();
    let sql = "INSERT INTO fraud_signals (id, store_id, order_id, provider_id, kind, is_open, reason, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (provider_id) DO NOTHING";
    let values = [
        world::new_id().into(),
        order.store_id.into(),
        order.id.into(),
        facts.id.clone().into(),
        facts.kind.as_str().into(),
        facts.is_open.into(),
        facts.reason.clone().into(),
        now.into(),
    ];
    let is_new = execute(&tx, sql, values).await? == 1;
    // What is closed stays closed: an older state that arrives late changes nothing.
    let sql = "UPDATE fraud_signals SET is_open = FALSE, updated_at = $2 WHERE provider_id = $1 AND is_open AND NOT $3";
    let has_ended = execute(&tx, sql, [facts.id.clone().into(), now.into(), facts.is_open.into()]).await? == 1;
    if is_new || has_ended {
        orders::note(&tx, shop, order.id, facts.kind.as_str(), if facts.is_open { "open" } else { "closed" }).await?;
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
