//! A line, bars, and the same as a table.

use super::reading::{count, day_text, interval_word, step_text};
use crate::dashboard::analytics::asked::Asked;
use crate::dashboard::chart::{Chart, Mark, Shape};
use domain::money::Money;
use domain::pages::analytics::{Figures, Interval, Point, Summary};
use domain::word::Word;
use leptos::prelude::*;

/// What a period and the one before brought, step by step.
struct Marks {
    revenue: Vec<Mark>,
    orders: Vec<Mark>,
    /// The sum and the best step, in a sentence.
    words: String,
    first: String,
    last: String,
}

impl Marks {
    fn of(summary: &Summary) -> Self {
        let before: &[Point] = summary.before.as_ref().map_or(&[], |before| &before.points);
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
        let best = summary.points.iter().max_by_key(|point| point.figures.revenue().amount);
        let best = best.filter(|point| point.figures.revenue().amount > 0);
        let words = match best {
            Some(point) => {
                format!("{} in all, {} at most ({}).", summary.now.revenue(), point.figures.revenue(), step_text(&point.period))
            }
            None => "Nothing was sold in this period.".to_owned(),
        };
        Self {
            revenue: marks(|figures| figures.revenue().amount, &|amount| money_text(summary, amount)),
            orders: marks(|figures| figures.n_orders, &count),
            words,
            first: summary.points.first().map(|point| day_text(&point.period.from)).unwrap_or_default(),
            last: summary.points.last().map(|point| day_text(&point.period.to)).unwrap_or_default(),
        }
    }
}

fn money_text(summary: &Summary, amount: i64) -> String {
    Money::new(amount, summary.now.paid.currency).to_string()
}

/// The greatest value that a picture shows.
fn most(marks: &[Mark]) -> i64 {
    marks.iter().flat_map(|mark| [Some(mark.value), mark.before]).flatten().max().unwrap_or(0).max(0)
}

fn step_word(interval: Interval) -> &'static str {
    match interval {
        Interval::Day => "day",
        Interval::Week => "week",
        Interval::Month => "month",
    }
}

/// Revenue as a line over the one of the period before.
#[component]
pub fn RevenueChart(summary: Summary) -> impl IntoView {
    let Marks { revenue, words, first, last, .. } = Marks::of(&summary);
    let top = money_text(&summary, most(&revenue));
    let title = format!("Revenue by {}", step_word(summary.interval));
    view! {
        <Chart id="revenue" shape=Shape::Line title description=words.clone() top marks=revenue first last/>
        <p class="help">{words}" The dashed line is the period before."</p>
    }
}

#[component]
pub fn Pictures(summary: Summary, asked: Asked) -> impl IntoView {
    let Marks { orders, first, last, .. } = Marks::of(&summary);
    let step = step_word(summary.interval);
    let top_orders = count(most(&orders));
    let steps: Vec<_> = Interval::all()
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
                    {steps.into_iter().map(|(url, name, is_here)| view! {
                        <a href=url aria-current=is_here.then_some("true")>{name}</a>
                    }).collect_view()}
                </nav>
            </div>
            <div class="chart-pair">
                <div>
                    <h3>"Revenue by "{step}</h3>
                    <RevenueChart summary=summary.clone()/>
                </div>
                <div>
                    <h3>"Orders by "{step}</h3>
                    <Chart
                        id="orders" shape=Shape::Bars title=format!("Orders by {step}")
                        description=format!("{} orders in all.", count(summary.now.n_orders)) top=top_orders marks=orders first last
                    />
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

#[component]
fn StepTable(points: Vec<Point>) -> impl IntoView {
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Step by step">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Days"</th>
                        <th scope="col" class="number">"Revenue"</th>
                        <th scope="col" class="number">"Paid"</th>
                        <th scope="col" class="number">"Refunded"</th>
                        <th scope="col" class="number">"Lost disputes"</th>
                        <th scope="col" class="number">"Orders"</th>
                        <th scope="col" class="number">"New customers"</th>
                        <th scope="col" class="number">"Visitors"</th>
                        <th scope="col" class="number">"Carts"</th>
                        <th scope="col" class="number">"Downloads"</th>
                    </tr>
                </thead>
                <tbody>
                    {points.into_iter().map(|point| {
                        let figures = point.figures;
                        view! {
                            <tr>
                                <th scope="row">{step_text(&point.period)}</th>
                                <td class="number">{figures.revenue().to_string()}</td>
                                <td class="number">{figures.paid.to_string()}</td>
                                <td class="number">{figures.refunded.to_string()}</td>
                                <td class="number">{figures.lost.to_string()}</td>
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
