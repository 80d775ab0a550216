//! Money: Stripe, payments, refunds, disputes and signs of fraud, and the ledger of an order that they make.
//! Here: which order a payment is of.

pub mod disputes;
pub(crate) mod events;
pub mod fraud;
pub(crate) mod ledger;
pub(crate) mod method;
pub mod refunds;
pub mod stripe;

use crate::base::entities::{order, payment};
use crate::fulfillment::{self, Settlement};
use crate::payments::stripe::{Failure, PaymentState};
use crate::{Result, Shop, base::world, jobs};
use domain::id::Id;
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, Select};

/// The only service that money comes by, as rows name it.
const STRIPE: &str = "stripe";

/// Stripe has booked a charge some seconds after it, and tells its fee from then on.
const FEE_WAIT_MS: i64 = 15_000;

/// What became of news about a payment.
pub(crate) type Followed = std::result::Result<Settlement, Failure>;

/// The order that was paid by this payment intent or charge, or what became of the event without one. What is told of a payment
/// may arrive before the payment itself: then the payment is settled first.
pub(crate) async fn find_order(
    shop: &Shop,
    intent: Option<&str>,
    charge: Option<&str>,
) -> Result<std::result::Result<order::Model, Followed>> {
    if let Some(order) = find(shop, intent, charge).await? {
        return Ok(Ok(order));
    }
    // Without an intent it was not charged by a Checkout Session.
    let Some(intent) = intent else { return Ok(Err(Ok(Settlement::NotOurs))) };
    let facts = match shop.stripe.find_session_of_intent(intent).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return Ok(Err(Ok(Settlement::NotOurs))),
        Err(failure) => return Ok(Err(Err(failure))),
    };
    match fulfillment::settle(shop, &facts).await? {
        Settlement::Settled if facts.state == PaymentState::Paid => {}
        Settlement::Settled => return Ok(Err(Ok(Settlement::UnknownOrder))),
        other => return Ok(Err(Ok(other))),
    }
    Ok(find(shop, Some(intent), charge).await?.ok_or(Ok(Settlement::UnknownOrder)))
}

/// Keeps a payment once; its row when it is new.
pub(crate) async fn record(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    intent: &str,
    charge: Option<&str>,
) -> Result<Option<Id>> {
    let id = world::new_id();
    let row = payment::ActiveModel {
        id: Set(id),
        store_id: Set(order.store_id),
        order_id: Set(order.id),
        provider: Set(STRIPE.to_owned()),
        provider_id: Set(intent.to_owned()),
        charge_id: Set(charge.map(str::to_owned)),
        amount: Set(order.amount_total),
        currency: Set((*order.currency).into()),
        paid_at: Set(shop.clock.now_ms()),
        ..Default::default()
    };
    let inserted = payment::Entity::insert(row).on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(tx).await?;
    if inserted != 1 {
        return Ok(None);
    }
    let key = format!("payment-method:{id}");
    jobs::enqueue_later(tx, shop, jobs::Kind::PaymentMethod, &key, &id.to_string(), Some(order.id), FEE_WAIT_MS).await?;
    Ok(Some(id))
}

async fn find(shop: &Shop, intent: Option<&str>, charge: Option<&str>) -> Result<Option<order::Model>> {
    let of_store = of(intent, charge).filter(payment::Column::StoreId.eq(shop.settings.store_id));
    let Some(payment) = of_store.one(&shop.db).await? else { return Ok(None) };
    Ok(order::Entity::find_by_id(payment.order_id).one(&shop.db).await?)
}

/// The payment of this payment intent or charge.
pub(crate) async fn known(db: &impl ConnectionTrait, intent: Option<&str>, charge: Option<&str>) -> Result<Option<payment::Model>> {
    Ok(of(intent, charge).one(db).await?)
}

fn of(intent: Option<&str>, charge: Option<&str>) -> Select<payment::Entity> {
    let mut names = Condition::any();
    if let Some(intent) = intent {
        names = names.add(payment::Column::ProviderId.eq(intent));
    }
    if let Some(charge) = charge {
        names = names.add(payment::Column::ChargeId.eq(charge));
    }
    // A condition without a part holds for every row.
    let names = if names.is_empty() { names.add(Expr::value(false)) } else { names };
    payment::Entity::find().filter(payment::Column::Provider.eq(STRIPE)).filter(names)
}
