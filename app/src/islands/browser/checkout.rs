//! Goes to the payment page, or says why not.

use super::ask::ask;
use crate::error::AppError;
use crate::islands::shown::{TOTAL_CHANGED, shown_total};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::wasm_bindgen::JsCast;
use leptos::web_sys::{FormData, HtmlElement, HtmlFormElement, UrlSearchParams};

/// Says to style sheets and screen readers that an answer is awaited.
const BUSY: &str = "aria-busy";
/// A page that comes back from the browser's memory must not wait for an answer that it has had.
const BUSY_AT_MOST: std::time::Duration = std::time::Duration::from_secs(10);

pub fn send(event: SubmitEvent) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
    // A button with a way of its own, such as that of a code, is followed by the browser.
    if event.submitter().is_some_and(|button| button.has_attribute("formaction")) {
        return;
    }
    event.prevent_default();
    // The enter key presses a button of its own, by which the shop applies a code before anybody pays.
    let pressed = event.submitter().and_then(|button| button.get_attribute("name"));
    if !form.has_attribute(BUSY) {
        spawn_local(check_out(form, pressed));
    }
}

async fn check_out(form: HtmlFormElement, pressed: Option<String>) {
    forget_refusals(&form);
    let fields = FormData::new_with_form(&form).and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields));
    let (Ok(fields), Some(path)) = (fields, form.get_attribute("action")) else { return };
    if let Some(name) = pressed {
        fields.set(&name, "1");
    }
    // A browser that refuses an attribute loses no more than its look.
    let _looks_busy = form.set_attribute(BUSY, "true");
    let waiting = form.clone();
    set_timeout(move || drop(waiting.remove_attribute(BUSY)), BUSY_AT_MOST);
    match ask(&path, &fields).await {
        Ok(url) => go(&url),
        // Another attempt needs another name, and a cart that changed another look, which a new page has.
        Err(error) if is_for_a_new_page(&error.code) => {
            let was = fields.get("shown").as_deref().and_then(shown_total);
            let was = was.filter(|_| error.code == TOTAL_CHANGED).map(|(was, currency)| {
                let code = currency.map(|currency| format!("&was_in={currency}")).unwrap_or_default();
                format!("&was={was}{code}")
            });
            let was = was.unwrap_or_default();
            go(&format!("/cart?notice={}{was}", error.code));
        }
        Err(error) => {
            let _looks_idle = form.remove_attribute(BUSY);
            tell(&form, &error);
        }
    }
}

/// Whether a refusal is about the page that was sent.
fn is_for_a_new_page(code: &str) -> bool {
    matches!(code, "idempotency_key_reused" | "checkout_superseded" | "currency_changed" | TOTAL_CHANGED)
}

fn forget_refusals(form: &HtmlFormElement) {
    while let Ok(Some(said)) = form.query_selector("[data-error]:not(:empty)") {
        said.set_text_content(None);
    }
    while let Ok(Some(field)) = form.query_selector("[aria-invalid]") {
        if field.remove_attribute("aria-invalid").is_err() {
            return;
        }
    }
}

/// Puts the refusal beside the field that it is about, and the cursor into it.
fn tell(form: &HtmlFormElement, error: &AppError) {
    let place_of = |field: &str| form.query_selector(&format!("[id='{field}-error']")).ok().flatten();
    let field = error.field.as_deref().filter(|field| place_of(field).is_some()).unwrap_or("checkout");
    if let Some(place) = place_of(field) {
        place.set_text_content(Some(&error.message));
    }
    if let Ok(Some(input)) = form.query_selector(&format!("#{field}")) {
        // What can't take the focus is not shown; the refusal is announced all the same.
        let _marked = input.set_attribute("aria-invalid", "true");
        let _focused = input.dyn_into::<HtmlElement>().map(|input| input.focus());
    }
}

fn go(url: &str) {
    if let Err(error) = window().location().assign(url) {
        leptos::logging::warn!("the next page could not be opened: {error:?}");
    }
}
