//! The categories beside a list: a tree on a wide page, on a phone the top of it and, in a second line, what is below the open one.

use super::catalog_url::catalog_url;
use domain::pages::storefront::{CategoryNode, ProductQuery};
use leptos::prelude::*;

/// The categories from the top of the tree down to the one with this slug; empty if no category has it.
pub fn trail<'a>(nodes: &'a [CategoryNode], slug: &str) -> Vec<&'a CategoryNode> {
    for node in nodes {
        if node.slug == slug {
            return vec![node];
        }
        let below = trail(&node.children, slug);
        if !below.is_empty() {
            return std::iter::once(node).chain(below).collect();
        }
    }
    Vec::new()
}

#[component]
pub fn Rail(query: ProductQuery, tree: Vec<CategoryNode>, #[prop(optional)] is_nowhere: bool) -> impl IntoView {
    let everything = catalog_url(&ProductQuery { category: String::new(), page: String::new(), ..query.clone() });
    let is_everything = query.category.is_empty() && query.tag.is_empty() && !is_nowhere;
    let open: Vec<&str> = trail(&tree, &query.category).into_iter().map(|node| node.slug.as_str()).collect();
    let top = tree.iter().find(|node| open.first() == Some(&node.slug.as_str())).filter(|node| !node.children.is_empty());
    let below = top.map(|node| view! { <ul class="rail-below">{branches(&node.children, &query, &open, false)}</ul> });
    view! {
        <nav class="rail" aria-label="Categories">
            <ul class="rail-tree">
                <li><a href=everything aria-current=is_everything.then_some("page")>"All products"</a></li>
                {branches(&tree, &query, &open, true)}
            </ul>
            {below}
        </nav>
    }
}

fn branches(nodes: &[CategoryNode], query: &ProductQuery, open: &[&str], is_deep: bool) -> AnyView {
    nodes
        .iter()
        .map(|node| {
            let url = catalog_url(&ProductQuery { category: node.slug.clone(), page: String::new(), ..query.clone() });
            let current = (node.slug == query.category).then_some("page");
            let class = open.contains(&node.slug.as_str()).then_some("is-open");
            let below = (is_deep && !node.children.is_empty()).then(|| view! { <ul>{branches(&node.children, query, open, true)}</ul> });
            view! { <li class=class><a href=url aria-current=current>{node.name.clone()}</a>{below}</li> }
        })
        .collect_view()
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(slug: &str, children: Vec<CategoryNode>) -> CategoryNode {
        CategoryNode { slug: slug.to_owned(), name: slug.to_uppercase(), description: String::new(), children }
    }

    #[test]
    fn the_way_to_a_category_leads_from_the_top() {
        let tree = [node("music", vec![node("ambient", Vec::new())]), node("books", Vec::new())];
        let names = |slug| trail(&tree, slug).into_iter().map(|node| node.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names("ambient"), ["MUSIC", "AMBIENT"]);
        assert_eq!(names("books"), ["BOOKS"]);
        assert!(names("none").is_empty() && names("").is_empty());
    }
}
