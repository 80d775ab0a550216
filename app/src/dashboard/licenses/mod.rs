//! The list of licenses: found by their key, their order or their customer.

use crate::components::{Ago, Empty};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::status::{LicenseStanding, license_word};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::license::LicenseStatus;
use domain::member::{MemberView, Permission};
use domain::pages::customer::shown_address;
use domain::pages::license::{LicenseList, LicenseRow};
use domain::word::Word;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod one;

pub(super) const LIST: &str = "/dashboard/licenses";

/// A page of licenses, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licenses {
    pub member: MemberView,
    pub list: LicenseList,
}

/// For members who may see orders.
#[server(prefix = "/_fn", endpoint = "get_licenses")]
pub async fn get_licenses(q: String, status: String, product: String, cursor: String) -> Result<Licenses, AppError> {
    let (shop, member) = request::viewer(Permission::SeeOrders).await?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let query = shop::fulfillment::licenses::LicenseQuery {
        q: filled(q),
        status: status.parse().ok(),
        product: filled(product),
        cursor: filled(cursor),
        ..Default::default()
    };
    Ok(Licenses { member, list: shop::fulfillment::licenses::list(&shop, &query).await? })
}

/// What is asked for, as the address has it.
#[derive(Clone, Default)]
struct Asked {
    q: String,
    status: String,
    product: String,
    cursor: String,
}

impl Asked {
    fn is_filtered(&self) -> bool {
        ![&self.q, &self.status, &self.product].iter().all(|text| text.is_empty())
    }

    /// The address of another page of the same.
    fn at(&self, cursor: &str) -> String {
        with_query(LIST, &[("q", &self.q), ("status", &self.status), ("product", &self.product), ("cursor", cursor)])
    }
}

#[component]
pub fn LicensesPage() -> impl IntoView {
    let query = use_query_map();
    let text = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let asked = Asked { q: text("q"), status: text("status"), product: text("product"), cursor: text("cursor") };
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                let Asked { q, status, product, cursor } = asked.clone();
                match get_licenses(q, status, product, cursor).await {
                    Ok(Licenses { member, list }) => view! {
                        <Title text=page_title("Licenses", &store)/>
                        <Frame member here=LIST>
                            <h1 class="mb-4">"Licenses"</h1>
                            <Page list asked/>
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Page(list: LicenseList, asked: Asked) -> impl IntoView {
    if list.items.is_empty() && !asked.is_filtered() && asked.cursor.is_empty() {
        return view! {
            <Empty
                title="No licenses yet"
                text="Give a tier of a product license keys, under \u{201c}License keys\u{201d} in its editor. Each key that is sold \
                    appears here."
            >
                <a class="button plain" href="/dashboard/products">"Products"</a>
            </Empty>
        }
        .into_any();
    }
    if list.items.is_empty() {
        let why = if list.is_mistyped {
            "This key has a typing error: its last letter does not fit the others. Ask for it once more."
        } else {
            "No licenses found. Search for a whole key, an order number, or the beginning of an email address."
        };
        return view! {
            <Filter asked/>
            <p class="quiet mt-6">{why}</p>
            <p class="mt-4"><a href=LIST>"Show all licenses"</a></p>
        }
        .into_any();
    }
    let newer = (!asked.cursor.is_empty()).then(|| view! { <a class="button plain" href=asked.at("")>"First page"</a> });
    let older = list.next_cursor.as_deref().map(|cursor| view! { <a class="button plain" href=asked.at(cursor)>"Older"</a> });
    view! {
        <Filter asked/>
        <div class="table-frame" tabindex="0" role="region" aria-label="Licenses">
            <table class="table rows-open">
                <thead>
                    <tr>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Product"</th>
                        <th scope="col">"Customer"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="number">"Devices"</th>
                        <th scope="col">"Issued"</th>
                    </tr>
                </thead>
                <tbody>{list.items.into_iter().map(|license| view! { <Row license/> }).collect_view()}</tbody>
            </table>
        </div>
        <nav class="pager" aria-label="Pages">{newer}{older}</nav>
    }
    .into_any()
}

#[component]
fn Filter(asked: Asked) -> impl IntoView {
    let chosen = asked.status.clone();
    let options = LicenseStatus::all().map(|status| {
        view! { <option value=status.as_str() selected=status.as_str() == chosen>{license_word(status)}</option> }
    });
    view! {
        <form class="filter" method="get" action=LIST role="search" aria-label="Licenses">
            <div class="field">
                <label for="q">"Search"</label>
                <input
                    class="input" id="q" name="q" type="search" value=asked.q maxlength="300"
                    placeholder="Key, order number or email…"
                />
            </div>
            <div class="field">
                <label for="status">"Status"</label>
                <select class="input" id="status" name="status">
                    <option value="">"All"</option>
                    {options.collect_view()}
                </select>
            </div>
            {(!asked.product.is_empty()).then(|| view! { <input type="hidden" name="product" value=asked.product/> })}
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

#[component]
fn Row(license: LicenseRow) -> impl IntoView {
    let devices = match license.activation_limit {
        Some(limit) => format!("{} of {limit}", license.activation_usage),
        None => license.activation_usage.to_string(),
    };
    view! {
        <tr>
            <td><a class="row-link mono" href=format!("{LIST}/{}", license.id)>{license.key}</a></td>
            <td class="whitespace-nowrap">{license.title}<span class="quiet">" · "{license.variant_name}</span></td>
            <td>{shown_address(&license.email).to_owned()}</td>
            <td><LicenseStanding status=license.status/></td>
            <td class="number">{devices}</td>
            <td><Ago at_ms=license.created_at/></td>
        </tr>
    }
}
