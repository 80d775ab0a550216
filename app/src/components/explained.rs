//! An explanation for those who want it.

use super::{Icon, IconName};
use leptos::prelude::*;

/// A question mark that opens a sentence. Works without a script.
#[component]
pub fn Explained(#[prop(into)] what: String, text: &'static str) -> impl IntoView {
    view! {
        <details class="explained-by">
            <summary aria-label=format!("About: {what}")><Icon name=IconName::Help/></summary>
            <p>{text}</p>
        </details>
    }
}
