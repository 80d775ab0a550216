//! A button that copies a key.

use leptos::prelude::*;

/// Copies a text to the clipboard, where the browser lets it. Hidden until it works.
#[island]
pub fn CopyButton(text: String) -> impl IntoView {
    let is_awake = RwSignal::new(false);
    let is_copied = RwSignal::new(false);
    Effect::new(move || is_awake.set(true));
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let _promise = window().navigator().clipboard().write_text(&text);
        }
        #[cfg(not(feature = "hydrate"))]
        let _unused = &text;
        is_copied.set(true);
    };
    view! {
        <button class="button plain" type="button" hidden=move || !is_awake.get() on:click=copy>
            {move || if is_copied.get() { "Copied" } else { "Copy" }}
        </button>
    }
}
