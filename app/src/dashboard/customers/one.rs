//! One customer: everything bought, what members noted, and the ways to take data out and to forget it.

use crate::components::{Day, FormError, TextField};
use crate::dashboard::customers::acts::{EraseCustomer, FORM};
use crate::dashboard::customers::spent_text;
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::orders::OrderTable;
use crate::dashboard::orders::help::NoteList;
use crate::dashboard::status::{AccessStatus, license_word};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::member::{MemberView, Permission};
use domain::pages::customer::{CustomerFile, GoodRow, shown_address};
use domain::pages::form::Filled;
use domain::pages::license::LicenseRow;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// A customer, and who is looking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCustomer {
    pub member: MemberView,
    pub file: CustomerFile,
    /// What was typed to erase the customer.
    pub erasure: Filled<String>,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_customer")]
pub async fn get_customer(id: String, #[server(default)] draft: String) -> Result<SeenCustomer, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let erasure = request::filled(&shop, &member, FORM, &draft, String::new()).await?;
    Ok(SeenCustomer { file: shop::customers::file(&shop, &id).await?, member, erasure })
}

#[component]
pub fn CustomerPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_customer(id, draft).await {
                    Ok(SeenCustomer { member, file, erasure }) => view! {
                        <Title text=page_title(shown_address(&file.customer.email), &store)/>
                        <Frame member=member.clone() here="/dashboard/customers"><File file member erasure/></Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn File(file: CustomerFile, member: MemberView, erasure: Filled<String>) -> impl IntoView {
    let CustomerFile { customer, orders, has_more_orders, goods, licenses, notes } = file;
    let may_erase = member.role.may(Permission::EraseCustomers) && !customer.is_erased;
    let refunded: Vec<String> = customer.spent.iter().filter(|sum| !sum.refunded.is_zero()).map(|sum| sum.refunded.to_string()).collect();
    let lost: Vec<String> = customer.spent.iter().filter(|sum| !sum.lost.is_zero()).map(|sum| sum.lost.to_string()).collect();
    let all_orders = with_query("/dashboard/orders", &[("q", &customer.email)]);
    view! {
        <div class="page-head">
            <div>
                <p class="quiet text-sm"><a href="/dashboard/customers">"Customers"</a></p>
                <h1>{shown_address(&customer.email).to_owned()}</h1>
                {(!customer.name.is_empty()).then(|| view! { <p class="quiet mt-2">{customer.name.clone()}</p> })}
            </div>
            <div class="actions">
                <a class="button plain" href=format!("/dashboard/customers/{}/data.json", customer.id)>"Export data"</a>
            </div>
        </div>
        {customer.is_erased.then(|| view! { <p class="notice">"Name and address were erased. The sales stay in the books."</p> })}
        <dl class="figures">
            <div>
                <dt>"Spent"</dt>
                <dd>{spent_text(&customer.spent)}</dd>
                {(!refunded.is_empty()).then(|| view! { <dd class="before">{refunded.join(" + ")}" refunded"</dd> })}
                {(!lost.is_empty()).then(|| view! { <dd class="before">{lost.join(" + ")}" in lost disputes"</dd> })}
            </div>
            <div><dt>"Orders"</dt><dd>{customer.n_orders}</dd></div>
            <div><dt>"Last order"</dt><dd class="figure-day">{customer.last_order_at.map(|at| view! { <Day at_ms=at/> })}</dd></div>
            <div><dt>"Customer since"</dt><dd class="figure-day"><Day at_ms=customer.created_at/></dd></div>
        </dl>
        <section aria-labelledby="bought">
            <h2 id="bought">"Bought"</h2>
            <ul class="rows">{goods.into_iter().map(|good| view! { <Good good/> }).collect_view()}</ul>
        </section>
        {(!licenses.is_empty()).then(|| view! {
            <section aria-labelledby="licenses">
                <h2 id="licenses">"Licenses"</h2>
                <ul class="rows">{licenses.into_iter().map(|license| view! { <License license/> }).collect_view()}</ul>
            </section>
        })}
        <section>
            <h2>"Orders"</h2>
            <OrderTable orders/>
            {has_more_orders.then(|| view! { <p class="mt-4"><a href=all_orders>"All orders"</a></p> })}
        </section>
        {(!notes.is_empty()).then(|| view! {
            <section aria-labelledby="notes"><h2 id="notes">"Notes"</h2><NoteList notes/></section>
        })}
        {may_erase.then(|| view! { <Erasure customer=customer.id.clone() email=customer.email.clone() erasure/> })}
    }
}

#[component]
fn Good(good: GoodRow) -> impl IntoView {
    let (order, number) = good.order;
    let pieces = (good.quantity > 1).then(|| format!("{} × ", good.quantity));
    view! {
        <li>
            <p>{pieces}<strong>{good.title}</strong><span class="quiet">" · "{good.variant_name}</span></p>
            <p class="text-sm"><AccessStatus state=good.state/></p>
            <p class="quiet text-sm">
                <a class="mono" href=format!("/dashboard/orders/{order}")>{number}</a>" · "<Day at_ms=good.created_at/>
            </p>
        </li>
    }
}

#[component]
fn License(license: LicenseRow) -> impl IntoView {
    let (order, number) = license.order;
    let usage = license.activation_limit.map(|limit| format!(" · {} of {limit} devices", license.activation_usage));
    view! {
        <li>
            <p><a href=format!("/dashboard/licenses/{}", license.id)><code>{license.key}</code></a></p>
            <p class="quiet text-sm">
                {license.title}" · "{license_word(license.status)}{usage}
                {license.expires_at.map(|at| view! { " · until "<Day at_ms=at/> })}
                " · "<a class="mono" href=format!("/dashboard/orders/{order}")>{number}</a>
            </p>
        </li>
    }
}

#[component]
fn Erasure(customer: String, email: String, erasure: Filled<String>) -> impl IntoView {
    let Filled { form, refusal, .. } = erasure;
    let is_refused = refusal.is_some();
    view! {
        <section aria-labelledby="erase">
            <h2 id="erase">"Erase this customer"</h2>
            <div class="acts">
                <details open=is_refused>
                    <summary>"Erase name and address permanently"</summary>
                    <form class="stack" method="post" action=EraseCustomer::PATH>
                        <FormError refusal=refusal.clone()/>
                        <p class="help">
                            "Name, addresses and download records are replaced everywhere in this shop. Amounts, taxes and dates stay, \
                             as bookkeeping requires. Purchases stay open to anyone who has their link. Stripe keeps its own records: \
                             erase the customer there as well."
                        </p>
                        <input type="hidden" name="customer" value=customer/>
                        <TextField
                            at="confirmation" label=format!("To confirm, type {email}") value=form refusal is_required=true max_length=254
                        />
                        <div><button class="button danger" type="submit">"Erase permanently"</button></div>
                    </form>
                </details>
            </div>
        </section>
    }
}
