//! Promotions: one is reserved with the order and redeemed with the payment, by guarded updates alone.

mod create;
mod discount;
mod edit;
pub mod form;
mod list;
mod reprice;
mod sql;
mod terms;

pub use create::{CreatedPromotion, create};
pub(crate) use discount::{Discount, Piece, Wish, find_discount};
pub use edit::{PromotionChange, archive, unarchive, update};
pub use list::{PromotionQuery, find, list, promotable};
pub(crate) use reprice::{n_counted, take_over};
pub use terms::{ChosenGood, NewPromotion};

use crate::database::{execute, is_duplicate, statement};
use crate::entities::{order, promotion, promotion_use};
use crate::mail::templates::Trouble;
use crate::{Error, Result, Shop, jobs, refusals, world};
use domain::email::Email;
use domain::id::{Id, order_number};
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
    let sql = "UPDATE promotions SET n_reserved = n_reserved + 1 WHERE id = $1 AND status = 'active' AND (expires_at IS NULL OR expires_at > $2) AND (max_redemptions IS NULL OR n_reserved + n_redeemed < max_redemptions)";
    if execute(db, sql, [discount.promotion_id.into(), shop.clock.now_ms().into()]).await? == 0 {
        return Err(refusal());
    }
    let sql = "INSERT INTO promotion_uses (id, store_id, promotion_id, order_id, customer_key, once_per_customer, amount, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'reserved', $8)";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        discount.promotion_id.into(),
        order_id.into(),
        email.normalized().into(),
        discount.applied.once_per_customer.into(),
        discount.amount.into(),
        shop.clock.now_ms().into(),
    ];
    match execute(db, sql, values).await {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(refusal()),
        Err(error) => Err(error.into()),
    }
}

/// Holds the use of an order again that was given back when its session ended, if the promotion still allows it.
///
/// # Errors
/// `promotion_over` when it is used up, archived or over by now.
pub(crate) async fn reserve_again(db: &impl ConnectionTrait, shop: &Shop, order_id: Id) -> Result<()> {
    let sql = "SELECT promotion_id FROM promotion_uses WHERE order_id = $1 AND state = 'released'";
    let Some(row) = db.query_one_raw(statement(db, sql, [order_id.into()])).await? else { return Ok(()) };
    let promotion_id: Id = row.try_get("", "promotion_id")?;
    let over = || Error::from(refusals::PROMOTION_OVER);
    let sql = "UPDATE promotions SET n_reserved = n_reserved + 1 WHERE id = $1 AND status = 'active' AND (expires_at IS NULL OR expires_at > $2) AND (max_redemptions IS NULL OR n_reserved + n_redeemed < max_redemptions)";
    if execute(db, sql, [promotion_id.into(), shop.clock.now_ms().into()]).await? == 0 {
        return Err(over());
    }
    match execute(db, "UPDATE promotion_uses SET state = 'reserved' WHERE order_id = $1 AND state = 'released'", [order_id.into()]).await {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(over()),
        Err(error) => Err(error.into()),
    }
}

/// Turns the order's use into a redemption. Running it again changes nothing.
///
/// A use that was released before late money came is held again where the promotion still allows it. Where it doesn't, the customer
/// paid the price that was promised all the same, and the owner is told that the promotion was used once more than it counts.
pub(crate) async fn redeem(tx: &DatabaseTransaction, shop: &Shop, order: &order::Model) -> Result<()> {
    let order_id = order.id;
    if execute(tx, sql::HOLD_LATE, [order_id.into()]).await? == 1 {
        execute(tx, "UPDATE promotion_uses SET state = 'reserved' WHERE order_id = $1 AND state = 'released'", [order_id.into()]).await?;
    }
    if execute(tx, "UPDATE promotion_uses SET state = 'redeemed' WHERE order_id = $1 AND state = 'reserved'", [order_id.into()]).await? == 1
    {
        let amount = |what: &str| {
            format!(
                "(SELECT CASE WHEN o.currency = s.currency THEN {what} ELSE 0 END FROM promotion_uses u JOIN orders o ON o.id = u.order_id JOIN stores s ON s.id = o.store_id WHERE u.order_id = $1)"
            )
        };
        let sql = format!(
            "UPDATE promotions SET n_reserved = n_reserved - 1, n_redeemed = n_redeemed + 1, amount_sold = amount_sold + {}, amount_given = amount_given + {} \
             WHERE id = (SELECT promotion_id FROM promotion_uses WHERE order_id = $1)",
            amount("o.amount_total"),
            amount("u.amount")
        );
        execute(tx, &sql, [order_id.into()]).await?;
        return Ok(());
    }
    let of_order = promotion_use::Entity::find().filter(promotion_use::Column::OrderId.eq(order_id));
    let Some(late) = of_order.filter(promotion_use::Column::State.eq("released")).one(tx).await? else { return Ok(()) };
    let name = promotion::Entity::find_by_id(late.promotion_id).one(tx).await?.map(|promotion| promotion.name).unwrap_or_default();
    let text = Trouble {
        what: &format!(
            "An order that was paid late used the promotion “{name}”, which had no use left by then. The customer paid the discounted price that they were promised."
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
    let sql = "UPDATE promotion_uses SET customer_key = $2 WHERE order_id = $1 AND NOT (once_per_customer AND state <> 'released' \
               AND EXISTS (SELECT 1 FROM promotion_uses u WHERE u.promotion_id = promotion_uses.promotion_id AND u.customer_key = $2 AND u.once_per_customer \
               AND u.state <> 'released' AND u.order_id <> $1))";
    if execute(db, sql, [order_id.into(), customer_key.into()]).await? == 0 {
        let own = format!("order:{}", order_id.simple());
        execute(db, "UPDATE promotion_uses SET customer_key = $2 WHERE order_id = $1", [order_id.into(), own.into()]).await?;
    }
    Ok(())
}

/// Gives the use back when the order will not be paid.
pub(crate) async fn release(db: &impl ConnectionTrait, order_id: Id) -> Result<()> {
    if execute(db, "UPDATE promotion_uses SET state = 'released' WHERE order_id = $1 AND state = 'reserved'", [order_id.into()]).await? == 1
    {
        execute(
            db,
            "UPDATE promotions SET n_reserved = n_reserved - 1 WHERE id = (SELECT promotion_id FROM promotion_uses WHERE order_id = $1)",
            [order_id.into()],
        )
        .await?;
    }
    Ok(())
}
