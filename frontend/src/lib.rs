//! The WASM entry: wakes the islands that the server rendered.

// The islands' exports live in `app`; without this use the linker would drop them.
#[allow(unused_imports)]
use app::*;

#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
