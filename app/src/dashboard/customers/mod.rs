//! Those who bought something: found by address or name.

use crate::components::{Ago, Empty};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::sorting::{Sorted, head};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::customer::{CustomerColumn, CustomerList, CustomerRow, Spent, shown_address};
use domain::sorting::Sorting;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod one;

/// A page of customers, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customers {
    pub member: MemberView,
    pub list: CustomerList,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_customers")]
pub async fn get_customers(q: String, #[server(default)] sort: String, cursor: String) -> Result<Customers, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let query = shop::customers::CustomerQuery { q: filled(q), sort: Sorting::parse(&sort), cursor: filled(cursor) };
    Ok(Customers { member, list: shop::customers::list(&shop, &query).await? })
}

#[component]
pub fn CustomersPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (q, sort, cursor) = (asked("q"), asked("sort"), asked("cursor"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_customers(q.clone(), sort.clone(), cursor.clone()).await {
                    Ok(customers) => view! {
                        <Title text=page_title("Customers", &store)/>
                        <Frame member=customers.member here="/dashboard/customers">
                            <h1 class="mb-4">"Customers"</h1>
                            <Page list=customers.list q sort cursor/>
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Filter(q: String, sorted: Sorted<CustomerColumn>) -> impl IntoView {
    // What a search finds goes by address.
    let choice = q.is_empty().then(|| sorted.choice());
    view! {
        <form class="filter search-only" method="get" action="/dashboard/customers" role="search" aria-label="Customers">
            <div class="field">
                <label for="q">"Search"</label>
                <input
                    class="input" id="q" name="q" type="search" value=q maxlength="254"
                    placeholder="Email or name starts with…"
                />
            </div>
            {choice}
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

#[component]
fn Page(list: CustomerList, q: String, sort: String, cursor: String) -> impl IntoView {
    if list.customers.is_empty() && q.is_empty() {
        return view! {
            <Empty title="No customers yet" text="Everyone who buys something, or gets it for free, appears here.">
                <a class="button plain" href="/">"View shop"</a>
            </Empty>
        }
        .into_any();
    }
    let sorted = Sorted::new("/dashboard/customers", &[("q", &q)], Sorting::parse(&sort));
    if list.customers.is_empty() {
        return view! {
            <Filter q sorted/>
            <p class="quiet mt-6">"No customers found. Search for the beginning of an email address or a name."</p>
            <p class="mt-4"><a href="/dashboard/customers">"Show all customers"</a></p>
        }
        .into_any();
    }
    let pager = sorted.pager(!cursor.is_empty(), list.next_cursor.as_deref(), !q.is_empty());
    let by = if q.is_empty() { Some(&sorted) } else { None };
    let last_order = head(by, CustomerColumn::LastOrder, "Last order", "");
    view! {
        <Filter q sorted/>
        <div class="table-frame" tabindex="0" role="region" aria-label="Customers">
            <table class="table customers rows-open">
                <thead>
                    <tr>
                        <th scope="col">"Customer"</th>
                        <th scope="col" class="number">"Orders"</th>
                        {last_order}
                        <th scope="col" class="number">"Spent"</th>
                    </tr>
                </thead>
                <tbody>{list.customers.into_iter().map(|customer| view! { <Row customer/> }).collect_view()}</tbody>
            </table>
        </div>
        {pager}
    }
    .into_any()
}

#[component]
fn Row(customer: CustomerRow) -> impl IntoView {
    let name = (!customer.name.is_empty()).then(|| view! { <span class="quiet">" · "{customer.name}</span> });
    let orders = if customer.n_orders == 1 { "1 order".to_owned() } else { format!("{} orders", customer.n_orders) };
    let url = format!("/dashboard/customers/{}", customer.id);
    view! {
        <tr>
            <td><a class="row-link" href=url>{shown_address(&customer.email).to_owned()}</a>{name}</td>
            <td class="number">{orders}</td>
            <td>{customer.last_order_at.map(|at| view! { <Ago at_ms=at/> })}</td>
            <td class="number">{spent_text(&customer.spent)}</td>
        </tr>
    }
}

/// What stayed with the shop, in each currency.
pub fn spent_text(spent: &[Spent]) -> String {
    if spent.iter().all(|sum| sum.net().is_zero()) {
        return "Nothing".to_owned();
    }
    spent.iter().map(|sum| sum.net().to_string()).collect::<Vec<_>>().join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::{Currency, Money};

    #[test]
    fn what_was_spent_is_told_for_each_currency() {
        let sum = |paid, refunded, code: &str| {
            let currency = Currency::parse(code).unwrap();
            Spent { paid: Money::new(paid, currency), refunded: Money::new(refunded, currency), lost: Money::new(0, currency) }
        };
        assert_eq!(spent_text(&[]), "Nothing");
        assert_eq!(spent_text(&[sum(500, 500, "USD")]), "Nothing");
        assert_eq!(spent_text(&[sum(500, 0, "EUR"), sum(900, 100, "USD")]), "€5.00 + $8.00");
    }
}
