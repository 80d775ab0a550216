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
                    let has_refunds = !is_free && load_store().await.policies.contains(&Policy::Refunds);
                    has_refunds.then(|| view! {
                        <li><Icon name=IconName::Undo/><a href="/policies/refunds">"Refund policy"</a></li>
                    })
                })}
            </Suspense>
        </ul>
    }
}
