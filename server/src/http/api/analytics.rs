//! Figures for creators: what a period brought, and in parts.

use super::body::{ApiQuery, Creator};
use super::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::member::Permission;
use domain::pages::analytics::{BreakdownRow, By, Figures, Interval, Point};
use domain::word::Word;
use serde::{Deserialize, Serialize};
use shop::analytics::RangeQuery;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SummaryFilter {
    /// The first day, such as 2026-01-31, in the store's time zone.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// Where no days are given: 7d, 30d (the default), 90d, 12m, this_month, last_month or this_year.
    range: Option<String>,
    /// `day`, `week` or `month`; chosen by the length where it is left out.
    interval: Option<String>,
    /// `true` for the same number of days right before as well.
    compare: Option<bool>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BreakdownFilter {
    /// `product` (the default), `country`, `promotion` or `referrer`.
    by: Option<String>,
    /// The first day, such as 2026-01-31, in the store's time zone.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// Where no days are given: 7d, 30d (the default), 90d, 12m, this_month, last_month or this_year.
    range: Option<String>,
}

/// What some days brought. Amounts are minor units of the store's currency.
#[derive(Serialize, ToSchema)]
pub struct SalesSums {
    /// Paid minus refunds and lost disputes.
    revenue: i64,
    amount_paid: i64,
    amount_refunded: i64,
    /// What banks took back in disputes that were lost.
    amount_lost: i64,
    /// What promotions took off.
    amount_discounted: i64,
    /// What an order that cost something came to on average.
    average_order: Option<i64>,
    /// Orders that were paid, free ones included.
    orders: i64,
    refunds: i64,
    /// Disputes that were lost.
    disputes_lost: i64,
    downloads: i64,
    /// Customers whose first order was paid.
    new_customers: i64,
    /// Orders of customers who had bought before.
    returning_orders: i64,
    page_views: i64,
    /// People who looked, each once a day.
    visitors: i64,
    /// Carts that were begun.
    carts: i64,
    /// Carts of ten thousand visitors.
    cart_rate: Option<i64>,
    /// Paid orders of ten thousand visitors.
    conversion: Option<i64>,
}

impl From<&Figures> for SalesSums {
    fn from(figures: &Figures) -> Self {
        Self {
            revenue: figures.revenue().amount,
            amount_paid: figures.paid.amount,
            amount_refunded: figures.refunded.amount,
            amount_lost: figures.lost.amount,
            amount_discounted: figures.discounted.amount,
            average_order: figures.average().map(|money| money.amount),
            orders: figures.n_orders,
            refunds: figures.n_refunds,
            disputes_lost: figures.n_lost,
            downloads: figures.n_downloads,
            new_customers: figures.n_new_customers,
            returning_orders: figures.n_returning(),
            page_views: figures.n_views,
            visitors: figures.n_visitors,
            carts: figures.n_carts,
            cart_rate: figures.cart_rate(),
            conversion: figures.conversion(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SalesStep {
    from: String,
    to: String,
    figures: SalesSums,
}

impl From<&Point> for SalesStep {
    fn from(point: &Point) -> Self {
        Self { from: point.period.from.clone(), to: point.period.to.clone(), figures: (&point.figures).into() }
    }
}

/// What a period brought, as a whole and step by step.
#[derive(Serialize, ToSchema)]
pub struct SalesSummary {
    from: String,
    to: String,
    time_zone: String,
    currency: String,
    interval: String,
    figures: SalesSums,
    series: Vec<SalesStep>,
    previous: Option<PreviousSales>,
}

/// What as many days right before brought.
#[derive(Serialize, ToSchema)]
pub struct PreviousSales {
    from: String,
    to: String,
    figures: SalesSums,
    series: Vec<SalesStep>,
}

#[utoipa::path(
    get, path = "/analytics/summary", operation_id = "summarize_sales", tag = "analytics",
    params(SummaryFilter),
    security(("api_key" = [])),
    responses((status = 200, description = "What the days brought, as a whole and step by step", body = SalesSummary)),
)]
pub async fn summary(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<SummaryFilter>,
) -> Result<Json<SalesSummary>, ApiError> {
    holder.check(Permission::SeeSales)?;
    let interval = match filter.interval.as_deref() {
        Some(word) => Some(
            word.parse::<Interval>()
                .map_err(|_| shop::Error::refused("interval_invalid", "An interval is day, week or month.").at("interval"))?,
        ),
        None => None,
    };
    let query = RangeQuery { range: filter.range, from: filter.from, to: filter.to, interval };
    let summary = shop::analytics::summary(&state.shop, &query, filter.compare.unwrap_or(false)).await?;
    Ok(Json(SalesSummary {
        currency: summary.now.paid.currency.code().to_owned(),
        figures: (&summary.now).into(),
        series: summary.points.iter().map(SalesStep::from).collect(),
        interval: summary.interval.as_str().to_owned(),
        time_zone: summary.time_zone,
        from: summary.period.from,
        to: summary.period.to,
        previous: summary.before.map(|before| PreviousSales {
            figures: (&before.figures).into(),
            series: before.points.iter().map(SalesStep::from).collect(),
            from: before.period.from,
            to: before.period.to,
        }),
    }))
}

/// What one part brought. Amounts are minor units of the store's currency.
#[derive(Serialize, ToSchema)]
pub struct SalesPart {
    /// A product's slug, a country's code, a promotion's code or id, a host or campaign; empty where it is not known.
    key: String,
    name: String,
    revenue: i64,
    amount_paid: i64,
    amount_refunded: i64,
    /// What banks took back in disputes that were lost.
    amount_lost: i64,
    orders: i64,
    /// Of products alone.
    pieces: Option<i64>,
    /// Views of a product's page.
    page_views: Option<i64>,
    /// Visitors who came from there.
    visitors: Option<i64>,
}

impl From<BreakdownRow> for SalesPart {
    fn from(row: BreakdownRow) -> Self {
        Self {
            revenue: row.revenue().amount,
            amount_paid: row.paid.amount,
            amount_refunded: row.refunded.amount,
            amount_lost: row.lost.amount,
            orders: row.n_orders,
            pieces: row.n_pieces,
            page_views: row.n_views,
            visitors: row.n_visitors,
            key: row.key,
            name: row.name,
        }
    }
}

/// What a period brought in parts, the greatest first.
#[derive(Serialize, ToSchema)]
pub struct SalesBreakdown {
    by: String,
    from: String,
    to: String,
    currency: String,
    items: Vec<SalesPart>,
    /// How many parts there are beside these.
    n_more: usize,
}

#[utoipa::path(
    get, path = "/analytics/breakdown", operation_id = "break_down_sales", tag = "analytics",
    params(BreakdownFilter),
    security(("api_key" = [])),
    responses((status = 200, description = "What the days brought, in parts", body = SalesBreakdown)),
)]
pub async fn breakdown(
    State(state): State<AppState>,
    Creator(holder): Creator,
    ApiQuery(filter): ApiQuery<BreakdownFilter>,
) -> Result<Json<SalesBreakdown>, ApiError> {
    holder.check(Permission::SeeSales)?;
    let by = filter
        .by
        .as_deref()
        .unwrap_or("product")
        .parse::<By>()
        .map_err(|_| shop::Error::refused("by_invalid", "Figures are parted by product, country, promotion or referrer.").at("by"))?;
    let query = RangeQuery { range: filter.range, from: filter.from, to: filter.to, interval: None };
    let parts = shop::analytics::breakdown(&state.shop, &query, by).await?;
    let currency = shop::stores::currency(&state.shop).await?;
    Ok(Json(SalesBreakdown {
        by: parts.by.as_str().to_owned(),
        from: parts.period.from,
        to: parts.period.to,
        currency: currency.code().to_owned(),
        items: parts.rows.into_iter().map(SalesPart::from).collect(),
        n_more: parts.n_more,
    }))
}
