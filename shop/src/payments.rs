//! Payments: which order Stripe speaks of when it names a payment.

use crate::database::statement;
use crate::entities::order;
use crate::fulfillment::{self, Settlement};
use crate::stripe::{Failure, PaymentState};
use crate::{Result, Shop};
use domain::id::Id;
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult};

/// What became of news about a payment.
pub(crate) type Followed = std::result::Result<Settlement, Failure>;

/// The order that was paid by this payment intent or charge, or what became of the news without one. What is told of a payment
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

async fn find(shop: &Shop, intent: Option<&str>, charge: Option<&str>) -> Result<Option<order::Model>> {
    let sql = "SELECT order_id FROM payments WHERE store_id = $1 AND provider = 'stripe' AND (provider_id = $2 OR charge_id = $3)";
    let values = [shop.settings.store_id.into(), intent.map(str::to_owned).into(), charge.map(str::to_owned).into()];
    let Some(row) = shop.db.query_one_raw(statement(&shop.db, sql, values)).await? else { return Ok(None) };
    let order_id: Id = row.try_get("", "order_id")?;
    Ok(order::Entity::find_by_id(order_id).one(&shop.db).await?)
}

/// A payment that belongs to an order.
#[derive(FromQueryResult)]
pub(crate) struct KnownPayment {
    pub id: Id,
    pub intent: String,
}

/// The payment of this payment intent or charge.
pub(crate) async fn known(db: &impl ConnectionTrait, intent: Option<&str>, charge: Option<&str>) -> Result<Option<KnownPayment>> {
    let sql = "SELECT id, provider_id AS intent FROM payments WHERE provider = 'stripe' AND (provider_id = $1 OR charge_id = $2)";
    let values = [intent.map(str::to_owned).into(), charge.map(str::to_owned).into()];
    Ok(KnownPayment::find_by_statement(statement(db, sql, values)).one(db).await?)
}
