//! The catalog: search, filters, sort, pages.

use super::catalog_url::{catalog_url, read_query};
use super::product::MOVED;
use super::rail::{Rail, trail};
use super::structured_data::{Crumb, breadcrumbs_json};
use crate::components::ProductCards;
use crate::error::AppError;
use crate::layout::{Sharing, Trouble, load_store, page_title};
use domain::word::Word;
use domain::{
    catalog::Sort,
    pages::storefront::{CategoryNode, ProductCard, ProductPage, ProductQuery, StoreFace},
};
use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_query_map;

#[server(prefix = "/_fn", endpoint = "list_products")]
pub async fn list_products(query: ProductQuery) -> Result<ProductPage, AppError> {
    use shop::catalog::CategoryPlace;
    let shop = crate::layout::request::shop()?;
    crate::layout::request::mark_in_catalog();
    if !query.category.is_empty() {
        match shop::catalog::place_of_category(&shop, &query.category).await? {
            CategoryPlace::Here => {}
            CategoryPlace::MovedTo(category) => {
                crate::layout::request::lead_on_to(&catalog_url(&ProductQuery { category, ..query }));
                return Err(AppError::new(MOVED, "This category has another address now."));
            }
            CategoryPlace::Nowhere => {
                crate::layout::request::set_status(404);
                return Err(AppError::new(NO_CATEGORY, "There is no such category."));
            }
        }
    }
    Ok(shop::catalog::list(&shop, &query, shop::catalog::PAGE_SIZE).await?)
}

/// The code of a category that is not there.
const NO_CATEGORY: &str = "category_not_found";

#[server(prefix = "/_fn", endpoint = "get_categories")]
pub async fn get_categories() -> Result<Vec<CategoryNode>, AppError> {
    Ok(shop::catalog::categories(&crate::layout::request::shop()?).await?)
}

/// What a tag is called.
#[server(prefix = "/_fn", endpoint = "get_tag_name")]
pub async fn get_tag_name(slug: String) -> Result<Option<String>, AppError> {
    Ok(shop::catalog::tag_name(&crate::layout::request::shop()?, &slug).await?)
}

/// The list of goods with its filters.
#[component]
pub fn CatalogPage() -> impl IntoView {
    let query = use_query_map().with_untracked(read_query);
    view! {
        <Suspense>
            {
                let query = query.clone();
                Suspend::new(async move {
                    let store = load_store().await;
                    // Goods without their categories are better than no goods.
                    let tree = get_categories().await.unwrap_or_else(|_| {
                        crate::layout::request::mark_incomplete();
                        Vec::new()
                    });
                    match list_products(query.clone()).await {
                        Ok(page) => {
                            let tag = if query.tag.is_empty() { None } else { get_tag_name(query.tag.clone()).await.ok().flatten() };
                            // Who finds nothing sees what is new.
                            let instead = if page.items.is_empty() { newest().await } else { Vec::new() };
                            let heading = heading(&query, &tree, tag.as_deref());
                            view! {
                                <Head heading=heading.clone() query=query.clone() tree=tree.clone() page=page.clone() store/>
                                <Catalog heading query tree page instead/>
                            }.into_any()
                        }
                        Err(error) if error.code == MOVED => ().into_any(),
                        Err(error) if error.code == NO_CATEGORY => {
                            let instead = newest().await;
                            view! { <Title text=page_title("Not found", &store)/> <NoCategory query tree instead/> }.into_any()
                        }
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

/// As many as stand in a row beside the categories.
const N_INSTEAD: usize = 4;

async fn newest() -> Vec<ProductCard> {
    let page = list_products(ProductQuery::default()).await;
    page.map(|page| page.items.into_iter().take(N_INSTEAD).collect()).unwrap_or_default()
}

/// What stands in the document's head, and what search engines read.
#[component]
fn Head(heading: String, query: ProductQuery, tree: Vec<CategoryNode>, page: ProductPage, store: StoreFace) -> impl IntoView {
    let trail = trail(&tree, &query.category);
    let description = description(&heading, trail.last().copied(), &page, &store);
    let picture = store.logo.clone().or_else(|| page.items.iter().find_map(|card| card.cover.clone()));
    // Pages of a list present the list.
    let path = catalog_url(&ProductQuery { page: String::new(), ..query.clone() });
    let crumbs = (is_index(&query) && !trail.is_empty()).then(|| {
        let all = Crumb { name: "All products".to_owned(), path: "/products".to_owned() };
        let crumbs = trail.iter().map(|node| Crumb { name: node.name.clone(), path: format!("/products?category={}", node.slug) });
        breadcrumbs_json(&store.base_url, std::iter::once(all).chain(crumbs))
    });
    view! {
        <Title text=page_title(&heading, &store)/>
        <Meta name="description" content=description.clone()/>
        // A page of its own is found once, however it is sorted.
        {if is_index(&query) {
            view! { <Link rel="canonical" href=format!("{}{}", store.base_url, own_url(&query))/> }.into_any()
        } else {
            view! { <Meta name="robots" content="noindex, follow"/> }.into_any()
        }}
        <Sharing store path title=heading description picture/>
        {crumbs.map(|json| view! { <script type="application/ld+json" inner_html=json></script> })}
    }
}

/// A sentence of the page's own: what the seller says of the category, or what stands in it.
fn description(heading: &str, category: Option<&CategoryNode>, page: &ProductPage, store: &StoreFace) -> String {
    if let Some(node) = category.filter(|node| !node.description.is_empty()) {
        return node.description.clone();
    }
    let titles: Vec<&str> = page.items.iter().take(3).map(|card| card.title.as_str()).collect();
    let more = if page.items.len() > titles.len() { " and more" } else { "" };
    if titles.is_empty() {
        format!("{heading} at {}.", store.name)
    } else {
        format!("{heading} at {}: {}{more}.", store.name, titles.join(", "))
    }
}

#[component]
fn Catalog(heading: String, query: ProductQuery, tree: Vec<CategoryNode>, page: ProductPage, instead: Vec<ProductCard>) -> impl IntoView {
    let next = page.next_cursor.clone().map(|cursor| catalog_url(&ProductQuery { page: cursor, ..query.clone() }));
    view! {
        <div class="catalog">
            <Rail query=query.clone() tree/>
            <div>
                <h1>{heading}</h1>
                <SearchForm query=query.clone()/>
                <div class="list-head">
                    {chips(&query)}
                    {count(&query, &page).map(|text| view! { <p class="quiet number">{text}</p> })}
                </div>
                {if page.items.is_empty() {
                    view! { <Nothing query instead/> }.into_any()
                } else {
                    view! { <ProductCards cards=page.items heading_level=2/> }.into_any()
                }}
                {next.map(|url| view! { <p class="more"><a class="button plain" href=url rel="next">"Show more"</a></p> })}
            </div>
        </div>
    }
}

/// What stands where nothing is found: why, the ways on, and what is new.
#[component]
fn Nothing(query: ProductQuery, instead: Vec<ProductCard>) -> impl IntoView {
    let everywhere = (!(query.q.is_empty() || query.category.is_empty() && query.tag.is_empty()))
        .then(|| catalog_url(&ProductQuery { q: query.q.clone(), ..ProductQuery::default() }));
    let title = if query.q.is_empty() { "No products here yet".to_owned() } else { format!("No results for \u{201c}{}\u{201d}", query.q) };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            {if query.q.is_empty() {
                view! { <p><a href="/products">"Browse all products"</a>"."</p> }.into_any()
            } else {
                view! { <p>"Check the spelling or "<a href="/products">"browse all products"</a>"."</p> }.into_any()
            }}
            {everywhere.map(|url| view! { <a class="button plain" href=url>"Search all products"</a> })}
        </div>
        <Instead cards=instead/>
    }
}

/// What is new, for who did not find what they came for.
#[component]
fn Instead(cards: Vec<ProductCard>) -> impl IntoView {
    (!cards.is_empty()).then(|| {
        view! {
            <section class="shelf">
                <div class="shelf-head"><h2>"New on the shelf"</h2></div>
                <ProductCards cards heading_level=3/>
            </section>
        }
    })
}

/// Whether search engines may list this page. Searches, tags and later pages are left out.
fn is_index(query: &ProductQuery) -> bool {
    query.q.is_empty() && query.page.is_empty() && query.tag.is_empty()
}

/// The address of a category's list, or of all goods.
fn own_url(query: &ProductQuery) -> String {
    catalog_url(&ProductQuery { category: query.category.clone(), ..ProductQuery::default() })
}

/// A category that was never there, was deleted, or is hidden: the others stand beside, and a search below.
#[component]
fn NoCategory(query: ProductQuery, tree: Vec<CategoryNode>, instead: Vec<ProductCard>) -> impl IntoView {
    let query = ProductQuery { category: String::new(), page: String::new(), ..query };
    view! {
        <Meta name="robots" content="noindex"/>
        <div class="catalog">
            <Rail query=query.clone() tree is_nowhere=true/>
            <div>
                <h1>"There is no such category"</h1>
                <p class="quiet mb-6">
                    "It may have been removed, or the link is incomplete. Choose another one, search, or "
                    <a href="/products">"browse all products"</a>"."
                </p>
                <SearchForm query/>
                <Instead cards=instead/>
            </div>
        </div>
    }
}

#[component]
fn SearchForm(query: ProductQuery) -> impl IntoView {
    view! {
        <form class="filters" role="search" action="/products">
            <div class="field">
                <label for="q">"Search"</label>
                <input
                    class="input" id="q" name="q" type="search" value=query.q.clone() placeholder="Title or topic" maxlength="200"
                    enterkeyhint="search"
                />
            </div>
            <button class="button plain" type="submit">"Search"</button>
            <div class="field">
                <label for="sort">"Sort by"</label>
                <select class="input" id="sort" name="sort">
                    {sorts(&query)}
                </select>
            </div>
            {(!query.category.is_empty()).then(|| view! { <input type="hidden" name="category" value=query.category.clone()/> })}
            {(!query.tag.is_empty()).then(|| view! { <input type="hidden" name="tag" value=query.tag.clone()/> })}
        </form>
    }
}

/// The ways to sort. What is not chosen is left to the shop: the best match of a search, the newest otherwise.
fn sorts(query: &ProductQuery) -> impl IntoView + use<> {
    let is_search = !query.q.is_empty();
    let chosen = if is_search || query.sort != Sort::Newest { query.sort } else { Sort::Relevance };
    let options = Sort::all().filter(|sort| is_search || *sort != Sort::Newest).map(|sort| {
        let value = if sort == Sort::default() { "" } else { sort.as_str() };
        let label = if is_search { sort.label() } else { sort.label_without_search() };
        view! { <option value=value selected=sort == chosen>{label}</option> }
    });
    options.collect_view()
}

/// What narrows the list, each with the way to drop it.
fn chips(query: &ProductQuery) -> impl IntoView + use<> {
    let first = ProductQuery { page: String::new(), ..query.clone() };
    let mut chips = Vec::new();
    if !query.q.is_empty() {
        chips.push((format!("\u{201c}{}\u{201d}", query.q), catalog_url(&ProductQuery { q: String::new(), ..first.clone() })));
    }
    if !query.tag.is_empty() {
        chips.push((format!("#{}", query.tag), catalog_url(&ProductQuery { tag: String::new(), ..first })));
    }
    chips.into_iter().map(|(label, url)| view! {
        <a class="chip" href=url aria-label=format!("Remove the filter {label}")>{label.clone()}<span aria-hidden="true">"×"</span></a>
    }).collect_view()
}

/// How many goods there are, where the page alone tells it: nothing is counted for a number.
fn count(query: &ProductQuery, page: &ProductPage) -> Option<String> {
    match (query.page.is_empty(), page.next_cursor.is_some(), page.items.len()) {
        (_, _, 0) => None,
        (true, false, 1) => Some("1 product".to_owned()),
        (true, false, n) => Some(format!("{n} products")),
        (true, true, n) => Some(format!("More than {n} products")),
        (false, ..) => None,
    }
}

fn heading(query: &ProductQuery, tree: &[CategoryNode], tag: Option<&str>) -> String {
    match trail(tree, &query.category).last() {
        Some(node) => node.name.clone(),
        None if !query.q.is_empty() => "Search".to_owned(),
        None if !query.tag.is_empty() => tag.unwrap_or(&query.tag).to_owned(),
        None => "All products".to_owned(),
    }
}
