//! Amounts in minor units with their currency.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An ISO 4217 currency, upper case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(Code);

/// One of the codes in [`KNOWN`]. Under a name, as serde would take a `&'static str` for something to borrow from its input.
type Code = &'static str;

/// Why a text is no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is a code of ISO 4217 that can be charged, such as USD")]
pub struct NotACurrency;

/// Every currency that can be charged, in the order of the alphabet. Source: <https://docs.stripe.com/currencies#presentment-currencies>
const KNOWN: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY \
    COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS \
    KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN \
    PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU \
    UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW";

/// Currencies whose minor unit is not a hundredth. Source: <https://docs.stripe.com/currencies#zero-decimal>
const ZERO_DECIMALS: [&str; 15] = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
const THREE_DECIMALS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Currencies without cents that Stripe counts in hundredths all the same. Source: <https://docs.stripe.com/currencies#special-cases>
const WHOLE_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// The least that can be charged, in minor units. Currencies that are not listed have no minimum of their own.
/// Source: <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>
const LEAST: [(&str, i64); 25] = [
    ("USD", 50),
    ("AED", 200),
    ("AUD", 50),
    ("BGN", 100),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
    ("ISK", 100),
];

impl Currency {
    pub const USD: Currency = Currency("USD");

    /// Reads a code in either case.
    ///
    /// # Errors
    /// [`NotACurrency`] when it cannot be charged.
    pub fn parse(text: &str) -> Result<Self, NotACurrency> {
        Self::codes().find(|code| code.eq_ignore_ascii_case(text)).map(Self).ok_or(NotACurrency)
    }

    /// The codes of all that can be charged, in the order of the alphabet.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        KNOWN.split(' ')
    }

    /// The code, upper case.
    pub fn code(&self) -> &'static str {
        self.0
    }

    /// How many decimals its minor unit stands for.
    pub fn decimals(&self) -> u32 {
        if ZERO_DECIMALS.contains(&self.0) {
            0
        } else if THREE_DECIMALS.contains(&self.0) {
            3
        } else {
            2
        }
    }

    /// The least that can be charged, in minor units.
    pub fn least_charge(&self) -> i64 {
        LEAST.iter().find(|(code, _)| *code == self.0).map_or(1, |(_, least)| *least)
    }

    /// What every amount must be a multiple of: Stripe takes no fils and no hundredths of a krona.
    pub fn step(&self) -> i64 {
        if WHOLE_HUNDREDTHS.contains(&self.0) {
            100
        } else if THREE_DECIMALS.contains(&self.0) {
            10
        } else {
            1
        }
    }

    /// The sign that stands before its amounts, or the code.
    pub fn sign(&self) -> &'static str {
        self.symbol().unwrap_or(self.0)
    }

    fn symbol(&self) -> Option<&'static str> {
        Some(match self.0 {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            "JPY" => "¥",
            _ => return None,
        })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;
    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        Self::parse(text)
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> &'static str {
        currency.code()
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;
    fn try_from(text: String) -> Result<Self, NotACurrency> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// An amount of money in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub amount: i64,
    pub currency: Currency,
}

/// The dearest thing that can be sold: Stripe charges at most eight digits.
/// Source: <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>
pub const MAX_CHARGE: i64 = 99_999_999;

impl Money {
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }

    pub fn is_zero(&self) -> bool {
        self.amount == 0
    }

    /// The most of it that can be moved.
    pub fn in_steps(self) -> Self {
        let step = self.currency.step();
        Self::new(self.amount / step * step, self.currency)
    }

    /// The amount in major units without the currency, as spreadsheets read it: `1234.50`.
    pub fn decimal(self) -> String {
        let (sign, digits, decimals) = (if self.amount < 0 { "-" } else { "" }, self.amount.unsigned_abs(), self.currency.decimals());
        let unit = 10u64.pow(decimals);
        match decimals {
            0 => format!("{sign}{digits}"),
            decimals => format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = decimals as usize),
        }
    }

    /// The same number in another currency: $20.00 is €20.00, ¥20 and KWD 20.000. It is rounded to what can be charged, but nothing
    /// becomes free by it; `None` where so much can't be charged.
    pub fn same_number_in(self, to: Currency) -> Option<Self> {
        if self.amount <= 0 {
            return (self.amount == 0).then_some(Self::new(0, to));
        }
        let (before, after) = (10i64.pow(self.currency.decimals()), 10i64.pow(to.decimals()) / to.step());
        let steps = self.amount.checked_mul(after)?.checked_add(before / 2)? / before;
        let amount = steps.max(1).checked_mul(to.step())?;
        (amount <= MAX_CHARGE).then_some(Self::new(amount, to))
    }
}

/// Shares `total` out by `weights`: each share is at most its weight, and together they are `total` (at most the sum of all).
/// What rounding leaves goes to those that lost most by it, the first ones first.
pub fn shares(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum <= 0 {
        return vec![0; weights.len()];
    }
    let total = i128::from(total).clamp(0, sum);
    let floor = |weight: i64| total * i128::from(weight) / sum;
    let mut shares: Vec<i64> = weights.iter().map(|weight| floor(*weight) as i64).collect();
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    by_loss.sort_by_key(|i| std::cmp::Reverse(total * i128::from(weights[*i]) % sum));
    let left = total - shares.iter().map(|share| i128::from(*share)).sum::<i128>();
    // Fewer are left than lost something, and a share that lost something is less than its weight.
    for i in by_loss.into_iter().take(left as usize) {
        shares[i] += 1;
    }
    shares
}

/// As [`shares`], each in whole steps where all that is shared out is.
pub fn shares_in_steps(total: i64, weights: &[i64], step: i64) -> Vec<i64> {
    if step <= 1 || total % step != 0 || weights.iter().any(|weight| weight % step != 0) {
        return shares(total, weights);
    }
    let in_steps: Vec<i64> = weights.iter().map(|weight| weight / step).collect();
    shares(total / step, &in_steps).into_iter().map(|share| share * step).collect()
}

/// As a person reads it, always with the currency: `$2.99`, `¥300`, `CHF 12.50`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.amount < 0 { "−" } else { "" };
        let digits = self.amount.unsigned_abs();
        let decimals = self.currency.decimals();
        let unit = 10u64.pow(decimals);
        match self.currency.symbol() {
            Some(symbol) => write!(f, "{sign}{symbol}")?,
            None => write!(f, "{sign}{}\u{a0}", self.currency)?,
        }
        write!(f, "{}", grouped(digits / unit))?;
        if decimals > 0 {
            write!(f, ".{:0width$}", digits % unit, width = decimals as usize)?;
        }
        Ok(())
    }
}

fn grouped(whole: u64) -> String {
    let digits = whole.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amount: i64, code: &str) -> String {
        Money::new(amount, Currency::parse(code).unwrap()).to_string()
    }

    #[test]
    fn money_reads_as_its_currency_is_written() {
        assert_eq!(money(299, "usd"), "$2.99");
        assert_eq!(money(123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(money(300, "JPY"), "¥300");
        assert_eq!(money(1250, "CHF"), "CHF\u{a0}12.50");
        assert_eq!(money(12_345, "KWD"), "KWD\u{a0}12.345");
        assert_eq!(money(-5, "USD"), "−$0.05");
        assert_eq!(money(1000, "XPF"), "XPF\u{a0}1,000");
        assert_eq!(money(5000, "ISK"), "ISK\u{a0}50.00");
    }

    #[test]
    fn a_spreadsheet_reads_an_amount_without_its_currency() {
        let decimal = |amount: i64, code: &str| Money::new(amount, Currency::parse(code).unwrap()).decimal();
        assert_eq!(decimal(123_456, "USD"), "1234.56");
        assert_eq!(decimal(-5, "USD"), "-0.05");
        assert_eq!(decimal(300, "JPY"), "300");
        assert_eq!(decimal(1, "KWD"), "0.001");
    }

    #[test]
    fn a_number_is_taken_over_to_what_another_currency_can_charge() {
        let taken = |amount, from: &str, to: &str| {
            let currency = |code| Currency::parse(code).unwrap();
            Money::new(amount, currency(from)).same_number_in(currency(to)).map(|money| money.amount)
        };
        assert_eq!(taken(2000, "USD", "EUR"), Some(2000));
        assert_eq!((taken(1999, "USD", "JPY"), taken(2049, "USD", "JPY")), (Some(20), Some(20)));
        assert_eq!((taken(1999, "USD", "KWD"), taken(12_345, "KWD", "USD")), (Some(19_990), Some(1235)));
        assert_eq!((taken(1250, "USD", "ISK"), taken(20, "JPY", "ISK")), (Some(1300), Some(2000)));
        assert_eq!((taken(0, "USD", "JPY"), taken(10, "USD", "JPY")), (Some(0), Some(1)), "what costs something is not given away");
        assert_eq!((taken(MAX_CHARGE, "JPY", "USD"), taken(-1, "USD", "EUR")), (None, None));
    }

    #[test]
    fn what_can_be_moved_is_a_whole_number_of_steps() {
        let most = |amount, code: &str| Money::new(amount, Currency::parse(code).unwrap()).in_steps().amount;
        assert_eq!([most(1234, "USD"), most(1234, "ISK"), most(1234, "KWD"), most(99, "ISK")], [1234, 1200, 1230, 0]);
    }

    #[test]
    fn a_discount_is_shared_out_to_the_cent() {
        assert_eq!(shares(208, &[900, 490, 0]), [135, 73, 0]);
        assert_eq!(shares(1, &[1, 1, 1]), [1, 0, 0]);
        assert_eq!(shares(5, &[0, 0]), [0, 0]);
    }

    #[test]
    fn a_currency_is_three_letters() {
        for bad in ["", "US", "USDX", "U$D", "12A", "ÄÖ"] {
            assert_eq!(Currency::parse(bad), Err(NotACurrency), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_share_is_more_than_its_weight_and_none_is_lost(
            total in 0i64..=MAX_CHARGE,
            weights in proptest::collection::vec(0i64..=MAX_CHARGE, 1..50),
        ) {
            let shares = shares(total, &weights);
            for (share, weight) in shares.iter().zip(&weights) {
                prop_assert!((0..=*weight).contains(share), "{share} of {weight}");
            }
            prop_assert_eq!(shares.iter().sum::<i64>(), total.min(weights.iter().sum()));
        }

        #[test]
        fn any_amount_can_be_shown(amount: i64) {
            prop_assert!(money(amount, "USD").contains('$'));
        }
    }
}
