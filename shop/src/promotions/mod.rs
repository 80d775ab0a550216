//! Promotions: a code is reserved with the order and redeemed with the payment, by guarded updates alone.

mod create;

pub use create::{CreatedPromotion, NewPromotion, create};

use crate::database::{execute, is_duplicate, statement};
use crate::{Error, Result, Shop, world};
use domain::email::Email;
use domain::id::Id;
use sea_orm::{ConnectionTrait, FromQueryResult};

#[derive(FromQueryResult)]
struct PromotionRow {
    id: Id,
    percent_off: Option<i64>,
    amount_off: Option<i64>,
    currency: Option<String>,
    minimum_amount: Option<i64>,
    once_per_customer: bool,
    starts_at: Option<i64>,
    expires_at: Option<i64>,
}

/// A promotion that fits an order, and what it takes off.
pub(crate) struct Discount {
    promotion_id: Id,
    once_per_customer: bool,
    pub amount: i64,
}

/// One answer for unknown, expired and used up, so that codes can't be found out by trying.
fn refusal() -> Error {
    Error::refused("promotion_invalid", "This promotion code doesn't work for this order.")
}

/// What this code takes off `subtotal` (minor units).
///
/// # Errors
/// Refuses with `promotion_invalid`.
pub(crate) async fn find_discount(shop: &Shop, code: &str, subtotal: i64, currency: &str) -> Result<Discount> {
    let sql = "SELECT p.id, p.percent_off, p.amount_off, p.currency, p.minimum_amount, p.once_per_customer, p.starts_at, p.expires_at \
               FROM promotion_codes c JOIN promotions p ON p.id = c.promotion_id WHERE c.store_id = $1 AND c.code_normalized = $2 AND p.status = 'active'";
    let code = code.trim().to_uppercase();
    if code.chars().any(char::is_control) {
        return Err(refusal());
    }
    let row = PromotionRow::find_by_statement(statement(&shop.db, sql, [shop.settings.store_id.into(), code.into()]))
        .one(&shop.db)
        .await?
        .ok_or_else(refusal)?;
    let now = shop.clock.now_ms();
    let fits = row.starts_at.is_none_or(|at| at <= now)
        && row.expires_at.is_none_or(|at| now < at)
        && row.minimum_amount.is_none_or(|minimum| minimum <= subtotal)
        && row.currency.as_deref().is_none_or(|c| c == currency);
    if !fits {
        return Err(refusal());
    }
    let amount = match (row.percent_off, row.amount_off) {
        (Some(percent), _) => i64::try_from(i128::from(subtotal) * i128::from(percent) / 100).unwrap_or(subtotal),
        (None, Some(amount)) => amount.min(subtotal),
        (None, None) => 0,
    };
    Ok(Discount { promotion_id: row.id, once_per_customer: row.once_per_customer, amount })
}

/// Holds one use for an order, in the order's own transaction.
pub(crate) async fn reserve(db: &impl ConnectionTrait, shop: &Shop, discount: &Discount, order_id: Id, email: &Email) -> Result<()> {
    let sql = "UPDATE promotions SET n_reserved = n_reserved + 1 WHERE id = $1 AND status = 'active' AND (max_redemptions IS NULL OR n_reserved + n_redeemed < max_redemptions)";
    if execute(db, sql, [discount.promotion_id.into()]).await? == 0 {
        return Err(refusal());
    }
    let sql = "INSERT INTO promotion_uses (id, store_id, promotion_id, order_id, customer_key, once_per_customer, amount, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'reserved', $8)";
    let values = [
        world::new_id().into(),
        shop.settings.store_id.into(),
        discount.promotion_id.into(),
        order_id.into(),
        email.normalized().into(),
        discount.once_per_customer.into(),
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
    let over = || {
        Error::conflict(
            "promotion_over",
            "The promotion code of this order can't be used any more. Please put the products into the cart again.",
        )
    };
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
pub(crate) async fn redeem(db: &impl ConnectionTrait, order_id: Id) -> Result<()> {
    // A use that was released before late money came stays released: the customer paid the price we promised, and the limit is not passed.
    if execute(db, "UPDATE promotion_uses SET state = 'redeemed' WHERE order_id = $1 AND state = 'reserved'", [order_id.into()]).await? == 1
    {
        execute(db, "UPDATE promotions SET n_reserved = n_reserved - 1, n_redeemed = n_redeemed + 1 WHERE id = (SELECT promotion_id FROM promotion_uses WHERE order_id = $1)", [order_id.into()]).await?;
    }
    Ok(())
}

/// The promotion of a code, whether it is over or not.
pub(crate) async fn id_of_code(shop: &Shop, code: &str) -> Result<Option<Id>> {
    let code = code.trim().to_uppercase();
    if code.chars().any(char::is_control) {
        return Ok(None);
    }
    let sql = "SELECT promotion_id FROM promotion_codes WHERE store_id = $1 AND code_normalized = $2";
    let row = shop.db.query_one_raw(statement(&shop.db, sql, [shop.settings.store_id.into(), code.into()])).await?;
    Ok(row.map(|row| row.try_get("", "promotion_id")).transpose()?)
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
