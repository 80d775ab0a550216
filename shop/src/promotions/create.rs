//! A new promotion with its code.

use crate::database::{begin_write, is_duplicate};
use crate::entities::{promotion, promotion_code};
use crate::{Error, Result, Shop, world};
use domain::money::{Currency, MAX_CHARGE};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

/// What a creator wants to give.
#[derive(Clone, Debug, Default)]
pub struct NewPromotion {
    pub code: String,
    /// 1 to 100; either this or `amount_off`.
    pub percent_off: Option<i64>,
    /// Minor units; needs a currency.
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    /// Minor units that an order must come to.
    pub minimum_amount: Option<i64>,
    pub once_per_customer: bool,
    pub max_redemptions: Option<i64>,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct CreatedPromotion {
    pub id: domain::id::Id,
    pub code: String,
}

const MAX_CODE_CHARS: usize = 60;

/// Makes a promotion that can be used at once.
///
/// # Errors
/// Refuses what can't be; `promotion_code_taken` when the code exists.
pub async fn create(shop: &Shop, new: NewPromotion) -> Result<CreatedPromotion> {
    let code = new.code.trim().to_owned();
    check(&code, &new, shop.clock.now_ms())?;
    let currency = new
        .currency
        .as_deref()
        .map(Currency::parse)
        .transpose()
        .map_err(|error| Error::refused("currency_invalid", format!("{error}.")))?;
    let (id, now) = (world::new_id(), shop.clock.now_ms());
    let tx = begin_write(&shop.db).await?;
    promotion::ActiveModel {
        id: Set(id),
        store_id: Set(shop.settings.store_id),
        name: Set(code.clone()),
        percent_off: Set(new.percent_off),
        amount_off: Set(new.amount_off),
        currency: Set(currency
            .filter(|_| new.amount_off.is_some() || new.minimum_amount.is_some())
            .map(|currency| currency.code().to_owned())),
        minimum_amount: Set(new.minimum_amount),
        once_per_customer: Set(new.once_per_customer),
        max_redemptions: Set(new.max_redemptions),
        n_reserved: Set(0),
        n_redeemed: Set(0),
        starts_at: Set(None),
        expires_at: Set(new.expires_at),
        status: Set("active".to_owned()),
        created_at: Set(now),
    }
    .insert(&tx)
    .await?;
    let row = promotion_code::ActiveModel {
        id: Set(world::new_id()),
        store_id: Set(shop.settings.store_id),
        promotion_id: Set(id),
        code_normalized: Set(code.to_uppercase()),
        code: Set(code.clone()),
    };
    match row.insert(&tx).await {
        Ok(_) => {}
        Err(error) if is_duplicate(&error) => {
            return Err(Error::conflict("promotion_code_taken", "There is a promotion with this code already. Please choose another."));
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(CreatedPromotion { id, code })
}

fn check(code: &str, new: &NewPromotion, now: i64) -> Result<()> {
    let fits =
        (1..=MAX_CODE_CHARS).contains(&code.chars().count()) && code.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if !fits {
        let text = format!("A code has 1 to {MAX_CODE_CHARS} letters, digits, hyphens, dots or underscores.");
        return Err(Error::refused("promotion_code_invalid", text));
    }
    match (new.percent_off, new.amount_off) {
        (Some(percent), None) if (1..=100).contains(&percent) => {}
        (None, Some(amount)) if (1..=MAX_CHARGE).contains(&amount) && new.currency.is_some() => {}
        _ => {
            let text = "Give either percent_off, from 1 to 100, or amount_off in minor units with its currency.";
            return Err(Error::refused("promotion_value_invalid", text));
        }
    }
    if new.minimum_amount.is_some_and(|amount| !(1..=MAX_CHARGE).contains(&amount))
        || new.minimum_amount.is_some() && new.currency.is_none()
    {
        return Err(Error::refused("minimum_amount_invalid", "A minimum is a number of minor units, with its currency."));
    }
    if new.max_redemptions.is_some_and(|limit| !(1..=1_000_000_000).contains(&limit)) {
        return Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000000; leave it out for none."));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::refused("expires_at_invalid", "A promotion ends in the future."));
    }
    Ok(())
}
