//! A line, bars, and the same as a table.

use super::reading::{count, day_text, interval_word, step_text};
use crate::dashboard::analytics::asked::Asked;
use crate::dashboard::chart::{Chart, Mark, Shape};
use domain::money::Money;
use domain::pages::analytics::{Figures, Interval, Point, Summary};
use domain::word::Word;
use leptos::prelude::*;

#[component]
pub fn Pictures(summary: Summary, asked: Asked) -> impl IntoView {
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
        None => "Nothing was sold in this period.".to_owned(),
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
                    <Chart
                        id="revenue" shape=Shape::Line title=format!("Revenue by {step}") description=words.clone() top=top_revenue
                        marks=revenue first=first.clone() last=last.clone()
                    />
                    <p class="help">{words}" The dashed line is the period before."</p>
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
