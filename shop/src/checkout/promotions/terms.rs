//! What a promotion gives, to whom and when: read from whoever makes or changes one.

use super::sql;
use crate::base::database::statement;
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::money::{Currency, MAX_CHARGE};
use domain::text::{has_visible, tidy, typed};
use domain::tier::TierRef;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

/// What a creator wants to give. Also what stands in the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewPromotion {
    /// Without one it applies by itself.
    pub code: Option<String>,
    /// The code where there is none.
    pub name: Option<String>,
    /// 1 to 100; either this or `amount_off`.
    pub percent_off: Option<i64>,
    /// Minor units; needs a currency.
    pub amount_off: Option<i64>,
    pub currency: Option<String>,
    /// Minor units that an order must come to.
    pub minimum_amount: Option<i64>,
    pub once_per_customer: bool,
    /// How many orders may use it at most.
    pub max_redemptions: Option<i64>,
    /// Milliseconds since 1970.
    pub starts_at: Option<i64>,
    /// Milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// Nothing for everything; of a product every tier where none is named.
    pub goods: Option<Vec<TierRef>>,
}

const MAX_CODE_CHARS: usize = 60;
const MAX_NAME_CHARS: usize = 80;
const MAX_GOODS: usize = 500;

/// A promotion that makes sense, as it is written.
pub(super) struct Terms {
    pub code: Option<String>,
    pub name: String,
    pub currency: Option<Currency>,
}

/// Holds what is wanted against the rules. What stood before need not be in the future.
///
/// # Errors
/// Refuses what can't be.
pub(super) fn check(new: &NewPromotion, before: Option<&NewPromotion>, now: i64) -> Result<Terms> {
    let code = new.code.as_deref().map(typed);
    if let Some(code) = &code {
        let fits = (1..=MAX_CODE_CHARS).contains(&code.chars().count())
            && code.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !fits {
            let text = format!("A code has 1 to {MAX_CODE_CHARS} letters, digits, hyphens, dots or underscores.");
            return Err(Error::refused("promotion_code_invalid", text).at("code"));
        }
    }
    let name = new.name.as_deref().map(tidy).filter(|name| !name.is_empty()).or_else(|| code.clone()).unwrap_or_default();
    if !has_visible(&name) || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        let text = format!("Give a code, or a name of 1 to {MAX_NAME_CHARS} characters under which the promotion applies by itself.");
        return Err(Error::refused("promotion_name_invalid", text).at("name"));
    }
    let currency = new.currency.as_deref().map(Currency::parse).transpose().map_err(|_| {
        Error::refused("currency_invalid", "A currency is a code of ISO 4217 that can be charged, such as USD.").at("currency")
    })?;
    let step = currency.map_or(1, |currency| currency.step());
    match (new.percent_off, new.amount_off) {
        (Some(percent), None) if (1..=100).contains(&percent) => {}
        (None, Some(amount)) if (1..=MAX_CHARGE).contains(&amount) && amount % step == 0 && currency.is_some() => {}
        _ => {
            let text = "Give either percent_off, from 1 to 100, or amount_off in minor units with its currency.";
            return Err(Error::refused("promotion_value_invalid", text).at(if new.amount_off.is_some() {
                "amount_off"
            } else {
                "percent_off"
            }));
        }
    }
    if new.minimum_amount.is_some_and(|amount| !(1..=MAX_CHARGE).contains(&amount)) || new.minimum_amount.is_some() && currency.is_none() {
        return Err(
            Error::refused("minimum_amount_invalid", "A minimum is a number of minor units, with its currency.").at("minimum_amount")
        );
    }
    if new.max_redemptions.is_some_and(|limit| !(1..=1_000_000_000).contains(&limit)) {
        return Err(Error::refused("limit_invalid", "A limit is between 1 and 1000000000; leave it out for none.").at("max_redemptions"));
    }
    let is_new_end = new.expires_at != before.and_then(|before| before.expires_at);
    if is_new_end && new.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::refused("expires_at_invalid", "A promotion ends in the future.").at("expires_at"));
    }
    if new.starts_at.zip(new.expires_at).is_some_and(|(starts, ends)| ends <= starts) {
        return Err(Error::refused("expires_at_invalid", "A promotion ends after it begins.").at("expires_at"));
    }
    let currency = currency.filter(|_| new.amount_off.is_some() || new.minimum_amount.is_some());
    Ok(Terms { code, name, currency })
}

#[derive(FromQueryResult)]
struct GoodRow {
    product_id: Id,
    variant_id: Option<Id>,
    slug: String,
    key: Option<String>,
}

pub(super) fn no_goods() -> Error {
    Error::refused("goods_invalid", format!("Choose 1 to {MAX_GOODS} products or variants, or make it for everything.")).at("goods")
}

/// The rows of the goods that are named.
///
/// # Errors
/// Refuses none, too many, and names that there are not.
pub(super) async fn find_goods(db: &impl ConnectionTrait, shop: &Shop, goods: &[TierRef]) -> Result<Vec<(Id, Option<Id>)>> {
    if goods.is_empty() || goods.len() > MAX_GOODS {
        return Err(no_goods());
    }
    let names: Vec<&str> = goods.iter().map(|good| good.product.as_str()).collect();
    let places: Vec<String> = (2..names.len() + 2).map(|n| format!("${n}")).collect();
    let values = std::iter::once(shop.settings.store_id.into()).chain(names.into_iter().map(Into::into));
    let rows = GoodRow::find_by_statement(statement(db, sql::tiers_of(&places.join(", ")), values)).all(db).await?;
    let mut found: Vec<(Id, Option<Id>)> = Vec::with_capacity(goods.len());
    for good in goods {
        let row = rows.iter().find(|row| row.slug == good.product && (good.variant.is_none() || row.key == good.variant));
        let row = row.ok_or_else(|| {
            let name: String = good.to_string().chars().take(80).collect();
            Error::refused("goods_unknown", format!("There is no product or tier {name}.")).at("goods")
        })?;
        let pair = (row.product_id, row.variant_id.filter(|_| good.variant.is_some()));
        if !found.contains(&pair) {
            found.push(pair);
        }
    }
    Ok(found)
}
