//! Disputes: a bank takes a payment back, or asks about it. What was bought is on hold until it has decided.

use crate::base::database::{Stored, begin_write, retried};
use crate::base::entities::dispute::{self, Column, Entity};
use crate::base::entities::order;
use crate::fulfillment::Settlement;
use crate::jobs::mail::templates::Trouble;
use crate::payments::stripe::DisputeFacts;
use crate::payments::{self, Followed};
use crate::{Result, Shop, base::world, jobs, orders, payments::ledger};
use domain::id::{Id, order_number};
use domain::ledger::DisputeStatus;
use domain::money::Money;
use domain::pages::health::OpenDispute;
use domain::timeline::Step;
use domain::word::Word;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DerivePartialModel, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect, sea_query::NullOrdering, sea_query::OnConflict,
};

/// A dispute as a member sees it.
#[derive(Clone, Debug, PartialEq, Eq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct DisputeView {
    /// Stripe's name for it.
    pub provider_id: String,
    pub status: Stored<DisputeStatus, Entity>,
    pub amount: i64,
    pub reason: Option<String>,
    pub created_at: i64,
    /// Until when it can be answered.
    pub due_at: Option<i64>,
}

/// The disputes of an order, oldest first.
pub(crate) async fn of_order(db: &impl ConnectionTrait, order_id: Id) -> Result<Vec<DisputeView>> {
    let rows = Entity::find().filter(Column::OrderId.eq(order_id)).order_by_asc(Column::Id);
    Ok(rows.into_partial_model().all(db).await?)
}

/// At most this many are named.
const N_OPEN: u64 = 100;

/// The disputes that wait for the seller's answer, those that end first before the others.
pub(crate) async fn to_answer(shop: &Shop) -> Result<Vec<OpenDispute>> {
    let waiting = DisputeStatus::all().filter(|status| status.needs_answer()).map(Word::as_str);
    let rows = Entity::find().filter(Column::StoreId.eq(shop.settings.store_id)).filter(Column::Status.is_in(waiting));
    let rows = rows
        .order_by_with_nulls(Column::DueAt, Order::Asc, NullOrdering::Last)
        .order_by_asc(Column::Id)
        .limit(N_OPEN)
        .all(&shop.db)
        .await?;
    let orders = order::Entity::find().filter(order::Column::Id.is_in(rows.iter().map(|row| row.order_id))).all(&shop.db).await?;
    let open = rows.into_iter().filter_map(|row| {
        let order = orders.iter().find(|order| order.id == row.order_id)?;
        Some(OpenDispute {
            order: (order.public_id.clone(), order_number(&order.public_id)),
            amount: Money::new(row.amount, *order.currency),
            is_inquiry: row.status.is_inquiry(),
            due_at: row.due_at,
        })
    });
    Ok(open.collect())
}

/// Lets order and entitlements follow a dispute. Running it again changes nothing, and news of before its end neither.
pub(crate) async fn follow(shop: &Shop, facts: &DisputeFacts) -> Result<Followed> {
    let order = match payments::find_order(shop, facts.payment_intent.as_deref(), Some(&facts.charge)).await? {
        Ok(order) => order,
        Err(followed) => return Ok(followed),
    };
    retried(|| write(shop, &order, facts)).await?;
    Ok(Ok(Settlement::Settled))
}

async fn write(shop: &Shop, order: &order::Model, facts: &DisputeFacts) -> Result<()> {
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order.id).await?;
    let before = known(&tx, &facts.id).await?;
    let after = before.map_or(facts.status, |(known, _)| known.merge(facts.status));
    let payment = payments::known(&tx, facts.payment_intent.as_deref(), Some(&facts.charge)).await?;
    let (before, due_at) = before.map_or((None, None), |(status, due_at)| (Some(status), due_at));
    // Stripe may give more time.
    if before != Some(after) || due_at != facts.due_at() {
        keep(&tx, shop, &order, facts, after, payment.as_ref().map(|payment| payment.id)).await?;
    }
    if before != Some(after) {
        orders::note(&tx, shop, order.id, Step::Dispute, after.as_str()).await?;
        let is_surplus = payment.is_some_and(|payment| order.payment_intent_id.as_ref().is_some_and(|own| *own != payment.provider_id));
        tell(&tx, shop, &order, facts, after, is_surplus).await?;
    }
    ledger::follow(&tx, shop, &order).await?;
    tx.commit().await?;
    if before != Some(after) {
        tracing::info!(order = %order.public_id, dispute = %facts.id, status = after.as_str(), "dispute followed");
        metrics::counter!("disputes_total", "status" => after.as_str()).increment(1);
        shop.wake.jobs.notify_one();
    }
    Ok(())
}

async fn known(tx: &DatabaseTransaction, id: &str) -> Result<Option<(DisputeStatus, Option<i64>)>> {
    let row = Entity::find().filter(Column::ProviderId.eq(id)).one(tx).await?;
    Ok(row.map(|row| (*row.status, row.due_at)))
}

/// Writes how a dispute stands, over what was known of it.
async fn keep(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    facts: &DisputeFacts,
    status: DisputeStatus,
    payment_id: Option<Id>,
) -> Result<()> {
    let now = shop.clock.now_ms();
    let row = dispute::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(order.store_id),
        order_id: Set(order.id),
        payment_id: Set(payment_id),
        provider_id: Set(facts.id.clone()),
        status: Set(status.into()),
        amount: Set(facts.amount),
        reason: Set(Some(facts.reason.clone())),
        created_at: Set(now),
        updated_at: Set(now),
        due_at: Set(facts.due_at()),
    };
    let news = [Column::Status, Column::Amount, Column::Reason, Column::UpdatedAt, Column::DueAt];
    let over = OnConflict::column(Column::ProviderId).update_columns(news).to_owned();
    Entity::insert(row).on_conflict(over).exec_without_returning(tx).await?;
    Ok(())
}

/// The owner hears of a dispute when it begins, when it becomes one that takes money, and when it ends.
async fn tell(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    facts: &DisputeFacts,
    status: DisputeStatus,
    is_surplus: bool,
) -> Result<()> {
    let amount = Money::new(facts.amount, *order.currency);
    let reason = facts.reason.replace('_', " ");
    let until = facts.due_by.map_or_else(String::new, |at| format!(" before {}", world::date(at)));
    let (phase, what, to_do) = match status {
        DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview => (
            "inquiry",
            format!("A customer's bank asks about a payment of {amount} ({reason}). No money has moved, and the customer keeps access."),
            format!("Answer in Stripe{until}, or refund the order, which ends the inquiry."),
        ),
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => (
            "chargeback",
            format!("A customer's bank took {amount} back ({reason}). The order's files and licenses are on hold until it has decided."),
            format!("Send your evidence in Stripe{until}. The order's timeline shows what was delivered and fetched."),
        ),
        DisputeStatus::Won => (
            "won",
            format!(
                "A dispute over {amount} was decided for you. The money is back, and the customer has the same files and licenses again."
            ),
            "Nothing.".to_owned(),
        ),
        DisputeStatus::Lost => (
            "lost",
            format!("A dispute over {amount} was decided for the customer. The order's files and licenses are revoked."),
            "Nothing can be done about this one any more.".to_owned(),
        ),
        // It ended where it began, without harm.
        DisputeStatus::WarningClosed | DisputeStatus::Prevented => return Ok(()),
    };
    // Whatever becomes of it, the first payment stands.
    let (what, to_do) = if is_surplus {
        let what = format!(
            "A dispute over {amount} ({reason}) is about the second payment of an order that was paid twice. It is {} now. The order's \
             goods stay open.",
            status.as_str().replace('_', " ")
        );
        (what, format!("See in Stripe whether the second payment went back; if it did, say so as your evidence{until}."))
    } else {
        (what, to_do)
    };
    let text = Trouble { what: &what, order: Some(&order_number(&order.public_id)), to_do: &to_do }.to_string();
    jobs::alert(tx, shop, &format!("dispute:{}:{phase}", facts.id), &text).await
}
