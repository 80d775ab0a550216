//! Which orders: what somebody typed, read.

use super::OrderQuery;
use crate::stores::calendar::{Calendar, parse_day};
use crate::{Error, Result, Shop, stores};
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::pages::dashboard::OrderFilter;
use domain::sorting::Sorting;
use domain::word::Word;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Reads a filter; amounts are typed in the store's currency, and days are those of its time zone.
///
/// # Errors
/// Refuses an invalid status, day or amount, with the code of its field.
pub async fn read(shop: &Shop, filter: &OrderFilter) -> Result<OrderQuery> {
    let store = stores::load(shop).await?;
    let currency = *store.currency;
    let query = query(filter, currency, &Calendar::named(&store.time_zone))?;
    if query.from.zip(query.to).is_some_and(|(from, to)| to <= from) {
        return Err(Error::refused("range_invalid", "The last day comes before the first. Please change one of them.").at("to"));
    }
    Ok(query)
}

/// The word by which days are those of the payment.
pub const PAID: &str = "paid";

fn query(filter: &OrderFilter, currency: Currency, calendar: &Calendar) -> Result<OrderQuery> {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(OrderQuery {
        status: filled(&filter.status).as_deref().map(status).transpose()?,
        q: filled(&filter.q),
        product: filled(&filter.product),
        promotion: filled(&filter.promotion),
        country: filled(&filter.country),
        referrer: filled(&filter.referrer),
        from: filled(&filter.from)
            .map(|text| instant(calendar, &text, Edge::Start, "from_unreadable").map_err(|error| error.at("from")))
            .transpose()?,
        to: filled(&filter.to)
            .map(|text| instant(calendar, &text, Edge::End, "to_unreadable").map_err(|error| error.at("to")))
            .transpose()?,
        is_by_payment: filter.days == PAID,
        amount_from: filled(&filter.min)
            .map(|text| amount(&text, currency, "min_unreadable").map_err(|error| error.at("min")))
            .transpose()?,
        amount_to: filled(&filter.max)
            .map(|text| amount(&text, currency, "max_unreadable").map_err(|error| error.at("max")))
            .transpose()?,
        chosen: None,
        sort: Sorting::parse(&filter.sort),
        cursor: filled(&filter.cursor),
        limit: None,
    })
}

/// # Errors
/// Refuses a word that is no status.
pub fn status(word: &str) -> Result<OrderStatus> {
    word.parse()
        .map_err(|_| Error::refused("status_unknown", format!("A status is one of {}.", OrderStatus::words().join(", "))).at("status"))
}

/// Which end of a day is meant where only a day is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Start,
    /// The day itself belongs to it.
    End,
}

/// A day of the store's such as 2026-11-21, or an instant of RFC 3339, in milliseconds since 1970.
///
/// # Errors
/// Refuses anything else with `code`.
pub fn instant(calendar: &Calendar, text: &str, edge: Edge, code: &'static str) -> Result<i64> {
    if let Some(day) = parse_day(text) {
        return Ok(calendar.start_of(if edge == Edge::Start { day } else { day + 1 }));
    }
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| Error::refused(code, "Write the day as 2026-11-21."))?;
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| Error::refused(code, "Write the day as 2026-11-21."))
}

fn amount(text: &str, currency: Currency, code: &'static str) -> Result<i64> {
    let unreadable = || Error::refused(code, format!("Write the amount as a number, such as {}.", Money::example(currency)));
    Ok(Money::parse(text, currency).ok_or_else(unreadable)?.amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_and_ends_at_the_stores_midnight_and_an_instant_is_itself() {
        let utc = Calendar::named("UTC");
        let read = |text: &str, edge| instant(&utc, text, edge, "x");
        assert_eq!(read("1970-01-02", Edge::Start).unwrap(), 86_400_000);
        assert_eq!(read("1970-01-02", Edge::End).unwrap(), 2 * 86_400_000);
        assert_eq!(read("1970-01-02T01:00:00+01:00", Edge::End).unwrap(), 86_400_000);
        let berlin = Calendar::named("Europe/Berlin");
        assert_eq!(instant(&berlin, "1970-01-02", Edge::Start, "x").unwrap(), 82_800_000);
        for bad in ["", "yesterday", "2026-13-01", "2026-02-30", "21.11.2026", "9999999-01-01"] {
            assert!(read(bad, Edge::Start).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_by_its_field() {
        let code = |filter: OrderFilter| match query(&filter, Currency::USD, &Calendar::named("UTC")) {
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
