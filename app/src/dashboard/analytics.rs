//! What the shop brings: figures with how they are computed, a line, bars, and parts. All of it in the URL.

use super::chart::{Chart, Mark, Shape, Share};
use super::frame::{Frame, refused};
use crate::components::{FieldError, FormError};
use crate::error::AppError;
use crate::layout::{load_store, page_title, with_query};
use domain::analytics::{Breakdown, BreakdownRow, By, Figures, Interval, Period, Point, Summary};
use domain::form::FormRefusal;
use domain::member::{MemberView, Permission};
use domain::money::Money;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use time::Date;
use time::macros::format_description;

/// Figures of a period, and who is looking at them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analytics {
    pub member: MemberView,
    pub summary: Summary,
    pub breakdown: Breakdown,
    /// Why the period is not the one that was asked for.
    pub refusal: Option<FormRefusal>,
}

/// For members who may see sales.
#[server(prefix = "/_fn", endpoint = "get_analytics")]
pub async fn get_analytics(range: String, from: String, to: String, interval: String, by: String) -> Result<Analytics, AppError> {
    use crate::layout::request;
    use shop::analytics::{RangeQuery, breakdown, summary};
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::SeeSales).await?;
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let asked = RangeQuery { range: filled(&range), from: filled(&from), to: filled(&to), interval: Interval::parse(&interval) };
    let by = By::parse(&by).unwrap_or(By::Product);
    let (query, found) = match summary(&shop, &asked, true).await {
        Err(shop::Error::Refused(refusal)) => {
            request::set_status(refusal.status);
            let usual = RangeQuery::default();
            let found = summary(&shop, &usual, true).await?;
            (usual, (found, Some(FormRefusal { code: refusal.code.to_owned(), message: refusal.message })))
        }
        found => (asked, (found?, None)),
    };
    let breakdown = breakdown(&shop, &query, by).await?;
    Ok(Analytics { member, summary: found.0, breakdown, refusal: found.1 })
}

const HERE: &str = "/dashboard/analytics";

/// What the URL asks for.
#[derive(Clone, Debug, Default)]
struct Asked {
    range: String,
    from: String,
    to: String,
    interval: String,
    by: String,
}

impl Asked {
    /// The same page with another answer to one question.
    fn with(&self, name: &str, value: &str) -> String {
        let mut asked = self.clone();
        match name {
            "range" => asked = Asked { range: value.to_owned(), from: String::new(), to: String::new(), interval: String::new(), ..asked },
            "interval" => asked.interval = value.to_owned(),
            _ => asked.by = value.to_owned(),
        }
        let pairs = [("range", &asked.range), ("from", &asked.from), ("to", &asked.to), ("interval", &asked.interval), ("by", &asked.by)];
        with_query(HERE, &pairs.map(|(name, value)| (name, value.as_str())))
    }
}

#[component]
pub fn AnalyticsPage() -> impl IntoView {
    let query = use_query_map();
    let get = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let asked = Asked { range: get("range"), from: get("from"), to: get("to"), interval: get("interval"), by: get("by") };
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                let Asked { range, from, to, interval, by } = asked.clone();
                match get_analytics(range, from, to, interval, by).await {
                    Ok(analytics) => view! { <Title text=page_title("Analytics", &store)/> <Loaded analytics asked/> }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(analytics: Analytics, asked: Asked) -> impl IntoView {
    let Analytics { member, summary, breakdown, refusal } = analytics;
    let may_see_orders = member.role.may(Permission::SeeOrders);
    let before = summary.before.as_ref().map(|before| before.figures);
    let period = summary.period.clone();
    view! {
        <Frame member here=HERE>
            <h1 class="mb-4">"Analytics"</h1>
            <Range asked=asked.clone() period=period.clone() refusal/>
            <p class="quiet mb-4">{covers(&summary)}</p>
            <FirstFigures now=summary.now before period=period.clone() may_see_orders/>
            <Pictures summary=summary.clone() asked=asked.clone()/>
            <section aria-labelledby="more-figures">
                <h2 id="more-figures">"More figures"</h2>
                <MoreFigures now=summary.now before period may_see_orders/>
            </section>
            <Parts breakdown asked may_see_orders/>
        </Frame>
    }
}

/// Which days these are, in a sentence.
fn covers(summary: &Summary) -> String {
    let days = |period: &Period| {
        if period.from == period.to { day_text(&period.from) } else { format!("{} to {}", day_text(&period.from), day_text(&period.to)) }
    };
    let before = summary.before.as_ref().map(|before| format!(", against {}", days(&before.period))).unwrap_or_default();
    format!("{}{before}. Days are those of {}.", days(&summary.period), summary.time_zone)
}

fn date_of(iso: &str) -> Option<Date> {
    Date::parse(iso, format_description!("[year]-[month]-[day]")).ok()
}

/// A day as people write it.
fn day_text(iso: &str) -> String {
    date_of(iso)
        .and_then(|date| date.format(format_description!("[day padding:none] [month repr:short] [year]")).ok())
        .unwrap_or_else(|| iso.to_owned())
}

const RANGES: [(&str, &str); 7] = [
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("90d", "90 days"),
    ("this_month", "This month"),
    ("last_month", "Last month"),
    ("this_year", "This year"),
    ("12m", "12 months"),
];
const OF_RANGE: &[&str] = &["date_invalid", "range_invalid", "interval_invalid"];

#[component]
fn Range(asked: Asked, period: Period, refusal: Option<FormRefusal>) -> impl IntoView {
    let is_free = !(asked.from.is_empty() && asked.to.is_empty());
    let current = if asked.range.is_empty() { "30d" } else { asked.range.as_str() };
    let links = RANGES.map(|(word, name)| (asked.with("range", word), name, !is_free && word == current));
    let (from, to) = if is_free { (asked.from.clone(), asked.to.clone()) } else { (period.from, period.to) };
    let is_wrong = refusal.is_some().then_some("true");
    view! {
        <FormError refusal=refusal.clone()/>
        <nav class="spans" aria-label="Period">
            {links.map(|(url, name, is_here)| view! { <a href=url aria-current=is_here.then_some("true")>{name}</a> }).collect_view()}
        </nav>
        <form class="period" method="get" action=HERE aria-label="Days">
            <div class="field">
                <label for="from">"From"</label>
                <input class="input" id="from" name="from" type="date" value=from aria-describedby="from-error" aria-invalid=is_wrong/>
            </div>
            <div class="field">
                <label for="to">"To"</label>
                <input class="input" id="to" name="to" type="date" value=to aria-describedby="from-error" aria-invalid=is_wrong/>
            </div>
            <div class="field">
                <label for="interval">"By"</label>
                <select class="input" id="interval" name="interval">
                    <option value="" selected=asked.interval.is_empty()>"What fits"</option>
                    {Interval::ALL.into_iter().map(|interval| view! {
                        <option value=interval.as_str() selected=interval.as_str() == asked.interval>{interval_word(interval)}</option>
                    }).collect_view()}
                </select>
            </div>
            {(!asked.by.is_empty()).then(|| view! { <input type="hidden" name="by" value=asked.by.clone()/> })}
            <button class="button plain" type="submit">"Show"</button>
            <FieldError id="from-error" refusal codes=OF_RANGE/>
        </form>
    }
}

fn interval_word(interval: Interval) -> &'static str {
    match interval {
        Interval::Day => "Day",
        Interval::Week => "Week",
        Interval::Month => "Month",
    }
}

/// A figure as it is shown.
struct Figure {
    name: &'static str,
    value: String,
    /// How it is computed.
    meaning: &'static str,
    /// Against the period before.
    change: Option<String>,
    /// The rows that it comes from.
    rows: Option<(String, &'static str)>,
}

/// Against what it was: `+12 %, $1,100 before`.
fn change(now: i64, before: Option<i64>, text: impl Fn(i64) -> String) -> Option<String> {
    let before = before?;
    let percent = (before != 0).then(|| (i128::from(now) - i128::from(before)) * 100 / i128::from(before).abs());
    // More than tenfold says nothing but that there was next to nothing before.
    let percent = percent.filter(|percent| percent.abs() < 1000);
    let percent = percent.map(|percent| format!("{}{}\u{a0}%, ", if percent < 0 { "−" } else { "+" }, percent.abs()));
    Some(format!("{}{} before", percent.unwrap_or_default(), text(before)))
}

/// A number of things as a person reads it: `10,198`.
fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if n < 0 { format!("−{text}") } else { text }
}

/// Hundredths of a percent as a person reads them.
fn percent(rate: i64) -> String {
    format!("{}.{:02}\u{a0}%", rate / 100, rate % 100)
}

#[component]
fn FirstFigures(now: Figures, before: Option<Figures>, period: Period, may_see_orders: bool) -> impl IntoView {
    let money = |amount: i64| Money::new(amount, now.paid.currency).to_string();
    let of = |value: fn(&Figures) -> i64| before.as_ref().map(value);
    let orders = |name: &'static str| may_see_orders.then(|| (orders_of(&period, &[]), name));
    let figures = [
        Figure {
            name: "Revenue",
            value: now.revenue().to_string(),
            meaning: "Paid in these days minus given back in these days, in the store's currency.",
            change: change(now.revenue().amount, of(|figures| figures.revenue().amount), money),
            rows: orders("Orders behind the revenue"),
        },
        Figure {
            name: "Orders",
            value: count(now.n_orders),
            meaning: "Orders that were paid in these days, free ones included.",
            change: change(now.n_orders, of(|figures| figures.n_orders), count),
            rows: orders("Orders of these days"),
        },
        Figure {
            name: "Average order",
            value: now.average().map_or_else(|| "–".to_owned(), |money| money.to_string()),
            meaning: "What was paid, divided by the orders that cost something.",
            change: now
                .average()
                .zip(before.and_then(|before| before.average()))
                .and_then(|(now, before)| change(now.amount, Some(before.amount), money)),
            rows: None,
        },
        Figure {
            name: "Conversion",
            value: now.conversion().map_or_else(|| "–".to_owned(), percent),
            meaning: "Paid orders for each visitor of these days.",
            change: before.and_then(|before| before.conversion()).map(|rate| format!("{} before", percent(rate))),
            rows: None,
        },
    ];
    view! { <FigureList figures=figures.into() label="The most important figures"/> }
}

#[component]
fn MoreFigures(now: Figures, before: Option<Figures>, period: Period, may_see_orders: bool) -> impl IntoView {
    let money = |amount: i64| Money::new(amount, now.paid.currency).to_string();
    let of = |value: fn(&Figures) -> i64| before.as_ref().map(value);
    let plain = count;
    let of_visitors = now.cart_rate().map(|rate| format!("{} of visitors, ", percent(rate))).unwrap_or_default();
    let figures = [
        Figure {
            name: "Given back",
            value: now.refunded.to_string(),
            meaning: "Refunds that reached the customer in these days, of whatever order.",
            change: change(now.refunded.amount, of(|figures| figures.refunded.amount), money),
            rows: may_see_orders.then(|| (orders_of(&period, &[("status", "refunded")]), "Refunded orders of these days")),
        },
        Figure {
            name: "Taken off",
            value: now.discounted.to_string(),
            meaning: "What promotions took off the orders that were paid.",
            change: change(now.discounted.amount, of(|figures| figures.discounted.amount), money),
            rows: Some(("/dashboard/promotions".to_owned(), "Promotions")),
        },
        Figure {
            name: "New customers",
            value: count(now.n_new_customers),
            meaning: "Customers whose first order was paid in these days.",
            change: change(now.n_new_customers, of(|figures| figures.n_new_customers), plain),
            rows: None,
        },
        Figure {
            name: "Returning customers' orders",
            value: count(now.n_returning()),
            meaning: "Paid orders of customers who had paid one before.",
            change: change(now.n_returning(), of(Figures::n_returning), plain),
            rows: None,
        },
        Figure {
            name: "Downloads",
            value: count(now.n_downloads),
            meaning: "Downloads that were begun; one that was broken off and resumed is one.",
            change: change(now.n_downloads, of(|figures| figures.n_downloads), plain),
            rows: None,
        },
        Figure {
            name: "Visitors",
            value: count(now.n_visitors),
            meaning: "People who looked at the shop, each once a day. Counted without cookies; programs and those who ask not to be tracked are left out.",
            change: change(now.n_visitors, of(|figures| figures.n_visitors), plain),
            rows: None,
        },
        Figure {
            name: "Page views",
            value: count(now.n_views),
            meaning: "Pages of the shop and its goods that these visitors opened.",
            change: change(now.n_views, of(|figures| figures.n_views), plain),
            rows: None,
        },
        Figure {
            name: "Carts",
            value: count(now.n_carts),
            meaning: "Carts that visitors began.",
            change: change(now.n_carts, of(|figures| figures.n_carts), plain).map(|change| format!("{of_visitors}{change}")),
            rows: None,
        },
    ];
    view! { <FigureList figures=figures.into() label="More figures"/> }
}

#[component]
fn FigureList(figures: Vec<Figure>, label: &'static str) -> impl IntoView {
    view! {
        <dl class="figures explained" aria-label=label>
            {figures.into_iter().map(|figure| view! {
                <div>
                    <dt>{figure.name}</dt>
                    <dd>
                        {match figure.rows {
                            Some((url, name)) => view! { <a href=url aria-label=format!("{}: {name}", figure.value)>{figure.value.clone()}</a> }.into_any(),
                            None => figure.value.into_any(),
                        }}
                    </dd>
                    <dd class="before">{figure.change}</dd>
                    <dd class="meaning">{figure.meaning}</dd>
                </div>
            }).collect_view()}
        </dl>
    }
}

/// The orders of the days, narrowed.
fn orders_of(period: &Period, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("from", period.from.as_str()), ("to", period.to.as_str()), ("days", "paid")];
    pairs.extend_from_slice(more);
    with_query("/dashboard/orders", &pairs)
}

#[component]
fn Pictures(summary: Summary, asked: Asked) -> impl IntoView {
    let before: Vec<Point> = summary.before.map(|before| before.points).unwrap_or_default();
    let marks = |value: fn(&Figures) -> i64, text: &dyn Fn(i64) -> String| -> Vec<Mark> {
        let points = summary.points.iter().enumerate();
        points
            .map(|(n, point)| {
                let value_before = before.get(n).map(|point| value(&point.figures));
                let now = value(&point.figures);
                let than = value_before.map(|before| format!(" ({} before)", text(before))).unwrap_or_default();
                Mark { value: now, before: value_before, text: format!("{}: {}{than}", step_text(&point.period), text(now)) }
            })
            .collect()
    };
    let currency = summary.now.paid.currency;
    let money = move |amount: i64| Money::new(amount, currency).to_string();
    let revenue = marks(|figures| figures.revenue().amount, &money);
    let orders = marks(|figures| figures.n_orders, &count);
    let best = summary.points.iter().max_by_key(|point| point.figures.revenue().amount);
    let best = best.filter(|point| point.figures.revenue().amount > 0);
    let words = match best {
        Some(point) => format!("{} in all, {} at most ({}).", summary.now.revenue(), point.figures.revenue(), step_text(&point.period)),
        None => "Nothing was sold in these days.".to_owned(),
    };
    let step = match summary.interval {
        Interval::Day => "day",
        Interval::Week => "week",
        Interval::Month => "month",
    };
    let most = |marks: &[Mark]| marks.iter().flat_map(|mark| [Some(mark.value), mark.before]).flatten().max().unwrap_or(0).max(0);
    let (top_revenue, top_orders) = (money(most(&revenue)), count(most(&orders)));
    let first = summary.points.first().map(|point| day_text(&point.period.from)).unwrap_or_default();
    let last = summary.points.last().map(|point| day_text(&point.period.to)).unwrap_or_default();
    let steps: Vec<_> = Interval::ALL
        .into_iter()
        .map(|interval| (asked.with("interval", interval.as_str()), interval_word(interval), interval == summary.interval))
        .collect();
    view! {
        <section class="charts" aria-labelledby="pictures">
            <div class="page-head">
                <h2 id="pictures">{match summary.interval {
                    Interval::Day => "Day by day",
                    Interval::Week => "Week by week",
                    Interval::Month => "Month by month",
                }}</h2>
                <nav class="spans" aria-label="Steps">
                    {steps.into_iter().map(|(url, name, is_here)| view! { <a href=url aria-current=is_here.then_some("true")>{name}</a> }).collect_view()}
                </nav>
            </div>
            <div class="chart-pair">
                <div>
                    <h3>"Revenue by "{step}</h3>
                    <Chart id="revenue" shape=Shape::Line title=format!("Revenue by {step}") description=words.clone() top=top_revenue marks=revenue first=first.clone() last=last.clone()/>
                    <p class="help">{words}" The dashed line is the period before."</p>
                </div>
                <div>
                    <h3>"Orders by "{step}</h3>
                    <Chart id="orders" shape=Shape::Bars title=format!("Orders by {step}") description=format!("{} orders in all.", count(summary.now.n_orders)) top=top_orders marks=orders first last/>
                    <p class="help">{format!("{} orders in all.", count(summary.now.n_orders))}</p>
                </div>
            </div>
            <details class="as-table">
                <summary>"As a table"</summary>
                <StepTable points=summary.points/>
            </details>
        </section>
    }
}

/// The days of a step, as short as can be.
fn step_text(period: &Period) -> String {
    if period.from == period.to { day_text(&period.from) } else { format!("{} – {}", day_text(&period.from), day_text(&period.to)) }
}

#[component]
fn StepTable(points: Vec<Point>) -> impl IntoView {
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Step by step">
            <table class="table">
                <thead><tr><th scope="col">"Days"</th><th scope="col" class="number">"Revenue"</th><th scope="col" class="number">"Paid"</th><th scope="col" class="number">"Given back"</th><th scope="col" class="number">"Orders"</th><th scope="col" class="number">"New customers"</th><th scope="col" class="number">"Visitors"</th><th scope="col" class="number">"Carts"</th><th scope="col" class="number">"Downloads"</th></tr></thead>
                <tbody>
                    {points.into_iter().map(|point| {
                        let figures = point.figures;
                        view! {
                            <tr>
                                <th scope="row">{step_text(&point.period)}</th>
                                <td class="number">{figures.revenue().to_string()}</td>
                                <td class="number">{figures.paid.to_string()}</td>
                                <td class="number">{figures.refunded.to_string()}</td>
                                <td class="number">{count(figures.n_orders)}</td>
                                <td class="number">{count(figures.n_new_customers)}</td>
                                <td class="number">{count(figures.n_visitors)}</td>
                                <td class="number">{count(figures.n_carts)}</td>
                                <td class="number">{count(figures.n_downloads)}</td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn by_word(by: By) -> &'static str {
    match by {
        By::Product => "Product",
        By::Country => "Country",
        By::Promotion => "Promotion",
        By::Referrer => "Came from",
    }
}

/// How the parts are told apart.
fn by_meaning(by: By) -> &'static str {
    match by {
        By::Product => "Best sellers first. What a refund of a whole order gave back is shared over its lines by what they cost.",
        By::Country => "The country of the billing address, which the payment page asks for. Free orders have none.",
        By::Promotion => "The promotion that an order was placed with.",
        By::Referrer => {
            "The campaign named in the link (utm_source), or the site that the visitor's day began from. Nobody is followed from one day to the next."
        }
    }
}

#[component]
fn Parts(breakdown: Breakdown, asked: Asked, may_see_orders: bool) -> impl IntoView {
    let by = breakdown.by;
    let tabs: Vec<_> = By::ALL.into_iter().map(|other| (asked.with("by", other.as_str()), by_word(other), other == by)).collect();
    let most = breakdown.rows.iter().map(|row| row.revenue().amount).max().unwrap_or(0);
    let (n_more, period, is_empty) = (breakdown.n_more, breakdown.period.clone(), breakdown.rows.is_empty());
    let seen = match by {
        By::Product => Some("Views"),
        By::Referrer => Some("Visitors"),
        By::Country | By::Promotion => None,
    };
    view! {
        <section aria-labelledby="parts">
            <div class="page-head">
                <h2 id="parts">{match by {
                    By::Product => "Best sellers",
                    By::Country => "By country",
                    By::Promotion => "By promotion",
                    By::Referrer => "Where people came from",
                }}</h2>
                <nav class="spans" aria-label="Parts">
                    {tabs.into_iter().map(|(url, name, is_here)| view! { <a href=format!("{url}#parts") aria-current=is_here.then_some("true")>{name}</a> }).collect_view()}
                </nav>
            </div>
            <p class="help mb-4">{by_meaning(by)}</p>
            {if is_empty {
                view! { <p class="quiet">"Nothing in these days."</p> }.into_any()
            } else {
                view! {
                    <div class="table-frame" tabindex="0" role="region" aria-label="Parts">
                        <table class="table parts">
                            <thead><tr>
                                <th scope="col">{by_word(by)}</th>
                                <th scope="col" class="number">"Revenue"</th>
                                <th scope="col" class="number">"Orders"</th>
                                {(by == By::Product).then(|| view! { <th scope="col" class="number">"Pieces"</th> })}
                                {seen.map(|seen| view! { <th scope="col" class="number">{seen}</th> })}
                                <th scope="col" class="number">"Given back"</th>
                            </tr></thead>
                            <tbody>{breakdown.rows.into_iter().map(|row| view! { <PartRow row by most period=period.clone() may_see_orders/> }).collect_view()}</tbody>
                        </table>
                    </div>
                    {(n_more > 0).then(|| view! { <p class="help mt-4">{format!("{n_more} more brought less.")}</p> })}
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn PartRow(row: BreakdownRow, by: By, most: i64, period: Period, may_see_orders: bool) -> impl IntoView {
    let orders = match by {
        By::Product => Some(orders_of(&period, &[("product", &row.key)])),
        By::Promotion => Some(orders_of(&period, &[("promotion", &row.key)])),
        By::Country | By::Referrer => None,
    };
    let orders = orders.filter(|_| may_see_orders && !row.key.is_empty() && row.n_orders > 0);
    let revenue = row.revenue();
    view! {
        <tr>
            <th scope="row">{row.name.clone()}<Share of=revenue.amount most/></th>
            <td class="number">{revenue.to_string()}</td>
            <td class="number">
                {match orders {
                    Some(url) => view! { <a href=url aria-label=format!("Orders of {}: {}", row.name, row.n_orders)>{count(row.n_orders)}</a> }.into_any(),
                    None => count(row.n_orders).into_any(),
                }}
            </td>
            {row.n_pieces.map(|n| view! { <td class="number">{count(n)}</td> })}
            {row.n_views.or(row.n_visitors).map(|n| view! { <td class="number">{count(n)}</td> })}
            <td class="number">{row.refunded.to_string()}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_reads_plainly() {
        let text = |n: i64| n.to_string();
        assert_eq!(change(112, Some(100), text).unwrap(), "+12\u{a0}%, 100 before");
        assert_eq!(change(50, Some(100), text).unwrap(), "−50\u{a0}%, 100 before");
        assert_eq!(change(5, Some(0), text).unwrap(), "0 before");
        assert_eq!(change(5, None, text), None);
        assert_eq!(change(1200, Some(100), text).unwrap(), "100 before");
        assert_eq!([count(0), count(999), count(1_000), count(10_198), count(-1_234_567)], ["0", "999", "1,000", "10,198", "−1,234,567"]);
        assert_eq!(percent(275), "2.75\u{a0}%");
    }

    #[test]
    fn the_url_keeps_what_was_asked() {
        let asked = Asked { from: "2026-01-01".to_owned(), to: "2026-01-31".to_owned(), by: "country".to_owned(), ..Asked::default() };
        assert_eq!(asked.with("interval", "week"), "/dashboard/analytics?from=2026-01-01&to=2026-01-31&interval=week&by=country");
        assert_eq!(asked.with("range", "7d"), "/dashboard/analytics?range=7d&by=country");
    }
}
