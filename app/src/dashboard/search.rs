//! A search from anywhere: products, orders, customers and the dashboard's own pages. With a script it opens over the page (⌘K).

use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::rooms::pages_for;
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission, Role};
use domain::pages::dashboard::Hit;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What was found, and who looks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub member: MemberView,
    pub hits: Vec<Link>,
}

/// A page of the dashboard that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub title: String,
    /// What it shows, in a word.
    pub kind: String,
    pub url: String,
}

impl Link {
    fn new(kind: &str, title: String, url: String) -> Self {
        Self { title, kind: kind.to_owned(), url }
    }

    fn to(hit: Hit, role: Role) -> Self {
        match hit {
            Hit::Product { slug, title } => {
                // Who may not change a product sees it as a buyer would.
                let rest = if role.may(Permission::EditProducts) { "" } else { "/see" };
                Self::new("Product", title, format!("/dashboard/products/{slug}{rest}"))
            }
            Hit::Order { id, number, email } => Self::new("Order", format!("{number} · {email}"), format!("/dashboard/orders/{id}")),
            Hit::Customer { id, email } => Self::new("Customer", email, format!("/dashboard/customers/{id}")),
        }
    }
}

/// For every member; each finds what the role may see. Nothing typed finds the pages.
#[server(prefix = "/_fn", endpoint = "find_anything")]
pub async fn find_anything(q: String) -> Result<Found, AppError> {
    let shop = request::shop()?;
    let member = request::member(&shop).await?;
    let typed = q.trim().to_lowercase();
    let mut hits: Vec<Link> = pages_for(member.role)
        .filter(|(_, name)| typed.is_empty() || name.to_lowercase().split(' ').any(|word| word.starts_with(&typed)))
        .map(|(url, name)| Link::new("Page", name.to_owned(), url.to_owned()))
        .collect();
    let found = shop::stores::dashboard::search(&shop, member.role, &q).await?;
    hits.extend(found.into_iter().map(|hit| Link::to(hit, member.role)));
    Ok(Found { member, hits })
}

#[component]
pub fn SearchPage() -> impl IntoView {
    let q = use_query_map().with_untracked(|query| query.get("q").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match find_anything(q.clone()).await {
                    Ok(Found { member, hits }) => view! {
                        <Title text=page_title("Search", &store)/>
                        <Frame member here="/dashboard/search">
                            <h1 class="mb-4">"Search"</h1>
                            <form class="filter" method="get" action="/dashboard/search" role="search" aria-label="The shop">
                                <div class="field">
                                    <label for="q">"Products, orders, customers, pages"</label>
                                    <input class="input" id="q" name="q" type="search" value=q maxlength="254" autofocus/>
                                </div>
                                <button class="button plain" type="submit">"Search"</button>
                            </form>
                            <Hits hits/>
                        </Frame>
                    }.into_any(),
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Hits(hits: Vec<Link>) -> impl IntoView {
    if hits.is_empty() {
        return view! { <p class="quiet">"Nothing found. Try the beginning of a title, an order number or an email address."</p> }
            .into_any();
    }
    view! {
        <ul class="notes">
            {hits.into_iter().map(|hit| view! {
                <li><a href=hit.url>{hit.title}</a><span class="quiet">" · "{hit.kind}</span></li>
            }).collect_view()}
        </ul>
    }
    .into_any()
}
