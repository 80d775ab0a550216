//! The pages of one product, side by side.

use crate::dashboard::products::acts::{files_page, product_page};
use leptos::prelude::*;

/// Which of them is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Details,
    Files,
}

/// The way from one page of a product to the others.
#[component]
pub fn Tabs(
    #[prop(into)] slug: String,
    here: Tab,
    n_files: usize,
    /// Whether its page is in the shop; else members alone see it.
    is_open: bool,
) -> impl IntoView {
    let (seen, label) =
        if is_open { (format!("/products/{slug}"), "View page") } else { (format!("{}/see", product_page(&slug)), "See as a buyer") };
    let current = |tab: Tab| (tab == here).then_some("page");
    view! {
        <nav class="product-tabs" aria-label="Product">
            <a href=product_page(&slug) aria-current=current(Tab::Details)>"Details"</a>
            <a href=files_page(&slug) aria-current=current(Tab::Files)>
                "Files"
                {(n_files > 0).then(|| view! { " "<span class="quiet number">{n_files}</span> })}
            </a>
            <a class="aside" href=seen>{label}</a>
        </nav>
    }
}
