//! A product's own page.

use super::tiers::{Tier, TierChooser};
use crate::checkout::cart::AddToCart;
use crate::components::{Cover, Notice, ProductCards};
use crate::error::AppError;
use crate::layout::NotFound;
use domain::catalog::{ProductDetail, Sample, human_size};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

#[server(prefix = "/_fn", endpoint = "get_product")]
pub async fn get_product(slug: String) -> Result<Option<ProductDetail>, AppError> {
    Ok(shop::catalog::find_product(&crate::layout::request::shop()?, &slug).await?)
}

#[component]
pub fn ProductPage() -> impl IntoView {
    let slug = use_params_map().with_untracked(|params| params.get("slug").unwrap_or_default());
    view! {
        <Suspense>
            {
                let slug = slug.clone();
                Suspend::new(async move {
                    match get_product(slug).await {
                        Ok(Some(product)) => view! { <Product product/> }.into_any(),
                        Ok(None) => view! { <NotFound/> }.into_any(),
                        Err(error) => view! { <p class="notice">{error.message}</p> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

#[component]
fn Product(product: ProductDetail) -> impl IntoView {
    let tiers: Vec<Tier> = product
        .variants
        .iter()
        .map(|offer| Tier { key: offer.key.clone(), name: offer.name.clone(), summary: offer.summary.clone(), price: offer.price })
        .collect();
    let image = product.cover.as_ref().map(|cover| cover.url.clone());
    view! {
        <Title text=product.title.clone()/>
        <Meta name="description" content=product.promise.clone()/>
        <Meta property="og:title" content=product.title.clone()/>
        <Meta property="og:type" content="product"/>
        {image.map(|url| view! { <Meta property="og:image" content=url/> })}
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href="/products">"All goods"</a>
            {product.category_path.iter().map(|(slug, name)| view! { " / " <a href=format!("/products?category={slug}")>{name.clone()}</a> }).collect_view()}
        </nav>
        <Notice/>
        <article>
            <div class="product">
                <div class="gallery">
                    <Cover picture=product.cover.clone() kind=product.kind title=product.title.clone() is_first=true/>
                    {(!product.gallery.is_empty()).then(|| view! {
                        <div class="thumbs">
                            {product.gallery.iter().map(|picture| view! { <a href=picture.url.clone()><img class="cover" src=picture.url.clone() alt=picture.alt.clone() loading="lazy"/></a> }).collect_view()}
                        </div>
                    })}
                </div>
                <div>
                    <h1>{product.title.clone()}</h1>
                    <p class="promise">{product.promise.clone()}</p>
                    {if tiers.is_empty() {
                        view! { <p class="notice">"This product can't be bought at the moment."</p> }.into_any()
                    } else {
                        view! { <TierChooser product=product.slug.clone() tiers action=AddToCart::PATH.to_owned()/> }.into_any()
                    }}
                    <Facts product=product.clone()/>
                </div>
            </div>
            <Below product/>
        </article>
    }
}

#[component]
fn Facts(product: ProductDetail) -> impl IntoView {
    let mut formats: Vec<String> = product.variants.iter().flat_map(|offer| offer.files.iter().map(|file| file.format())).collect();
    formats.sort();
    formats.dedup();
    let largest =
        product.variants.iter().map(|offer| offer.files.iter().map(|file| file.size_bytes).sum::<i64>()).max().filter(|size| *size > 0);
    let seats = product.variants.iter().find_map(|offer| offer.activation_limit.filter(|_| offer.has_license));
    let facts = [
        ("Format", (!formats.is_empty()).then(|| formats.join(", "))),
        ("Size", largest.map(human_size)),
        ("Edition", product.edition),
        ("Version", product.version),
        ("Works with", product.requirements),
        ("License key", seats.map(|seats| format!("for {seats} devices"))),
        ("Tags", None),
    ];
    view! {
        <dl class="facts">
            {facts.into_iter().filter_map(|(name, value)| value.map(|value| view! { <dt>{name}</dt><dd>{value}</dd> })).collect_view()}
            {(!product.tags.is_empty()).then(|| view! {
                <dt>"Tags"</dt>
                <dd>{product.tags.iter().enumerate().map(|(i, (slug, name))| view! { {(i > 0).then_some(", ")} <a href=format!("/products?tag={slug}")>{name.clone()}</a> }).collect_view()}</dd>
            })}
        </dl>
    }
}

#[component]
fn Below(product: ProductDetail) -> impl IntoView {
    view! {
        <div class="below">
            {(!product.samples.is_empty()).then(|| view! {
                <section>
                    <h2>"Try it first"</h2>
                    <ul class="rows">{product.samples.into_iter().map(|sample| view! { <SampleRow sample/> }).collect_view()}</ul>
                </section>
            })}
            <section>
                <h2>"About"</h2>
                <div class="prose" inner_html=product.description_html></div>
            </section>
            <section>
                <h2>"What is inside"</h2>
                <ul class="rows">
                    {product.variants.iter().map(|offer| {
                        let files = offer.files.iter().map(|file| format!("{} ({})", file.name, human_size(file.size_bytes))).collect::<Vec<_>>().join(", ");
                        view! { <li><span><strong>{offer.name.clone()}</strong><br/><span class="quiet">{files}</span></span></li> }
                    }).collect_view()}
                </ul>
            </section>
            <section>
                <h2>"License in plain words"</h2>
                <ul class="rows">
                    {product.variants.iter().map(|offer| view! { <li><span><strong>{offer.name.clone()}</strong>" — "{offer.terms.label()}<br/><span class="quiet">{offer.terms.summary()}</span></span></li> }).collect_view()}
                </ul>
            </section>
            {(!product.more.is_empty()).then(|| view! { <section><h2>"More like this"</h2><ProductCards cards=product.more/></section> })}
        </div>
    }
}

#[component]
fn SampleRow(sample: Sample) -> impl IntoView {
    let size = human_size(sample.size_bytes);
    let content = if sample.media_type.starts_with("audio/") {
        view! { <audio controls preload="none" src=sample.url aria-label=sample.title.clone()></audio> }.into_any()
    } else {
        view! { <a class="button plain" href=sample.url aria-label=format!("Open {}", sample.title)>"Open"</a> }.into_any()
    };
    view! { <li><span>{sample.title}" "<span class="quiet number">{size}</span></span>{content}</li> }
}
