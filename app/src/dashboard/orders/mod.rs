//! The list of orders: searched, filtered, paged; all of it in the URL.

use crate::components::{Ago, Empty, FormError, TextField};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::orders::acts::MailOrders;
use crate::dashboard::several::{self, AskFirst, ChooseAll, ChooseOne, Done, NoDefault, SeveralBar};
use crate::dashboard::sorting::{Sorted, head};
use crate::dashboard::status::{Status, order_word};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::member::{MemberView, Permission};
use domain::order::OrderStatus;
use domain::pages::customer::shown_address;
use domain::pages::dashboard::{OrderColumn, OrderFilter, OrderList, OrderRow};
use domain::pages::form::FormRefusal;
use domain::pages::several::{Outcome, SeveralAct};
use domain::sorting::Sorting;
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod help;
pub mod one;
mod refund;

/// A page of orders, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    pub member: MemberView,
    pub list: OrderList,
    /// What was just done for several of them.
    pub outcome: Option<Outcome>,
    /// Why the filter was not understood.
    pub refusal: Option<FormRefusal>,
    /// Slugs and titles to choose from.
    pub products: Vec<(String, String)>,
    /// Whose days the filter's are.
    pub time_zone: String,
}

impl Orders {
    /// Whether the shop has none at all: there is nothing to look through.
    fn has_none(&self, asked: &OrderFilter) -> bool {
        let is_whole = asked.is_empty() && asked.cursor.is_empty() && self.list.next_cursor.is_none();
        is_whole && self.list.orders.is_empty() && self.refusal.is_none()
    }
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_orders")]
pub async fn get_orders(#[server(default)] filter: OrderFilter, #[server(default)] done: String) -> Result<Orders, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let outcome = several::outcome(&shop, &member, &done).await?;
    let products = shop::catalog::names(&shop).await?;
    let time_zone = shop::stores::time_zone(&shop).await?;
    let found = async {
        let query = shop::orders::read_filter(&shop, &filter).await?;
        shop::orders::rows(&shop, &query).await
    };
    match found.await {
        Ok(list) => Ok(Orders { member, list, outcome, refusal: None, products, time_zone }),
        Err(shop::Error::Refused(refusal)) => {
            request::set_status(400);
            Ok(Orders {
                member,
                list: OrderList { orders: Vec::new(), next_cursor: None },
                outcome,
                refusal: Some(refusal.into()),
                products,
                time_zone,
            })
        }
        Err(error) => Err(error.into()),
    }
}

#[component]
pub fn OrdersPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let filter = OrderFilter {
        q: asked("q"),
        status: asked("status"),
        product: asked("product"),
        promotion: asked("promotion"),
        country: asked("country"),
        referrer: asked("referrer"),
        from: asked("from"),
        to: asked("to"),
        days: asked("days"),
        min: asked("min"),
        max: asked("max"),
        sort: asked("sort"),
        cursor: asked("cursor"),
    };
    let done = asked("done");
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_orders(filter.clone(), done.clone()).await {
                    Ok(orders) => view! { <Title text=page_title("Orders", &store)/> <Loaded orders filter/> }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(orders: Orders, filter: OrderFilter) -> impl IntoView {
    if orders.has_none(&filter) {
        return view! {
            <Frame member=orders.member here="/dashboard/orders">
                <h1 class="mb-4">"Orders"</h1>
                <Empty title="No orders yet" text="Each one appears here as soon as somebody starts to pay.">
                    <a class="button plain" href="/">"View shop"</a>
                </Empty>
            </Frame>
        }
        .into_any();
    }
    let Orders { member, list, outcome, refusal, products, time_zone } = orders;
    let may_help = member.role.may(Permission::HelpCustomers);
    let sheet = |path: &str| with_query(path, &filter.pairs());
    let (of_orders, of_lines) = (sheet("/dashboard/orders.csv"), sheet("/dashboard/order-lines.csv"));
    view! {
        <Frame member here="/dashboard/orders">
            <div class="page-head">
                <h1>"Orders"</h1>
                <div class="actions">
                    <a class="button plain" href=of_orders>"Export orders"</a>
                    <a class="button plain" href=of_lines>"Export lines"</a>
                </div>
            </div>
            {outcome.map(|outcome| view! { <Done outcome/> })}
            <FormError refusal=refusal.clone()/>
            <Filter filter=filter.clone() products time_zone refusal=refusal.clone()/>
            {refusal.is_none().then(|| view! { <Page list filter may_help/> })}
        </Frame>
    }
    .into_any()
}

#[component]
fn Filter(filter: OrderFilter, products: Vec<(String, String)>, time_zone: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let has_more = filter.has_more();
    let is_paid = filter.days == "paid";
    let sorted = Sorted::<OrderColumn>::new("/dashboard/orders", &filter.pairs(), Sorting::parse(&filter.sort));
    let is_listed = filter.product.is_empty() || products.iter().any(|(slug, _)| *slug == filter.product);
    let unlisted = (!is_listed).then(|| (filter.product.clone(), filter.product.clone()));
    view! {
        <form class="filter" method="get" action="/dashboard/orders" role="search" aria-label="Orders">
            <div class="field">
                <label for="q">"Search"</label>
                <input
                    class="input" id="q" name="q" type="search" value=filter.q maxlength="254"
                    placeholder="Email, order number or Stripe ID"
                />
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status">
                    <option value="" selected=filter.status.is_empty()>"Any"</option>
                    {OrderStatus::all().map(|known| view! {
                        <option value=known.as_str() selected=known.as_str() == filter.status>{order_word(known)}</option>
                    }).collect_view()}
                </select>
            </div>
            {sorted.choice()}
            <button class="button plain" type="submit">"Apply"</button>
            <details class="filter-more" open=has_more || refusal.is_some()>
                <summary>"More filters"</summary>
                <div>
                    <div class="field">
                        <label for="product">"Product"</label>
                        <select class="input" id="product" name="product">
                            <option value="" selected=filter.product.is_empty()>"Any"</option>
                            {unlisted.into_iter().chain(products).map(|(slug, title)| view! {
                                <option selected=slug == filter.product value=slug>{title}</option>
                            }).collect_view()}
                        </select>
                    </div>
                    <div class="field">
                        <label for="promotion">"Promotion code"</label>
                        <input class="input" id="promotion" name="promotion" value=filter.promotion maxlength="60" autocomplete="off"/>
                    </div>
                    <div class="field">
                        <label for="country">"Country"</label>
                        <input
                            class="input" id="country" name="country" value=filter.country maxlength="2" autocomplete="off" placeholder="DE"
                        />
                    </div>
                    <div class="field">
                        <label for="referrer">"Source"</label>
                        <input
                            class="input" id="referrer" name="referrer" value=filter.referrer maxlength="100" autocomplete="off"
                            placeholder="news.example"
                        />
                    </div>
                    <div class="field">
                        <label for="days">"Which days"</label>
                        <select class="input" id="days" name="days">
                            <option value="" selected=!is_paid>"Started on"</option>
                            <option value="paid" selected=is_paid>"Paid on"</option>
                        </select>
                    </div>
                    <TextField at="from" label="From day" value=filter.from refusal=refusal.clone() input_type="date"/>
                    <TextField at="to" label="Until day" value=filter.to refusal=refusal.clone() input_type="date"/>
                    <TextField
                        at="min" label="Total from" value=filter.min refusal=refusal.clone() input_mode="decimal" max_length=20
                        placeholder="0.00"
                    />
                    <TextField
                        at="max" label="Total up to" value=filter.max refusal=refusal.clone() input_mode="decimal" max_length=20
                        placeholder="0.00"
                    />
                </div>
                <p class="help">"Times are in "{time_zone}", the shop's time zone."</p>
            </details>
        </form>
    }
}

#[component]
fn Page(list: OrderList, filter: OrderFilter, may_help: bool) -> impl IntoView {
    let sorted = Sorted::new("/dashboard/orders", &filter.pairs(), Sorting::parse(&filter.sort));
    let back = sorted.at(&filter.cursor);
    let pager = sorted.pager(!filter.cursor.is_empty(), list.next_cursor.as_deref(), false);
    let is_filtered = !filter.is_empty();
    if list.orders.is_empty() {
        let next = list.next_cursor.as_deref().map(|cursor| sorted.at(cursor));
        let (text, on) = match (&next, sorted.is_default()) {
            (Some(_), true) => ("None of the latest orders match. Older ones were not searched yet.", "Search older orders"),
            (Some(_), false) => ("None of these orders match. Those after them were not searched yet.", "Search on"),
            (None, _) => {
                ("No orders found. Search for the beginning of an email address, an order number such as ab12-cd34, or a Stripe ID.", "")
            }
        };
        return view! {
            <p class="quiet mt-6">{text}</p>
            <nav class="pager" aria-label="Pages">
                {next.map(|url| view! { <a href=url rel="next">{on}</a> })}
                {is_filtered.then(|| view! { <a href="/dashboard/orders">"Show all orders"</a> })}
            </nav>
        }
        .into_any();
    }
    view! {
        <form class="several" method="post" action=MailOrders::PATH>
            <NoDefault/>
            <input type="hidden" name="back" value=back/>
            <OrderTable orders=list.orders sorted is_chosen_from=true/>
            <SeveralBar>
                {may_help.then(|| view! {
                    <AskFirst
                        act=SeveralAct::Resend label="Resend email" yes="Send the emails"
                        question="Each customer gets the email with the link to the order once more."
                    />
                })}
                <Export path="/dashboard/orders.csv" label="Export orders"/>
                <Export path="/dashboard/order-lines.csv" label="Export lines"/>
            </SeveralBar>
        </form>
        {pager}
    }
    .into_any()
}

/// A file of the chosen orders alone.
#[component]
fn Export(path: &'static str, label: &'static str) -> impl IntoView {
    view! { <button class="button plain" type="submit" formmethod="get" formaction=path name="only" value="chosen">{label}</button> }
}

/// Orders as a table; on a phone each is a card.
#[component]
pub fn OrderTable(
    orders: Vec<OrderRow>,
    #[prop(optional)] sorted: Option<Sorted<OrderColumn>>,
    #[prop(optional)] is_chosen_from: bool,
) -> impl IntoView {
    let head = |by, label, class| head(sorted.as_ref(), by, label, class);
    view! {
        <div class="table-frame" tabindex="0" role="region" aria-label="Orders">
            <table class="table orders rows-open">
                <thead>
                    <tr>
                        {is_chosen_from.then(|| view! { <ChooseAll/> })}
                        <th scope="col">"Order"</th>
                        <th scope="col">"Products"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col">"Status"</th>
                        {head(OrderColumn::Started, "Started", "")}
                        {head(OrderColumn::Total, "Total", "number")}
                    </tr>
                </thead>
                <tbody>
                    {orders.into_iter().map(|order| view! {
                        <tr>
                            {is_chosen_from.then(|| view! {
                                <ChooseOne value=order.id.clone() name=format!("order {}", order.number)/>
                            })}
                            <td class="mono"><a class="row-link" href=format!("/dashboard/orders/{}", order.id)>{order.number}</a></td>
                            <td class="whole-row">{order.titles.join(", ")}</td>
                            <td class="whole-row">{shown_address(&order.email).to_owned()}</td>
                            <td><Status status=order.status/></td>
                            <td class="started"><Ago at_ms=order.created_at/></td>
                            <td class="number total">{order.total.to_string()}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    }
}
