//! Asks how an order stands.

use super::ask::ask;
use leptos::prelude::*;
use leptos::web_sys::UrlSearchParams;
use std::time::Duration;

/// Most payments are confirmed at once; a bank that takes days is asked ever more rarely.
pub fn later(n_asked: u32) {
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
async fn has_news() -> Option<bool> {
    let order = document().query_selector("[data-order-status]").ok()??;
    let fields = UrlSearchParams::new().ok()?;
    fields.set("id", &order.get_attribute("data-order-id")?);
    fields.set("key", &order.get_attribute("data-order-key")?);
    let status = ask(&order.get_attribute("data-order-ask")?, &fields).await.ok()?;
    Some(status != order.get_attribute("data-order-status")?)
}

fn reload() {
    if let Err(error) = window().location().reload() {
        leptos::logging::warn!("the page could not be reloaded: {error:?}");
    }
}
