//! What a shopper may count on, said where they decide and where they pay. Only what is true of this shop.

use super::{Icon, IconName};
use crate::layout::load_store;
use domain::pages::settings::Policy;
use leptos::prelude::*;

/// A line under a button that buys. `has_files` says that all of it is files, which are there to download at once.
#[component]
pub fn Trust(is_free: bool, has_files: bool) -> impl IntoView {
    view! {
        <ul class="trust">
            <li><Icon name=IconName::Download/>{if has_files { "Instant download" } else { "Instant delivery" }}</li>
            <li><Icon name=IconName::Lock/>{if is_free { "No account needed" } else { "Secure payment by Stripe" }}</li>
            <Suspense>
                {Suspend::new(async move {
                    let store = load_store().await;
                    let has_policy = store.policies.contains(&Policy::Refunds);
                    refunds(store.refund_days, has_policy).filter(|_| !is_free).map(|text| {
                        let text = if has_policy { view! { <a href="/policies/refunds">{text}</a> }.into_any() } else { text.into_any() };
                        view! { <li><Icon name=IconName::Undo/>{text}</li> }
                    })
                })}
            </Suspense>
        </ul>
    }
}

/// What is said of refunds; nothing where the store says nothing.
fn refunds(days: Option<i64>, has_policy: bool) -> Option<String> {
    match days {
        Some(days) => Some(format!("{days}-day refunds")),
        None => has_policy.then(|| "Refund policy".to_owned()),
    }
}
