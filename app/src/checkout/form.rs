//! The form between the cart and the payment page. It has all fields of the page: whatever button sends it, nothing typed is lost.

use crate::checkout::acts::{ApplyPromotion, StartCheckout};
use crate::components::{Icon, IconName, Trust, refused_at};
use crate::islands::CheckoutForm;
use crate::notices;
use domain::money::Money;
use domain::pages::form::FormRefusal;
use domain::pages::settings::Policy;
use domain::pages::storefront::StoreFace;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// What fields and buttons elsewhere on the page name the form by.
pub const BUY: &str = "buy";

/// What the enter key presses: the first button of the form, ahead of those of the lines. By its name a code is applied, and shown,
/// before anybody pays. It asks for no address, which who types a code or a quantity may not have come to yet.
#[component]
pub fn EnterKey() -> impl IntoView {
    view! {
        <button class="sr-only" type="submit" form=BUY name="enter" value="1" formnovalidate tabindex="-1" aria-hidden="true">
            "Continue"
        </button>
    }
}

fn refusal_in_address() -> Option<FormRefusal> {
    use_query_map().with_untracked(|query| query.get("notice")).and_then(|code| notices::refusal(&code))
}

/// What is wrong with the address that was typed.
pub fn refused_email() -> Option<String> {
    refused_at(refusal_in_address().as_ref(), "email")
}

/// Asks where to send the order. A plain form: what makes it friendlier comes with [`CheckoutForm`].
#[component]
pub fn CheckoutFields(
    attempt: String,
    shown: String,
    email: Option<String>,
    total: Money,
    has_code: bool,
    store: StoreFace,
) -> impl IntoView {
    let is_free = total.is_zero();
    let email_error = refused_email();
    view! {
        <CheckoutForm>
            <form class="stack" id=BUY method="post" action=StartCheckout::PATH>
                <input type="hidden" name="attempt" value=attempt/>
                <input type="hidden" name="shown" value=shown/>
                <div class="field">
                    <label for="email">"Email"</label>
                    <input
                        class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254" value=email
                        aria-describedby="email-help email-error" aria-invalid=email_error.is_some().then_some("true")
                    />
                    <p class="error" id="email-error" role="alert" data-error="">{email_error}</p>
                    <p class="help" id="email-help">"We'll send your order here. No account needed."</p>
                </div>
                {(!is_free && !has_code).then(|| view! { <PromotionCode/> })}
                <p class="error" id="checkout-error" role="alert" data-error=""></p>
                <button class="button wide" type="submit">
                    {(!is_free).then(|| view! { <Icon name=IconName::Lock/> })}
                    <span class="when-idle">{if is_free { "Get it now" } else { "Continue to payment" }}</span>
                    <span class="when-busy">"One moment…"</span>
                </button>
                <Promises total store/>
            </form>
        </CheckoutForm>
    }
}

#[component]
fn PromotionCode() -> impl IntoView {
    // A code that was just refused is still in its field.
    let typed = use_query_map().with_untracked(|query| query.get("code")).unwrap_or_default();
    let error = refused_at(refusal_in_address().filter(|_| !typed.is_empty()).as_ref(), "promotion_code");
    view! {
        <details class="promotion" open=!typed.is_empty()>
            <summary>"Promotion code"</summary>
            <div class="field">
                <div class="with-button">
                    <input
                        class="input" id="promotion_code" name="promotion_code" value=typed.clone() autocomplete="off"
                        autocapitalize="characters" maxlength="60" aria-label="Promotion code"
                        aria-describedby="promotion_code-error" aria-invalid=error.is_some().then_some("true")
                    />
                    <button class="button plain" type="submit" formaction=ApplyPromotion::PATH formnovalidate>"Apply"</button>
                </div>
                <p class="error" id="promotion_code-error" role="alert" data-error="">{error}</p>
            </div>
        </details>
    }
}

/// Who is paid, how and by which terms, and what comes after.
#[component]
fn Promises(total: Money, store: StoreFace) -> impl IntoView {
    let is_free = total.is_zero();
    let has = |policy| store.policies.contains(&policy);
    let (has_terms, has_privacy) = (!is_free && has(Policy::Terms), has(Policy::Privacy));
    let next = match is_free {
        true => "Nothing to pay. Your files are on the next page.".to_owned(),
        false => format!("You'll pay {total} to {} on Stripe's page, by card or wallet, and come back here for your order.", store.name),
    };
    view! {
        <p class="help">{next}</p>
        <Trust is_free has_files=false/>
        {has_terms.then(|| view! { <p class="help">"By paying you agree to the "<a href="/policies/terms">"terms"</a>"."</p> })}
        {has_privacy.then(|| view! {
            <p class="help">"What we do with your data: "<a href="/policies/privacy">"privacy policy"</a>"."</p>
        })}
    }
}
