//! Prices: fixed ones, and those that the customer names.

use crate::money::{MAX_CHARGE, Money};
use serde::{Deserialize, Serialize};

/// What a tier costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// The price, or the least that is taken where the customer names it.
    pub amount: Money,
    /// Whether the customer may pay more.
    pub pay_what_you_want: bool,
    /// What the customer finds typed in; minor units.
    pub suggested_amount: Option<i64>,
}

/// Why an amount is no price of a tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPrice {
    #[error("The price of this is {0}.")]
    Fixed(Money),
    #[error("This is below the minimum price of {0}.")]
    TooLow(Money),
    #[error("The smallest payment is {0}. Pay that or more, or nothing.")]
    Uncharged(Money),
    #[error("The most that you can pay for this is {0}.")]
    TooHigh(Money),
    #[error("Write the price as a number, such as {0}.")]
    Unreadable(Money),
}

impl NotAPrice {
    /// The code that software reads.
    pub fn code(self) -> &'static str {
        match self {
            NotAPrice::Fixed(_) => "price_fixed",
            NotAPrice::TooLow(_) => "price_too_low",
            NotAPrice::Uncharged(_) => "price_uncharged",
            NotAPrice::TooHigh(_) => "price_too_high",
            NotAPrice::Unreadable(_) => "price_unreadable",
        }
    }
}

impl Price {
    /// What stands in the field before anybody has typed: the suggestion, else the least.
    pub fn proposed(&self) -> Money {
        Money { amount: self.suggested_amount.unwrap_or(self.amount.amount), ..self.amount }
    }

    /// What is charged for a piece when the customer names `chosen` minor units; the price, or the least, when nothing is named.
    ///
    /// # Errors
    /// Whatever can't be charged for it.
    pub fn charge(&self, chosen: Option<i64>) -> Result<Money, NotAPrice> {
        let Some(chosen) = chosen else { return Ok(self.amount) };
        let currency = self.amount.currency;
        if !self.pay_what_you_want {
            return if chosen == self.amount.amount { Ok(self.amount) } else { Err(NotAPrice::Fixed(self.amount)) };
        }
        if chosen < self.amount.amount {
            return Err(NotAPrice::TooLow(self.amount));
        }
        if chosen > MAX_CHARGE {
            return Err(NotAPrice::TooHigh(Money::new(MAX_CHARGE, currency)));
        }
        if chosen > 0 && chosen < currency.least_charge() {
            return Err(NotAPrice::Uncharged(Money::new(currency.least_charge(), currency)));
        }
        if chosen % currency.step() != 0 {
            return Err(NotAPrice::Unreadable(Money::example(currency)));
        }
        Ok(Money::new(chosen, currency))
    }

    /// As [`Price::charge`], of what somebody typed; an empty text names nothing.
    ///
    /// # Errors
    /// [`NotAPrice::Unreadable`] for what is no amount, and whatever can't be charged.
    pub fn charge_typed(&self, typed: &str) -> Result<Money, NotAPrice> {
        if typed.trim().is_empty() {
            return self.charge(None);
        }
        let currency = self.amount.currency;
        let amount = Money::parse(typed, currency).ok_or(NotAPrice::Unreadable(Money::example(currency)))?;
        self.charge(Some(amount.amount))
    }

    /// What is charged now for what was chosen some time ago: a price that rose since lifts it.
    pub fn charge_since(&self, chosen: Option<i64>) -> Money {
        let chosen = chosen.filter(|_| self.pay_what_you_want).map(|chosen| chosen.max(self.amount.amount));
        self.charge(chosen).unwrap_or(self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    fn usd(amount: i64) -> Money {
        Money::new(amount, Currency::USD)
    }

    fn open(least: i64) -> Price {
        Price { amount: usd(least), pay_what_you_want: true, suggested_amount: Some(least + 500) }
    }

    #[test]
    fn a_fixed_price_is_paid_as_it_is() {
        let price = Price { amount: usd(900), pay_what_you_want: false, suggested_amount: None };
        assert_eq!(price.charge(None), Ok(usd(900)));
        assert_eq!(price.charge(Some(900)), Ok(usd(900)));
        assert_eq!(price.charge(Some(100)), Err(NotAPrice::Fixed(usd(900))));
        assert_eq!(price.charge(Some(5_000)), Err(NotAPrice::Fixed(usd(900))));
        assert_eq!(price.charge_since(Some(100)), usd(900));
    }

    #[test]
    fn who_names_the_price_pays_at_least_the_least() {
        let price = open(300);
        assert_eq!(price.proposed(), usd(800));
        assert_eq!(price.charge(None), Ok(usd(300)));
        assert_eq!(price.charge(Some(299)), Err(NotAPrice::TooLow(usd(300))));
        assert_eq!(price.charge(Some(-1)), Err(NotAPrice::TooLow(usd(300))));
        assert_eq!(price.charge(Some(300)), Ok(usd(300)));
        assert_eq!(price.charge(Some(MAX_CHARGE)), Ok(usd(MAX_CHARGE)));
        assert_eq!(price.charge(Some(i64::MAX)), Err(NotAPrice::TooHigh(usd(MAX_CHARGE))));
    }

    #[test]
    fn nothing_is_paid_or_so_much_that_it_can_be_charged() {
        let price = open(0);
        assert_eq!(price.charge(Some(0)), Ok(usd(0)));
        assert_eq!(price.charge(Some(49)), Err(NotAPrice::Uncharged(usd(50))));
        assert_eq!(price.charge(Some(50)), Ok(usd(50)));
    }

    #[test]
    fn a_price_is_read_as_people_type_it() {
        let price = open(300);
        assert_eq!(price.charge_typed(" $7,50 "), Ok(usd(750)));
        assert_eq!(price.charge_typed(""), Ok(usd(300)));
        for typed in ["seven", "7.505", "-5", "1e3", "9999999999999999999999"] {
            assert!(price.charge_typed(typed).is_err(), "{typed}");
        }
        let krona = Price { amount: Money::new(0, Currency::parse("ISK").unwrap()), pay_what_you_want: true, suggested_amount: None };
        assert!(matches!(krona.charge(Some(150)), Err(NotAPrice::Unreadable(_))));
    }

    #[test]
    fn a_price_that_rose_lifts_what_waits_in_a_cart() {
        assert_eq!(open(300).charge_since(Some(200)), usd(300));
        assert_eq!(open(300).charge_since(Some(900)), usd(900));
        assert_eq!(open(0).charge_since(None), usd(0));
    }

    proptest! {
        #[test]
        fn whatever_is_charged_can_be_charged(least in 0..=MAX_CHARGE, chosen in proptest::option::of(any::<i64>()), is_open: bool) {
            let price = Price { amount: usd(least), pay_what_you_want: is_open, suggested_amount: None };
            if let Ok(money) = price.charge(chosen) {
                prop_assert!(money.amount >= least && money.amount <= MAX_CHARGE);
            }
            prop_assert!(price.charge_since(chosen).amount >= least);
        }
    }
}
