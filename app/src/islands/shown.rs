//! What the cart page said that the cart costs, as its form sends it along.

use domain::money::Currency;

/// The code of the refusal: the cart costs something else than its page said.
pub const TOTAL_CHANGED: &str = "total_changed";

/// The total of what the page wrote, and its currency, which pages of before did not tell.
pub fn shown_total(shown: &str) -> Option<(i64, Option<Currency>)> {
    let mut parts = shown.split('-');
    let amount = parts.next()?.parse().ok()?;
    Some((amount, parts.next().and_then(|code| Currency::parse(code).ok())))
}
