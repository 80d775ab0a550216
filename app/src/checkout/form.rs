//! The form between the cart and the payment page.

use super::cart::start_checkout;
use crate::components::{Icon, IconName};
use crate::error::AppError;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// A page that comes back from the browser's memory must not wait for an answer that it has had.
const BUSY_AT_MOST: Duration = Duration::from_secs(10);

/// Asks where to send the order, and goes to pay. A plain form until it is hydrated; then a refusal stands beside its
/// field, and what was typed stays.
#[island]
pub fn CheckoutForm(action: String, attempt: String, is_free: bool) -> impl IntoView {
    let email = NodeRef::<html::Input>::new();
    let promotion = NodeRef::<html::Input>::new();
    let is_busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<AppError>);
    let name_of_attempt = attempt.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        refusal.set(None);
        set_timeout(move || is_busy.set(false), BUSY_AT_MOST);
        let (attempt, address, code) = (name_of_attempt.clone(), text_of(email), text_of(promotion));
        spawn_local(async move {
            match start_checkout(address, attempt, Some(code)).await {
                Ok(url) => go(&url),
                // Another attempt needs another name, which a new page has.
                Err(error) if error.code == "idempotency_key_reused" => go("/cart?notice=idempotency_key_reused"),
                Err(error) => {
                    let field = if error.code == "promotion_invalid" { promotion } else { email };
                    is_busy.set(false);
                    refusal.set(Some(error));
                    focus(field);
                }
            }
        });
    };
    let told = move |codes: &'static [&'static str], is_rest: bool| {
        refusal.with(|refusal| {
            refusal.as_ref().filter(|error| codes.contains(&error.code.as_str()) != is_rest).map(|error| error.message.clone())
        })
    };
    let about_email = move || told(&["email_invalid"], false);
    let about_promotion = move || told(&["promotion_invalid"], false);
    let about_all = move || told(&["email_invalid", "promotion_invalid"], true);
    view! {
        <form class="stack" method="post" action=action on:submit=submit>
            <input type="hidden" name="attempt" value=attempt/>
            <div class="field">
                <label for="email">"E-mail"</label>
                <input class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254" aria-describedby="email-help email-error" aria-invalid=move || about_email().map(|_| "true") node_ref=email/>
                <p class="error" id="email-error" role="alert">{about_email}</p>
                <p class="help" id="email-help">"Your order is sent there. No account needed."</p>
            </div>
            {(!is_free).then(|| view! {
                <details class="promotion">
                    <summary>"Promotion code"</summary>
                    <div class="field">
                        <input class="input" id="promotion_code" name="promotion_code" autocomplete="off" autocapitalize="characters" maxlength="60" aria-label="Promotion code" aria-describedby="promotion-help promotion-error" aria-invalid=move || about_promotion().map(|_| "true") node_ref=promotion/>
                        <p class="error" id="promotion-error" role="alert">{about_promotion}</p>
                        <p class="help" id="promotion-help">"It is taken off on the payment page."</p>
                    </div>
                </details>
            })}
            <p class="error" role="alert">{about_all}</p>
            <button class="button wide" type="submit" aria-disabled=move || is_busy.get().then_some("true")>
                {(!is_free).then(|| view! { <Icon name=IconName::Lock/> })}
                {move || match (is_busy.get(), is_free) {
                    (true, _) => "One moment…",
                    (false, true) => "Get it now",
                    (false, false) => "Continue to payment",
                }}
            </button>
            <p class="help">{if is_free { "Nothing to pay. Your files are on the next page." } else { "You pay on Stripe's page and come back here for your files." }}</p>
        </form>
    }
}

fn text_of(field: NodeRef<html::Input>) -> String {
    field.get_untracked().map(|input| input.value()).unwrap_or_default()
}

fn focus(field: NodeRef<html::Input>) {
    if let Some(input) = field.get_untracked() {
        // What can't take the focus is not shown; the refusal is announced all the same.
        let _hidden = input.focus();
    }
}

fn go(url: &str) {
    if let Err(error) = window().location().assign(url) {
        leptos::logging::warn!("the next page could not be opened: {error:?}");
    }
}
