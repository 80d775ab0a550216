//! Copies a key.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::web_sys::Element;
use leptos::web_sys::wasm_bindgen::JsCast;
use std::time::Duration;

pub fn copy(event: &MouseEvent, is_copied: RwSignal<bool>) {
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
