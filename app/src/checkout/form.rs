//! The form between the cart and the payment page.

use crate::checkout::acts::{ApplyPromotion, StartCheckout};
use crate::components::{Icon, IconName, refused_at};
use crate::islands::CheckoutForm;
use crate::notices;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// Asks where to send the order. A plain form: what makes it friendlier comes with [`CheckoutForm`].
#[component]
pub fn CheckoutFields(attempt: String, shown: String, is_free: bool, has_code: bool) -> impl IntoView {
    let query = use_query_map();
    // A code that was just refused is still in its field.
    let typed = query.with_untracked(|query| query.get("code")).unwrap_or_default();
    let refusal = query.with_untracked(|query| query.get("notice")).filter(|_| !typed.is_empty()).and_then(|code| notices::refusal(&code));
    let error = refused_at(refusal.as_ref(), "promotion_code");
    view! {
        <CheckoutForm>
            <form class="stack" method="post" action=StartCheckout::PATH>
                <input type="hidden" name="attempt" value=attempt/>
                <input type="hidden" name="shown" value=shown/>
                // What the enter key presses is the first button of a form, and that is not to be the one of the code.
                <button class="sr-only" type="submit" tabindex="-1" aria-hidden="true">"Continue"</button>
                <div class="field">
                    <label for="email">"E-mail"</label>
                    <input
                        class="input" id="email" name="email" type="email" autocomplete="email" required maxlength="254"
                        aria-describedby="email-help email-error"
                    />
                    <p class="error" id="email-error" role="alert" data-error=""></p>
                    <p class="help" id="email-help">"Your order is sent there. No account needed."</p>
                </div>
                {(!is_free && !has_code).then(|| view! {
                    <details class="promotion" open=!typed.is_empty()>
                        <summary>"Promotion code"</summary>
                        <div class="field">
                            <div class="with-button">
                                <input
                                    class="input" id="promotion_code" name="promotion_code" value=typed.clone() autocomplete="off"
                                    autocapitalize="characters" maxlength="60" aria-label="Promotion code"
                                    aria-describedby="promotion-help promotion_code-error" aria-invalid=error.is_some().then_some("true")
                                />
                                <button class="button plain" type="submit" formaction=ApplyPromotion::PATH formnovalidate>"Apply"</button>
                            </div>
                            <p class="error" id="promotion_code-error" role="alert" data-error="">{error}</p>
                            <p class="help" id="promotion-help">"Apply it to see the discount, or continue: it counts either way."</p>
                        </div>
                    </details>
                })}
                <p class="error" id="checkout-error" role="alert" data-error=""></p>
                <button class="button wide" type="submit">
                    {(!is_free).then(|| view! { <Icon name=IconName::Lock/> })}
                    <span class="when-idle">{if is_free { "Get it now" } else { "Continue to payment" }}</span>
                    <span class="when-busy">"One moment…"</span>
                </button>
                <p class="help">
                    {if is_free {
                        "Nothing to pay. Your files are on the next page."
                    } else {
                        "You pay on Stripe's page and come back here for your files."
                    }}
                </p>
            </form>
        </CheckoutForm>
    }
}
