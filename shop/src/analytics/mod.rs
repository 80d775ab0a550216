//! What the shop brings, by day, week and month, and in parts: read from the sums of days, and from the rows of those that have none.

pub mod exports;
pub mod sales;
pub mod visits;

use crate::analytics::sales::{Ledger, Part, PartKind, Sums};
use crate::analytics::visits::Visited;
use crate::base::entities::{product, promotion, promotion_code};
use crate::stores::calendar::{iso, month_of, next_month, parse_day, week_of, year_of};
use crate::{Error, Result, Shop};
use domain::id::Id;
use domain::money::{Currency, Money};
use domain::pages::analytics::{Before, Breakdown, BreakdownRow, By, Figures, Interval, Period, Point, Summary};
use domain::word::Word;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Which days, and in which steps.
#[derive(Clone, Debug, Default)]
pub struct RangeQuery {
    /// `7d`, `30d`, `90d`, `12m`, `this_month`, `last_month` or `this_year`; the last thirty days where nothing is said.
    pub range: Option<String>,
    /// `YYYY-MM-DD`, inclusive; they go before `range`.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Chosen by the length where nothing is said.
    pub interval: Option<Interval>,
}

/// Ten years and a little.
const MAX_DAYS: i64 = 3_700;
/// A line with more steps is a smear.
const MAX_POINTS: usize = 400;
const USUAL_DAYS: i64 = 30;
/// At most this many parts of a breakdown are named.
const MAX_ROWS: usize = 100;

/// The days of a query, in the store's time zone.
///
/// # Errors
/// Refuses what is no day, an end before its start, and too many days.
fn days(shop: &Shop, ledger: &Ledger, query: &RangeQuery) -> Result<Range<i64>> {
    let today = ledger.today(shop);
    let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let read = |text: Option<String>| {
        let read = |text: String| parse_day(&text).ok_or_else(|| Error::refused("date_invalid", "A day is written as 2026-01-31."));
        text.map(read).transpose()
    };
    let from = read(given(&query.from)).map_err(|error| error.at("from"))?;
    let to = read(given(&query.to)).map_err(|error| error.at("to"))?;
    let days = match (from, to) {
        (None, None) => preset(given(&query.range).as_deref().unwrap_or("30d"), today).ok_or_else(|| {
            Error::refused("range_invalid", "A range is 7d, 30d, 90d, 12m, this_month, last_month or this_year.").at("range")
        })?,
        (Some(from), None) => from..(today + 1).max(from + 1),
        (None, Some(to)) => to + 1 - USUAL_DAYS..to + 1,
        (Some(from), Some(to)) => from..to + 1,
    };
    if days.is_empty() {
        return Err(Error::refused("range_invalid", "The last day comes before the first. Please change one of them.").at("to"));
    }
    if days.end - days.start > MAX_DAYS {
        return Err(Error::refused("range_invalid", "At most ten years can be shown at once.").at("from"));
    }
    Ok(days)
}

fn preset(word: &str, today: i64) -> Option<Range<i64>> {
    let end = today + 1;
    Some(match word {
        "7d" => end - 7..end,
        "30d" => end - 30..end,
        "90d" => end - 90..end,
        // This month and the eleven before it.
        "12m" => (0..11).fold(month_of(today), |month, _| month_of(month - 1))..end,
        "this_month" => month_of(today)..end,
        "last_month" => month_of(month_of(today) - 1)..month_of(today),
        "this_year" => year_of(today)..end,
        _ => return None,
    })
}

/// What a period brought, as a whole and step by step; with the days right before where they are asked for.
///
/// # Errors
/// Refuses what is no range, and steps that are too small for it.
pub async fn summary(shop: &Shop, query: &RangeQuery, is_compared: bool) -> Result<Summary> {
    let ledger = Ledger::of(shop).await?;
    let days = days(shop, &ledger, query)?;
    let length = days.end - days.start;
    let interval = query.interval.unwrap_or(match length {
        ..=45 => Interval::Day,
        46..=200 => Interval::Week,
        _ => Interval::Month,
    });
    let first = if is_compared { days.start - length } else { days.start };
    let (sold, seen) = (sales::by_day(shop, &ledger, first..days.end).await?, visits::by_day(shop, first..days.end).await?);
    let figures = |days: &Range<i64>| total(&sold, &seen, days, ledger.currency);
    let points = |days: &Range<i64>| -> Result<Vec<Point>> {
        let steps = steps(days, interval);
        if steps.len() > MAX_POINTS {
            return Err(Error::refused(
                "interval_invalid",
                "These are too many steps for one line. Choose weeks or months, or fewer days.",
            )
            .at("interval"));
        }
        Ok(steps.into_iter().map(|step| Point { figures: figures(&step), period: period(&step) }).collect())
    };
    let before = is_compared.then(|| days.start - length..days.start);
    Ok(Summary {
        period: period(&days),
        interval,
        time_zone: ledger.calendar.name().to_owned(),
        now: figures(&days),
        points: points(&days)?,
        before: before
            .map(|days| Ok::<_, Error>(Before { period: period(&days), figures: figures(&days), points: points(&days)? }))
            .transpose()?,
    })
}

fn period(days: &Range<i64>) -> Period {
    Period { from: iso(days.start), to: iso(days.end - 1) }
}

/// The days in steps; the first and the last step may be cut.
fn steps(days: &Range<i64>, interval: Interval) -> Vec<Range<i64>> {
    let (mut steps, mut start) = (Vec::new(), days.start);
    while start < days.end {
        let next = match interval {
            Interval::Day => start + 1,
            Interval::Week => week_of(start) + 7,
            Interval::Month => next_month(start),
        };
        steps.push(start..next.min(days.end));
        start = next;
    }
    steps
}

fn total(sold: &BTreeMap<i64, Sums>, seen: &BTreeMap<i64, Visited>, days: &Range<i64>, currency: Currency) -> Figures {
    let (mut sums, mut visited) = (Sums::default(), Visited::default());
    sold.range(days.clone()).for_each(|(_, day)| sums.add(*day));
    seen.range(days.clone()).for_each(|(_, day)| visited.add(*day));
    let money = |amount| Money::new(amount, currency);
    Figures {
        paid: money(sums.amount_paid),
        refunded: money(sums.amount_refunded),
        lost: money(sums.amount_lost),
        discounted: money(sums.amount_discounted),
        n_orders: sums.n_orders,
        n_sales: sums.n_sales,
        n_refunds: sums.n_refunds,
        n_lost: sums.n_lost,
        n_new_customers: sums.n_new_customers,
        n_downloads: sums.n_downloads,
        n_views: visited.n_views,
        n_visitors: visited.n_visitors,
        n_carts: visited.n_carts,
    }
}

/// What a period brought, in parts; the greatest first.
///
/// # Errors
/// Refuses what is no range.
pub async fn breakdown(shop: &Shop, query: &RangeQuery, by: By) -> Result<Breakdown> {
    let ledger = Ledger::of(shop).await?;
    let days = days(shop, &ledger, query)?;
    let kind = match by {
        By::Product => PartKind::Product,
        By::Country => PartKind::Country,
        By::Promotion => PartKind::Promotion,
        By::Referrer => PartKind::Referrer,
    };
    let sold = sales::parts(shop, &ledger, days.clone(), kind).await?;
    let seen = match by {
        By::Product | By::Referrer => visits::parts(shop, days.clone(), by.as_str()).await?,
        By::Country | By::Promotion => BTreeMap::new(),
    };
    let mut parts: BTreeMap<String, (Part, Visited)> = BTreeMap::new();
    sold.into_iter().for_each(|(key, part)| parts.entry(key).or_default().0 = part);
    seen.into_iter().for_each(|(key, visited)| parts.entry(key).or_default().1 = visited);
    let mut parts: Vec<(String, (Part, Visited))> = parts.into_iter().collect();
    // Of those that brought the same the order is that of their names, so that it is the same each time.
    parts.sort_by_key(|(_, (part, visited))| std::cmp::Reverse((part.revenue(), part.n_orders, visited.n_visitors, visited.n_views)));
    let n_more = parts.len().saturating_sub(MAX_ROWS);
    parts.truncate(MAX_ROWS);
    let mut names = names(shop, by, parts.iter().map(|(key, _)| key.as_str())).await?;
    let rows = parts.into_iter().map(|(key, (part, visited))| {
        let (key, name) = names.remove(&key).unwrap_or_else(|| named(by, key));
        BreakdownRow {
            key,
            name,
            n_orders: part.n_orders,
            n_pieces: (by == By::Product).then_some(part.n_pieces),
            paid: Money::new(part.amount_paid, ledger.currency),
            refunded: Money::new(part.amount_refunded, ledger.currency),
            lost: Money::new(part.amount_lost, ledger.currency),
            n_views: (by == By::Product).then_some(visited.n_views),
            n_visitors: (by == By::Referrer).then_some(visited.n_visitors),
        }
    });
    Ok(Breakdown { by, period: period(&days), rows: rows.collect(), n_more })
}

/// A part whose name stands in no table.
fn named(by: By, key: String) -> (String, String) {
    let name = match by {
        By::Product => "A product that is gone".to_owned(),
        By::Promotion if key.is_empty() => "Without a promotion".to_owned(),
        By::Promotion => "A promotion that is gone".to_owned(),
        By::Country => country_name(&key).unwrap_or_else(|| "Not known".to_owned()),
        By::Referrer if key.is_empty() => "Direct, or not known".to_owned(),
        By::Referrer => key.clone(),
    };
    (key, name)
}

/// What the country of a code is called.
pub(crate) fn country_name(code: &str) -> Option<String> {
    celes::Country::from_alpha2(code).ok().map(|country| as_in_a_sentence(country.long_name))
}

/// A country without the article and the capitals that its list gives it: "The United States Of America".
fn as_in_a_sentence(name: &str) -> String {
    let name = name.strip_prefix("The ").unwrap_or(name);
    name.replace(" Of ", " of ").replace(" And ", " and ").replace(" The ", " the ")
}

/// What products and promotions are called now, by the key of their part: what a URL names them by, and their title.
async fn names(shop: &Shop, by: By, keys: impl Iterator<Item = &str>) -> Result<HashMap<String, (String, String)>> {
    let ids: Vec<Id> = keys.filter_map(|key| Uuid::try_parse(key).ok()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let store_id = shop.settings.store_id;
    let rows: Vec<(Id, Option<String>, String)> = match by {
        By::Product => {
            let products = product::Entity::find().filter(product::Column::StoreId.eq(store_id)).filter(product::Column::Id.is_in(ids));
            let columns = [product::Column::Id, product::Column::Slug, product::Column::Title];
            products.select_only().columns(columns).into_tuple().all(&shop.db).await?
        }
        By::Promotion => {
            let code = promotion_code::Relation::Promotion.def().rev();
            let promotions = promotion::Entity::find().join(JoinType::LeftJoin, code).filter(promotion::Column::StoreId.eq(store_id));
            let columns = promotions.filter(promotion::Column::Id.is_in(ids)).select_only().column(promotion::Column::Id);
            let columns = columns.column(promotion_code::Column::Code).column(promotion::Column::Name);
            columns.into_tuple().all(&shop.db).await?
        }
        By::Country | By::Referrer => Vec::new(),
    };
    let named = |(id, key, name): (Id, Option<String>, String)| {
        let id = id.simple().to_string();
        (id.clone(), (key.unwrap_or(id), name))
    };
    Ok(rows.into_iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i64 {
        parse_day(text).unwrap()
    }

    #[test]
    fn steps_are_whole_weeks_and_months_but_for_the_ends() {
        let days = day("2026-11-18")..day("2026-12-02");
        let text = |interval| -> Vec<String> {
            steps(&days, interval).into_iter().map(|step| format!("{} {}", iso(step.start), step.end - step.start)).collect()
        };
        assert_eq!(text(Interval::Week), ["2026-11-18 5", "2026-11-23 7", "2026-11-30 2"]);
        assert_eq!(text(Interval::Month), ["2026-11-18 13", "2026-12-01 1"]);
        assert_eq!(steps(&days, Interval::Day).len(), 14);
    }

    #[test]
    fn a_range_is_known_by_its_name() {
        let today = day("2026-03-31");
        let text = |word| preset(word, today).map(|days| (iso(days.start), iso(days.end - 1)));
        let range = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(text("30d"), range("2026-03-02", "2026-03-31"));
        assert_eq!(text("12m"), range("2025-04-01", "2026-03-31"));
        assert_eq!(text("last_month"), range("2026-02-01", "2026-02-28"));
        assert_eq!(text("this_year"), range("2026-01-01", "2026-03-31"));
        assert_eq!(text("ever"), None);
    }
}
