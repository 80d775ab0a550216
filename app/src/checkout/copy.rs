//! A button that copies a key.

use leptos::prelude::*;
use std::time::Duration;

/// How long the button says that it has copied.
const SAID_FOR: Duration = Duration::from_secs(3);

/// Copies a text to the clipboard, where the browser lets it. Hidden until it works.
#[island]
pub fn CopyButton(text: String, name: String) -> impl IntoView {
    let is_awake = RwSignal::new(false);
    let is_copied = RwSignal::new(false);
    Effect::new(move || is_awake.set(has_clipboard()));
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            if write(&text).await {
                is_copied.set(true);
                set_timeout(move || is_copied.set(false), SAID_FOR);
            }
        });
    };
    view! {
        <button class="button plain" type="button" hidden=move || !is_awake.get() on:click=copy aria-label=format!("Copy {name}")>
            {move || if is_copied.get() { "Copied" } else { "Copy" }}
        </button>
        <span class="sr-only" aria-live="polite">{move || is_copied.get().then_some("Copied")}</span>
    }
}

/// A page without TLS has none, except on this machine.
fn has_clipboard() -> bool {
    window().is_secure_context()
}

#[cfg(feature = "hydrate")]
async fn write(text: &str) -> bool {
    wasm_bindgen_futures::JsFuture::from(window().navigator().clipboard().write_text(text)).await.is_ok()
}

#[cfg(not(feature = "hydrate"))]
async fn write(_: &str) -> bool {
    false
}
