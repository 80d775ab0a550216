//! The call to Stripe that sends the money back.

use super::{follow, job_key, load, steps};
use crate::base::database::begin_write;
use crate::base::entities::{order_item, payment, refund};
use crate::fulfillment::Settlement;
use crate::jobs::mail::templates::Trouble;
use crate::payments::stripe::{Failure, NewRefund, RefundFacts};
use crate::{Result, Shop, analytics::sales, jobs, kill_point, orders, payments::ledger};
use domain::id::{Id, order_number};
use domain::ledger::RefundState;
use domain::timeline::Step;
use sea_orm::EntityTrait;

/// How far a refund came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// Stripe has it, or it was decided before.
    Done,
    /// Stripe did not say; it is tried again.
    Later(String),
    /// Stripe won't have it, with its code and its words: what was reserved is free again.
    Refused((Option<String>, String)),
}

/// Asks Stripe for a refund that is written down. May run twice, at once or after a crash: it is one refund.
pub(crate) async fn carry_out(shop: &Shop, id: Id, is_first: bool) -> Result<Carried> {
    let refund = load(&shop.db, id).await?;
    if refund.state != RefundState::Requested {
        return Ok(Carried::Done);
    }
    let Some(intent) = intent_of(shop, &refund).await? else {
        let why = (None, "no payment of this order is known".to_owned());
        give_up(shop, &refund, &why.1, is_first).await?;
        return Ok(Carried::Refused(why));
    };
    let answer = match find_made(shop, &refund, &intent, is_first).await {
        Ok(Some(made)) => Ok(made),
        Ok(None) => create(shop, &refund, &intent, position_of(shop, &refund).await?).await,
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(facts) => {
            kill_point!("after_refund_answer");
            match follow(shop, &facts).await? {
                Ok(Settlement::Settled) => Ok(Carried::Done),
                other => Ok(Carried::Later(format!("the refund is made and not followed: {other:?}"))),
            }
        }
        // Stripe repeats this very answer to the same key. Before another is used, Stripe is asked what it has.
        Err(failure @ Failure::Broken { .. }) => {
            steps::begin_anew(&shop.db, &refund).await?;
            Ok(Carried::Later(failure.to_string()))
        }
        Err(failure @ Failure::Unreachable(_)) => Ok(Carried::Later(failure.to_string())),
        Err(Failure::Refused { code, message, status }) => {
            // A key that was revoked says nothing of the refund; somebody will see to it.
            if matches!(status, 401 | 403) {
                return Ok(Carried::Later(message));
            }
            give_up(shop, &refund, &message, is_first).await?;
            Ok(Carried::Refused((code, message)))
        }
    }
}

/// The refund that an earlier try made although its answer was lost. Keys are forgotten after a day, metadata never.
async fn find_made(shop: &Shop, refund: &refund::Model, intent: &str, is_first: bool) -> std::result::Result<Option<RefundFacts>, Failure> {
    if is_first && refund.attempt == 1 {
        return Ok(None);
    }
    Ok(shop.stripe.refunds_of_intent(intent).await?.into_iter().find(|facts| facts.row == Some(refund.id)))
}

async fn create(
    shop: &Shop,
    refund: &refund::Model,
    intent: &str,
    item_position: Option<i64>,
) -> std::result::Result<RefundFacts, Failure> {
    let idempotency_key = format!("{}:{}", refund.idempotency_key, refund.attempt);
    let new = NewRefund {
        idempotency_key,
        id: refund.id,
        payment_intent: intent,
        amount: refund.amount,
        reason: refund.reason.as_deref(),
        item_position,
        request_key: refund.request_key.as_deref(),
    };
    shop.stripe.create_refund(new).await
}

async fn position_of(shop: &Shop, refund: &refund::Model) -> Result<Option<i64>> {
    let Some(item_id) = refund.order_item_id else { return Ok(None) };
    Ok(order_item::Entity::find_by_id(item_id).one(&shop.db).await?.map(|item| item.position))
}

async fn intent_of(shop: &Shop, refund: &refund::Model) -> Result<Option<String>> {
    let Some(payment_id) = refund.payment_id else { return Ok(None) };
    Ok(payment::Entity::find_by_id(payment_id).one(&shop.db).await?.map(|payment| payment.provider_id))
}

/// What was reserved is free again; the row stays, as history is never rewritten. Who asked hears of it by the answer, and
/// where nobody waits for one any more, the owner by mail.
async fn give_up(shop: &Shop, refund: &refund::Model, why: &str, is_first: bool) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, refund.order_id).await?;
    let failure: String = why.chars().take(500).collect();
    if steps::give_up(&tx, refund.id, failure, shop.clock.now_ms()).await? {
        sales::reopen_refunds(&tx, &order).await?;
        ledger::follow(&tx, shop, &order).await?;
        orders::note(&tx, shop, order.id, Step::RefundRefused, why).await?;
        jobs::finish(&tx, shop, &job_key(refund.id)).await?;
        if !is_first {
            let text = Trouble {
                what: &format!("A refund that was asked for could not be made: Stripe refused it ({why}). No money was refunded."),
                order: Some(&order_number(&order.public_id)),
                to_do: "Look at the payment in Stripe, and refund it there if it should be.",
            }
            .to_string();
            jobs::alert(&tx, shop, &format!("refund-refused:{}", refund.id), &text).await?;
        }
    }
    tx.commit().await?;
    tracing::warn!(order = %order.public_id, refund = %refund.id, why, "refund refused by Stripe");
    metrics::counter!("refunds_total", "state" => "refused").increment(1);
    Ok(())
}
