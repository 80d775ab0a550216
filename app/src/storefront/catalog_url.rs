//! Every state of the catalog is a URL.

use crate::layout::with_query;
use domain::word::Word;
use domain::{catalog::Sort, pages::storefront::ProductQuery};
use leptos_router::params::ParamsMap;

/// Longer words search for nothing.
const MAX_CHARS: usize = 200;

/// What a URL asks the catalog for.
pub fn read_query(params: &ParamsMap) -> ProductQuery {
    let text = |name: &str| params.get(name).unwrap_or_default().trim().chars().take(MAX_CHARS).collect::<String>();
    ProductQuery { q: text("q"), category: text("category"), tag: text("tag"), sort: Sort::from_word(&text("sort")), page: text("page") }
}

/// The URL of a state of the catalog; what is at its default is left out.
pub fn catalog_url(query: &ProductQuery) -> String {
    let sort = if query.sort == Sort::default() { "" } else { query.sort.as_str() };
    let pairs = [
        ("q", query.q.as_str()),
        ("category", query.category.as_str()),
        ("tag", query.tag.as_str()),
        ("sort", sort),
        ("page", query.page.as_str()),
    ];
    with_query("/products", &pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_catalog_survives_its_url() {
        let mut params = ParamsMap::new();
        for (name, value) in [("q", "tea & <milk>"), ("category", "books"), ("sort", "price_desc"), ("page", "a.b")] {
            params.insert(name, value.to_owned());
        }
        let query = read_query(&params);
        assert_eq!(catalog_url(&query), "/products?q=tea%20%26%20%3Cmilk%3E&category=books&sort=price_desc&page=a.b");
        assert_eq!(catalog_url(&ProductQuery::default()), "/products");
    }
}
