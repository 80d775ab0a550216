//! Promotions: one is reserved with the order and redeemed with the payment, by guarded updates alone.

mod create;
mod discount;
mod edit;
pub mod form;
mod list;
mod reprice;
mod sql;
mod steps;
mod terms;

pub use create::{CreatedPromotion, create};
pub(crate) use discount::{Discount, DiscountRequest, Piece, find_discount};
pub use edit::{PromotionChange, archive, unarchive, update};
pub use list::{PromotionQuery, find, list, promotable};
pub(crate) use reprice::{n_counted, take_over};
pub(crate) use steps::{forget, throw_away_uses};
pub use terms::NewPromotion;

use crate::base::entities::{order, promotion, promotion_use};
use crate::jobs::mail::templates::Trouble;
use crate::{
    Error, Result, Shop,
    base::{refusals, world},
    jobs, stores,
};
use domain::email::Email;
use domain::id::{Id, order_number};
use domain::promotion::UseState;
use domain::text::typed;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

/// The code of [`refusal`].
pub(crate) const REFUSED: &str = "promotion_invalid";

/// One answer for unknown, expired and used up, so that codes can't be found out by trying.
fn refusal() -> Error {
    refusals::PROMOTION_INVALID.into()
}

/// Holds one use for an order, in the order's own transaction.
pub(crate) async fn reserve(db: &impl ConnectionTrait, shop: &Shop, discount: &Discount, order_id: Id, email: &Email) -> Result<()> {
    if !steps::hold(db, discount.promotion_id, shop.clock.now_ms()).await? {
        return Err(refusal());
    }
    let row = promotion_use::Model {
        id: world::new_id(),
        store_id: shop.settings.store_id,
        promotion_id: discount.promotion_id,
        order_id,
        customer_key: email.normalized(),
        once_per_customer: discount.applied.once_per_customer,
        amount: discount.amount,
        state: UseState::Reserved.into(),
        created_at: shop.clock.now_ms(),
    };
    if steps::add_use(db, row).await? { Ok(()) } else { Err(refusal()) }
}

/// The use of a promotion by an order.
async fn use_of(db: &impl ConnectionTrait, order_id: Id) -> Result<Option<promotion_use::Model>> {
    Ok(promotion_use::Entity::find().filter(promotion_use::Column::OrderId.eq(order_id)).one(db).await?)
}

/// Holds the use of an order again that was given back when its session ended, if the promotion still allows it.
///
/// # Errors
/// `promotion_over` when it is used up, archived or over by now.
pub(crate) async fn reserve_again(db: &impl ConnectionTrait, shop: &Shop, order_id: Id) -> Result<()> {
    let Some(released) = use_of(db, order_id).await?.filter(|row| row.state == UseState::Released) else { return Ok(()) };
    if steps::hold(db, released.promotion_id, shop.clock.now_ms()).await? && steps::reserve_again(db, order_id).await? {
        return Ok(());
    }
    Err(refusals::PROMOTION_OVER.into())
}

/// Turns the order's use into a redemption. Running it again changes nothing.
///
/// A use that was released before late money came is held again where the promotion still allows it. Where it doesn't, the customer
/// paid the price that was promised all the same, and the owner is told that the promotion was used once more than it counts.
pub(crate) async fn redeem(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let order_id = order.id;
    let Some(found) = use_of(tx, order_id).await? else { return Ok(()) };
    let was_released = found.state == UseState::Released;
    if was_released && steps::hold_late(tx, order_id).await? && !steps::reserve_again(tx, order_id).await? {
        return Err(anyhow::anyhow!("the promotion of order {} was used by its customer at the same moment", order.public_id).into());
    }
    if steps::end_use(tx, order_id, UseState::Redeemed).await? {
        // Sums are in the currency that the store sells in.
        let is_summed = stores::currency_in(tx, order.store_id).await? == *order.currency;
        let (sold, given) = if is_summed { (order.amount_total, found.amount) } else { (0, 0) };
        return steps::count_redeemed(tx, order_id, sold, given).await;
    }
    if !was_released {
        return Ok(());
    }
    let name = promotion::Entity::find_by_id(found.promotion_id).one(tx).await?.map(|promotion| promotion.name).unwrap_or_default();
    let text = Trouble {
        what: &format!(
            "An order that was paid late used the promotion “{name}”, which had no use left by then. The customer paid the discounted \
             price that they were promised."
        ),
        order: Some(&order_number(&order.public_id)),
        to_do: "Nothing. The promotion's count does not include this order.",
    }
    .to_string();
    jobs::alert(tx, shop, &format!("promotion-late:{order_id}"), &text).await
}

/// The promotion of a code, or of an id for one without a code; whether it is over or not.
pub(crate) async fn id_of_code(shop: &Shop, code: &str) -> Result<Option<Id>> {
    match list::find_row(&shop.db, shop, code).await {
        Ok(row) => Ok(Some(row.id)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A code as it is looked up: however it was typed, pasted or read out, in whatever case.
pub(crate) fn normalized(code: &str) -> String {
    typed(code).to_uppercase()
}

/// Lets the use of an order count for another customer. One who has used the promotion already keeps both uses: what was paid is
/// paid.
pub(crate) async fn move_to(db: &impl ConnectionTrait, order_id: Id, customer_key: &str) -> Result<()> {
    if !steps::move_use(db, order_id, customer_key).await? {
        steps::name_customer(db, order_id, &format!("order:{}", order_id.simple())).await?;
    }
    Ok(())
}

/// Gives the use back when the order will not be paid.
pub(crate) async fn release(db: &impl ConnectionTrait, order_id: Id) -> Result<()> {
    if steps::end_use(db, order_id, UseState::Released).await? {
        steps::count_released(db, order_id).await?;
    }
    Ok(())
}
