//! A button that copies a key.

use leptos::ev::MouseEvent;
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
            {move || if is_copied.get() { "Copied" } else { "Copy" }}
            {children()}
        </button>
        <span class="sr-only" aria-live="polite">{move || is_copied.get().then_some("Copied")}</span>
    }
}

#[cfg(not(feature = "hydrate"))]
fn copy(_: &MouseEvent, _: RwSignal<bool>) {}

#[cfg(feature = "hydrate")]
fn copy(event: &MouseEvent, is_copied: RwSignal<bool>) {
    use leptos::web_sys::Element;
    use leptos::web_sys::wasm_bindgen::JsCast;
    use std::time::Duration;
    const SAID_FOR: Duration = Duration::from_secs(3);
    let button = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let frame = button.and_then(|button| button.closest("[data-key]").ok().flatten());
    let key = frame.and_then(|frame| frame.query_selector("code").ok().flatten()).and_then(|code| code.text_content());
    let Some(key) = key else { return };
    leptos::task::spawn_local(async move {
        let copied = window().navigator().clipboard().write_text(&key);
        if wasm_bindgen_futures::JsFuture::from(copied).await.is_ok() {
            is_copied.set(true);
            set_timeout(move || is_copied.set(false), SAID_FOR);
        }
    });
}
