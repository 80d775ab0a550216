//! The catalog: search, filters, sort, pages. Every state is a URL.

use crate::components::ProductCards;
use crate::error::AppError;
use domain::catalog::{CategoryNode, ProductPage, ProductQuery, Sort};
use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;

#[server(prefix = "/_fn", endpoint = "list_products")]
pub async fn list_products(query: ProductQuery) -> Result<ProductPage, AppError> {
    Ok(shop::catalog::list(&crate::layout::request::shop()?, &query, shop::catalog::PAGE_SIZE).await?)
}

#[server(prefix = "/_fn", endpoint = "get_categories")]
pub async fn get_categories() -> Result<Vec<CategoryNode>, AppError> {
    Ok(shop::catalog::categories(&crate::layout::request::shop()?).await?)
}

/// The list of goods with its filters.
#[component]
pub fn CatalogPage() -> impl IntoView {
    let query = use_query_map().with_untracked(|map| {
        let text = |name: &str| map.get(name).unwrap_or_default().chars().take(200).collect::<String>();
        ProductQuery {
            q: text("q"),
            category: text("category"),
            tag: text("tag"),
            sort: Sort::from_word(&text("sort")),
            page: text("page"),
        }
    });
    view! {
        <Suspense>
            {
                let query = query.clone();
                Suspend::new(async move {
                    let tree = get_categories().await.unwrap_or_default();
                    match list_products(query.clone()).await {
                        Ok(page) => view! { <Catalog query tree page/> }.into_any(),
                        Err(error) => view! { <p class="notice">{error.message}</p> }.into_any(),
                    }
                })
            }
        </Suspense>
    }
}

#[component]
fn Catalog(query: ProductQuery, tree: Vec<CategoryNode>, page: ProductPage) -> impl IntoView {
    let heading = heading(&query, &tree);
    let next = page.next_cursor.clone().map(|cursor| catalog_url(&ProductQuery { page: cursor, ..query.clone() }));
    let is_empty = page.items.is_empty();
    view! {
        <Title text=heading.clone()/>
        <Meta name="description" content="Browse the goods of this shop by category, or search for them."/>
        <div class="catalog">
            <nav class="rail" aria-label="Categories">
                <details open>
                    <summary>"Categories"</summary>
                    <ul>
                        <li><a href=catalog_url(&ProductQuery { category: String::new(), page: String::new(), ..query.clone() }) aria-current=query.category.is_empty().then_some("true")>"Everything"</a></li>
                        {branches(&tree, &query)}
                    </ul>
                </details>
            </nav>
            <div>
                <h1 class="mb-6">{heading}</h1>
                <SearchForm query=query.clone()/>
                {chips(&query)}
                {if is_empty {
                    view! {
                        <div class="empty">
                            <h2>"Nothing fits"</h2>
                            <p>"Try fewer words, another category, or look at everything."</p>
                            <a class="button" href="/products">"Show everything"</a>
                        </div>
                    }.into_any()
                } else {
                    view! { <h2 class="sr-only">"Results"</h2><ProductCards cards=page.items/> }.into_any()
                }}
                {next.map(|url| view! { <p class="more"><a class="button plain" href=url rel="next">"Show more"</a></p> })}
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
                <input class="input" id="q" name="q" type="search" value=query.q.clone() placeholder="Title or topic"/>
            </div>
            <div class="field">
                <label for="sort">"Sort by"</label>
                <select class="input" id="sort" name="sort">
                    {Sort::ALL.into_iter().map(|sort| view! { <option value=sort.as_str() selected=sort == query.sort>{sort.label()}</option> }).collect_view()}
                </select>
            </div>
            {(!query.category.is_empty()).then(|| view! { <input type="hidden" name="category" value=query.category.clone()/> })}
            {(!query.tag.is_empty()).then(|| view! { <input type="hidden" name="tag" value=query.tag.clone()/> })}
            <button class="button plain" type="submit">"Show"</button>
        </form>
    }
}

/// What narrows the list, each with the way to drop it.
fn chips(query: &ProductQuery) -> impl IntoView + use<> {
    let mut chips = Vec::new();
    if !query.q.is_empty() {
        chips.push((
            format!("\u{201c}{}\u{201d}", query.q),
            catalog_url(&ProductQuery { q: String::new(), page: String::new(), ..query.clone() }),
        ));
    }
    if !query.tag.is_empty() {
        chips.push((format!("#{}", query.tag), catalog_url(&ProductQuery { tag: String::new(), page: String::new(), ..query.clone() })));
    }
    (!chips.is_empty()).then(|| view! {
        <p class="chips">
            {chips.into_iter().map(|(label, url)| view! { <a class="chip" href=url aria-label=format!("Remove the filter {label}")>{label.clone()}<span aria-hidden="true">"×"</span></a> }).collect_view()}
        </p>
    })
}

fn branches(nodes: &[CategoryNode], query: &ProductQuery) -> AnyView {
    nodes
        .iter()
        .map(|node| {
            let url = catalog_url(&ProductQuery { category: node.slug.clone(), page: String::new(), ..query.clone() });
            let current = (node.slug == query.category).then_some("true");
            let below = (!node.children.is_empty()).then(|| view! { <ul>{branches(&node.children, query)}</ul> });
            view! { <li><a href=url aria-current=current>{node.name.clone()}</a>{below}</li> }
        })
        .collect_view()
        .into_any()
}

fn heading(query: &ProductQuery, tree: &[CategoryNode]) -> String {
    match find(tree, &query.category) {
        Some(node) => node.name.clone(),
        None if !query.q.is_empty() => "Search".to_owned(),
        None => "All goods".to_owned(),
    }
}

fn find<'a>(nodes: &'a [CategoryNode], slug: &str) -> Option<&'a CategoryNode> {
    nodes.iter().find_map(|node| if node.slug == slug { Some(node) } else { find(&node.children, slug) })
}

/// The URL of a state of the catalog; what is at its default is left out.
pub fn catalog_url(query: &ProductQuery) -> String {
    let sort = if query.sort == Sort::default() { "" } else { query.sort.as_str() };
    let pairs = [("q", query.q.as_str()), ("category", &query.category), ("tag", &query.tag), ("sort", sort), ("page", &query.page)];
    let query: Vec<String> =
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if query.is_empty() { "/products".to_owned() } else { format!("/products?{}", query.join("&")) }
}

fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
