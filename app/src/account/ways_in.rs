//! The two ways in: by password, and by a link in a mail.

use crate::components::TextField;
use leptos::prelude::*;

/// Asks for the password, and for the address where that is not known.
#[component]
pub fn PasswordForm(
    action: &'static str,
    verb: &'static str,
    next: String,
    email: String,
    #[prop(optional)] is_known: bool,
) -> impl IntoView {
    view! {
        <form class="stack" method="post" action=action>
            <input type="hidden" name="next" value=next/>
            <TextField
                at="email" label="Email" value=email refusal=None input_type="email" autocomplete="username" is_required=!is_known
                is_readonly=is_known max_length=254
            />
            <TextField
                at="password" label="Password" value="" refusal=None input_type="password" autocomplete="current-password" is_required=true
                max_length=1024
            />
            <button class="button wide" type="submit">{verb}</button>
        </form>
    }
}

/// Mails a link, to the address that is known or to the one that is typed.
#[component]
pub fn LinkForm(
    action: &'static str,
    title: &'static str,
    help: &'static str,
    next: String,
    #[prop(optional, into)] known_email: String,
) -> impl IntoView {
    view! {
        <details class="other-way">
            <summary>{title}</summary>
            <form class="stack mt-4" method="post" action=action>
                <input type="hidden" name="next" value=next/>
                {if known_email.is_empty() {
                    view! {
                        <TextField
                            at="link-email" name="email" label="Your address" value="" refusal=None input_type="email"
                            autocomplete="username" is_required=true max_length=254 help
                        />
                    }.into_any()
                } else {
                    view! { <input type="hidden" name="email" value=known_email/> <p class="help">{help}</p> }.into_any()
                }}
                <button class="button plain wide" type="submit">"Email me a link"</button>
            </form>
        </details>
    }
}
