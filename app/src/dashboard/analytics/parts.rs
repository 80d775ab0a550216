//! Which products, countries, promotions and ways the revenue came from.

use super::figures::orders_of;
use super::reading::count;
use crate::components::Explained;
use crate::dashboard::analytics::asked::Asked;
use crate::dashboard::chart::Share;
use domain::pages::analytics::{Breakdown, BreakdownRow, By, Period};
use domain::word::Word;
use leptos::prelude::*;

fn by_word(by: By) -> &'static str {
    match by {
        By::Product => "Product",
        By::Country => "Country",
        By::Promotion => "Promotion",
        By::Referrer => "Source",
    }
}

/// How the parts are told apart.
fn by_meaning(by: By) -> &'static str {
    match by {
        By::Product => "Best sellers first. A refund of a whole order or a lost dispute is split over its lines by what is left of them.",
        By::Country => "The country of the billing address, which the payment page asks for. Free orders have none.",
        By::Promotion => "The promotion that an order was placed with.",
        By::Referrer => {
            "The campaign in the link (utm_source), or the site that a visitor came from first that day. Nobody is tracked from one day \
             to the next."
        }
    }
}

#[component]
pub fn Parts(breakdown: Breakdown, asked: Asked, may_see_orders: bool) -> impl IntoView {
    let by = breakdown.by;
    let tabs: Vec<_> = By::all().map(|other| (asked.with("by", other.as_str()), by_word(other), other == by)).collect();
    let most = breakdown.rows.iter().map(|row| row.revenue().amount).max().unwrap_or(0);
    let (n_more, period, is_empty) = (breakdown.n_more, breakdown.period.clone(), breakdown.rows.is_empty());
    let has_lost = breakdown.rows.iter().any(|row| !row.lost.is_zero());
    let title = match by {
        By::Product => "Best sellers",
        By::Country => "By country",
        By::Promotion => "By promotion",
        By::Referrer => "By source",
    };
    let seen = match by {
        By::Product => Some("Views"),
        By::Referrer => Some("Visitors"),
        By::Country | By::Promotion => None,
    };
    view! {
        <section aria-labelledby="parts">
            <div class="page-head">
                <div class="with-explained"><h2 id="parts">{title}</h2><Explained what=title text=by_meaning(by)/></div>
                <nav class="spans" aria-label="Parts">
                    {tabs.into_iter().map(|(url, name, is_here)| view! {
                        <a href=format!("{url}#parts") aria-current=is_here.then_some("true")>{name}</a>
                    }).collect_view()}
                </nav>
            </div>
            {if is_empty {
                view! { <p class="quiet">"Nothing in this period."</p> }.into_any()
            } else {
                view! {
                    <div class="table-frame" tabindex="0" role="region" aria-label="Parts">
                        <table class="table parts">
                            <thead><tr>
                                <th scope="col">{by_word(by)}</th>
                                <th scope="col" class="number">"Revenue"</th>
                                <th scope="col" class="number">"Orders"</th>
                                {(by == By::Product).then(|| view! { <th scope="col" class="number">"Units"</th> })}
                                {seen.map(|seen| view! { <th scope="col" class="number">{seen}</th> })}
                                <th scope="col" class="number">"Refunded"</th>
                                {has_lost.then(|| view! { <th scope="col" class="number">"Lost disputes"</th> })}
                            </tr></thead>
                            <tbody>
                                {breakdown.rows.into_iter().map(|row| view! {
                                    <PartRow row by most period=period.clone() may_see_orders has_lost/>
                                }).collect_view()}
                            </tbody>
                        </table>
                    </div>
                    {(n_more > 0).then(|| view! { <p class="help mt-4">{format!("{n_more} more with less revenue.")}</p> })}
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn PartRow(row: BreakdownRow, by: By, most: i64, period: Period, may_see_orders: bool, has_lost: bool) -> impl IntoView {
    let orders = match by {
        By::Product => Some(orders_of(&period, &[("product", &row.key)])),
        By::Promotion => Some(orders_of(&period, &[("promotion", &row.key)])),
        By::Country => Some(orders_of(&period, &[("country", &row.key)])),
        By::Referrer => Some(orders_of(&period, &[("referrer", &row.key)])),
    };
    let orders = orders.filter(|_| may_see_orders && !row.key.is_empty() && row.n_orders > 0);
    let revenue = row.revenue();
    view! {
        <tr>
            <th scope="row">{row.name.clone()}<Share of=revenue.amount most/></th>
            <td class="number">{revenue.to_string()}</td>
            <td class="number">
                {match orders {
                    Some(url) => view! {
                        <a href=url aria-label=format!("Orders of {}: {}", row.name, row.n_orders)>{count(row.n_orders)}</a>
                    }.into_any(),
                    None => count(row.n_orders).into_any(),
                }}
            </td>
            {row.n_pieces.map(|n| view! { <td class="number">{count(n)}</td> })}
            {row.n_views.or(row.n_visitors).map(|n| view! { <td class="number">{count(n)}</td> })}
            <td class="number">{row.refunded.to_string()}</td>
            {has_lost.then(|| view! { <td class="number">{row.lost.to_string()}</td> })}
        </tr>
    }
}
