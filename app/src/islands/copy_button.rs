//! A button that copies a key.

use super::browser::copy;
use leptos::prelude::*;

/// Copies the `code` that stands beside it, where the browser lets it. Hidden until it works; what is in it names the key.
#[island]
pub fn CopyButton(children: Children) -> impl IntoView {
    let is_awake = RwSignal::new(false);
    let is_copied = RwSignal::new(false);
    // A page without TLS has no clipboard, except on this machine.
    Effect::new(move || is_awake.set(window().is_secure_context()));
    view! {
        <button class="button plain" type="button" hidden=move || !is_awake.get() on:click=move |event| copy(&event, is_copied)>
            <span>{move || if is_copied.get() { "Copied" } else { "Copy" }}{children()}</span>
        </button>
        <span class="sr-only" aria-live="polite">{move || is_copied.get().then_some("Copied")}</span>
    }
}
