//! What a creator sees first: what there is to do, the last thirty days, the latest orders, what sells.

use crate::components::{Icon, IconName};
use crate::dashboard::analytics::{NOTHING, RevenueChart, change, count};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::health::acts::PAGE as HEALTH;
use crate::dashboard::health::attention::Attention;
use crate::dashboard::health::disputes::DisputeNotice;
use crate::dashboard::orders::OrderTable;
use crate::dashboard::products::{NoProducts, ProductTable};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::money::Money;
use domain::pages::analytics::{BreakdownRow, Summary};
use domain::pages::dashboard::{Overview, Sales, SetupStep};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use serde::{Deserialize, Serialize};

/// The overview, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    pub member: MemberView,
    pub overview: Overview,
}

/// For every member; each sees what the role may see.
#[server(prefix = "/_fn", endpoint = "get_dashboard")]
pub async fn get_dashboard() -> Result<Dashboard, AppError> {
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let overview = shop::stores::dashboard::overview(&shop, member.role).await?;
    Ok(Dashboard { member, overview })
}

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_dashboard().await {
                    Ok(dashboard) => view! { <Title text=page_title("Overview", &store)/> <Loaded dashboard/> }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(dashboard: Dashboard) -> impl IntoView {
    let Dashboard { member, overview } = dashboard;
    let may = |permission| member.role.may(permission);
    let (may_retry, may_see_orders, may_edit) = (may(Permission::RetryWork), may(Permission::SeeOrders), may(Permission::EditProducts));
    // Before the first sale a line of zeros says nothing.
    let has_sales = !overview.orders.is_empty() || overview.sales.as_ref().is_some_and(has_any);
    let sales = overview.sales.filter(|_| has_sales);
    view! {
        <Frame member here="/dashboard">
            <div class="page-head">
                <h1>"Overview"</h1>
                {may_edit.then(|| view! {
                    <a class="button" href="/dashboard/products/new"><Icon name=IconName::Plus/>"Add product"</a>
                })}
            </div>
            <Attention failures=overview.failures may_retry/>
            <DisputeNotice disputes=overview.disputes/>
            <Unsettled n_undelivered=overview.n_undelivered n_failed_refunds=overview.n_failed_refunds/>
            <Setup steps=overview.setup/>
            {overview.now.zip(overview.before).filter(|_| has_sales).map(|(now, before)| view! { <Figures now before/> })}
            {sales.map(|summary| view! {
                <section aria-labelledby="sales">
                    <div class="page-head">
                        <h2 id="sales">"Revenue, last 30 days"</h2><a href="/dashboard/analytics">"Analytics"</a>
                    </div>
                    <RevenueChart summary/>
                </section>
            })}
            <div class="overview-pair">
                {may_see_orders.then(|| view! {
                    <section>
                        <h2>"Latest orders"</h2>
                        {if overview.orders.is_empty() {
                            view! {
                                <p class="quiet">"No orders yet. Each one appears here as soon as somebody starts to pay."</p>
                            }.into_any()
                        } else {
                            view! {
                                <OrderTable orders=overview.orders/><p class="mt-4"><a href="/dashboard/orders">"All orders"</a></p>
                            }.into_any()
                        }}
                    </section>
                })}
                <section>
                    {match (overview.products.is_empty(), overview.best.is_empty()) {
                        (true, _) => view! { <h2>"Products"</h2><NoProducts may_edit/> }.into_any(),
                        (false, true) => view! {
                            <h2>"Newest products"</h2>
                            <ProductTable products=overview.products may_edit/>
                            <p class="mt-4"><a href="/dashboard/products">"All products"</a></p>
                        }.into_any(),
                        (false, false) => view! {
                            <h2>"Top products, last 30 days"</h2>
                            <Best rows=overview.best may_edit/>
                            <p class="mt-4"><a href="/dashboard/products">"All products"</a></p>
                        }.into_any(),
                    }}
                </section>
            </div>
        </Frame>
    }
}

fn has_any(sales: &Summary) -> bool {
    let before = sales.before.as_ref().map_or(0, |before| before.figures.n_orders);
    sales.now.n_orders + before > 0
}

/// Money that needs a person, with the way to it.
#[component]
fn Unsettled(n_undelivered: usize, n_failed_refunds: usize) -> impl IntoView {
    let some = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let lines = [
        some(n_undelivered, "paid order was not delivered.", "paid orders were not delivered."),
        some(n_failed_refunds, "refund did not reach its customer.", "refunds did not reach their customers."),
    ];
    lines
        .into_iter()
        .flatten()
        .map(|text| {
            view! {
                <p class="notice notice-danger"><Icon name=IconName::Alert/><span>{text}" "<a href=HEALTH>"Open Health"</a></span></p>
            }
        })
        .collect_view()
}

/// What a new shop needs, one line a step.
#[component]
fn Setup(steps: Vec<(SetupStep, bool)>) -> impl IntoView {
    let n_done = steps.iter().filter(|(_, is_done)| *is_done).count();
    (!steps.is_empty()).then(|| {
        view! {
            <section class="panel setup" aria-labelledby="setup">
                <h2 id="setup">"What to do next"</h2>
                <p class="quiet text-sm">{format!("{n_done} of {} done", steps.len())}</p>
                <ul>
                    {steps.into_iter().map(|(step, is_done)| {
                        let (name, why, url) = words_of(step);
                        view! {
                            <li class:done=is_done>
                                <Icon name=if is_done { IconName::Done } else { IconName::Circle }/>
                                {if is_done {
                                    view! { <p>{name}<span class="sr-only">": done"</span></p> }.into_any()
                                } else {
                                    view! { <p><a href=url>{name}</a><span class="quiet text-sm">{why}</span></p> }.into_any()
                                }}
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

/// What a step is called, what it is for, and where it is done.
fn words_of(step: SetupStep) -> (&'static str, &'static str, &'static str) {
    match step {
        SetupStep::Product => ("Publish a product", "Add its price and files, then publish it.", "/dashboard/products"),
        SetupStep::Stripe => ("Connect Stripe", "Check that payments reach the shop.", "/dashboard/settings/connections?check=stripe"),
        SetupStep::Mail => ("Send a test email", "Orders are delivered by email.", "/dashboard/settings/connections"),
        SetupStep::Support => ("Set a support email", "Customers' replies go there.", "/dashboard/settings#shop"),
        SetupStep::Seller => ("Name the seller", "Shown at the bottom of every page and on receipts.", "/dashboard/settings#seller"),
        SetupStep::Policies => {
            ("Write your policies", "Terms, privacy and refunds, linked where people pay.", "/dashboard/settings#policies")
        }
    }
}

#[component]
fn Figures(now: Sales, before: Sales) -> impl IntoView {
    let money = |amount: i64| Money::new(amount, now.revenue.currency).to_string();
    let revenue = change(now.revenue.amount, Some(before.revenue.amount), money);
    let counted = |now: i64, before: i64| change(now, Some(before), count);
    let figures = [
        ("Revenue", now.revenue.to_string(), revenue),
        ("Orders", count(now.n_orders), counted(now.n_orders, before.n_orders)),
        ("New customers", count(now.n_new_customers), counted(now.n_new_customers, before.n_new_customers)),
        ("Downloads", count(now.n_downloads), counted(now.n_downloads, before.n_downloads)),
    ];
    view! {
        <dl class="figures" aria-label="The last 30 days with today, and the 30 before them">
            {figures.into_iter().map(|(name, value, change)| view! {
                <div><dt>{name}", 30 days"</dt><dd>{value}</dd><dd class="before">{change.unwrap_or_else(|| NOTHING.to_owned())}</dd></div>
            }).collect_view()}
        </dl>
    }
}

#[component]
fn Best(rows: Vec<BreakdownRow>, may_edit: bool) -> impl IntoView {
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Top products">
            <table class="table rows-open">
                <thead><tr>
                    <th scope="col">"Product"</th><th scope="col" class="number">"Units"</th><th scope="col" class="number">"Revenue"</th>
                </tr></thead>
                <tbody>
                    {rows.into_iter().map(|row| {
                        let rest = if may_edit { "" } else { "/see" };
                        let revenue = row.revenue().to_string();
                        view! {
                            <tr>
                                <td><a class="row-link" href=format!("/dashboard/products/{}{rest}", row.key)>{row.name}</a></td>
                                <td class="number">{count(row.n_pieces.unwrap_or(row.n_orders))}</td>
                                <td class="number">{revenue}</td>
                            </tr>
                        }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
