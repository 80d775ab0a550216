//! Which orders: what somebody typed, read.

use super::OrderQuery;
use crate::{Error, Result};
use domain::dashboard::OrderFilter;
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// Reads a filter; amounts are typed in the store's currency.
///
/// # Errors
/// Refuses a status, a day or an amount that is none, with the code of its field.
pub fn read(filter: &OrderFilter, currency: Currency) -> Result<OrderQuery> {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(OrderQuery {
        status: filled(&filter.status).as_deref().map(status).transpose()?,
        q: filled(&filter.q),
        product: filled(&filter.product),
        promotion: filled(&filter.promotion),
        from: filled(&filter.from).map(|text| instant(&text, Edge::Start, "from_unreadable")).transpose()?,
        to: filled(&filter.to).map(|text| instant(&text, Edge::End, "to_unreadable")).transpose()?,
        amount_from: filled(&filter.min).map(|text| amount(&text, currency, "min_unreadable")).transpose()?,
        amount_to: filled(&filter.max).map(|text| amount(&text, currency, "max_unreadable")).transpose()?,
        cursor: filled(&filter.cursor),
        limit: None,
    })
}

/// # Errors
/// Refuses a word that is no status.
pub fn status(word: &str) -> Result<OrderStatus> {
    OrderStatus::parse(word).ok_or_else(|| {
        let words: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
        Error::refused("status_unknown", format!("A status is one of {}.", words.join(", ")))
    })
}

/// Which end of a day is meant where only a day is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    /// The day itself belongs to it.
    End,
}

/// A day of UTC such as 2026-11-21, or an instant of RFC 3339, in milliseconds since 1970.
///
/// # Errors
/// Refuses anything else with `code`.
pub fn instant(text: &str, edge: Edge, code: &'static str) -> Result<i64> {
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        let day = match edge {
            Edge::Start => Some(day),
            Edge::End => day.next_day(),
        };
        if let Some(day) = day {
            return Ok(day.midnight().assume_utc().unix_timestamp() * 1000);
        }
    }
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Error::refused(code, "Write the day as 2026-11-21."))?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| Error::refused(code, "Write the day as 2026-11-21."))
}

fn amount(text: &str, currency: Currency, code: &'static str) -> Result<i64> {
    let unreadable = || Error::refused(code, "Write the amount as a number, such as 12.50.");
    Ok(Money::parse(text, currency).ok_or_else(unreadable)?.amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_midnight_and_an_instant_is_itself() {
        assert_eq!(instant("1970-01-02", Edge::Start, "x").unwrap(), 86_400_000);
        assert_eq!(instant("1970-01-02", Edge::End, "x").unwrap(), 2 * 86_400_000);
        assert_eq!(instant("1970-01-02T01:00:00+01:00", Edge::End, "x").unwrap(), 86_400_000);
        for bad in ["", "yesterday", "2026-13-01", "2026-02-30", "21.11.2026", "9999999-01-01"] {
            assert!(instant(bad, Edge::Start, "x").is_err(), "{bad}");
        }
        assert!(instant("9999-12-31", Edge::End, "x").is_err(), "it has no next day");
    }

    #[test]
    fn what_is_no_filter_is_refused_by_its_field() {
        let code = |filter: OrderFilter| match read(&filter, Currency::USD) {
            Err(error) => error.answer().1.to_owned(),
            Ok(_) => "read".to_owned(),
        };
        let empty = OrderFilter::default;
        assert_eq!(code(OrderFilter { from: "x".into(), ..empty() }), "from_unreadable");
        assert_eq!(code(OrderFilter { to: "x".into(), ..empty() }), "to_unreadable");
        assert_eq!(code(OrderFilter { min: "x".into(), ..empty() }), "min_unreadable");
        assert_eq!(code(OrderFilter { max: "1.234".into(), ..empty() }), "max_unreadable");
        assert_eq!(code(OrderFilter { status: "gone".into(), ..empty() }), "status_unknown");
        assert_eq!(code(OrderFilter { min: " 12,50 ".into(), q: " a ".into(), ..empty() }), "read");
    }
}
