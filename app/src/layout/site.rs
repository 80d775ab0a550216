//! What stands above and below every page, and what stands there when there is no page.

use super::request::is_member;
use super::{load_store, page_title};
use crate::components::{Icon, IconName};
use crate::error::AppError;
use domain::word::Word;
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_location;

/// The store's name and the ways into it.
#[component]
pub fn SiteHead() -> impl IntoView {
    // The list has a search of its own.
    let is_list = use_location().pathname.with_untracked(|path| path == "/products");
    view! {
        <header class="site-head">
            <div class="site-width">
                <StoreName/>
                {(!is_list).then(|| view! { <SiteSearch/> })}
                <nav aria-label="Shop">
                    <a href="/products">"Browse"</a>
                    {is_member().then(|| view! {
                        <a href="/dashboard"><Icon name=IconName::Dashboard/><span class="wide-label">"Dashboard"</span></a>
                    })}
                    {(!is_list).then(|| view! {
                        <a class="to-search" href="/products#q"><Icon name=IconName::Search/><span class="wide-label">"Search"</span></a>
                    })}
                    <a href="/cart">
                        <Icon name=IconName::Cart/>
                        <span class="wide-label">"Cart"</span>
                        <span class="count" data-cart-count="" hidden></span>
                    </a>
                    <ThemeSwitch/>
                </nav>
            </div>
        </header>
    }
}

/// The store's name alone.
#[component]
pub fn NameHead() -> impl IntoView {
    view! { <header class="site-head"><div class="site-width"><StoreName/></div></header> }
}

/// The store's name or logo, which leads home.
#[component]
fn StoreName() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                let name = match store.logo {
                    Some(logo) => view! {
                        <img class="store-logo" src=logo.at_least(320).to_owned() alt=store.name width=logo.width height=logo.height/>
                    }.into_any(),
                    None => store.name.into_any(),
                };
                view! { <a class="store-name" href="/">{name}</a> }
            })}
        </Suspense>
    }
}

/// The search of every page that has none of its own; on a phone a link leads to that of the list.
#[component]
fn SiteSearch() -> impl IntoView {
    view! {
        <form class="site-search" role="search" action="/products">
            <Icon name=IconName::Search/>
            <input
                class="input" name="q" type="search" aria-label="Search the shop" placeholder="Search" maxlength="200" enterkeyhint="search"
                aria-keyshortcuts="/"
            />
        </form>
    }
}

/// Light or dark; hidden until the script is there that does it.
#[component]
fn ThemeSwitch() -> impl IntoView {
    view! {
        <button class="icon-button" type="button" data-theme-switch="" aria-label="Switch colors" hidden>
            <Icon name=IconName::Contrast/>
        </button>
    }
}

#[component]
pub fn SiteFoot() -> impl IntoView {
    view! {
        <footer class="site-foot">
            <div class="site-width">
                <Suspense>
                    {Suspend::new(async move {
                        let store = load_store().await;
                        view! {
                            <p class="mr-auto">{store.tagline}</p>
                            {store.policies.into_iter().map(|policy| view! {
                                <p><a href=format!("/policies/{}", policy.as_str())>{policy.label()}</a></p>
                            }).collect_view()}
                            <p><a href="/find-order">"Find your order"</a></p>
                            {store.support_email.map(|email| view! { <p><a href=format!("mailto:{email}")>"Write to us"</a></p> })}
                            {(!is_member()).then(|| view! { <p><a href="/sign-in">"Sign in"</a></p> })}
                            <p>"Payments by Stripe. No account needed."</p>
                            <ThemeSwitch/>
                            {(!store.seller.is_empty()).then(|| view! { <p class="seller">{store.seller.join(" · ")}</p> })}
                        }
                    })}
                </Suspense>
            </div>
        </footer>
    }
}

/// There is no such page.
#[component]
pub fn NotFound() -> impl IntoView {
    crate::layout::request::set_status(404);
    view! {
        <Suspense>
            {Suspend::new(async move { let store = load_store().await; view! { <Title text=page_title("Not found", &store)/> } })}
        </Suspense>
        <Meta name="robots" content="noindex"/>
        <div class="empty">
            <h1>"Page not found"</h1>
            <p>"The page may have moved, or the link is incomplete."</p>
            <a class="button" href="/products">"Browse the shop"</a>
            <p class="mt-4">"Looking for something you bought? "<a href="/find-order">"Find your order"</a></p>
        </div>
    }
}

/// The page could not be made; what happened, and the one next step.
#[component]
pub fn Trouble(error: AppError) -> impl IntoView {
    // What was asked for in a way that can't be answered is no accident of ours.
    crate::layout::request::set_status(if error.is_ours() { 500 } else { 400 });
    // What the address asks for can't be had by asking again.
    let (href, next) = if error.is_ours() { ("", "Try again") } else { ("?", "Show the page from its beginning") };
    view! {
        <Title text="Something went wrong"/>
        <Meta name="robots" content="noindex"/>
        <div class="empty" role="alert">
            <h1>"This page could not be shown"</h1>
            <p>{error.message}</p>
            <a class="button" href=href>{next}</a>
        </div>
    }
}
