//! What a creator sees first: the last thirty days, the latest orders, the shelves.

use super::attention::Attention;
use crate::account::sign_out::SignOut;
use crate::components::{Day, Notice};
use crate::error::AppError;
use crate::layout::{Trouble, load_store, page_title};
use domain::catalog::ProductStatus;
use domain::dashboard::{OrderRow, Overview, ProductRow};
use domain::member::MemberView;
use domain::order::OrderStatus;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use serde::{Deserialize, Serialize};

/// The overview, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    pub member: MemberView,
    pub overview: Overview,
}

/// For every member, whatever the role.
#[server(prefix = "/_fn", endpoint = "get_dashboard")]
pub async fn get_dashboard() -> Result<Dashboard, AppError> {
    use crate::layout::request;
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    Ok(Dashboard { member, overview: shop::dashboard::overview(&shop).await? })
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
                    Err(error) if error.is_signed_out() => {
                        #[cfg(feature = "ssr")]
                        crate::layout::request::lead_to("/sign-in?next=/dashboard");
                        ().into_any()
                    }
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(dashboard: Dashboard) -> impl IntoView {
    let Dashboard { member, overview } = dashboard;
    view! {
        <div class="dashboard">
            <Notice/>
            <div class="page-head">
                <h1>"Overview"</h1>
                <form class="actions" method="post" action=SignOut::PATH>
                    <span class="quiet text-sm">{member.email}" · "{member.role.as_str()}</span>
                    <button class="link-button" type="submit">"Sign out"</button>
                </form>
            </div>
            <Attention failures=overview.failures.clone() may_act=member.role.may_act()/>
            <Figures overview=overview.clone()/>
            <section>
                <h2>"Latest orders"</h2>
                <Orders orders=overview.orders/>
            </section>
            <section>
                <h2>"Products"</h2>
                <Products products=overview.products/>
            </section>
        </div>
    }
}

#[component]
fn Figures(overview: Overview) -> impl IntoView {
    let Overview { now, before, .. } = overview;
    let figures = [
        ("Revenue", now.revenue.to_string(), before.revenue.to_string()),
        ("Orders", now.n_orders.to_string(), before.n_orders.to_string()),
        ("New customers", now.n_new_customers.to_string(), before.n_new_customers.to_string()),
        ("Downloads", now.n_downloads.to_string(), before.n_downloads.to_string()),
    ];
    view! {
        <dl class="figures" aria-label="The last 30 days">
            {figures.into_iter().map(|(name, value, before)| view! {
                <div><dt>{name}", 30 days"</dt><dd>{value}</dd><dd class="before">{before}" before that"</dd></div>
            }).collect_view()}
        </dl>
    }
}

#[component]
fn Orders(orders: Vec<OrderRow>) -> impl IntoView {
    if orders.is_empty() {
        return view! { <p class="quiet">"No order yet. Each one appears here the moment somebody begins to pay."</p> }.into_any();
    }
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Latest orders">
            <table class="table orders">
                <thead><tr><th scope="col">"Order"</th><th scope="col">"Goods"</th><th scope="col">"Customer"</th><th scope="col">"Status"</th><th scope="col">"Started"</th><th scope="col" class="number">"Total"</th></tr></thead>
                <tbody>
                    {orders.into_iter().map(|order| view! {
                        <tr>
                            <td class="mono">{order.number}</td>
                            <td>{order.titles.join(", ")}</td>
                            <td>{order.email}</td>
                            <td><Status status=order.status/></td>
                            <td><Day at_ms=order.created_at/></td>
                            <td class="number">{order.total.to_string()}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A word and a dot, so that it is never the colour alone.
#[component]
fn Status(status: OrderStatus) -> impl IntoView {
    let (class, word) = match status {
        OrderStatus::Paid => ("status-good", "Paid"),
        OrderStatus::PartiallyRefunded => ("status-good", "Partly refunded"),
        OrderStatus::Pending => ("status-waiting", "Not paid yet"),
        OrderStatus::Processing => ("status-waiting", "Processing"),
        OrderStatus::Disputed => ("status-waiting", "Disputed"),
        OrderStatus::Failed => ("status-bad", "Failed"),
        OrderStatus::ChargedBack => ("status-bad", "Charged back"),
        OrderStatus::Refunded => ("", "Refunded"),
        OrderStatus::Expired => ("", "Expired"),
    };
    view! { <span class=format!("status {class}")>{word}</span> }
}

#[component]
fn Products(products: Vec<ProductRow>) -> impl IntoView {
    if products.is_empty() {
        return view! { <p class="quiet">"Nothing on the shelves yet. Products can be made with the API: POST /api/v1/products."</p> }
            .into_any();
    }
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Products">
            <table class="table">
                <thead><tr><th scope="col">"Product"</th><th scope="col">"Status"</th><th scope="col" class="number">"Sold"</th><th scope="col" class="number">"Price from"</th></tr></thead>
                <tbody>
                    {products.into_iter().map(|product| {
                        let title = match product.status {
                            ProductStatus::Published => view! { <a href=format!("/products/{}", product.slug)>{product.title}</a> }.into_any(),
                            _ => product.title.into_any(),
                        };
                        let (class, word) = match product.status {
                            ProductStatus::Published => ("status-good", "Published"),
                            ProductStatus::Draft => ("status-waiting", "Draft"),
                            ProductStatus::Archived => ("", "Archived"),
                        };
                        let price = if product.price_from.is_zero() { "Free".to_owned() } else { product.price_from.to_string() };
                        view! { <tr><td>{title}</td><td><span class=format!("status {class}")>{word}</span></td><td class="number">{product.n_sold}</td><td class="number">{price}</td></tr> }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}
