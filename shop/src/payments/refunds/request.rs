//! A request to refund, written down and reserved.

use super::sql::LEFT_OF_PAYMENTS;
use super::{Carried, RefundView, carry_out, job_key, steps, view};
use crate::accounts::audit::{self, Action, Actor};
use crate::base::database::{begin_write, retried, statement};
use crate::base::entities::{order, order_item, refund};
use crate::orders::LineName;
use crate::{
    Error, Result, Shop,
    base::{once, refusals, world},
    jobs, kill_point,
    orders::{self, lines},
    payments::ledger,
};
use domain::id::{Id, order_number};
use domain::ledger::RefundState;
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::timeline::Step;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde::Serialize;

/// What a member wants to give back.
#[derive(Clone, Debug, Default)]
pub struct RefundRequest {
    /// The order's public id.
    pub order: String,
    /// Minor units; all that is left of the line or the order when absent.
    pub amount: Option<i64>,
    /// A line that is named loses its files and licenses, whatever the amount.
    pub item: Option<LineName>,
    /// Stripe's `duplicate`, `fraudulent`, `requested_by_customer`, or any words.
    pub reason: Option<String>,
    /// One request is one refund, however often it is sent.
    pub request_key: Option<String>,
    /// Nobody where the shop itself sends back what was paid twice.
    pub by: Option<Actor>,
}

const MAX_REASON_CHARS: usize = 500;

/// Gives money back. The amount is reserved first, so that of many requests at once no more goes than was paid.
///
/// The answer is `requested` while Stripe can't be reached: the refund is then made as soon as it can.
///
/// # Errors
/// 409 when so much is not left to give back, when the bank has taken the payment back already, and when Stripe refuses.
pub async fn request(shop: &Shop, request: RefundRequest) -> Result<RefundView> {
    check(&request)?;
    if let Some(earlier) = find_by_key(shop, &request).await? {
        return view(&shop.db, earlier).await;
    }
    let id = match retried(|| reserve(shop, &request)).await {
        Ok(id) => id,
        // The same request was sent twice at once.
        Err(error) => match find_by_key(shop, &request).await? {
            Some(earlier) => return view(&shop.db, earlier).await,
            None => return Err(error),
        },
    };
    kill_point!("before_refund_call");
    match carry_out(shop, id, true).await {
        Ok(Carried::Refused(why)) => Err(refused(why)),
        Ok(Carried::Done | Carried::Later(_)) => view(&shop.db, id).await,
        // It is written down, so the job goes on with it.
        Err(error) => {
            tracing::error!(refund = %id, ?error, "a refund could not be followed up at once; its job goes on");
            view(&shop.db, id).await
        }
    }
}

fn check(request: &RefundRequest) -> Result<()> {
    if request.amount.is_some_and(|amount| amount < 1) {
        return Err(Error::refused(
            "amount_invalid",
            "A refund is at least 1 minor unit, such as a cent. Leave the amount out to refund everything.",
        )
        .at("amount"));
    }
    let fits = |text: &str| text.chars().count() <= MAX_REASON_CHARS && !text.chars().any(char::is_control);
    if !request.reason.as_deref().is_none_or(fits) {
        return Err(
            Error::refused("reason_invalid", format!("A reason has at most {MAX_REASON_CHARS} characters in one line.")).at("reason")
        );
    }
    request.request_key.as_deref().map_or(Ok(()), once::check_key)
}

/// The refund that the same request has led to.
///
/// # Errors
/// Refuses another request under the same key, and repeats a refusal of Stripe's.
async fn find_by_key(shop: &Shop, request: &RefundRequest) -> Result<Option<Id>> {
    let Some(key) = &request.request_key else { return Ok(None) };
    let of_key =
        refund::Entity::find().filter(refund::Column::StoreId.eq(shop.settings.store_id)).filter(refund::Column::RequestKey.eq(key));
    let Some(earlier) = of_key.one(&shop.db).await? else { return Ok(None) };
    let order = orders::reload(shop, earlier.order_id).await?;
    let item = match earlier.order_item_id {
        Some(id) => order_item::Entity::find_by_id(id).one(&shop.db).await?,
        None => None,
    };
    let is_same_item = match (&request.item, &item) {
        (None, None) => true,
        (Some(wanted), Some(item)) => {
            // Sent again, a request means the same, even if the slug changed hands between.
            wanted.is_as_sold(&item.product_slug, &item.variant_key)
                || orders::lines_named(&shop.db, shop, order.id, wanted).await?.iter().any(|line| line.id == item.id)
        }
        _ => false,
    };
    if order.public_id != request.order || !is_same_item || request.amount.is_some_and(|wanted| wanted != earlier.amount) {
        return Err(Error::conflict("idempotency_key_reused", "This Idempotency-Key was used for another refund. Send a new key."));
    }
    if earlier.state == RefundState::Failed && earlier.provider_id.is_none() {
        return Err(refused((None, earlier.failure.unwrap_or_default())));
    }
    Ok(Some(earlier.id))
}

async fn reserve(shop: &Shop, request: &RefundRequest) -> Result<Id> {
    let order_id = orders::find(shop, &request.order).await?.id;
    let tx = begin_write(&shop.db).await?;
    let order = ledger::lock(&tx, order_id).await?;
    let left = left_of_order(&order)?;
    let currency = *order.currency;
    check_step(currency, request)?;
    let (item, amount) = match &request.item {
        Some(item) => {
            let item = find_item(&tx, shop, &order, item).await?;
            // The order is locked, so that what is left of its lines stays so until this one is written down.
            let left_of_line = lines::of_order(&tx, order.id).await?.left().get(&item.id).copied().unwrap_or(0).min(left);
            let amount = request.amount.unwrap_or(in_steps(currency, left_of_line));
            if amount < 1 || amount > left_of_line {
                return Err(too_much_of_line(&item, left_of_line, Money::new(left, currency)));
            }
            (Some(item), amount)
        }
        None => (None, request.amount.unwrap_or(in_steps(currency, left))),
    };
    if amount < 1 || amount > left {
        return Err(too_much(Money::new(left, currency)));
    }
    let (payment_id, _) = payment_with(&tx, order.id, amount).await?;
    if !orders::steps::reserve_refund(&tx, order.id, amount).await? {
        return Err(too_much(Money::new(left, currency)));
    }
    let id = insert(
        &tx,
        shop,
        &order,
        payment_id,
        New { amount, item_id: item.as_ref().map(|item| item.id), request: Some(request), reason: request.reason.as_deref() },
    )
    .await?;
    if let Some(by) = &request.by {
        let asked = Asked { amount: amount_text(&order, amount)?, item: item.map(|item| item.product_slug) };
        let name = order_number(&order.public_id);
        audit::record(&tx, shop, by, Action { act: "refunded", kind: "order", id: Some(order.id), name: &name }, None, Some(&asked))
            .await?;
    }
    jobs::enqueue_later(&tx, shop, jobs::Kind::Refund, &job_key(id), &id.to_string(), Some(order.id), jobs::take_over_ms()).await?;
    tx.commit().await?;
    tracing::info!(order = %order.public_id, refund = %id, amount, "refund requested");
    Ok(id)
}

/// A refund as the audit log keeps it.
#[derive(Serialize)]
struct Asked {
    amount: String,
    item: Option<String>,
}

/// Sends back what was paid beyond the price: a second payment of one order. Part of the transaction that learns of it.
pub(crate) async fn request_surplus(
    tx: &DatabaseTransaction,
    shop: &Shop,
    order: &order::Model,
    payment_id: Id,
    amount: i64,
) -> Result<()> {
    let id = insert(tx, shop, order, payment_id, New { amount, item_id: None, request: None, reason: Some("duplicate") }).await?;
    jobs::enqueue(tx, shop, jobs::Kind::Refund, &job_key(id), &id.to_string(), Some(order.id)).await
}

struct New<'a> {
    amount: i64,
    item_id: Option<Id>,
    request: Option<&'a RefundRequest>,
    reason: Option<&'a str>,
}

async fn insert(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, payment_id: Id, new: New<'_>) -> Result<Id> {
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let row = refund::Model {
        id,
        store_id: order.store_id,
        order_id: order.id,
        order_item_id: new.item_id,
        payment_id: Some(payment_id),
        amount: new.amount,
        reason: new.reason.map(str::to_owned),
        state: RefundState::Requested.into(),
        provider_id: None,
        idempotency_key: format!("refund:{id}"),
        request_key: new.request.and_then(|request| request.request_key.clone()),
        attempt: 1,
        failure: None,
        member_id: new.request.and_then(|request| request.by.as_ref()?.member_id),
        created_at: now,
        updated_at: now,
    };
    if !steps::add(tx, row).await? {
        return Err(refusals::REFUND_IN_PROGRESS.into());
    }
    orders::note(tx, shop, order.id, Step::RefundRequested, &amount_text(order, new.amount)?).await?;
    Ok(id)
}

/// What can still be given back; nothing where a bank holds the money or none came.
pub(crate) fn refundable(order: &order::Model) -> i64 {
    left_of_order(order).unwrap_or(0)
}

fn left_of_order(order: &order::Model) -> Result<i64> {
    let status = *order.status;
    match status {
        OrderStatus::Disputed | OrderStatus::ChargedBack => Err(disputed()),
        status if !status.was_paid() || order.amount_paid == 0 => {
            Err(Error::conflict("order_not_paid", "Nothing was paid for this order, so there is nothing to refund."))
        }
        _ => Ok(order.amount_paid - order.amount_refunded - order.refund_reserved),
    }
}

async fn find_item(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model, wanted: &LineName) -> Result<order_item::Model> {
    let mut fitting = orders::lines_named(tx, shop, order.id, wanted).await?;
    if !fitting.is_empty() && fitting.iter().all(|item| item.part_of_id.is_some()) {
        return Err(Error::conflict(
            "item_in_bundle",
            "This came with another product of the order and has no price of its own. Refund that one.",
        )
        .at("item"));
    }
    fitting.retain(|item| item.part_of_id.is_none());
    let mut fitting = fitting.into_iter();
    match (fitting.next(), fitting.next()) {
        (Some(item), None) => Ok(item),
        (Some(_), Some(_)) => {
            Err(Error::refused("item_ambiguous", "The order has several tiers of this product. Say which variant.").at("item"))
        }
        (None, _) => Err(orders::unknown_line()),
    }
}

/// The payment that so much can be taken back from, and what it has left.
async fn payment_with(tx: &DatabaseTransaction, order_id: Id, amount: i64) -> Result<(Id, i64)> {
    let mut best: Option<(Id, i64)> = None;
    for row in tx.query_all_raw(statement(tx, LEFT_OF_PAYMENTS, [order_id.into()])).await? {
        let payment: (Id, i64) = (row.try_get("", "id")?, row.try_get("", "n_left")?);
        if payment.1 >= amount {
            return Ok(payment);
        }
        best = best.or(Some(payment));
    }
    best.ok_or_else(|| Error::conflict("order_not_paid", "No payment of this order is known, so there is nothing to refund."))
}

pub(super) fn amount_text(order: &order::Model, amount: i64) -> Result<String> {
    Ok(Money::new(amount, *order.currency).to_string())
}

/// # Errors
/// Refuses an amount that can't be moved, such as a part of an Icelandic krona.
fn check_step(currency: Currency, request: &RefundRequest) -> Result<()> {
    let step = currency.step();
    if request.amount.is_none_or(|amount| amount % step == 0) {
        return Ok(());
    }
    let coin = Money::new(step, currency);
    Err(Error::refused("amount_invalid", format!("Refunds in {currency} move in steps of {coin}. Choose a multiple of it.")).at("amount"))
}

/// The most of an amount that can be moved.
fn in_steps(currency: Currency, amount: i64) -> i64 {
    Money::new(amount, currency).in_steps().amount
}

fn too_much(left: Money) -> Error {
    if left.amount <= 0 {
        return refusals::ALREADY_REFUNDED.into();
    }
    Error::conflict("refund_too_large", format!("At most {left} of this order can still be refunded.")).at("amount")
}

fn too_much_of_line(item: &order_item::Model, left_of_line: i64, left: Money) -> Error {
    if left.amount <= 0 {
        return too_much(left);
    }
    let line = format!("{}, {}", item.product_title, item.variant_name);
    let message = match in_steps(left.currency, left_of_line) {
        ..=0 => format!("All of this line ({line}) was refunded already. Name another line, or refund a part of the whole order."),
        most => format!("At most {} of this line ({line}) can still be refunded.", Money::new(most, left.currency)),
    };
    Error::conflict("refund_too_large", message).at("amount")
}

fn disputed() -> Error {
    refusals::CHARGE_DISPUTED.into()
}

/// Stripe's refusal in our words, where we have any.
fn refused((code, message): (Option<String>, String)) -> Error {
    match code.as_deref() {
        Some("charge_disputed") => disputed(),
        Some("charge_already_refunded") => refusals::ALREADY_REFUNDED.into(),
        _ => Error::conflict("refund_refused", format!("Stripe refused this refund, and nothing was refunded. It said: {message}")),
    }
}
