//! The list of orders: searched, filtered, paged; all of it in the URL.

use super::frame::{Frame, refused};
use super::status::{Status, order_word};
use crate::components::Day;
use crate::error::AppError;
use crate::layout::{load_store, page_title, with_query};
use domain::dashboard::{OrderList, OrderRow};
use domain::member::MemberView;
use domain::order::OrderStatus;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// A page of orders, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    pub member: MemberView,
    pub list: OrderList,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_orders")]
pub async fn get_orders(q: String, status: String, cursor: String) -> Result<Orders, AppError> {
    use crate::layout::request;
    use domain::member::Permission;
    let shop = request::shop()?;
    let member = request::member_who_may(&shop, Permission::SeeOrders).await?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let query = shop::orders::OrderQuery { status: OrderStatus::parse(&status), q: filled(q), cursor: filled(cursor), limit: None };
    Ok(Orders { member, list: shop::dashboard::orders(&shop, &query).await? })
}

#[component]
pub fn OrdersPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (q, status, cursor) = (asked("q"), asked("status"), asked("cursor"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_orders(q.clone(), status.clone(), cursor.clone()).await {
                    Ok(orders) => view! {
                        <Title text=page_title("Orders", &store)/>
                        <Frame member=orders.member here="/dashboard/orders">
                            <h1 class="mb-4">"Orders"</h1>
                            <Filter q=q.clone() status=status.clone()/>
                            <Page list=orders.list q status cursor/>
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Filter(q: String, status: String) -> impl IntoView {
    view! {
        <form class="filter" method="get" action="/dashboard/orders" role="search" aria-label="Orders">
            <div class="field">
                <label for="q">"Search"</label>
                <input class="input" id="q" name="q" type="search" value=q maxlength="254" placeholder="E-mail, number, or an id of Stripe's"/>
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status">
                    <option value="" selected=status.is_empty()>"Any"</option>
                    {OrderStatus::ALL.into_iter().map(|known| view! {
                        <option value=known.as_str() selected=known.as_str() == status>{order_word(known)}</option>
                    }).collect_view()}
                </select>
            </div>
            <button class="button plain" type="submit">"Show"</button>
        </form>
    }
}

#[component]
fn Page(list: OrderList, q: String, status: String, cursor: String) -> impl IntoView {
    let is_filtered = !(q.is_empty() && status.is_empty());
    if list.orders.is_empty() {
        let text = if is_filtered || !cursor.is_empty() {
            "No order fits. Search for the beginning of an e-mail address, an order's number such as ab12-cd34, or an id of Stripe's."
        } else {
            "No order yet. Each one appears here the moment somebody begins to pay."
        };
        return view! {
            <p class="quiet mt-6">{text}</p>
            {is_filtered.then(|| view! { <p class="mt-4"><a href="/dashboard/orders">"Show all orders"</a></p> })}
        }
        .into_any();
    }
    let at = |cursor: &str| with_query("/dashboard/orders", &[("q", &q), ("status", &status), ("cursor", cursor)]);
    let first = at("");
    let next = list.next_cursor.as_deref().map(at);
    view! {
        <OrderTable orders=list.orders/>
        <nav class="pager" aria-label="Pages">
            {(!cursor.is_empty()).then(|| view! { <a href=first>"Newest"</a> })}
            {next.map(|url| view! { <a href=url rel="next">"Older"</a> })}
        </nav>
    }
    .into_any()
}

/// Orders as a table; on a phone each is a card.
#[component]
pub fn OrderTable(orders: Vec<OrderRow>) -> impl IntoView {
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Orders">
            <table class="table orders">
                <thead><tr><th scope="col">"Order"</th><th scope="col">"Goods"</th><th scope="col">"Customer"</th><th scope="col">"Status"</th><th scope="col">"Started"</th><th scope="col" class="number">"Total"</th></tr></thead>
                <tbody>
                    {orders.into_iter().map(|order| view! {
                        <tr>
                            <td class="mono"><a href=format!("/dashboard/orders/{}", order.id)>{order.number}</a></td>
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
}
