//! One cart has one open order, whoever it is for and from however many tabs it is bought.

use super::{MAX_TURNS, attempt, in_progress};
use crate::base::database::word;
use crate::base::entities::order;
use crate::checkout::carts::{self, CartToken};
use crate::{Result, Shop, fulfillment, orders};
use domain::id::Id;
use domain::order::OrderStatus;
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

/// How long after its payment an order is where a tab leads that was left open.
const JUST_PAID_MS: i64 = 24 * 60 * 60 * 1000;

/// Ends what was begun with the cart before, so that no other page of it can be paid: at Stripe first, then here. Answers the
/// order that turns out to be paid, or to be with a bank, for the same purchase.
///
/// `keep` is the order that is to be paid now; `key` names an attempt that may be under way in another request.
///
/// # Errors
/// `Unavailable` while Stripe doesn't say: two pages that can be paid are worse than none.
pub(super) async fn end_others(shop: &Shop, cart_id: Id, keep: Option<&order::Model>, key: Option<&str>) -> Result<Option<order::Model>> {
    for _ in 0..MAX_TURNS {
        if let Some(bought) = find_bought(shop, cart_id, keep).await? {
            return Ok(Some(bought));
        }
        let open = order::Entity::find().filter(is_open(cart_id, keep, key)).order_by_asc(order::Column::Id).all(&shop.db).await?;
        if open.is_empty() {
            return Ok(None);
        }
        for order in open {
            let order = attempt::end_session(shop, &order).await?;
            if order.status == OrderStatus::Pending {
                fulfillment::end_superseded(shop, &order).await?;
            }
        }
    }
    Err(in_progress())
}

/// Takes the cart for this transaction, and tells which purchase of it comes next; `None` when another order of it is open.
pub(super) async fn claim(
    tx: &DatabaseTransaction,
    shop: &Shop,
    cart_id: Id,
    keep: Option<&order::Model>,
    key: Option<&str>,
) -> Result<Option<i64>> {
    let n_purchases = carts::hold(tx, shop, cart_id).await?;
    let other = order::Entity::find().filter(is_open(cart_id, keep, key)).one(tx).await?;
    let is_bought = keep.is_some_and(|order| order.cart_purchase.is_some_and(|purchase| purchase != n_purchases));
    Ok((other.is_none() && !is_bought).then_some(n_purchases))
}

/// Orders of the cart that may have a page which can be paid, other than the one that is kept and than those of an attempt that
/// was sent twice at once.
fn is_open(cart_id: Id, keep: Option<&order::Model>, key: Option<&str>) -> Condition {
    let mut condition = Condition::all().add(order::Column::CartId.eq(cart_id)).add(order::Column::Status.eq(word(OrderStatus::Pending)));
    if let Some(order) = keep {
        condition = condition.add(order::Column::Id.ne(order.id));
    }
    if let Some(key) = key {
        condition = condition.add(order::Column::IdempotencyKey.is_null().or(order::Column::IdempotencyKey.ne(key)));
    }
    condition
}

/// An order of the cart that a bank is at work for, or that was paid for the purchase which `keep` is for.
async fn find_bought(shop: &Shop, cart_id: Id, keep: Option<&order::Model>) -> Result<Option<order::Model>> {
    let mut bought = Condition::any().add(order::Column::Status.eq(word(OrderStatus::Processing)));
    if let Some(purchase) = keep.and_then(|order| order.cart_purchase) {
        bought = bought.add(
            order::Column::CartPurchase.eq(purchase).and(order::Column::PaidAt.is_not_null()).and(order::Column::DuplicateOfId.is_null()),
        );
    }
    let mut query = order::Entity::find().filter(order::Column::CartId.eq(cart_id)).filter(bought);
    if let Some(order) = keep {
        query = query.filter(order::Column::Id.ne(order.id));
    }
    Ok(query.order_by_desc(order::Column::Id).one(&shop.db).await?)
}

/// Where a tab leads that was left open while its cart was paid: the order of this attempt, or the one that emptied the cart.
///
/// Only the browser that holds the cart is led there.
pub async fn find_finished(shop: &Shop, token: &CartToken, idempotency_key: &str, is_cart_empty: bool) -> Result<Option<String>> {
    let Some(cart) = carts::find(&shop.db, shop, token).await? else { return Ok(None) };
    let of_attempt = order::Column::IdempotencyKey.eq(idempotency_key);
    let just_paid = order::Column::PaidAt.gt(shop.clock.now_ms() - JUST_PAID_MS);
    let which = if is_cart_empty { Condition::any().add(of_attempt).add(just_paid) } else { Condition::any().add(of_attempt) };
    let order = order::Entity::find()
        .filter(order::Column::CartId.eq(cart.id))
        .filter(order::Column::StoreId.eq(shop.settings.store_id))
        .filter(order::Column::PaidAt.is_not_null())
        .filter(order::Column::DuplicateOfId.is_null())
        .filter(which)
        .order_by_desc(order::Column::PaidAt)
        .one(&shop.db)
        .await?;
    Ok(order.map(|order| orders::order_path(shop, &order)))
}

/// Counts a payment for the cart that the order was made from; answers the order that had paid for it already.
///
/// Part of the transaction that marks the order as paid.
pub(crate) async fn settle_purchase(tx: &DatabaseTransaction, order: &order::Model) -> Result<Option<order::Model>> {
    let (Some(cart_id), Some(purchase)) = (order.cart_id, order.cart_purchase) else { return Ok(None) };
    if carts::count_purchase(tx, cart_id, purchase).await? {
        return Ok(None);
    }
    // A cart that was thrown away since has nothing to say.
    Ok(order::Entity::find()
        .filter(order::Column::CartId.eq(cart_id))
        .filter(order::Column::CartPurchase.eq(purchase))
        .filter(order::Column::Id.ne(order.id))
        .filter(order::Column::PaidAt.is_not_null())
        .filter(order::Column::DuplicateOfId.is_null())
        .one(tx)
        .await?)
}
