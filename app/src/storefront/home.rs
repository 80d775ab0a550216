//! The front page.

use crate::components::{Cover, ProductCards};
use crate::error::AppError;
use crate::layout::{Sharing, Trouble, load_store, title_text};
use domain::pages::storefront::{HomeShelves, ProductCard};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};

/// One good thing, and shelves of others.
#[server(prefix = "/_fn", endpoint = "get_home")]
pub async fn get_home() -> Result<HomeShelves, AppError> {
    crate::layout::request::mark_in_catalog();
    Ok(shop::catalog::home(&crate::layout::request::shop()?).await?)
}

/// One good thing shown large, then rows of covers.
#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_home().await {
                    Ok(home) => {
                        let picture = store.logo.clone().or_else(|| home.featured.as_ref().and_then(|card| card.cover.clone()));
                        let (title, description) = (store.name.clone(), store.tagline.clone());
                        view! {
                            <Title text=title_text(&store.name)/>
                            <Meta name="description" content=store.tagline.clone()/>
                            <Sharing store path="/".to_owned() title description picture/>
                            <Shelves home/>
                        }.into_any()
                    }
                    Err(error) => view! { <Trouble error/> }.into_any(),
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
                <h1>"No products yet"</h1>
                <p>"Products appear here as soon as the first one is published."</p>
            </div>
        }
        .into_any();
    };
    view! {
        <Featured card=featured/>
        {home.shelves.into_iter().map(|(title, link, cards)| view! {
            <section class="shelf">
                <div class="shelf-head">
                    <h2>{title.clone()}</h2>
                    <a href=link aria-label=format!("See all: {title}")>"See all"</a>
                </div>
                <ProductCards cards heading_level=3/>
            </section>
        }).collect_view()}
    }
    .into_any()
}

#[component]
fn Featured(card: ProductCard) -> impl IntoView {
    let link = format!("/products/{}", card.slug);
    let price = card.price_line();
    view! {
        <section class="featured" aria-label="Featured">
            // The same link stands beside it with words; one stop for the keyboard is enough.
            <a class="stage" href=link.clone() tabindex="-1" aria-hidden="true">
                <Cover picture=card.cover kind=card.kind title=card.title.clone() is_first=true is_decoration=true/>
            </a>
            <div>
                <p class="kicker">{card.category}</p>
                <h1>{card.title}</h1>
                <p class="lead">{card.promise}</p>
                <p class="actions">
                    <a class="button" href=link>{format!("See it — {price}")}</a>
                    <a href="/products">"Browse everything"</a>
                </p>
            </div>
        </section>
    }
}
