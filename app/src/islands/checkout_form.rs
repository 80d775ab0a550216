//! The form between the cart and the payment page, sent without leaving the page.

use super::browser::send;
use leptos::prelude::*;

/// Sends the form in it without leaving the page: a refusal stands beside its field, and what was typed stays.
#[island]
pub fn CheckoutForm(children: Children) -> impl IntoView {
    view! { <div on:submit=send>{children()}</div> }
}
