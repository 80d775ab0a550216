//! The form between the cart and the payment page.

use super::cart::{ApplyPromotion, StartCheckout};
use crate::components::{Icon, IconName};
use crate::error::notice_text;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// Asks where to send the order. A plain form: what makes it friendlier comes with [`CheckoutForm`].
#[component]
pub fn CheckoutFields(attempt: String, shown: String, is_free: bool, has_code: bool) -> impl IntoView {
    let query = use_query_map();
    // A code that was just refused is still in its field.
    let typed = query.with_untracked(|query| query.get("code")).unwrap_or_default();
    let refusal = query.with_untracked(|query| query.get("notice").filter(|code| code == "promotion_invalid" && !typed.is_empty()));
    let error = refusal.as_deref().and_then(notice_text);
    view! {
        <CheckoutForm>
            <form class="stack" method="post" action=StartCheckout::PATH>
                <input type="hidden" name="attempt" value=attempt/>
                <input type="hidden" name="shown" value=shown/>
                // What the enter key presses is the first button of a form, and that is not to be the one of the code.
                <button class="sr-only" type="submit" tabindex="-1" aria-hidden="true">"Continue"</button>
                <div class="field">
                    <label for="email">"E-mail"</label>
                    <input class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254" aria-describedby="email-help email-error"/>
                    <p class="error" id="email-error" role="alert" data-error=""></p>
                    <p class="help" id="email-help">"Your order is sent there. No account needed."</p>
                </div>
                {(!is_free && !has_code).then(|| view! {
                    <details class="promotion" open=!typed.is_empty()>
                        <summary>"Promotion code"</summary>
                        <div class="field">
                            <div class="with-button">
                                <input class="input" id="promotion_code" name="promotion_code" value=typed.clone() autocomplete="off" autocapitalize="characters" maxlength="60" aria-label="Promotion code" aria-describedby="promotion-help promotion_code-error" aria-invalid=error.is_some().then_some("true")/>
                                <button class="button plain" type="submit" formaction=ApplyPromotion::PATH formnovalidate>"Apply"</button>
                            </div>
                            <p class="error" id="promotion_code-error" role="alert" data-error="">{error}</p>
                            <p class="help" id="promotion-help">"Apply it to see what it takes off, or go on: it counts either way."</p>
                        </div>
                    </details>
                })}
                <p class="error" id="checkout-error" role="alert" data-error=""></p>
                <button class="button wide" type="submit">
                    {(!is_free).then(|| view! { <Icon name=IconName::Lock/> })}
                    <span class="when-idle">{if is_free { "Get it now" } else { "Continue to payment" }}</span>
                    <span class="when-busy">"One moment…"</span>
                </button>
                <p class="help">{if is_free { "Nothing to pay. Your files are on the next page." } else { "You pay on Stripe's page and come back here for your files." }}</p>
            </form>
        </CheckoutForm>
    }
}

/// Sends the form in it without leaving the page: a refusal stands beside its field, and what was typed stays.
#[island]
pub fn CheckoutForm(children: Children) -> impl IntoView {
    view! { <div on:submit=send>{children()}</div> }
}

#[cfg(not(feature = "hydrate"))]
fn send(_: SubmitEvent) {}

#[cfg(feature = "hydrate")]
fn send(event: SubmitEvent) {
    use leptos::task::spawn_local;
    use leptos::web_sys::HtmlFormElement;
    use leptos::web_sys::wasm_bindgen::JsCast;
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
    // A button with a way of its own, such as that of a code, is followed by the browser.
    if event.submitter().is_some_and(|button| button.has_attribute("formaction")) {
        return;
    }
    event.prevent_default();
    if !form.has_attribute(BUSY) {
        spawn_local(check_out(form));
    }
}

/// Says to style sheets and screen readers that an answer is awaited.
#[cfg(feature = "hydrate")]
const BUSY: &str = "aria-busy";
/// A page that comes back from the browser's memory must not wait for an answer that it has had.
#[cfg(feature = "hydrate")]
const BUSY_AT_MOST: std::time::Duration = std::time::Duration::from_secs(10);

#[cfg(feature = "hydrate")]
async fn check_out(form: leptos::web_sys::HtmlFormElement) {
    use super::ask::ask;
    use leptos::web_sys::{FormData, UrlSearchParams};
    forget_refusals(&form);
    let fields = FormData::new_with_form(&form).and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields));
    let Ok(fields) = fields else { return };
    // A browser that refuses an attribute loses no more than its look.
    let _looks_busy = form.set_attribute(BUSY, "true");
    let waiting = form.clone();
    set_timeout(move || drop(waiting.remove_attribute(BUSY)), BUSY_AT_MOST);
    match ask(StartCheckout::PATH, &fields).await {
        Ok(url) => go(&url),
        // Another attempt needs another name, and a cart that changed another look, which a new page has.
        Err(error) if is_for_a_new_page(&error.code) => {
            let was = fields.get("shown").as_deref().and_then(super::cart::shown_total);
            let was = was.filter(|_| error.code == super::cart::TOTAL_CHANGED).map(|(was, currency)| {
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
#[cfg(feature = "hydrate")]
fn is_for_a_new_page(code: &str) -> bool {
    matches!(code, "idempotency_key_reused" | "checkout_superseded" | "currency_changed" | super::cart::TOTAL_CHANGED)
}

#[cfg(feature = "hydrate")]
fn forget_refusals(form: &leptos::web_sys::HtmlFormElement) {
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
#[cfg(feature = "hydrate")]
fn tell(form: &leptos::web_sys::HtmlFormElement, error: &crate::error::AppError) {
    use leptos::web_sys::HtmlElement;
    use leptos::web_sys::wasm_bindgen::JsCast;
    let field = match error.code.as_str() {
        "email_invalid" => "email",
        "promotion_invalid" => "promotion_code",
        _ => "checkout",
    };
    if let Ok(Some(place)) = form.query_selector(&format!("#{field}-error")) {
        place.set_text_content(Some(&error.message));
    }
    if let Ok(Some(input)) = form.query_selector(&format!("#{field}")) {
        // What can't take the focus is not shown; the refusal is announced all the same.
        let _marked = input.set_attribute("aria-invalid", "true");
        let _focused = input.dyn_into::<HtmlElement>().map(|input| input.focus());
    }
}

#[cfg(feature = "hydrate")]
fn go(url: &str) {
    if let Err(error) = window().location().assign(url) {
        leptos::logging::warn!("the next page could not be opened: {error:?}");
    }
}
