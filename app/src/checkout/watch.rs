//! The order page's patience: it asks until the payment is confirmed, then shows the goods.

use leptos::prelude::*;

/// Reloads the page once the order has another status than the one in `data-order-status`.
#[island]
pub fn OrderWatch() -> impl IntoView {
    Effect::new(|| later(0));
}

#[cfg(not(feature = "hydrate"))]
fn later(_: u32) {}

/// Most payments are confirmed at once; a bank that takes days is asked ever more rarely.
#[cfg(feature = "hydrate")]
fn later(n_asked: u32) {
    use std::time::Duration;
    const FIRST: Duration = Duration::from_secs(2);
    const N_QUICK: u32 = 20;
    const LATER: Duration = Duration::from_secs(20);
    let pause = if n_asked < N_QUICK { FIRST } else { LATER };
    set_timeout(
        move || {
            leptos::task::spawn_local(async move {
                // Out of reach for a moment, or no news: the next answer may differ.
                if has_news().await == Some(true) { reload() } else { later(n_asked + 1) }
            });
        },
        pause,
    );
}

/// Whether the order stands elsewhere than the page says.
#[cfg(feature = "hydrate")]
async fn has_news() -> Option<bool> {
    use super::ask::ask;
    use super::order::GetOrderStatus;
    use leptos::server_fn::ServerFn;
    use leptos::web_sys::UrlSearchParams;
    let order = document().query_selector("[data-order-status]").ok()??;
    let fields = UrlSearchParams::new().ok()?;
    fields.set("id", &order.get_attribute("data-order-id")?);
    fields.set("key", &order.get_attribute("data-order-key")?);
    let status = ask(GetOrderStatus::PATH, &fields).await.ok()?;
    Some(status != order.get_attribute("data-order-status")?)
}

#[cfg(feature = "hydrate")]
fn reload() {
    if let Err(error) = window().location().reload() {
        leptos::logging::warn!("the page could not be reloaded: {error:?}");
    }
}
