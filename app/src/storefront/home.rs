//! The front page.

use crate::components::{Cover, ProductCards, price_line};
use crate::error::AppError;
use domain::catalog::{HomeShelves, StoreFace};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

/// The store as every page names it.
#[server(prefix = "/_fn", endpoint = "get_store")]
pub async fn get_store() -> Result<StoreFace, AppError> {
    Ok(shop::catalog::store_face(&crate::layout::request::shop()?).await?)
}

/// One good thing, and shelves of others.
#[server(prefix = "/_fn", endpoint = "get_home")]
pub async fn get_home() -> Result<HomeShelves, AppError> {
    Ok(shop::catalog::home(&crate::layout::request::shop()?).await?)
}

/// One good thing shown large, then rows of covers.
#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                let store = get_store().await.ok();
                let title = store.as_ref().map(|store| store.name.clone()).unwrap_or_default();
                let tagline = store.map(|store| store.tagline).unwrap_or_default();
                match get_home().await {
                    Ok(home) => view! { <Title text=title/> <Meta name="description" content=tagline/> <Shelves home/> }.into_any(),
                    Err(error) => view! { <p class="notice">{error.message}</p> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shelves(home: HomeShelves) -> impl IntoView {
    let Some(featured) = home.featured else {
        return view! {
            <div class="empty">
                <h1 class="mb-2">"The shelves are still empty"</h1>
                <p>"Goods appear here as soon as the first one is published."</p>
            </div>
        }
        .into_any();
    };
    let link = format!("/products/{}", featured.slug);
    let price = price_line(&featured);
    view! {
        <section class="featured" aria-label="Featured">
            <a class="cover-frame" href=link.clone() tabindex="-1" aria-hidden="true"><Cover picture=featured.cover.clone() kind=featured.kind title=featured.title.clone() is_first=true is_decoration=true/></a>
            <div>
                <h1>{featured.title.clone()}</h1>
                <p>{featured.promise.clone()}</p>
                <a class="button" href=link>{format!("See it — {price}")}</a>
            </div>
        </section>
        {home.shelves.into_iter().map(|(title, link, cards)| view! {
            <section class="shelf">
                <div class="shelf-head">
                    <h2>{title.clone()}</h2>
                    <a href=link aria-label=format!("See all: {title}")>"See all"</a>
                </div>
                <ProductCards cards/>
            </section>
        }).collect_view()}
    }
    .into_any()
}
