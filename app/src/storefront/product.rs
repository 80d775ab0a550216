//! A product's own page.

use super::gallery::Gallery;
use super::inside::{Facts, Files, Included, Licenses, Samples};
use super::structured_data::{Crumb, breadcrumbs_json};
use super::tiers::TierChooser;
use crate::components::{Notice, NoticeText, ProductCards};
use crate::error::AppError;
use crate::layout::{NotFound, Sharing, Trouble, load_store, page_title};
use crate::notices;
use domain::{
    catalog::ProductStatus,
    pages::storefront::{ProductDetail, StoreFace},
};
use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// A product, and how it presents itself to machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductSheet {
    pub product: ProductDetail,
    /// Where the shop is seen from outside.
    pub base_url: String,
    /// JSON-LD, safe inside a script element.
    pub structured_data: String,
}

#[server(prefix = "/_fn", endpoint = "get_product")]
pub async fn get_product(slug: String) -> Result<Option<ProductSheet>, AppError> {
    let shop = crate::layout::request::shop()?;
    crate::layout::request::mark_in_catalog();
    let base_url = shop.settings.base_url.clone();
    let product = shop::catalog::find_product(&shop, &slug).await?;
    if product.is_none()
        && let Some(slug) = shop::catalog::moved_to(&shop, &slug).await?
    {
        crate::layout::request::lead_on(&format!("/products/{slug}"));
        return Err(AppError::new(MOVED, "This product has another address now."));
    }
    Ok(product.map(|product| ProductSheet {
        structured_data: super::structured_data::product_json(&product, &base_url),
        base_url,
        product,
    }))
}

/// The code of a page that is somewhere else by now.
pub const MOVED: &str = "moved";

#[component]
pub fn ProductPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    view! {
        <Suspense>
            {
                let slug = slug.clone();
                Suspend::new(async move {
                    let store = load_store().await;
                    match get_product(slug).await {
                        Ok(Some(sheet)) => view! { <Head sheet=sheet.clone() store/> <Product product=sheet.product/> }.into_any(),
                        Ok(None) => view! { <NotFound/> }.into_any(),
                        Err(error) if error.code == MOVED => ().into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

/// What stands in the document's head, and what search engines read.
#[component]
fn Head(sheet: ProductSheet, store: StoreFace) -> impl IntoView {
    let ProductSheet { product, base_url, structured_data } = sheet;
    let crumbs = breadcrumbs_json(&base_url, crumbs(&product).into_iter());
    let path = format!("/products/{}", product.slug);
    let url = format!("{base_url}{path}");
    let (title, description) = (product.search_title().to_owned(), product.search_description().to_owned());
    view! {
        <Title text=page_title(&title, &store)/>
        <Meta name="description" content=description.clone()/>
        {(product.status == ProductStatus::Unlisted).then(|| view! { <Meta name="robots" content="noindex"/> })}
        <Link rel="canonical" href=url/>
        <Sharing store path title description picture=product.cover is_product=true/>
        <script type="application/ld+json" inner_html=structured_data></script>
        <script type="application/ld+json" inner_html=crumbs></script>
    }
}

/// The way to a product, with itself.
fn crumbs(product: &ProductDetail) -> Vec<Crumb> {
    let crumb = |name: &str, path: String| Crumb { name: name.to_owned(), path };
    let mut crumbs = vec![crumb("All products", "/products".to_owned())];
    crumbs.extend(product.category_path.iter().map(|(slug, name)| crumb(name, format!("/products?category={slug}"))));
    crumbs.push(crumb(&product.texts.title, format!("/products/{}", product.slug)));
    crumbs
}

/// The page itself, as shoppers see it; in a preview nothing can be bought.
#[component]
pub fn Product(product: ProductDetail, #[prop(optional)] is_preview: bool) -> impl IntoView {
    let is_about_price = use_query_map().with_untracked(|query| query.get("notice").is_some_and(|code| notices::is_about(&code, "price")));
    view! {
        <Crumbs path=product.category_path.clone()/>
        // What is wrong with a price stands beside its field.
        {(!is_about_price).then(|| view! { <Notice/> })}
        <article class="product-page">
            <div class="product">
                <Gallery cover=product.cover.clone() pictures=product.gallery.clone() kind=product.kind title=product.texts.title.clone()/>
                <div class="product-words">
                    <h1>{product.texts.title.clone()}</h1>
                    {(!product.texts.credits.is_empty()).then(|| view! { <p class="quiet">{format!("By {}", product.texts.credits)}</p> })}
                    <p class="lead">{product.texts.promise.clone()}</p>
                    {if product.variants.is_empty() {
                        view! { <NoticeText text="This product can't be bought at the moment.".to_owned()/> }.into_any()
                    } else {
                        view! { <TierChooser product=product.clone() is_preview/> }.into_any()
                    }}
                    <Facts product=product.clone()/>
                </div>
            </div>
            <Below product is_preview/>
        </article>
    }
}

#[component]
fn Crumbs(path: Vec<(String, String)>) -> impl IntoView {
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li><a href="/products">"All products"</a></li>
                {path.into_iter().map(|(slug, name)| view! {
                    <li><a href=format!("/products?category={slug}")>{name}</a></li>
                }).collect_view()}
            </ol>
        </nav>
    }
}

/// What there is to read before deciding.
#[component]
fn Below(product: ProductDetail, is_preview: bool) -> impl IntoView {
    let has_included = product.variants.iter().any(|offer| !offer.includes.is_empty());
    let has_files = product.variants.iter().any(|offer| !offer.files.is_empty());
    view! {
        <div class="below">
            {(!product.samples.is_empty()).then(|| view! {
                <section><h2>"Try it first"</h2><Samples product=product.slug.clone() samples=product.samples is_preview/></section>
            })}
            {(!product.description_html.is_empty()).then(|| view! {
                <section><h2>"About"</h2><div class="prose" inner_html=product.description_html></div></section>
            })}
            {has_included.then(|| view! { <section><h2>"In the bundle"</h2><Included variants=product.variants.clone()/></section> })}
            {has_files.then(|| view! { <section><h2>"What is inside"</h2><Files variants=product.variants.clone()/></section> })}
            {product.release_notes.filter(|notes| !notes.is_empty()).map(|notes| view! {
                <section>
                    <h2>{product.version.map_or_else(|| "What is new".to_owned(), |version| format!("New in {version}"))}</h2>
                    <p class="prose">{notes}</p>
                </section>
            })}
            {(!product.variants.is_empty()).then(|| view! {
                <section><h2>"License"</h2><Licenses variants=product.variants terms=product.terms/></section>
            })}
        </div>
        {(!product.more.is_empty()).then(|| view! {
            <section class="shelf">
                <div class="shelf-head"><h2>"More like this"</h2></div><ProductCards cards=product.more heading_level=3/>
            </section>
        })}
    }
}
