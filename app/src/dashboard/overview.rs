//! What a creator sees first: the last thirty days, the latest orders, the shelves.

use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::health::attention::Attention;
use crate::dashboard::orders::OrderTable;
use crate::dashboard::products::{NoProducts, ProductTable};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::dashboard::{Overview, Sales};
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
    let (may_retry, may_see_orders) = (member.role.may(Permission::RetryWork), member.role.may(Permission::SeeOrders));
    let may_edit = member.role.may(Permission::EditProducts);
    view! {
        <Frame member here="/dashboard">
            <h1 class="mb-4">"Overview"</h1>
            <Attention failures=overview.failures may_retry/>
            {overview.now.zip(overview.before).map(|(now, before)| view! { <Figures now before/> })}
            {may_see_orders.then(|| view! {
                <section>
                    <h2>"Latest orders"</h2>
                    {if overview.orders.is_empty() {
                        view! { <p class="quiet">"No orders yet. Each one appears here as soon as somebody starts to pay."</p> }.into_any()
                    } else {
                        view! {
                            <OrderTable orders=overview.orders/><p class="mt-4"><a href="/dashboard/orders">"All orders"</a></p>
                        }.into_any()
                    }}
                </section>
            })}
            <section>
                <h2>"Products"</h2>
                {if overview.products.is_empty() {
                    view! { <NoProducts may_edit/> }.into_any()
                } else {
                    view! {
                        <ProductTable products=overview.products may_edit/>
                        <p class="mt-4"><a href="/dashboard/products">"All products"</a></p>
                    }.into_any()
                }}
            </section>
        </Frame>
    }
}

#[component]
fn Figures(now: Sales, before: Sales) -> impl IntoView {
    let figures = [
        ("Revenue", "Paid minus refunds and lost disputes, in the store's currency", now.revenue.to_string(), before.revenue.to_string()),
        ("Orders", "Orders that were paid, free ones included", now.n_orders.to_string(), before.n_orders.to_string()),
        ("New customers", "Customers whose first order was paid", now.n_new_customers.to_string(), before.n_new_customers.to_string()),
        ("Downloads", "Downloads started", now.n_downloads.to_string(), before.n_downloads.to_string()),
    ];
    view! {
        <dl class="figures" aria-label="The last 30 days with today, and the 30 before them">
            {figures.into_iter().map(|(name, meaning, value, before)| view! {
                <div title=meaning><dt>{name}", 30 days"</dt><dd>{value}</dd><dd class="before">{before}" before that"</dd></div>
            }).collect_view()}
        </dl>
    }
}
