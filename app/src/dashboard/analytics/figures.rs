//! Figures, each with how it is computed and the way to its rows.

use super::reading::{NOTHING, change, count, percent};
use crate::components::Explained;
use crate::layout::with_query;
use domain::money::Money;
use domain::pages::analytics::{Figures, Period};
use leptos::prelude::*;

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

#[component]
pub fn FirstFigures(now: Figures, before: Option<Figures>, period: Period, may_see_orders: bool) -> impl IntoView {
    let money = |amount: i64| Money::new(amount, now.paid.currency).to_string();
    let of = |value: fn(&Figures) -> i64| before.as_ref().map(value);
    let orders = |name: &'static str| may_see_orders.then(|| (orders_of(&period, &[]), name));
    let figures = [
        Figure {
            name: "Revenue",
            value: now.revenue().to_string(),
            meaning: "Paid in this period minus its refunds and lost disputes, in the store's currency.",
            change: change(now.revenue().amount, of(|figures| figures.revenue().amount), money),
            rows: orders("Orders behind the revenue"),
        },
        Figure {
            name: "Orders",
            value: count(now.n_orders),
            meaning: "Orders paid in this period, including free ones.",
            change: change(now.n_orders, of(|figures| figures.n_orders), count),
            rows: orders("Orders in this period"),
        },
        Figure {
            name: "Average order",
            value: now.average().map_or_else(|| NOTHING.to_owned(), |money| money.to_string()),
            meaning: "What was paid, divided by the orders that cost something.",
            change: now
                .average()
                .zip(before.and_then(|before| before.average()))
                .and_then(|(now, before)| change(now.amount, Some(before.amount), money)),
            rows: None,
        },
        Figure {
            name: "Conversion",
            value: conversion(&now).map_or_else(|| NOTHING.to_owned(), percent),
            meaning: "Paid orders per visitor in this period. Slightly too high, as people who ask not to be counted may also buy; a dash \
                where more bought than were counted.",
            change: before.and_then(|before| conversion(&before)).map(|rate| format!("{} before", percent(rate))),
            rows: None,
        },
    ];
    view! { <FigureList figures=figures.into() label="The most important figures"/> }
}

#[component]
pub fn MoreFigures(now: Figures, before: Option<Figures>, may_see_orders: bool) -> impl IntoView {
    let money = |amount: i64| Money::new(amount, now.paid.currency).to_string();
    let of = |value: fn(&Figures) -> i64| before.as_ref().map(value);
    let plain = count;
    let of_visitors = now.cart_rate().map(|rate| format!("{} of visitors, ", percent(rate))).unwrap_or_default();
    let figures = [
        Figure {
            name: "Refunded",
            value: now.refunded.to_string(),
            meaning: "Refunds that reached customers in this period, whenever the order was placed.",
            change: change(now.refunded.amount, of(|figures| figures.refunded.amount), money),
            // No filter of the orders has the same sum: a refund may be of a part, and of an older order.
            rows: None,
        },
        Figure {
            name: "Lost disputes",
            value: now.lost.to_string(),
            meaning: "What banks took back for good in this period, whenever the order was placed. Stripe's fees are not included.",
            change: change(now.lost.amount, of(|figures| figures.lost.amount), money),
            rows: may_see_orders.then(|| ("/dashboard/orders?status=charged_back".to_owned(), "Orders that were charged back")),
        },
        Figure {
            name: "Discounts",
            value: now.discounted.to_string(),
            meaning: "What customers saved by promotions, in paid orders.",
            change: change(now.discounted.amount, of(|figures| figures.discounted.amount), money),
            rows: Some(("/dashboard/promotions".to_owned(), "Promotions")),
        },
        Figure {
            name: "New customers",
            value: count(now.n_new_customers),
            meaning: "Customers whose first order was paid in this period.",
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
            meaning: "Downloads started; one that was interrupted and resumed counts once.",
            change: change(now.n_downloads, of(|figures| figures.n_downloads), plain),
            rows: None,
        },
        Figure {
            name: "Visitors",
            value: count(now.n_visitors),
            meaning: "People who visited the shop, each once a day. Counted without cookies; bots and people who ask not to be tracked \
                are left out.",
            change: change(now.n_visitors, of(|figures| figures.n_visitors), plain),
            rows: None,
        },
        Figure {
            name: "Page views",
            value: count(now.n_views),
            meaning: "Shop and product pages that these visitors opened.",
            change: change(now.n_views, of(|figures| figures.n_views), plain),
            rows: None,
        },
        Figure {
            name: "Carts",
            value: count(now.n_carts),
            meaning: "Carts that visitors started.",
            change: change(now.n_carts, of(|figures| figures.n_carts), plain).map(|change| format!("{of_visitors}{change}")),
            rows: None,
        },
    ];
    view! { <FigureList figures=figures.into() label="More figures"/> }
}

/// The rate, as far as it is one: more orders than visitors say nothing.
fn conversion(figures: &Figures) -> Option<i64> {
    figures.conversion().filter(|_| figures.n_orders <= figures.n_visitors)
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
                            Some((url, name)) => view! {
                                <a href=url aria-label=format!("{}: {name}", figure.value)>{figure.value.clone()}</a>
                            }.into_any(),
                            None => figure.value.into_any(),
                        }}
                    </dd>
                    <dd class="before">{figure.change.unwrap_or_else(|| NOTHING.to_owned())}</dd>
                    <dd class="meaning"><Explained what=figure.name text=figure.meaning/></dd>
                </div>
            }).collect_view()}
        </dl>
    }
}

/// The orders of the days, narrowed.
pub fn orders_of(period: &Period, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("from", period.from.as_str()), ("to", period.to.as_str()), ("days", "paid")];
    pairs.extend_from_slice(more);
    with_query("/dashboard/orders", &pairs)
}
