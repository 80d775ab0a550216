//! What the shop brings: figures with how they are computed, a line, bars, and parts. All of it in the URL.

use self::figures::{FirstFigures, MoreFigures};
use self::parts::Parts;
use self::pictures::Pictures;
use self::reading::{day_text, interval_word};
use crate::components::{FormError, refused_at};
use crate::dashboard::analytics::asked::{Asked, HERE};
use crate::dashboard::frame::{Frame, refused};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::analytics::{Breakdown, By, Interval, Period, Summary};
use domain::pages::form::FormRefusal;
use domain::word::Word;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

mod asked;
mod figures;
mod parts;
mod pictures;
mod reading;

pub use pictures::RevenueChart;
pub use reading::{NOTHING, change, count};

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
    use shop::analytics::{RangeQuery, breakdown, summary};
    let (shop, member) = request::viewer(Permission::SeeSales).await?;
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let asked = RangeQuery { range: filled(&range), from: filled(&from), to: filled(&to), interval: interval.parse::<Interval>().ok() };
    let by = by.parse().unwrap_or(By::Product);
    let (query, found) = match summary(&shop, &asked, true).await {
        Err(shop::Error::Refused(refusal)) => {
            request::set_status(refusal.status);
            let usual = RangeQuery::default();
            let found = summary(&shop, &usual, true).await?;
            (usual, (found, Some(refusal.into())))
        }
        found => (asked, (found?, None)),
    };
    let breakdown = breakdown(&shop, &query, by).await?;
    Ok(Analytics { member, summary: found.0, breakdown, refusal: found.1 })
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
            <FirstFigures now=summary.now before period may_see_orders/>
            <Pictures summary=summary.clone() asked=asked.clone()/>
            <section aria-labelledby="more-figures">
                <h2 id="more-figures">"More figures"</h2>
                <MoreFigures now=summary.now before may_see_orders/>
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
    format!("{}{before}. Times are in {}.", days(&summary.period), summary.time_zone)
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

#[component]
fn Range(asked: Asked, period: Period, refusal: Option<FormRefusal>) -> impl IntoView {
    let is_free = !(asked.from.is_empty() && asked.to.is_empty());
    let current = if asked.range.is_empty() { "30d" } else { asked.range.as_str() };
    let links = RANGES.map(|(word, name)| (asked.with("range", word), name, !is_free && word == current));
    let (from, to) = if is_free { (asked.from.clone(), asked.to.clone()) } else { (period.from, period.to) };
    let error = |field: &str| refused_at(refusal.as_ref(), field);
    let (from_error, to_error, interval_error) = (error("from"), error("to"), error("interval"));
    let invalid = |error: &Option<String>| error.is_some().then_some("true");
    view! {
        <FormError refusal=refusal.clone()/>
        <nav class="spans" aria-label="Period">
            {links.map(|(url, name, is_here)| view! { <a href=url aria-current=is_here.then_some("true")>{name}</a> }).collect_view()}
        </nav>
        <form class="period" method="get" action=HERE aria-label="Days">
            <div class="field">
                <label for="from">"From"</label>
                <input
                    class="input" id="from" name="from" type="date" value=from aria-describedby="from-error"
                    aria-invalid=invalid(&from_error)
                />
                <p class="error" id="from-error">{from_error}</p>
            </div>
            <div class="field">
                <label for="to">"To"</label>
                <input class="input" id="to" name="to" type="date" value=to aria-describedby="to-error" aria-invalid=invalid(&to_error)/>
                <p class="error" id="to-error">{to_error}</p>
            </div>
            <div class="field">
                <label for="interval">"By"</label>
                <select class="input" id="interval" name="interval" aria-describedby="interval-error" aria-invalid=invalid(&interval_error)>
                    <option value="" selected=asked.interval.is_empty()>"Automatic"</option>
                    {Interval::all().map(|interval| view! {
                        <option value=interval.as_str() selected=interval.as_str() == asked.interval>{interval_word(interval)}</option>
                    }).collect_view()}
                </select>
                <p class="error" id="interval-error">{interval_error}</p>
            </div>
            {(!asked.by.is_empty()).then(|| view! { <input type="hidden" name="by" value=asked.by.clone()/> })}
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_keeps_what_was_asked() {
        let asked = Asked { from: "2026-01-01".to_owned(), to: "2026-01-31".to_owned(), by: "country".to_owned(), ..Asked::default() };
        assert_eq!(asked.with("interval", "week"), "/dashboard/analytics?from=2026-01-01&to=2026-01-31&interval=week&by=country");
        assert_eq!(asked.with("range", "7d"), "/dashboard/analytics?range=7d&by=country");
    }
}
