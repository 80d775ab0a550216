//! Carts and quotes.

use crate::money::Money;
use crate::pages::storefront::Picture;
use crate::promotion::AppliedPromotion;
use serde::{Deserialize, Serialize};

/// How many pieces of one thing an order may have.
pub const MAX_QUANTITY: i64 = 99;
/// How many different things an order may have.
pub const MAX_LINES: usize = 50;

/// How many pieces: 1 to [`MAX_QUANTITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(i64);

/// Why a number is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The quantity must be between 1 and {MAX_QUANTITY}.")]
pub struct NotAQuantity;

impl Quantity {
    /// # Errors
    /// [`NotAQuantity`] outside of 1 to [`MAX_QUANTITY`].
    pub fn parse(pieces: i64) -> Result<Self, NotAQuantity> {
        (1..=MAX_QUANTITY).contains(&pieces).then_some(Self(pieces)).ok_or(NotAQuantity)
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

/// One line of a quote. Computed by the server alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteLine {
    pub product: String,
    pub variant: String,
    pub title: String,
    pub variant_name: String,
    pub cover: Option<Picture>,
    pub quantity: i64,
    pub unit_price: Money,
    pub line_total: Money,
    /// Whether the unit's price is the customer's to name.
    pub pay_what_you_want: bool,
    /// The least that a piece costs where the customer names the price.
    #[serde(default)]
    pub least: Option<Money>,
    /// Whether each piece has a license key of its own.
    #[serde(default)]
    pub has_license: bool,
    /// The title of a bundle in the same cart that has it as well.
    #[serde(default)]
    pub also_in: Option<String>,
    /// Titles of what comes with it.
    pub includes: Vec<String>,
}

impl QuoteLine {
    /// Which tier it is, as forms name it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.product, self.variant)
    }
}

/// What a cart costs now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// In the order in which they were put in.
    pub lines: Vec<QuoteLine>,
    pub subtotal: Money,
    pub discount: Money,
    /// What the discount is for.
    pub promotion: Option<AppliedPromotion>,
    /// The code that was applied to the cart.
    pub code: Option<String>,
    /// Whether that code does not work for what is in the cart now.
    pub is_code_refused: bool,
    /// The address that was typed on the cart's page, as it was typed.
    #[serde(default)]
    pub email: Option<String>,
    pub tax: Money,
    pub total: Money,
    /// Titles of what was in the cart and can no longer be bought.
    pub gone: Vec<String>,
    /// Titles of what is in the cart and is not priced in the currency that the shop sells in.
    #[serde(default)]
    pub unpriced: Vec<String>,
    /// Titles of what is in the cart and delivers nothing yet.
    #[serde(default)]
    pub coming: Vec<String>,
}

impl Quote {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn n_pieces(&self) -> i64 {
        self.lines.iter().map(|line| line.quantity).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_a_handful() {
        assert_eq!(Quantity::parse(1).unwrap().get(), 1);
        for bad in [0, -1, 100, 1_000_000_000, i64::MIN, i64::MAX] {
            assert_eq!(Quantity::parse(bad), Err(NotAQuantity), "{bad}");
        }
    }
}
