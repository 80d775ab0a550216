//! What stands where nothing is yet.

use leptos::prelude::*;

/// What will be here, and how it comes; inside it the one thing to do.
#[component]
pub fn Empty(title: &'static str, text: &'static str, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
