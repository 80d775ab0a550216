//! Lists that are sorted by the heads of their columns, and by a choice where a phone shows no heads.

use crate::components::{Icon, IconName};
use crate::layout::with_query;
use domain::sorting::{Column, Sorting};
use leptos::prelude::*;

/// Where a list is, and in which order.
#[derive(Clone)]
pub struct Sorted<C> {
    pub sorting: Sorting<C>,
    /// The address of the list with its filters, without its order and its page.
    url: String,
}

/// The head of a column: of a list that can be sorted by it, or of a table that can't.
pub fn head<C: Column>(sorted: Option<&Sorted<C>>, by: C, label: &'static str, class: &'static str) -> AnyView {
    match sorted {
        Some(sorted) => sorted.head(by, label, class),
        None => view! { <th scope="col" class=class>{label}</th> }.into_any(),
    }
}

impl<C: Column> Sorted<C> {
    pub fn new(page: &str, pairs: &[(&str, &str)], sorting: Sorting<C>) -> Self {
        Self { sorting, url: with_query(page, pairs) }
    }

    /// The page of the list that begins behind a cursor.
    pub fn at(&self, cursor: &str) -> String {
        with_query(&self.url, &[("sort", &self.sorting.text()), ("cursor", cursor)])
    }

    /// Whether it is in the order that nobody asked for.
    pub fn is_default(&self) -> bool {
        self.sorting == Sorting::default()
    }

    /// The head of a column by which the list can be sorted.
    fn head(&self, by: C, label: &'static str, class: &'static str) -> AnyView {
        let url = with_query(&self.url, &[("sort", &self.sorting.after_click(by).text())]);
        let (order, icon) = match (self.sorting.by == by, self.sorting.is_descending) {
            (false, _) => (None, None),
            (true, false) => (Some("ascending"), Some(IconName::ChevronUp)),
            (true, true) => (Some("descending"), Some(IconName::ChevronDown)),
        };
        let arrow = icon.map(|name| view! { <Icon name/> });
        // Cards have no heads to press, but cells keep their names.
        view! {
            <th scope="col" class=class aria-sort=order>
                <a class="sort" href=url>{label}{arrow}</a>
                <span class="sort-word">{label}</span>
            </th>
        }
        .into_any()
    }

    /// The orders to choose from: a field of the list's filter, so that what is filtered anew keeps its order.
    pub fn choice(&self) -> AnyView {
        let now = self.sorting;
        view! {
            <div class="field sort-by">
                <label for="sort">"Sort by"</label>
                <select class="input" id="sort" name="sort">
                    {C::choices().into_iter().map(|choice| view! {
                        <option value=choice.text() selected=choice == now>{choice.label()}</option>
                    }).collect_view()}
                </select>
            </div>
        }
        .into_any()
    }

    /// The way to the first page and the next one. `is_by_match` where what a search finds has an order of its own.
    pub fn pager(&self, is_later: bool, next_cursor: Option<&str>, is_by_match: bool) -> AnyView {
        let (first, next) = if self.is_default() && !is_by_match { ("Newest", "Older") } else { ("First page", "Next page") };
        view! {
            <nav class="pager" aria-label="Pages">
                {is_later.then(|| view! { <a href=self.at("")>{first}</a> })}
                {next_cursor.map(|cursor| view! { <a href=self.at(cursor) rel="next">{next}</a> })}
            </nav>
        }
        .into_any()
    }
}
