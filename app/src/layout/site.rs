//! What stands above and below every page.

use crate::components::{Icon, IconName};
use crate::storefront::home::get_store;
use leptos::prelude::*;
use leptos_meta::Title;

/// The store's name and the ways into it.
#[component]
pub fn SiteHead() -> impl IntoView {
    view! {
        <header class="site-head">
            <div>
                <Suspense>
                    {Suspend::new(async move {
                        let name = get_store().await.map_or_else(|_| "Weightless".to_owned(), |store| store.name);
                        view! { <a class="store-name no-underline" href="/">{name}</a> }
                    })}
                </Suspense>
                <nav aria-label="Shop">
                    <a class="no-underline hover:underline" href="/products">"Browse"</a>
                    <a class="no-underline hover:underline" href="/cart">
                        <Icon name=IconName::Cart/>
                        "Cart"
                        <span class="count" data-cart-count="" hidden></span>
                    </a>
                    <button class="icon-button" type="button" data-theme-switch="" aria-label="Switch colors" hidden>
                        <Icon name=IconName::Contrast/>
                    </button>
                </nav>
            </div>
        </header>
    }
}

#[component]
pub fn SiteFoot() -> impl IntoView {
    view! {
        <footer class="site-foot">
            <div>
                <Suspense>
                    {Suspend::new(async move {
                        let store = get_store().await.ok();
                        let support = store.as_ref().and_then(|store| store.support_email.clone());
                        view! {
                            <span class="mr-auto">{store.map(|store| store.tagline)}</span>
                            {support.map(|email| view! { <a href=format!("mailto:{email}")>"Help"</a> })}
                            <span>"Payments by Stripe"</span>
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
    #[cfg(feature = "ssr")]
    crate::layout::request::set_status(404);
    view! {
        <Title text="Not found"/>
        <div class="empty">
            <h1 class="mb-2">"There is nothing here"</h1>
            <p>"The page may have moved, or the link is incomplete."</p>
            <a class="button" href="/products">"Browse the shop"</a>
        </div>
    }
}
