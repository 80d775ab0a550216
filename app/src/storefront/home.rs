//! The front page.

use super::catalog::get_categories;
use super::structured_data::website_json;
use crate::components::{Cover, ProductCards};
use crate::error::AppError;
use crate::layout::{Sharing, Trouble, load_store, title_text};
use domain::pages::storefront::{CategoryNode, HomeShelves, ProductCard};
use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};

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
                        // As on the list: goods without their categories are better than no goods.
                        let categories = get_categories().await.unwrap_or_else(|_| {
                            crate::layout::request::mark_incomplete();
                            Vec::new()
                        });
                        let picture = store.logo.clone().or_else(|| home.featured.as_ref().and_then(|card| card.cover.clone()));
                        let (title, description) = (store.name.clone(), store.tagline.clone());
                        view! {
                            <Title text=title_text(&store.name)/>
                            <Meta name="description" content=store.tagline.clone()/>
                            <Link rel="canonical" href=format!("{}/", store.base_url)/>
                            <script type="application/ld+json" inner_html=website_json(&store)></script>
                            <Sharing store path="/".to_owned() title description picture/>
                            <Shelves home categories/>
                        }.into_any()
                    }
                    Err(error) => view! { <Trouble error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shelves(home: HomeShelves, categories: Vec<CategoryNode>) -> impl IntoView {
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
        {(!categories.is_empty()).then(|| view! {
            <nav class="categories" aria-label="Categories">
                <ul>
                    {categories.into_iter().map(|category| view! {
                        <li><a class="chip" href=format!("/products?category={}", category.slug)>{category.name}</a></li>
                    }).collect_view()}
                    <li><a class="chip" href="/products">"All products"</a></li>
                </ul>
            </nav>
        })}
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
    let (price, kind) = (card.price_line(), card.kind_line());
    view! {
        <section class="featured" aria-label="Featured">
            // The same link stands beside it with words; one stop for the keyboard is enough.
            <a class="stage" href=link.clone() tabindex="-1" aria-hidden="true">
                <Cover picture=card.cover kind=card.kind title=card.title.clone() is_first=true is_decoration=true/>
            </a>
            <div>
                <p class="kicker">{kind}</p>
                <h1>{card.title}</h1>
                <p class="lead">{card.promise}</p>
                <p class="actions">
                    <a class="button" href=link>{format!("See it — {price}")}</a>
                    <a href="/products">"Browse all products"</a>
                </p>
            </div>
        </section>
    }
}
