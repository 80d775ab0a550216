//! Promotions as creators see them.

use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Whether a promotion is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PromotionStatus {
    Active,
    Archived,
}

/// How far the use of a promotion by an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UseState {
    /// Held by an order that is being paid.
    Reserved,
    Redeemed,
    /// Given back by an order that was not paid.
    Released,
}

/// Where a promotion stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum PromotionState {
    Active,
    /// Begins later.
    Scheduled,
    Expired,
    /// Every use is redeemed, or held by an order that is being paid.
    UsedUp,
    Archived,
}

/// What a promotion takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reduction {
    /// 1 to 100.
    Percent(i64),
    Amount(Money),
}

impl Reduction {
    /// What it takes off goods that cost `base` together, in steps of what can be charged; never more than they cost.
    pub fn of(self, base: i64, currency: Currency) -> i64 {
        let off = match self {
            Reduction::Percent(percent) => i64::try_from(i128::from(base) * i128::from(percent.clamp(0, 100)) / 100).unwrap_or(base),
            Reduction::Amount(money) => money.amount,
        };
        let off = off.clamp(0, base.max(0));
        // All of it is all of it, whatever the steps.
        if off == base { off } else { off - off % currency.step() }
    }
}

/// As a person says it: `20%`, `$5.00`.
impl std::fmt::Display for Reduction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Reduction::Percent(percent) => write!(f, "{percent}%"),
            Reduction::Amount(money) => write!(f, "{money}"),
        }
    }
}

/// A page of promotions, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionList {
    pub promotions: Vec<PromotionView>,
    /// Leads to older ones.
    pub next_cursor: Option<String>,
}

/// A promotion with what it has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionView {
    pub id: String,
    pub name: String,
    /// Nothing where it applies by itself.
    pub code: Option<String>,
    pub state: PromotionState,
    pub reduction: Reduction,
    pub minimum: Option<Money>,
    pub once_per_customer: bool,
    pub max_redemptions: Option<i64>,
    /// Orders that are being paid and hold a use.
    pub n_reserved: i64,
    pub n_redeemed: i64,
    /// What the orders that redeemed it came to.
    pub sold: Money,
    /// What it took off them.
    pub given: Money,
    pub starts_at: Option<i64>,
    pub expires_at: Option<i64>,
    /// Nothing where it is for everything.
    pub goods: Option<Vec<PromotionGood>>,
    pub created_at: i64,
    /// Counts the changes of its terms.
    pub revision: i64,
}

/// Goods that a promotion is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionGood {
    pub product: String,
    pub title: String,
    /// Every variant where none is named.
    pub variant: Option<String>,
    pub variant_name: Option<String>,
}

impl PromotionGood {
    /// As forms name it: `product` or `product/variant`.
    pub fn key(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.product),
            None => self.product.clone(),
        }
    }
}

/// The form of a promotion, as somebody types it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromotionForm {
    /// Empty for a new one.
    pub id: String,
    /// The revision that the form was made from.
    pub revision: String,
    /// The newer one that its member saw and saves on top of; else empty.
    pub on_top: String,
    /// `code` or `automatic`.
    pub way: String,
    pub code: String,
    pub name: String,
    /// `percent` or `amount`.
    pub unit: String,
    pub value: String,
    /// `everything` or `chosen`.
    pub scope: String,
    /// `product` or `product/variant`.
    pub goods: Vec<String>,
    /// More of them, one a line.
    pub others: String,
    pub minimum: String,
    pub limit: String,
    /// Not empty where each customer gets it once.
    pub once_per_customer: String,
    /// `YYYY-MM-DDTHH:MM` in the store's time zone.
    pub starts: String,
    pub ends: String,
    /// The instants that stood there, and in which time zone.
    pub starts_shown: String,
    pub ends_shown: String,
}

impl PromotionForm {
    /// Takes the goods that were typed to those that were chosen.
    pub fn join_goods(&mut self) {
        let others = std::mem::take(&mut self.others);
        self.goods.extend(others.split([' ', ',', '\n', '\r', '\t']).filter(|good| !good.is_empty()).map(str::to_owned));
    }
}

/// What a promotion can be for: a product with its variants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotableProduct {
    pub slug: String,
    pub title: String,
    /// Key and name.
    pub variants: Vec<(String, String)>,
}

/// The promotion that a cart has, and what it takes off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPromotion {
    pub name: String,
    /// Nothing where it applies by itself.
    pub code: Option<String>,
    pub reduction: Reduction,
    pub once_per_customer: bool,
    /// Whether it is for all that is in the cart.
    pub is_for_everything: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduction_never_takes_more_than_there_is_and_keeps_to_what_can_be_charged() {
        let (usd, kwd) = (Currency::USD, Currency::parse("KWD").unwrap());
        assert_eq!(Reduction::Percent(33).of(1000, usd), 330);
        assert_eq!(Reduction::Percent(33).of(101, usd), 33);
        assert_eq!(Reduction::Percent(100).of(999, usd), 999);
        assert_eq!(Reduction::Amount(Money::new(500, usd)).of(300, usd), 300);
        assert_eq!(Reduction::Percent(10).of(i64::MAX, usd), i64::MAX / 10);
        assert_eq!(Reduction::Percent(15).of(1010, kwd), 150);
        assert_eq!(Reduction::Percent(50).of(0, usd), 0);
    }
}
