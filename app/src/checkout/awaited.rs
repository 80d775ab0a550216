//! What was bought and has no files yet.

use crate::components::NoticeText;
use domain::order::OrderLine;
use leptos::prelude::*;

/// Says of which lines the seller has not added the files.
#[component]
pub fn Awaited(items: Vec<OrderLine>) -> impl IntoView {
    let names: Vec<String> =
        items.iter().filter(|item| item.is_awaited).map(|item| format!("\u{201c}{}\u{201d} ({})", item.title, item.variant_name)).collect();
    (!names.is_empty()).then(|| {
        let text =
            format!("There are no files of {} at the moment. They appear on this page as soon as the seller adds them.", names.join(", "));
        view! { <NoticeText text/> }
    })
}
